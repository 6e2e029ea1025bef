package dc

import (
	"math"
	"reflect"
)

// Pack packs a Go value, as [Value] lists them, and checks it against every range,
// size and count of the field. It accepts more than [Field.Unpack] returns:
//
//   - for a number any Go number that the type can hold exactly; for a uint64 also an
//     int64 with the same bits, which is how databases keep it;
//   - for a string, a blob or an array of single bytes both string and []byte;
//   - for a record a [Record] or a map with exactly the members' names, or a list or a
//     Go struct of the members in order;
//   - for a list any slice.
//
// Numbers are as packed: a divisor does not multiply them. The error is a
// [*ValueError].
func (f *Field) Pack(v Value) ([]byte, error) { return f.AppendPack(nil, v) }

// AppendPack is [Field.Pack], but appends to dst. After an error it returns nil.
func (f *Field) AppendPack(dst []byte, v Value) ([]byte, error) {
	w := valuePacker{buf: dst}
	begin := len(dst)
	e := w.value(f.valueType(), v)
	if e == nil {
		_, e = f.typ.walk(w.buf[begin:], 0, strict)
	}
	if e != nil {
		return nil, e.under(f.name)
	}
	return w.buf, nil
}

// valuePacker appends values.
type valuePacker struct{ buf []byte }

func (w *valuePacker) value(t *Type, v Value) *ValueError {
	switch k := t.kind; {
	case k == Char:
		return w.char(t, v)
	case k.number():
		return w.number(t, v)
	case k.textual():
		return w.text(t, v)
	case k == Struct || k == Method:
		return w.members(t.members, v)
	case k == Switch:
		return w.switched(t.sw, v)
	case k == Undeclared || k == Molecular:
		return fault(ErrUndeclared, 0, "no file declares the type %s", t.typedef)
	}
	return w.list(t, v)
}

func wrongType(wanted string, v any) *ValueError {
	return fault(ErrType, 0, "expected %s, got %s", wanted, describeValue(v))
}

func (w *valuePacker) char(t *Type, v Value) *ValueError {
	s, ok := textOf(v)
	switch {
	case !ok:
		return w.number(t, v)
	case len(s) != 1:
		return fault(ErrRange, 0, "a char is one byte, not %d", len(s))
	}
	w.buf = append(w.buf, s...)
	return nil
}

// number packs any Go number, if the type can hold exactly that.
func (w *valuePacker) number(t *Type, v Value) *ValueError {
	if f, ok := v.(float32); ok && t.kind == Float32 {
		// As float64 it would lose the bits of a NaN.
		w.buf = appendInt(w.buf, t.size, uint64(math.Float32bits(f)))
		return nil
	}
	if n, ok := v.(int64); ok && t.kind == Uint64 {
		w.buf = appendInt(w.buf, t.size, uint64(n))
		return nil
	}
	r := reflect.ValueOf(v)
	switch {
	case r.CanInt():
		return w.int(t, r.Int())
	case r.CanUint():
		return w.uint(t, r.Uint())
	case r.CanFloat():
		return w.float(t, r.Float())
	}
	return wrongType("a number", v)
}

func (w *valuePacker) int(t *Type, n int64) *ValueError {
	if n >= 0 {
		return w.uint(t, uint64(n))
	}
	switch {
	case t.kind == Float32 || t.kind == Float64:
		return w.real(t, float64(n))
	case t.limitKind() == Int64 && fitsSigned(n, t.size*8):
		w.buf = appendInt(w.buf, t.size, uint64(n))
		return nil
	}
	return tooBig(t, n)
}

func (w *valuePacker) uint(t *Type, n uint64) *ValueError {
	switch {
	case t.kind == Float32 || t.kind == Float64:
		return w.real(t, float64(n))
	case t.limitKind() == Int64 && fitsUnsigned(n, t.size*8-1), t.limitKind() == Uint64 && fitsUnsigned(n, t.size*8):
		w.buf = appendInt(w.buf, t.size, n)
		return nil
	}
	return tooBig(t, n)
}

func tooBig(t *Type, n any) *ValueError {
	return fault(ErrRange, 0, "%v does not fit into %v", n, t.kind)
}

