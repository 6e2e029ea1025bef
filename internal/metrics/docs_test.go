package metrics

import (
	"fmt"
	"strings"
	"testing"

	"natstron/internal/doctest"
)

// docs/metrics.md is written from the tables, under the text in docs.md:
//
//	go test ./internal/metrics -run TestDocs -update
func TestDocs(t *testing.T) {
	doctest.CompareBelow(t, "../../docs/metrics.md", reference())
}

// reference is a heading for each part of the suite, and a table of its metrics.
func reference() string {
	var b strings.Builder
	for _, section := range Catalogue() {
		fmt.Fprintf(&b, "\n## %s\n\n| metric | kind | labels | meaning | Ardos' name |\n| --- | --- | --- | --- | --- |\n", section.Title)
		for _, d := range section.Metrics {
			labels, alias := strings.Join(d.Labels, ", "), d.Alias
			if alias != "" {
				alias = "`" + alias + "`"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n", d.Name, d.Kind, labels, d.Help, alias)
		}
	}
	return b.String()
}
