package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The language server in Neovim.

// A text editor that people use, as docs/editors.md says: Neovim shows an error of a DC file, says what a name means, goes to
// where it is declared in another file, and formats.
func TestNeovim(t *testing.T) {
	t.Parallel()
	nvim, err := exec.LookPath("nvim")
	if err != nil {
		t.Skip("NOT TESTED: there is no nvim here")
	}
	astrond := built(t, astrondPackage)
	blocks := regexp.MustCompile("(?s)```lua\n(.*?)```").FindAllStringSubmatch(read(t, "..", "docs", "editors.md"), -1)
	if len(blocks) != 2 {
		t.Fatalf("docs/editors.md has %d configurations of Neovim", len(blocks))
	}
	script, err := filepath.Abs("testdata/neovim.lua")
	must(t, err)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "new.lua"), blocks[0][1])
	write(t, filepath.Join(dir, "old.lua"), blocks[1][1])
	write(t, filepath.Join(dir, "astrond.yml"), "general: {dc_files: [types.dc, game.dc]}\n")
	write(t, filepath.Join(dir, "types.dc"), "// A colour of the game.\nstruct Colour {\n  uint8 red;\n};\n")
	write(t, filepath.Join(dir, "game.dc"), "dclass Avatar {\n  setShirt(Colour shirt) required broadcast;\n    setHat(colur hat) broadcast;\n};\n")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, nvim, "--clean", "--headless", "-c", "luafile "+script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "PATH="+filepath.Dir(astrond)+string(os.PathListSeparator)+os.Getenv("PATH"),
		"DC_FILE="+filepath.Join(dir, "game.dc"), "DC_NEW="+filepath.Join(dir, "new.lua"), "DC_OLD="+filepath.Join(dir, "old.lua"),
		"HOME="+dir, "XDG_STATE_HOME="+dir, "XDG_CACHE_HOME="+dir)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	var seen struct {
		Diagnostics      [][]any
		Hover, Formatted string
		Definition       []any
		Error            string
	}
	if e := json.Unmarshal([]byte(lines[len(lines)-1]), &seen); e != nil || err != nil || seen.Error != "" {
		t.Fatalf("%v, %v: %s\n%s%s", err, e, seen.Error, out, said.String())
	}
	if got := fmt.Sprint(seen.Diagnostics); len(seen.Diagnostics) != 1 || !strings.HasPrefix(got, "[[2 11 ") || !strings.Contains(got, "colur") {
		t.Errorf("diagnostics: %v", got)
	}
	if !strings.Contains(seen.Hover, "struct Colour") || !strings.Contains(seen.Hover, "Packed: 1 byte.") {
		t.Errorf("hover: %q", seen.Hover)
	}
	if got := fmt.Sprint(seen.Definition); got != "[types.dc 1]" {
		t.Errorf("definition: %v", got)
	}
	want := "dclass Avatar {\n  setShirt(Colour shirt) required broadcast;\n  setHat(Colour hat) broadcast;\n};"
	if got := strings.TrimSpace(seen.Formatted); got != want {
		t.Errorf("formatted:\n%s", got)
	}
}
