package storage

import (
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"

	"natstron/dc"
	"natstron/storage/document"
)

// Encode turns exactly one packed value of a field into its stored form:
//
//	int8–int32, uint8, uint16   int32
//	uint32, int64               int64
//	uint64                      int64 of the same bits
//	float32, float64            float64
//	char, string                string; binary if it is not UTF-8
//	blob, uint8[], uint8[n]     binary
//	char[], char[n]             as a string
//	any other array             array
//	struct, switch, method      document by the names of the parts, in order
//	a field that is no method   the value of its type
//	uint64 above the greatest   {"#uint64": "18446744073709551615"}
//	int64 within a switch
//	float32 that is no number,  {"#float32": "7fc00001"}
//	within a switch
//
// Fixed-point numbers stay whole numbers. A molecular field is not stored: its
// methods are. The error is [ErrValue], with a [*dc.ValueError] if the bytes are not a
// value.
func Encode(f *dc.Field, packed []byte) (document.Value, error) {
	if err := storable(f); err != nil {
		return nil, err
	}
	if err := f.Validate(packed); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrValue, err)
	}
	v, err := f.Unpack(packed)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrValue, err)
	}
	return encode(f.Type(), v)
}

// storable returns an error if the field has no place in a database.
func storable(f *dc.Field) error {
	if f.IsMolecular() {
		return fmt.Errorf("%w: the field %s is molecular; its methods are stored", ErrValue, f.Name())
	}
	return nil
}

// encode writes a value of the type; of any type if that is nil: parts of a switch
// have none that the DC library tells.
func encode(t *dc.Type, v dc.Value) (document.Value, error) {
	switch v := v.(type) {
	case int32, int64, float64, []byte:
		return v, nil
	case int8:
		return int32(v), nil
	case int16:
		return int32(v), nil
	case uint8:
		return int32(v), nil
	case uint16:
		return int32(v), nil
	case uint32:
		return int64(v), nil
	case uint64:
		if t == nil && v > math.MaxInt64 {
			return tagged(tagUint64, strconv.FormatUint(v, 10)), nil
		}
		return int64(v), nil
	case float32:
		if t == nil && v != v {
			return tagged(tagFloat32, strconv.FormatUint(uint64(math.Float32bits(v)), 16)), nil
		}
		return widen(v), nil
	case string:
		return text(v), nil
	case []any:
		return encodeList(t, v)
	case dc.Record:
		return encodeRecord(t, v)
	}
	return nil, fmt.Errorf("%w: cannot store a %T", ErrValue, v)
}

// text is a string as it is stored.
func text(s string) document.Value {
	if !utf8.ValidString(s) {
		return []byte(s)
	}
	return s
}

// inOnePiece reports whether an array is stored as one value, as the reference stores
// those of single bytes, and of which kind its elements are then.
func inOnePiece(t *dc.Type) (dc.Kind, bool) {
	if t == nil || t.Elem() == nil {
		return 0, false
	}
	k := t.Elem().Kind()
	return k, k == dc.Uint8 || k == dc.Char
}

func encodeList(t *dc.Type, list []any) (document.Value, error) {
	if k, ok := inOnePiece(t); ok {
		b := make([]byte, 0, len(list))
		for _, one := range list {
			switch one := one.(type) {
			case uint8:
				b = append(b, one)
			case string:
				b = append(b, one...)
			}
		}
		if k == dc.Char {
			return text(string(b)), nil
		}
		return b, nil
	}
	if t != nil {
		t = t.Elem()
	}
	a := make(document.Array, len(list))
	for i, one := range list {
		var err error
		if a[i], err = encode(t, one); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func encodeRecord(t *dc.Type, r dc.Record) (document.Value, error) {
	d := make(document.Document, len(r))
	for i, m := range r {
		var part *dc.Type
		if t != nil && t.Kind() != dc.Switch {
			part = t.Params()[i].Type()
		}
		one, err := encode(part, m.Value)
		if err != nil {
			return nil, err
		}
		d[i] = document.Element{Name: m.Name, Value: one}
	}
	return d, nil
}

// Within a switch, what would lose its type is written {"#type": "text"}. No name
// in a DC file has such a sign.
const (
	tagUint64  = "#uint64"  // above the greatest int64, in decimal digits
	tagFloat32 = "#float32" // no number, its bits in hexadecimal digits
)

func tagged(tag, text string) document.Document {
	return document.Document{{Name: tag, Value: text}}
}

// The bits of a NaN that a conversion would change.
const (
	quiet32 = 1 << 22
	shift   = 52 - 23 // how much longer the fraction of a float64 is
	exp32   = 0x7f800000
	exp64   = 0x7ff0000000000000
)

// widen is float64(f), but keeps the bits of a signalling NaN too.
func widen(f float32) float64 {
	bits := math.Float32bits(f)
	if bits&exp32 != exp32 || bits&(quiet32<<1-1) == 0 {
		return float64(f)
	}
	return math.Float64frombits(uint64(bits>>31)<<63 | exp64 | uint64(bits&(quiet32<<1-1))<<shift)
}

// narrow is float32(f), and undoes widen.
func narrow(f float64) float32 {
	bits := math.Float64bits(f)
	fraction := uint32(bits>>shift) & (quiet32<<1 - 1)
	if !math.IsNaN(f) || fraction == 0 {
		return float32(f)
	}
	return math.Float32frombits(uint32(bits>>63)<<31 | exp32 | fraction)
}
