package gamerole

import (
	"os"
	"strings"
	"testing"
)

// The program that docs/ownroles.md shows is the example that is compiled.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile("../../docs/ownroles.md")
	if err != nil {
		t.Fatal(err)
	}
	code, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	_, program, _ := strings.Cut(string(text), "```go\npackage main\n")
	program, _, ok := strings.Cut(program, "```")
	if !ok || !strings.Contains(string(code), strings.TrimSpace(program)) {
		t.Error("docs/ownroles.md shows another program than example_test.go")
	}
}
