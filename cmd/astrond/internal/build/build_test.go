package build

import (
	"strings"
	"testing"
)

func TestVersionIsFromTheBuild(t *testing.T) {
	text := Text()
	for _, want := range []string{"astrond ", "\nRevision: ", "\nBuilt with go1.", "16-bit length tags", "64-bit channels",
		"\nComponents: Message Director, Client Agent, State Server, Database Server, Database-State Server, Event Logger\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// An image is built without the repository: what the linker set is told.
func TestVersionOfTheLinker(t *testing.T) {
	version, revision = "1.2.3", "0123abcd"
	defer func() { version, revision = "", "" }()
	if text := Text(); !strings.Contains(text, "astrond 1.2.3:") || !strings.Contains(text, "\nRevision: 0123abcd\n") {
		t.Errorf("it tells\n%s", text)
	}
}
