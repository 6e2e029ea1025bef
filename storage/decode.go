package storage

import (
	"fmt"
	"math"
	"strconv"

	"natstron/dc"
	"natstron/storage/document"
)

// Decode packs a stored value of a field. It accepts what [Encode], Astron, similar
// servers and people write:
//
//   - for a whole number any number without a fraction that fits; for a uint64 also
//     a negative one, of the same bits; for a real number any number;
//   - for a string, a blob, and an array of uint8 or char, text and binary alike; for
//     such an array also a list of its elements;
//   - for a struct or a method a document by name, in any order, with nothing
//     missing; "_0", "_1" … also if a parameter has a name; or an array of the parts
//     in order;
//   - [document.Scaled], divided, for a fixed-point number.
//
// Names that the DC file does not know are an error: nothing is dropped. So is
// a value outside the type's range. The error is [ErrUnreadable], with a
// [*dc.ValueError] if the value does not fit the type.
func Decode(f *dc.Field, v document.Value) ([]byte, error) {
	if err := storable(f); err != nil {
		return nil, err
	}
	if t, ok := v.(document.Text); ok {
		return nil, fmt.Errorf("%w: %s: %q is not a value of %v", ErrUnreadable, f.Name(), clip(string(t)), f.Type())
	}
	d, err := decode(f.Type(), v)
	if err != nil {
		return nil, fmt.Errorf("%w: %s%w", ErrUnreadable, f.Name(), err)
	}
	packed, err := f.Pack(d)
	if err == nil {
		err = f.Validate(packed)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return packed, nil
}

// clip shortens what is shown to people.
func clip(s string) string {
	if len(s) > 60 {
		return s[:60] + "…"
	}
	return s
}

// pathError is where in a value something is wrong, and what.
type pathError struct{ path, what string }

func (e *pathError) Error() string { return e.path + ": " + e.what }

func wrong(format string, args ...any) error {
	return &pathError{what: fmt.Sprintf(format, args...)}
}

func under(step string, err error) error {
	if e, ok := err.(*pathError); ok {
		return &pathError{step + e.path, e.what}
	}
	return err
}

func decode(t *dc.Type, v document.Value) (dc.Value, error) {
	switch k := t.Kind(); {
	case k >= dc.Int8 && k <= dc.Uint64:
		return decodeInt(t, v)
	case k == dc.Float32 || k == dc.Float64:
		return decodeFloat(t, v)
	case k == dc.Char || k == dc.String || k == dc.Blob || k == dc.Blob32:
		switch v := v.(type) {
		case string:
			return v, nil
		case []byte:
			if k == dc.Char {
				return string(v), nil
			}
			return v, nil
		}
	case k == dc.Struct || k == dc.Method:
		return decodeRecord(t, v)
	case k == dc.Switch:
		// The parts go to the packer as they are: their types depend on the key.
		if _, ok := v.(document.Document); ok {
			return loose(v)
		}
	case t.Elem() != nil:
		return decodeArray(t, v)
	}
	return nil, wrong("%s is not a value of %v", describe(v), t)
}

func decodeInt(t *dc.Type, v document.Value) (dc.Value, error) {
	switch v := v.(type) {
	case int32:
		return signed(t, int64(v)), nil
	case int64:
		return signed(t, v), nil
	case float64:
		return whole(t, v)
	case document.Scaled:
		return whole(t, math.Round(float64(v)*float64(t.Divisor())))
	}
	return nil, wrong("%s is not a value of %v", describe(v), t)
}

// signed undoes the wrapping of a uint64.
func signed(t *dc.Type, n int64) dc.Value {
	if t.Kind() == dc.Uint64 {
		return uint64(n)
	}
	return n
}

func whole(t *dc.Type, f float64) (dc.Value, error) {
	switch {
	case f != math.Trunc(f) || math.IsInf(f, 0):
		return nil, wrong("%v is not a whole number", f)
	case t.Kind() == dc.Uint64 && f >= 1<<63 && f < 1<<64:
		return uint64(f), nil
	case f < -(1<<63) || f >= 1<<63:
		return nil, wrong("%v does not fit %v", f, t)
	}
	return signed(t, int64(f)), nil
}

func decodeFloat(t *dc.Type, v document.Value) (dc.Value, error) {
	var f float64
	switch v := v.(type) {
	case int32:
		f = float64(v)
	case int64:
		f = float64(v)
	case float64:
		f = v
	case document.Scaled:
		f = float64(v) * float64(t.Divisor())
	default:
		return nil, wrong("%s is not a value of %v", describe(v), t)
	}
	if t.Kind() == dc.Float32 {
		return narrow(f), nil
	}
	return f, nil
}

func decodeArray(t *dc.Type, v document.Value) (dc.Value, error) {
	if _, ok := inOnePiece(t); ok {
		switch v := v.(type) {
		case string:
			return []byte(v), nil
		case []byte:
			return v, nil
		}
	}
	a, ok := v.(document.Array)
	if !ok {
		return nil, wrong("%s is not a value of %v", describe(v), t)
	}
	list := make([]any, len(a))
	for i, one := range a {
		d, err := decode(t.Elem(), one)
		if err != nil {
			return nil, under("["+strconv.Itoa(i)+"]", err)
		}
		list[i] = d
	}
	return list, nil
}

// decodeRecord takes the parts by name, or in order out of an array.
func decodeRecord(t *dc.Type, v document.Value) (dc.Value, error) {
	params := t.Params()
	r := make(dc.Record, 0, len(params))
	at := func(p *dc.Param, v document.Value) error {
		d, err := decode(p.Type(), v)
		if err != nil {
			return under("."+p.Key(), err)
		}
		r = append(r, dc.Member{Name: p.Key(), Value: d})
		return nil
	}
	switch v := v.(type) {
	case document.Array:
		if len(v) != len(params) {
			return nil, wrong("%d parts, not %d", len(v), len(params))
		}
		for i, p := range params {
			if err := at(p, v[i]); err != nil {
				return nil, err
			}
		}
		return r, nil
	case document.Document:
		for i, p := range params {
			part, ok := v.Get(p.Key())
			if !ok {
				part, ok = v.Get("_" + strconv.Itoa(i))
			}
			if !ok {
				return nil, wrong("%s is missing", p.Key())
			}
			if err := at(p, part); err != nil {
				return nil, err
			}
		}
		if len(v) != len(params) {
			return nil, wrong("%d parts, not %d", len(v), len(params))
		}
		return r, nil
	}
	return nil, wrong("%s is not a value of %v", describe(v), t)
}

// loose turns a value into DC terms without knowing its type.
func loose(v document.Value) (dc.Value, error) {
	switch v := v.(type) {
	case document.Document:
		if n, ok := untag(v); ok {
			return n, nil
		}
		r := make(dc.Record, len(v))
		for i, e := range v {
			one, err := loose(e.Value)
			if err != nil {
				return nil, under("."+e.Name, err)
			}
			r[i] = dc.Member{Name: e.Name, Value: one}
		}
		return r, nil
	case document.Array:
		list := make([]any, len(v))
		for i, e := range v {
			one, err := loose(e)
			if err != nil {
				return nil, under("["+strconv.Itoa(i)+"]", err)
			}
			list[i] = one
		}
		return list, nil
	case int32, int64, float64, string, []byte:
		return v, nil
	}
	return nil, wrong("%s is not a DC value", describe(v))
}

// untag undoes tagged.
func untag(d document.Document) (dc.Value, bool) {
	if len(d) != 1 {
		return nil, false
	}
	text, _ := d[0].Value.(string)
	switch d[0].Name {
	case tagUint64:
		n, err := strconv.ParseUint(text, 10, 64)
		return n, err == nil
	case tagFloat32:
		n, err := strconv.ParseUint(text, 16, 32)
		return math.Float32frombits(uint32(n)), err == nil
	}
	return nil, false
}

func describe(v document.Value) string {
	return clip(string(document.AppendValue(nil, v)))
}
