package bots

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"natstron/dc"
	"natstron/internal/configfile"
	"natstron/internal/doctest"
)

// docs/bots.md is docs.md, and a reference of the script.
func TestDocs(t *testing.T) {
	keys := configfile.Keys(reflect.TypeFor[Script]())
	keys = slices.DeleteFunc(keys, func(k configfile.Key) bool { return strings.HasPrefix(k.Path, "play[") })
	var top strings.Builder
	top.WriteString("| key | value | default | effect |\n| --- | --- | --- | --- |\n")
	for _, k := range keys {
		if !strings.ContainsAny(k.Path, ".[") && !k.IsSection() {
			top.WriteString("| `" + k.Path + "` | " + k.Type + " | `" + k.Default + "` | " + k.Effect + " |\n")
		}
	}
	doctest.CompareBelow(t, "../../../../../docs/bots.md", top.String()+configfile.Reference(keys))
}

// The script in the document is one for the arena.
func TestDocumentedScript(t *testing.T) {
	intro, err := os.ReadFile("docs.md")
	if err != nil {
		t.Fatal(err)
	}
	file, err := dc.ParseFiles(filepath.Join("..", "..", "..", "..", "..", "examples", "arena", "arena.dc"))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindSubmatch(intro)
	if _, err := ParseScript("docs.md", m[1], file); err != nil {
		t.Error(err)
	}
}
