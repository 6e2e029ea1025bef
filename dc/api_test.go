package dc

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"natstron/dc/internal/syntax"
)

func TestParseFiles(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		must(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	a, b := write("a.dc", "struct S { uint8 x; }; keyword k;"), write("b.dc", "dclass A { f(S s) k; };")
	f, err := ParseFiles(a, b)
	must(t, err)
	if c, ok := f.ClassByName("A"); !ok || c.Name() != "A" {
		t.Error("no class A")
	}
	if _, err := ParseFiles(b); err == nil || !strings.HasPrefix(err.Error(), b+":1:19: ") {
		t.Errorf("without the first file: %v", err)
	}
	if _, err := ParseFiles(a, filepath.Join(folder, "none.dc")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if _, err := ParseFiles(write("c.dc", strings.Repeat(" ", syntax.MaxSize+1))); !errors.Is(err, errTooLong) {
		t.Errorf("a file that is too long: %v", err)
	}
	if _, err := ParseFiles(folder); err == nil {
		t.Error("a folder was read")
	}
	var one *Error
	if _, err := ParseFiles(write("d.dc", "\n  oops")); !errors.As(err, &one) || one.Line != 2 || one.Column != 3 {
		t.Errorf("an error at 2:3: %v", err)
	}
}

func TestLookUp(t *testing.T) {
	f, err := Parse([]Source{{"a.dc", `
		dclass A { f() ram; g() required; };
		struct S { uint8 x; };
		dclass B : A { f(uint8) db; h : g; i() required airecv; };
		dclass C : B, Gone { };`}})
	must(t, err)
	b, ok := f.ClassByID(2)
	if !ok || b.Name() != "B" {
		t.Fatalf("class 2 is %v, %v", b, ok)
	}
	for _, id := range []uint16{1, 5, 65535} { // a struct, and none
		if c, ok := f.ClassByID(id); ok {
			t.Errorf("class %d is %s", id, c.Name())
		}
	}
	if c, ok := f.ClassByName("S"); !ok || !c.IsStruct() || len(f.Structs()) != 1 || len(f.Classes()) != 4 {
		t.Errorf("structs %v, classes %v", f.Structs(), f.Classes())
	}
	s, _ := f.ClassByName("S")
	if id, ok := s.ID(); ok {
		t.Errorf("the struct has the id %d", id)
	}
	if _, ok := f.ClassByName("D"); ok {
		t.Error("there is a class D")
	}
	// A hidden field is found in the file, but not in the class that hides it.
	if field, ok := f.FieldByID(0); !ok || field.Class().Name() != "A" {
		t.Errorf("field 0 is %v, %v", field, ok)
	}
	if field, ok := b.Field(0); ok {
		t.Errorf("B has field 0, %v", field)
	}
	if field, ok := b.FieldByName("f"); !ok || !field.Has(DB) || field.Has(RAM) || !field.IsMethod() {
		t.Errorf("B.f is %v, %v", field, ok)
	}
	if _, ok := f.FieldByID(uint16(f.NumFields())); ok {
		t.Error("there is a field behind the last")
	}
	if _, ok := b.FieldByName("x"); ok {
		t.Error("B has x")
	}
	var required []string
	for _, field := range b.RequiredFields() {
		required = append(required, field.Name())
	}
	if got := strings.Join(required, " "); got != "g i" {
		t.Errorf("required are %s", got) // not h, which is molecular
	}
	c, _ := f.ClassByName("C")
	a, _ := f.ClassByName("A")
	gone, _ := f.ClassByName("Gone")
	if !c.Inherits(a) || !c.Inherits(c) || a.Inherits(c) || !c.Inherits(gone) || !gone.Undeclared() || c.Undeclared() {
		t.Error("C inherits from A, itself and Gone, A not from C")
	}
	for name, want := range map[string]*Class{"C": c, "Gone": nil, "S": nil, "Z": nil} {
		if got, ok := f.DClassByName(name); got != want || ok != (want != nil) {
			t.Errorf("the dclass %s is %v, %t", name, got, ok)
		}
	}
}

// Types have names; what a typedef names hides a class.
func TestTypeByName(t *testing.T) {
	f, err := Parse([]Source{{"a.dc", `
		typedef int16/10 (-5-5) Tenths; typedef Tenths Pair[2]; struct S { uint8 x; }; dclass A : Gone { Lost l; };
		switch W (uint8 k) { case 1: string s; break; }; typedef uint32 A;`}})
	must(t, err)
	for name, want := range map[string]string{
		"Tenths": "int16 / 10(-5-5) 2 -5-5", "Pair": "Tenths[2] 4 2", "S": "S 1 ", "A": "uint32 4 ", "W": "switch W(uint8 k) -1 ",
	} {
		typ, ok := f.TypeByName(name)
		if !ok {
			t.Errorf("there is no %s", name)
			continue
		}
		if got := fmt.Sprintf("%s %d %s", typ.Unfolded(), typ.Size(), typ.Range()); got != want {
			t.Errorf("%s is %q, not %q", name, got, want)
		}
	}
	for _, name := range []string{"Gone", "Lost", "uint8", ""} {
		if typ, ok := f.TypeByName(name); ok {
			t.Errorf("there is a %q: %v", name, typ)
		}
	}
}

func TestKeywordSets(t *testing.T) {
	f, err := Parse([]Source{{"a.dc", "keyword loud; dclass A { f() loud ram db ram; g() required; };"}})
	must(t, err)
	a, _ := f.ClassByName("A")
	field, _ := a.FieldByName("f")
	switch {
	case !field.Has(RAM | DB), field.Has(RAM | Required), !field.HasAny(RAM | Required), field.HasAny(Clsend):
		t.Errorf("%v: Has or HasAny is wrong", field)
	case !field.HasNamed("loud"), !field.HasNamed("ram"), field.HasNamed("required"):
		t.Errorf("%v: HasNamed is wrong", field)
	case !slices.Equal(field.Keywords(), []string{"loud", "ram", "db"}), !slices.Equal(f.Keywords(), []string{"loud"}):
		t.Errorf("keywords %v, declared %v", field.Keywords(), f.Keywords())
	}
	if s := (RAM | Required).String(); s != "required ram" {
		t.Errorf("the set is %s", s)
	}
	if k, ok := KeywordNamed("airecv"); k != Airecv || !ok {
		t.Errorf("airecv is %v, %v", k, ok)
	}
	if k, ok := KeywordNamed("loud"); k != 0 || ok {
		t.Errorf("loud is %v, %v", k, ok)
	}
}

// TestPackTypes packs what Go programs have at hand.
func TestPackTypes(t *testing.T) {
	class := everyKindClass(t)
	tests := []struct {
		field string
		value Value
		want  string
		err   error
	}{
		{"pair", Record{{"a", 1}, {"b", "x"}}, "\x01\x01\x00x", nil},
		{"pair", map[string]any{"b": []byte("x"), "a": 1.0}, "\x01\x01\x00x", nil},
		{"pair", []any{uint64(1), "x"}, "\x01\x01\x00x", nil},
		{"pair", []any{1}, "", ErrType},
		{"pair", map[string]any{"a": 1}, "", ErrType},
		{"pair", Record{{"a", 10}, {"b", "x"}}, "", ErrRange},
		{"pair", []any{1.5, "x"}, "", ErrType},
		{"pair", []any{300, "x"}, "", ErrRange},
		{"pair", []any{"1", "x"}, "", ErrType},
		{"pair", []any{1, 5}, "", ErrType},
		{"pair", []any{1, nil}, "", ErrType},
		{"pair", nil, "", ErrType},
		{"none", Record{}, "", nil},
		{"none", []any{}, "", nil},
		{"old", []any{[]int{1, -1}, []uint16{2}, []any{}, []any{}}, "\x02\x00\x01\xff\x02\x00\x02\x00\x00\x00\x00\x00", nil},
		{"old", []any{"a", []uint16{}, Record{}, []any{}}, "", ErrType},
		{"reals", []any{1, float32(1), 1}, "\x00\x00\x00\x00\x00\x00\xf0\x3f\x00\x00\x80\x3f\x00\x00\x00\x00\x00\x00\xf0\x3f", nil},
		{"reals", []any{1, 1e39, 1}, "", ErrRange},
		{"reals", []any{1, 1, 11}, "", ErrRange},
		{"setXY", Record{{"setX", []any{1}}, {"setY", []any{""}}, {"_2", []any{2}}}, "\x01\x00\x00\x00\x02\x00", nil},
		{"setXY", Record{{"setX", []any{1}}, {"setX", []any{1}}, {"_2", []any{2}}}, "", ErrType},
		{"empties", []any{Record{}, []any{Record{}}, []any{}, Record{}, []any{}, []any{}}, "", ErrTooLarge},
	}
	for _, test := range tests {
		f, ok := class.FieldByName(test.field)
		if !ok {
			t.Fatalf("no field %s", test.field)
		}
		got, err := f.Pack(test.value)
		if string(got) != test.want || !errors.Is(err, test.err) {
			t.Errorf("%s %v: got %q, %v, want %q, %v", test.field, test.value, got, err, test.want, test.err)
		}
	}
	big, _ := class.FieldByName("numbers")
	packed, err := big.AppendPack([]byte("before"), []any{0, 0, 0, 0, 0, 0, 0, int64(-1)})
	if err != nil || !bytes.HasPrefix(packed, []byte("before")) || !bytes.HasSuffix(packed, bytes.Repeat([]byte{0xff}, 8)) {
		t.Errorf("a uint64 as an int64: %x, %v", packed, err)
	}
	if _, err := big.Pack([]any{0, 0, 0, 0, 0, 0, 0, -1}); !errors.Is(err, ErrRange) {
		t.Errorf("a negative uint64: %v", err)
	}
}

func TestSplitStops(t *testing.T) {
	f, _ := everyKindClass(t).FieldByName("setXY")
	stop := errors.New("stop")
	n := 0
	each := func(*Field, []byte) error { n++; return stop }
	if err := f.Split([]byte{1, 0, 0, 0, 2, 0}, each); err != stop || n != 1 {
		t.Errorf("%v after %d calls", err, n)
	}
	for _, b := range []string{"\x01\x00\x00\x00\x02", "\x01\x00\x00\x00\x02\x00\x00"} {
		if err := f.Split([]byte(b), each); err == nil || n != 1 {
			t.Errorf("%x: %v after %d calls", b, err, n)
		}
	}
}

// Fields and values come in order of field ID, each once; the last value counts.
func TestSort(t *testing.T) {
	file, err := Parse([]Source{{Name: "test.dc", Text: `dclass A {
  one(uint8); two(uint8); three(uint8);
  both : one, two;
};`}})
	must(t, err)
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
