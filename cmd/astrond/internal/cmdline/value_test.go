package cmdline

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"natstron/dc"
)

// Values as a shell hands them over, and as a DC file writes them.
func TestFieldValue(t *testing.T) {
	name := filepath.Join(t.TempDir(), "game.dc")
	if err := os.WriteFile(name, []byte(`dclass Toon {
  setChat(string text);
  setXY(int16/10 x, int16/10 y);
  setList(uint8 ids[], blob data);
  setNothing();
  uint16 hp;
  setX(int16/10 x);
  setBoth : setX, setChat;
};
`), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := dc.ParseFiles(name)
	if err != nil {
		t.Fatal(err)
	}
	class, _ := file.ClassByName("Toon")
	for _, test := range []struct {
		field string
		args  []string
		want  string // as a DC file writes it; begins with ! for an error
	}{
		{"setChat", []string{"hello"}, `("hello")`},
		{"setChat", []string{`"hello"`}, `("hello")`},
		{"setChat", []string{`say "hi", \o/`}, `("say \"hi\", \\o/")`},
		{"setChat", []string{"é\n"}, `("é\x0a")`},
		{"setChat", []string{""}, `("")`},
		{"setChat", []string{`("hello")`}, `("hello")`},
		{"setXY", []string{"1.5", "-2"}, "(1.5, -2)"},
		{"setXY", []string{"(1.5, -2)"}, "(1.5, -2)"},
		{"setXY", []string{"1.5"}, "!takes 2 values, not 1"},
		{"setXY", []string{"1.5", "99999"}, "!outside its range"},
		{"setList", []string{"[1, 2]", "<02000a0b>"}, "([1, 2], <02000a0b>)"},
		{"setNothing", nil, "()"},
		{"hp", []string{"15"}, "15"},
		{"setBoth", []string{"1", "x"}, "!send its parts one by one"},
	} {
		field, _ := class.FieldByName(test.field)
		packed, err := FieldValue(field, test.args)
		if reason, fails := strings.CutPrefix(test.want, "!"); fails {
			if err == nil || !strings.Contains(err.Error(), reason) {
				t.Errorf("%s %q: %v, want %s", test.field, test.args, err, reason)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s %q: %v", test.field, test.args, err)
			continue
		}
		if got, err := field.Text(packed, dc.TextStyle{UTF8: true}); err != nil || got != test.want {
			t.Errorf("%s %q: %s, %v, want %s", test.field, test.args, got, err, test.want)
		}
	}
}
