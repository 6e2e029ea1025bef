package dc

import (
	"strings"
	"testing"
)

// Fields and values come in order of field ID, each once; the last value counts.
func TestSort(t *testing.T) {
	file, err := Parse([]Source{{Name: "test.dc", Text: `dclass A {
  one(uint8); two(uint8); three(uint8);
  both : one, two;
};`}})
	if err != nil {
		t.Fatal(err)
	}
	class, _ := file.ClassByName("A")
	field := func(name string) *Field {
		f, ok := class.FieldByName(name)
		if !ok {
			t.Fatalf("no field %s", name)
		}
		return f
	}
	one, two, three := field("one"), field("two"), field("three")

	var names []string
	for _, f := range SortFields([]*Field{three, one, three, two, one}) {
		names = append(names, f.Name())
	}
	for _, f := range append(field("both").Parts(), three.Parts()...) {
		names = append(names, f.Name())
	}
	if got, want := strings.Join(names, " "), "one two three one two three"; got != want {
		t.Errorf("fields %q, want %q", got, want)
	}

	var values []byte
	for _, v := range SortValues([]FieldValue{{two, []byte{1}}, {one, []byte{2}}, {two, []byte{3}}, {three, []byte{4}}, {one, []byte{5}}}) {
		values = append(values, v.Packed...)
	}
	if got, want := string(values), "\x05\x03\x04"; got != want {
		t.Errorf("values %x, want %x", got, want)
	}
}
