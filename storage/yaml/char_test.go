package yaml

import (
	"testing"

	"natstron/storage/storagetest"
)

// TestChar: the C++ Astron wants a char in single quotation marks. Both are read.
func TestChar(t *testing.T) {
	class := storagetest.Class(storagetest.File(t), "Everything")
	for value, want := range map[string]string{"A": `'A'`, "'": `'\''`, `"`: `'"'`, "\n": `'\x0a'`} {
		text, err := writeValue(class, "c", value)
		if err != nil || text != want {
			t.Errorf("%q is written %s, %v; want %s", value, text, err, want)
		}
		if got := readValue(class, "c", text); got != value {
			t.Errorf("%s is read as %v", text, got)
		}
	}
	if got := readValue(class, "c", `"A"`); got != "A" {
		t.Errorf(`"A" is read as %v`, got)
	}
}
