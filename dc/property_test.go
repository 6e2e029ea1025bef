package dc

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"natstron/dc/internal/syntax"
)

// checkValue holds everything that can be done with a value against each other.
func checkValue(t fataler, f *Field, v Value) {
	packed, err := f.Pack(v)
	var tooLong *ValueError
	if errors.As(err, &tooLong) && strings.Contains(tooLong.Detail, "too many: a length of") {
		return // drawn too long for its length prefix
	}
	fine(t, "pack", err)
	fine(t, "validate", f.Validate(packed))
	back, err := f.Unpack(packed)
	fine(t, "unpack", err)
	if diff := cmp.Diff(v, back, cmp.Comparer(sameFloat)); diff != "" {
		t.Fatalf("unpacked (-packed +unpacked):\n%s", diff)
	}
	again, err := f.Pack(back)
	if err != nil || !bytes.Equal(again, packed) {
		t.Fatalf("packed %x, then %x, %v", packed, again, err)
	}
	checkLengths(t, f, packed)
	checkTexts(t, f, packed, Scaled, Raw)
	checkSplit(t, f, packed)
}

func sameFloat(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) }

// checkLengths cuts the bytes at every length, and adds to them.
func checkLengths(t fataler, f *Field, packed []byte) {
	for _, b := range [][]byte{packed, append(bytes.Clone(packed), 1, 2, 3)} {
		skipped, err := f.Skip(b)
		if err != nil || skipped != len(packed) {
			t.Fatalf("skip %x: %d, %v", b, skipped, err)
		}
		if checked, err := f.Check(b); err != nil || checked != len(packed) {
			t.Fatalf("check %x: %d, %v", b, checked, err)
		}
	}
	if err := f.Validate(append(bytes.Clone(packed), 0)); !errors.Is(err, ErrExcess) {
		t.Fatalf("with a byte too many: %v", err)
	}
	for n := range packed {
		for what, read := range readers {
			if err := read(f, packed[:n]); !errors.Is(err, ErrTruncated) {
				t.Fatalf("%s %d of %d bytes: %v", what, n, len(packed), err)
			}
		}
	}
}

func checkTexts(t fataler, f *Field, packed []byte, notations ...Notation) {
	for _, notation := range notations {
		js, err := f.JSON(packed, notation)
		fine(t, "JSON", err)
		if back, err := f.PackJSON(js, notation); err != nil || !bytes.Equal(back, packed) {
			t.Fatalf("%x became %s became %x, %v", packed, js, back, err)
		}
		for _, style := range []TextStyle{{}, {Names: true}, {UTF8: true}, {Names: true, UTF8: true}} {
			style.Notation = notation
			text, err := f.Text(packed, style)
			fine(t, "text", err)
			if back, err := f.ParseText(text, notation); err != nil || !bytes.Equal(back, packed) {
				t.Fatalf("%x became %s became %x, %v", packed, text, back, err)
			}
		}
	}
}

func checkSplit(t fataler, f *Field, packed []byte) {
	var joined []byte
	n := 0
	err := f.Split(packed, func(atomic *Field, value []byte) error {
		if f.IsMolecular() && f.atomics[n] != atomic {
			t.Fatalf("part %d is %s", n, atomic.name)
		}
		n++
		joined = append(joined, value...)
		return atomic.Validate(value)
	})
	if err != nil || !bytes.Equal(joined, packed) || n != max(1, len(f.atomics)) {
		t.Fatalf("split %x: %d parts, %x, %v", packed, n, joined, err)
	}
}

// packable reports whether there are values of the field.
func packable(t *Type) bool {
	if t.hasUndeclared {
		return false
	}
	members := t.members
	if t.kind == Switch {
		if len(t.sw.cases) == 0 && t.sw.other == nil {
			return false
		}
		t.sw.sets(func(set *caseSet) { members = append(members, set.members...) })
	}
	for _, m := range members {
		if !packable(m.typ) {
			return false
		}
	}
	return t.elem == nil || packable(t.elem.typ) && (t.lenBytes == 0 || leastSize(t.elem.typ) > 0)
}

