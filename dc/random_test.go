package dc

import (
	"errors"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// Whatever is drawn for a field is a value of it, or there is a reason why there is none.
func TestAppendRandom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, err := Parse([]Source{{"drawn.dc", drawFile(t)}})
		if err != nil {
			t.Skip("not a valid file")
		}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		for i := range f.NumFields() {
			field, _ := f.FieldByID(uint16(i))
			b, err := field.AppendRandom([]byte("before"), r)
			switch {
			case err == nil && string(b[:6]) != "before":
				t.Fatalf("%s: what was there is gone", field.Name())
			case err == nil:
				fine(t, field.Name(), field.Validate(b[6:]))
			case errors.Is(err, ErrTooLarge), !packable(field.valueType()):
			default:
				t.Fatalf("%s: %v", field.Name(), err)
			}
		}
	})
}

// All of a range is drawn, and nothing else.
func TestRandomRanges(t *testing.T) {
	f, err := Parse([]Source{{"a.dc", `dclass A {
  a(int8(-3--1) n, uint16(5-6, 9-9)/1 m, string(1-3) s, uint8 all[2-3], float64(0-1) f, blob(4) b);
};`}})
	fine(t, "parse", err)
	field, _ := f.FieldByID(0)
	r := rand.New(rand.NewPCG(1, 2))
	seen := map[any]bool{}
	for range 1000 {
		b, err := field.AppendRandom(nil, r)
		fine(t, "draw", err)
		fine(t, "validate", field.Validate(b))
		v, err := field.Unpack(b)
		fine(t, "unpack", err)
		for _, m := range v.(Record)[:2] {
			seen[m.Value] = true
		}
	}
	for _, want := range []any{int8(-3), int8(-2), int8(-1), uint16(5), uint16(6), uint16(9)} {
		if !seen[want] {
			t.Errorf("%v was never drawn", want)
		}
	}
	if len(seen) != 6 {
		t.Errorf("drawn: %v", seen)
	}
}
