package e2e

import (
	"path/filepath"
	"strings"
	"testing"
)

// astrond dc, which checks and shows DC files.

const gameDC = `struct Point { int16 / 10 x; int16 / 10 y; };
dclass Avatar {
  setName(string name = "nobody") required broadcast db;
  setPlace(Point at) broadcast ram;
  uint8(0-100) health = 100 required ram;
};
dclass Toon : Avatar {
  setHat(uint8 hat) ownsend broadcast ram;
};
`

// astrond dc, as somebody with a DC file in hand would use it.
func TestDC(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	game, bad := filepath.Join(dir, "game.dc"), filepath.Join(dir, "bad.dc")
	write := func(name, text string) {
		t.Helper()
		write(t, name, text)
	}
	write(game, gameDC)
	write(bad, "dclass A {\n  setX(int16 x) required\n};\ndclass A {};\n")
	tests := []struct {
		name string
		args []string
		code int
		want []string // in what it prints, wherever
	}{
		{"hash", []string{"hash", game}, 0, []string{"0x"}},
		{"check", []string{"check", game}, 0, []string{"ok: 2 classes, 1 structs", "hash 0x"}},
		{"check bad", []string{"check", bad}, 1, []string{"bad.dc:3:1", "^", "bad.dc:4:"}},
		{"check json", []string{"check", "--json", bad}, 1, []string{`"ok": false`, `"line": 3`}},
		{"no files", []string{"hash"}, 1, []string{"which DC files?"}},
		{"missing file", []string{"hash", game + "x"}, 1, []string{"no such file"}},
		{"show", []string{"show", game}, 0, []string{"dclass Avatar (class 1)", "setName", "required broadcast db", "dclass Toon : Avatar (class 2)"}},
		{"show one", []string{"show", game, "Toon"}, 0, []string{"setHat", "from Avatar"}},
		{"show none", []string{"show", game, "Tune"}, 1, []string{`no class or struct "Tune"`}},
		{"show json", []string{"show", "--json", game, "Toon"}, 0, []string{`"keywords"`, `"name": "setHat"`}},
		{"pack", []string{"pack", "--dc", game, "Avatar.setName", `{"name":"Flippy"}`}, 0, []string{"0600466c69707079"}},
		{"pack fixed point", []string{"pack", "--dc", game, "Toon.setPlace", `{"at":{"x":1.5,"y":-1}}`}, 0, []string{"0f00f6ff"}},
		{"pack out of range", []string{"pack", "--dc", game, "Avatar.health", "101"}, 1, []string{"health", "0-100"}},
		{"unpack", []string{"unpack", "--dc", game, "Avatar.setName", "0600 466c 6970 7079"}, 0, []string{`{"name":"Flippy"}`}},
		{"unpack raw", []string{"unpack", "--raw", "--dc", game, "Toon.setPlace", "0f00f6ff"}, 0, []string{`15`, `-10`}},
		{"unpack too much", []string{"unpack", "--dc", game, "Avatar.health", "0101"}, 1, []string{"health"}},
		{"no such field", []string{"unpack", "--dc", game, "Avatar.setNam", "00"}, 1, []string{"it has setName"}},
		{"fmt", []string{"fmt", game}, 0, []string{"dclass Toon : Avatar {"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			out, errOut, code := astrond(t, append([]string{"dc"}, test.args...)...)
			if code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			for _, want := range test.want {
				if !strings.Contains(out+errOut, want) {
					t.Errorf("no %q in\n%s%s", want, out, errOut)
				}
			}
		})
	}
	t.Run("fmt keeps the hash", func(t *testing.T) {
		before, _, _ := astrond(t, "dc", "hash", game)
		if _, errOut, code := astrond(t, "dc", "fmt", "-w", game); code != 0 {
			t.Fatal(errOut)
		}
		after, _, _ := astrond(t, "dc", "hash", game)
		if before == "" || before != after {
			t.Errorf("hash %q became %q", before, after)
		}
		if again, _, _ := astrond(t, "dc", "fmt", "-w", game); again != "" {
			t.Errorf("formatting twice changed %s", again)
		}
	})
}
