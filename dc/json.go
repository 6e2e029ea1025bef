package dc

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"unicode/utf8"
)

// JSON turns exactly one packed value of the field into JSON, with the values of the
// table of [Value] in these forms:
//
//   - a struct, a method's arguments, a switch: an object, members in order;
//   - a number: a number, divided in the [Scaled] notation, exact at any size. NaN and
//     the infinities, which JSON does not have, are "NaN", "Infinity", "-Infinity";
//     read back, a NaN may have other bits;
//   - a string or char: a string, or {"hex": "ff00"} if it is not UTF-8;
//   - a blob: a string of hexadecimal digits.
//
// The error is a [*ValueError].
func (f *Field) JSON(packed []byte, notation Notation) ([]byte, error) {
	v, err := f.Unpack(packed)
	if err != nil {
		return nil, err
	}
	w := jsonWriter{notation: notation}
	w.value(f.valueType(), v)
	return w.buf, nil
}

// jsonWriter writes what Unpack returned.
type jsonWriter struct {
	buf      []byte
	notation Notation
}

func (w *jsonWriter) value(t *Type, v Value) {
	switch v := v.(type) {
	case Record:
		members := t.members
		if t.kind == Switch {
			members = t.sw.membersOf(v)
		}
		w.buf = append(w.buf, '{')
		for i, m := range v {
			w.comma(i)
			w.buf = append(strconv.AppendQuote(w.buf, m.Name), ':')
			w.value(members[i].typ, m.Value)
		}
		w.buf = append(w.buf, '}')
	case []any:
		w.buf = append(w.buf, '[')
		for i, one := range v {
			w.comma(i)
			w.value(t.elem.typ, one)
		}
		w.buf = append(w.buf, ']')
	case string:
		w.text(v)
	case []byte:
		w.buf = append(hex.AppendEncode(append(w.buf, '"'), v), '"')
	default:
		w.number(t, numberBits(v))
	}
}

// membersOf returns the members of the case of an unpacked record.
func (s *switchType) membersOf(r Record) []*Param {
	var key valuePacker
	if e := key.value(s.key.typ, r[0].Value); e == nil {
		if set := s.choose(key.buf); set != nil {
			return set.members
		}
	}
	return []*Param{s.key}
}

func (w *jsonWriter) comma(i int) {
	if i > 0 {
		w.buf = append(w.buf, ',')
	}
}

func (w *jsonWriter) text(s string) {
	if !utf8.ValidString(s) {
		w.buf = append(hex.AppendEncode(append(w.buf, `{"hex":"`...), []byte(s)), `"}`...)
		return
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(s) == nil { // a string always can be encoded
		w.buf = append(w.buf, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
	}
}

func (w *jsonWriter) number(t *Type, n uint64) {
	f := 0.0
	switch t.kind {
	case Float32:
		f = float64(math.Float32frombits(uint32(n)))
	case Float64:
		f = math.Float64frombits(n)
	}
	switch {
	case math.IsNaN(f):
		w.buf = append(w.buf, `"NaN"`...)
	case math.IsInf(f, 1):
		w.buf = append(w.buf, `"Infinity"`...)
	case math.IsInf(f, -1):
		w.buf = append(w.buf, `"-Infinity"`...)
	default:
		w.buf = t.appendNumber(w.buf, n, w.notation)
	}
}

// numberBits returns the packed bits of a Go number, with its sign in those above.
func numberBits(v Value) uint64 {
	switch r := reflect.ValueOf(v); {
	case r.CanInt():
		return uint64(r.Int())
	case r.CanUint():
		return r.Uint()
	case r.Kind() == reflect.Float32:
		return uint64(math.Float32bits(v.(float32))) // as float64 it would lose the bits of a NaN
	default:
		return math.Float64bits(r.Float())
	}
}