// leastSize is the least number of bytes that a value takes. A length cannot
// count elements that take none.
func leastSize(t *Type) int {
	switch {
	case t.size >= 0:
		return t.size
	case t.lenBytes > 0:
		return t.lenBytes
	case t.kind == Array:
		return t.fixed * leastSize(t.elem.typ)
	case t.kind == Switch:
		return leastSize(t.sw.key.typ)
	}
	n := 0
	for _, m := range t.members {
		n += leastSize(m.typ)
	}
	return n
}

func TestCorpusValues(t *testing.T) {
	for _, set := range corpusSets(t) {
		if set.reject {
			continue
		}
		f := compareHash(t, set.files, set.hash, set.reject)
		t.Run(set.names, func(t *testing.T) {
			var fields []*Field
			for i := range f.NumFields() {
				field, _ := f.FieldByID(uint16(i))
				if !packable(field.typ) {
					continue
				}
				fields = append(fields, field)
			}
			if len(fields) == 0 {
				return
			}
			const values = 5 // of each of some thousand fields
			for _, field := range fields {
				draw := rapid.Custom(func(t *rapid.T) Value {
					rapid.Bool().Draw(t, "something, for methods without arguments")
					return drawValue(t, field.valueType())
				})
				for seed := range values {
					checkValue(t, field, draw.Example(seed))
				}
			}
		})
	}
}

// TestDrawnFiles draws DC files, and for those that mean something, values.
func TestDrawnFiles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawFile(t)
		f, err := Parse([]Source{{"drawn.dc", text}})
		if err != nil {
			t.Skip("not a valid file")
		}
		checkFormat(t, []Source{{"drawn.dc", text}}, f)
		for i := range f.NumFields() {
			field, _ := f.FieldByID(uint16(i))
			if !packable(field.typ) {
				continue
			}
			checkValue(t, field, drawValue(t, field.valueType()))
			if len(field.packed) > 0 && field.Validate(field.packed) == nil {
				// A default of hex digits may be what a modulus would wrap.
				checkTexts(t, field, field.packed, Raw)
			}
		}
	})
}

// fataler is what *testing.T and *rapid.T share.
type fataler interface {
	Helper()
	Fatalf(string, ...any)
}

func fine(t fataler, what string, err error) {
	if err != nil {
		t.Helper()
		t.Fatalf("%s: %v", what, err)
	}
}

// checkFormat checks that formatting keeps the meaning, and is final.
func checkFormat(t fataler, files []Source, f *File) {
	formatted, err := Format(files)
	fine(t, "format", err)
	again, err := Parse(formatted)
	if err != nil {
		t.Fatalf("parse what was formatted: %v\n%s", err, formatted[0].Text)
	}
	if again.Hash() != f.Hash() {
		t.Fatalf("hash 0x%08x became 0x%08x:\n%s", f.Hash(), again.Hash(), formatted[0].Text)
	}
	if diff := cmp.Diff(dump(f), dump(again)); diff != "" {
		t.Fatalf("the meaning changed (-before +after):\n%s\n%s", diff, formatted[0].Text)
	}
	if diff := cmp.Diff(comments(files), comments(formatted)); diff != "" {
		t.Fatalf("comments changed (-before +after):\n%s", diff)
	}
	twice, err := Format(formatted)
	fine(t, "format again", err)
	if diff := cmp.Diff(formatted, twice); diff != "" {
		t.Fatalf("formatting again changed (-once +twice):\n%s", diff)
	}
}

// comments are all comments of files; those inside a field may have moved in front of it.
func comments(files []Source) []string {
	var texts []string
	p := syntax.NewParser(builtin[:]...)
	for _, f := range files {
		for _, c := range p.File(f.Text).Comments {
			texts = append(texts, c.Text)
		}
	}
	slices.Sort(texts)
	return texts
}

func TestCorpusFormat(t *testing.T) {
	for _, set := range corpusSets(t) {
		if set.reject {
			continue
		}
		t.Run(set.names, func(t *testing.T) {
			checkFormat(t, set.files, compareHash(t, set.files, set.hash, set.reject))
		})
	}
}
