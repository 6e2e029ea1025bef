package dcfile

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"natstron/dc"
	"natstron/dc/editor"
)

// A DC file is read with those that the nearest configuration names with it, in its order, whatever
// else is wrong with the configuration.
func TestConfigured(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	otp, toon, other := write("dc/otp.dc", ""), write("dc/toon.dc", ""), write("dc/other.dc", "")
	write("astrond.yml", "general: {dc_files: [dc/otp.dc, ./dc/toon.dc], dc_virtual_inheritance: false}\nroles: [{type: bogus}]\nx: 1\n")
	game := editor.Project{Files: []string{otp, toon}, Inheritance: dc.Inheritance{Plain: true}}
	for path, want := range map[string]editor.Project{otp: game, toon: game, other: {}, filepath.Join(dir, "none.dc"): {}} {
		if diff := cmp.Diff(want, configured(path)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
	write("dc/astrond.yml", "general: {dc_files: [other.dc, "+otp+"]}\n")
	if diff := cmp.Diff(editor.Project{Files: []string{other, otp}}, configured(otp)); diff != "" {
		t.Errorf("the nearest configuration (-want +got):\n%s", diff)
	}
	write("dc/astrond.yml", "{")
	if diff := cmp.Diff(game, configured(otp)); diff != "" {
		t.Errorf("the nearest configuration is broken (-want +got):\n%s", diff)
	}
}
