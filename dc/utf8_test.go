package dc

import (
	"fmt"
	"testing"
)

// Text is what Panda3D unpacks as such: strings, chars, and arrays of chars. In
// each place: what is UTF-8, and what is not, beside bytes that are no text.
func TestValidUTF8(t *testing.T) {
	const source = `
	struct Line { string words; uint8 width; };
	switch Thing (uint8 kind) { case 1: string name; break; case 200: blob data; break; };
	dclass Text {
	  text(string);
	  fixed(string(2));
	  letter(char);
	  letters(char[]);
	  two(char[2]);
	  texts(string[]);
	  pairs(char[][2]);
	  lines(Line[]);
	  thing(Thing);
	  number(uint16);
	  numbers(uint8[]);
	  data(blob);
	  nothing();
	  before(uint8, string);
	  string plain;
	  all : data, text, letter;
	};`
	f, err := Parse([]Source{{"text.dc", source}})
	if err != nil {
		t.Fatal(err)
	}
	class, _ := f.ClassByName("Text")
	for _, test := range []struct {
		field, packed string
		want          bool
	}{
		{"text", "\x00\x00", true},
		{"text", "\x01\x00a", true},
		{"text", "\x02\x00é", true},
		{"text", "\x01\x00\xe9", false},
		{"text", "\x01\x00\x80", false},
		{"text", "\x02\x00\xff\xfe", false},
		{"fixed", "é", true},
		{"fixed", "a\xe9", false},
		{"letter", "\x7f", true},
		{"letter", "\xe9", false},
		{"letters", "\x02\x00é", true},
		{"letters", "\x02\x00\xff\xfe", false},
		{"two", "é", true},
		{"two", "\xe9a", false},
		{"texts", "\x06\x00\x01\x00a\x01\x00b", true},
		{"texts", "\x07\x00\x01\x00a\x02\x00é", true},
		{"texts", "\x06\x00\x01\x00\xc3\x01\x00\xa9", false}, // one after the other they were
		{"pairs", "\x04\x00éab", true},
		{"pairs", "\x04\x00a\xc3\xa9b", false},
		{"lines", "\x05\x00\x02\x00é\xff", true},
		{"lines", "\x08\x00\x01\x00a\xff\x01\x00\xe9\x01", false},
		{"thing", "\x01\x02\x00é", true},
		{"thing", "\x01\x01\x00\xe9", false},
		{"thing", "\xc8\x01\x00\xe9", true},
		{"number", "\xff\xff", true},
		{"numbers", "\x02\x00\xff\xff", true},
		{"data", "\x02\x00\xff\xfe", true},
		{"nothing", "", true},
		{"before", "\xff\x02\x00é", true},
		{"before", "\xff\x01\x00\xe9", false},
		{"plain", "\x01\x00\xe9", false},
		{"all", "\x01\x00\xff\x02\x00éa", true},
		{"all", "\x01\x00\xff\x01\x00\xe9a", false},
		{"all", "\x01\x00\xff\x01\x00a\xe9", false},
	} {
		t.Run(fmt.Sprintf("%s %q", test.field, test.packed), func(t *testing.T) {
			field, ok := class.FieldByName(test.field)
			if !ok {
				t.Fatal("no such field")
			}
			if err := field.Validate([]byte(test.packed)); err != nil {
				t.Fatal(err)
			}
			if got := field.ValidUTF8([]byte(test.packed)); got != test.want {
				t.Errorf("it is UTF-8: %v, want %v", got, test.want)
			}
		})
	}
}
