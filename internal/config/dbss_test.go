package config

import (
	"fmt"
	"strings"
	"testing"

	"natstron/roles/stateserver"
)

// A dbss has as many ranges as may be, and not one more.
func TestManyRanges(t *testing.T) {
	configuration := func(n int) string {
		var b strings.Builder
		b.WriteString("roles:\n  - type: dbss\n    database: 1200\n    ranges:\n")
		for i := range n {
			fmt.Fprintf(&b, "      - {min: %d, max: %d}\n", 10_000+10*i, 10_001+10*i)
		}
		return b.String()
	}
	if _, err := Parse("astrond.yml", []byte(configuration(stateserver.MaxRanges))); err != nil {
		t.Error(err)
	}
	_, err := Parse("astrond.yml", []byte(configuration(stateserver.MaxRanges+1)))
	if err == nil || !strings.Contains(err.Error(), "has 1001 ranges") || !strings.Contains(err.Error(), "write at most 1000") {
		t.Errorf("1001 ranges: %v", err)
	}
}
