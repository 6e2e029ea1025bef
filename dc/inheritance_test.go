package dc

import (
	"fmt"
	"strings"
	"testing"
)

// inheritance is what a text means in each of Panda3D's settings, by the values of
// dc-multiple-inheritance, dc-virtual-inheritance and dc-sort-inheritance-by-file: the
// hash, and the fields of all classes in order.
func inheritance(t *testing.T, text string) string {
	t.Helper()
	var b strings.Builder
	for setting := 7; setting >= 0; setting-- {
		how := Inheritance{Single: setting&4 == 0, Plain: setting&2 == 0, Unsorted: setting&1 == 0}
		fmt.Fprintf(&b, "== %03b\n", setting)
		f, err := how.Parse(split(text))
		if err != nil {
			b.WriteString("REJECT\n")
			continue
		}
		fmt.Fprintf(&b, "hash %d\n", f.Hash())
		for i, c := range f.All() {
			fmt.Fprintf(&b, "class %d %s", i, c.Name())
			for _, field := range c.Fields() {
				fmt.Fprintf(&b, " %d:%s", field.id, field.Name())
			}
			b.WriteByte('\n')
		}
		checkLookups(t, f)
	}
	return b.String()
}

// checkLookups finds each field by its number, in its class and, where numbers are the
// file's, in the file.
func checkLookups(t *testing.T, f *File) {
	t.Helper()
	for _, c := range f.Classes() {
		for _, field := range c.Fields() {
			got, ok := c.Field(field.ID())
			if !ok || got.id != field.id || !f.Inheritance().Single && got != field {
				t.Errorf("%s has no field %d", c.Name(), field.id)
			}
			got, ok = f.FieldByID(field.ID())
			if ok == f.Inheritance().Single || ok && got != field {
				t.Errorf("field %d of the file is %v, %v", field.id, got, ok)
			}
		}
	}
}
