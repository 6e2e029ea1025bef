package dc

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// How classes inherit and fields are numbered, and the hash, in each of Panda3D's
// settings. testdata/inheritance/panda3d is what Panda3D 1.10 says: for each file and
// the values of dc-multiple-inheritance, dc-virtual-inheritance and
// dc-sort-inheritance-by-file (1 or 0) the hash, and each class's fields in order. It
// rejects a second base where there is no multiple inheritance.
func TestInheritance(t *testing.T) {
	golden, err := os.ReadFile("testdata/inheritance/panda3d")
	if err != nil {
		t.Fatal(err)
	}
	cases := strings.Split(string(golden), "== ")[1:]
	if len(cases) != 2*8 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		head, want, _ := strings.Cut(c, "\n")
		t.Run(head, func(t *testing.T) {
			name, bits, _ := strings.Cut(head, " ")
			how := Inheritance{Single: bits[0] == '0', Plain: bits[1] == '0', Unsorted: bits[2] == '0'}
			got := "REJECT\n"
			if file, err := how.ParseFiles(filepath.Join("testdata", "inheritance", name)); err == nil {
				got = described(file)
				checkLookups(t, file)
			}
			if got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func described(f *File) string {
	var b strings.Builder
	fmt.Fprintf(&b, "hash %d\n", f.Hash())
	for i, c := range f.All() {
		fmt.Fprintf(&b, "class %d %s", i, c.Name())
		for _, field := range c.Fields() {
			fmt.Fprintf(&b, " %d:%s", field.id, field.Name())
		}
		b.WriteByte('\n')
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