func (w *valuePacker) float(t *Type, f float64) *ValueError {
	switch {
	case t.kind == Float32 || t.kind == Float64:
		return w.real(t, f)
	case f != math.Trunc(f) || math.IsInf(f, 0):
		return fault(ErrType, 0, "expected a whole number, got %v", f)
	case f >= -(1<<63) && f < 1<<63:
		return w.int(t, int64(f))
	case f >= 0 && f < 1<<64:
		return w.uint(t, uint64(f))
	}
	return tooBig(t, f)
}

func (w *valuePacker) real(t *Type, f float64) *ValueError {
	if t.kind == Float64 {
		w.buf = appendInt(w.buf, 8, math.Float64bits(f))
		return nil
	}
	if math.Abs(f) > math.MaxFloat32 && !math.IsInf(f, 0) {
		return tooBig(t, f)
	}
	w.buf = appendInt(w.buf, 4, uint64(math.Float32bits(float32(f))))
	return nil
}

func textOf(v Value) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case []byte:
		return string(v), true
	}
	return "", false
}

func (w *valuePacker) text(t *Type, v Value) *ValueError {
	s, ok := textOf(v)
	if !ok {
		return wrongType("a string or bytes", v)
	}
	return w.withLength(t, len(s), func() *ValueError {
		w.buf = append(w.buf, s...)
		return nil
	})
}

// withLength appends a length and what content appends. A size of -1 means that it is
// not known yet.
func (w *valuePacker) withLength(t *Type, size int, content func() *ValueError) *ValueError {
	if t.lenBytes == 0 && t.size >= 0 && size >= 0 && size != t.size {
		return fault(ErrRange, 0, "expected %s, got %d", count(t.size, "byte"), size)
	}
	begin := len(w.buf)
	w.buf = appendInt(w.buf, t.lenBytes, 0)
	if e := content(); e != nil {
		return e
	}
	n := uint64(len(w.buf) - begin - t.lenBytes)
	if t.lenBytes > 0 && !fitsUnsigned(n, 8*t.lenBytes) {
		return fault(ErrRange, 0, "%d bytes are too many for a length of %d bytes", n, t.lenBytes)
	}
	appendInt(w.buf[:begin], t.lenBytes, n)
	return nil
}

func (w *valuePacker) list(t *Type, v Value) *ValueError {
	list, e := elementsOf(t.elem.typ, v)
	if e != nil {
		return e
	}
	if !t.count.allow(uint64(len(list))) {
		return fault(ErrRange, 0, "a count of %d is outside %s", len(list), t.count.String())
	}
	begin := len(w.buf)
	return w.withLength(t, -1, func() *ValueError {
		for i, one := range list {
			if e := w.value(t.elem.typ, one); e != nil {
				return e.under(index(i))
			}
		}
		if len(list) > 0 && t.lenBytes > 0 && len(w.buf) == begin+t.lenBytes {
			return fault(ErrTooLarge, 0, "elements of an array with a length need at least one byte")
		}
		return nil
	})
}

// elementsOf returns the elements of a list, or of a string or []byte if they are
// single bytes.
func elementsOf(elem *Type, v Value) ([]any, *ValueError) {
	if list, ok := v.([]any); ok {
		return list, nil
	}
	if s, ok := textOf(v); ok && elem.byteSized() {
		return bytesOf(elem, s), nil
	}
	r := reflect.ValueOf(v)
	switch v.(type) {
	case string, []byte, Record:
		r = reflect.Value{}
	}
	if r.Kind() != reflect.Slice {
		return nil, wrongType("a list", v)
	}
	list := make([]any, r.Len())
	for i := range list {
		list[i] = r.Index(i).Interface()
	}
	return list, nil
}

// bytesOf makes a list of single bytes.
func bytesOf(elem *Type, s string) []any {
	list := make([]any, len(s))
	for i := range list {
		list[i] = s[i]
		if elem.kind == Int8 {
			list[i] = int8(s[i])
		}
	}
	return list
}

func (w *valuePacker) members(members []*Param, v Value) *ValueError {
	values, e := recordValues(v, members)
	if e != nil {
		return e
	}
	for i, m := range members {
		if e := w.value(m.typ, values[i]); e != nil {
			return e.under(m.key)
		}
	}
	return nil
}
