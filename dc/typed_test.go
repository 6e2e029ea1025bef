package dc

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const typedDC = `
struct Colour { uint8(0-100) red; uint8 green; };
dclass A { setColour(Colour colour, char letters[], blob data); uint16 hp; };`

func TestTyped(t *testing.T) {
	type colour struct{ Red, Green uint8 }
	type setColour struct {
		Colour  colour
		Letters []byte
		Data    []byte
	}
	f, err := Parse([]Source{{"a.dc", typedDC}})
	must(t, err)
	b := NewBinder(f, f.Hash())
	field, hp := BindField[setColour](b, 2, "setColour"), BindField[uint16](b, 3, "hp")
	if class := b.Class(1, "A"); b.Err() != nil || class.Name() != "A" {
		t.Fatalf("bound %v: %v", class, b.Err())
	}
	given := setColour{colour{1, 2}, []byte("ab"), []byte{3}}
	packed, err := field.Pack(given)
	must(t, err)
	back, err := field.Unpack(packed)
	must(t, err)
	if diff := cmp.Diff(given, back); diff != "" {
		t.Error(diff)
	}
	if packed, err = hp.AppendPack([]byte{9}, 258); err != nil || string(packed) != "\x09\x02\x01" {
		t.Errorf("packed %x, %v", packed, err)
	}
	if _, err := field.Unpack([]byte{1}); !errors.Is(err, ErrTruncated) {
		t.Errorf("one byte: %v", err)
	}
	given.Colour.Red = 101
	if _, err := field.Pack(given); !errors.Is(err, ErrRange) {
		t.Errorf("101: %v", err)
	}
}

// A Go type that is not the field's is an error, and never a panic.
func TestTypedWrong(t *testing.T) {
	f, err := Parse([]Source{{"a.dc", typedDC}})
	must(t, err)
	b := NewBinder(f, f.Hash())
	good := []byte{1, 2, 1, 0, 'a', 0, 0}
	wrong(t, BindField[struct{ A, B, C uint8 }](b, 2, "setColour"), good)
	wrong(t, BindField[struct{ A struct{ X uint8 } }](b, 2, "setColour"), good)
	wrong(t, BindField[string](b, 2, "setColour"), good)
	wrong(t, BindField[struct {
		a    struct{ x, y uint8 }
		b, c []byte
	}](b, 2, "setColour"), good)
	wrong(t, BindField[string](b, 3, "hp"), []byte{1, 0})
	if b.Err() != nil {
		t.Error(b.Err())
	}
	if BindField[uint16](b, 3, "gold"); b.Err() == nil {
		t.Error("a field of another name was bound")
	}
	if b := NewBinder(f, 5); b.Err() == nil {
		t.Error("another file was bound")
	}
	b = NewBinder(f, f.Hash())
	if b.Class(7, "B"); b.Err() == nil {
		t.Error("a class that is not there was bound")
	}
}

func wrong[T any](t *testing.T, f Typed[T], packed []byte) {
	t.Helper()
	var zero T
	if _, err := f.Unpack(packed); !errors.Is(err, ErrType) {
		t.Errorf("unpacked into a %T: %v", zero, err)
	}
	if _, err := f.Pack(zero); err == nil {
		t.Errorf("packed a %T", zero)
	}
}
