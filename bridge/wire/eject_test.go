package wire

import (
	"strconv"
	"testing"
)

func TestEjectCodesSayWhy(t *testing.T) {
	seen := map[string]EjectCode{}
	for _, c := range []EjectCode{
		1, 100, 106, 107, 108, 109, 113, 115, 117, 118, 119, 122, 124, 125, 126, 127,
		151, 152, 153, 154, 345, 347, 348, 360, 361, 362,
	} {
		reason := c.String()
		if reason == strconv.Itoa(int(c)) {
			t.Errorf("code %d has no reason", uint16(c))
		}
		if other, twice := seen[reason]; twice {
			t.Errorf("codes %d and %d are both %q", uint16(other), uint16(c), reason)
		}
		seen[reason] = c
	}
	if got := EjectCode(999).String(); got != "999" {
		t.Errorf("a game's own code: %q, want 999", got)
	}
}
