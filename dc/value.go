package dc

import (
	"encoding/json"
	"fmt"
	"math"
)

// Value is a value as a Go value:
//
//	int8 … int64, uint8 … uint64   the Go type of that name, as packed: not divided
//	float32, float64               float32, float64, as packed
//	char                           string of one byte
//	string                         string, of any bytes
//	blob, blob32                   []byte
//	arrays, old ones too           []any
//	struct, method, switch         [Record]
//	molecular field                [Record] of its methods' records
//
// A field that is a parameter has the value of its type.
type Value = any

// Record is the members of a struct or a switch, the arguments of a method, or
// the methods of a molecular field, in the order in which they are packed.
type Record []Member

// Member is a part of a [Record]. Its name is [Param.Key]; for a method of
// a molecular field, the method's.
type Member struct {
	Name  string
	Value Value
}

// Get returns the member of that name.
func (r Record) Get(name string) (Value, bool) {
	for _, m := range r {
		if m.Name == name {
			return m.Value, true
		}
	}
	return nil, false
}

// Unpack turns exactly one packed value of the field into a Go value. It checks the
// structure but not the ranges, which [Field.Check] checks. The result shares no
// memory with b. The error is a [*ValueError].
func (f *Field) Unpack(b []byte) (Value, error) {
	u := unpacker{b: b, parts: maxParts}
	v, e := u.value(f.valueType())
	if e == nil && u.at < len(b) {
		e = excess(u.at, b)
	}
	if e != nil {
		return nil, e.under(f.name)
	}
	return v, nil
}

// maxParts is how many parts without bytes a value may have, so that a few bytes
// never become much memory.
const maxParts = 1 << 16

// unpacker reads a value from its start.
type unpacker struct {
	b     []byte
	at    int
	parts int // how many parts without bytes are still allowed
}

func (u *unpacker) value(t *Type) (Value, *ValueError) {
	switch k := t.kind; {
	case k.number() || k == Char:
		return u.number(t)
	case k.textual():
		return u.text(t)
	case k == Struct || k == Method:
		return u.members(make(Record, 0, len(t.members)), t.members)
	case k == Switch:
		return u.switched(t.sw)
	case k == Array && t.lenBytes == 0:
		return u.fixedArray(t)
	case k == Undeclared || k == Molecular:
		return nil, fault(ErrUndeclared, u.at, "no file declares the type %s", t.typedef)
	}
	return u.list(t)
}

func (u *unpacker) number(t *Type) (Value, *ValueError) {
	if len(u.b)-u.at < t.size {
		return nil, truncated(u.at, t.size, len(u.b)-u.at)
	}
	n := readInt(u.b[u.at:], t.size)
	u.at += t.size
	switch t.kind {
	case Int8:
		return int8(n), nil
	case Int16:
		return int16(n), nil
	case Int32:
		return int32(n), nil
	case Int64:
		return int64(n), nil
	case Uint8:
		return uint8(n), nil
	case Uint16:
		return uint16(n), nil
	case Uint32:
		return uint32(n), nil
	case Uint64:
		return n, nil
	case Float32:
		return math.Float32frombits(uint32(n)), nil
	case Char:
		return string([]byte{byte(n)}), nil
	}
	return math.Float64frombits(n), nil
}

func (u *unpacker) text(t *Type) (Value, *ValueError) {
	begin, end, e := t.content(u.b, u.at)
	if e != nil {
		return nil, e
	}
	u.at = end
	if t.kind == String {
		return string(u.b[begin:end]), nil
	}
	return append([]byte{}, u.b[begin:end]...), nil
}

func (u *unpacker) members(r Record, members []*Param) (Record, *ValueError) {
	for _, m := range members {
		if e := u.chargePart(m.typ); e != nil {
			return nil, e.under(m.key)
		}
		v, e := u.value(m.typ)
		if e != nil {
			return nil, e.under(m.key)
		}
		r = append(r, Member{m.key, v})
	}
	return r, nil
}

// chargePart counts a part that may have no bytes.
func (u *unpacker) chargePart(t *Type) *ValueError {
	if t.size > 0 || t.lenBytes > 0 {
		return nil
	}
	if u.parts--; u.parts < 0 {
		return fault(ErrTooLarge, u.at, "more than %d parts without a byte", maxParts)
	}
	return nil
}

func (u *unpacker) switched(s *switchType) (Value, *ValueError) {
	begin := u.at
	key, e := u.value(s.key.typ)
	if e != nil {
		return nil, e.under(s.key.key)
	}
	set := s.choose(u.b[begin:u.at])
	if set == nil {
		return nil, fault(ErrCase, begin, "no case for the key %x", u.b[begin:u.at]).under(s.key.key)
	}
	return u.members(append(make(Record, 0, len(set.members)), Member{s.key.key, key}), set.members[1:])
}

// fixedArray reads an array of a fixed number of elements without a length.
func (u *unpacker) fixedArray(t *Type) (Value, *ValueError) {
	list := []any{}
	for n := range t.fixed {
		if e := u.element(t, &list); e != nil {
			return nil, e.under(index(n))
		}
	}
	return list, nil
}

func (u *unpacker) element(t *Type, list *[]any) *ValueError {
	if e := u.chargePart(t.elem.typ); e != nil {
		return e
	}
	v, e := u.value(t.elem.typ)
	if e == nil {
		*list = append(*list, v)
	}
	return e
}

// list reads an array with a length before it.
func (u *unpacker) list(t *Type) (Value, *ValueError) {
	begin, end, e := t.content(u.b, u.at)
	if e != nil {
		return nil, e
	}
	inner := unpacker{b: u.b[:end], at: begin, parts: u.parts}
	list := []any{}
	for n := 0; inner.at < end; n++ {
		before := inner.at
		if e := inner.element(t, &list); e != nil {
			return nil, e.under(index(n))
		}
		if inner.at == before {
			return nil, fault(ErrExcess, before, "%s left for elements that have none", count(end-before, "byte")).under(index(n))
		}
	}
	u.at, u.parts = end, inner.parts
	return list, nil
}

// describeValue names a Go value's type in an error.
func describeValue(v any) string {
	switch v.(type) {
	case json.Number:
		return "a number"
	case nil:
		return "nothing"
	case Record, map[string]any:
		return "a record"
	case []any:
		return "a list"
	case string:
		return "a string"
	case []byte:
		return "bytes"
	case bool:
		return "a truth value"
	}
	return fmt.Sprintf("a %T", v)
}
