package dc

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
)

// PackJSON packs what [Field.JSON] writes, in any order of members, and checks
// it as [Field.Pack] does. An array instead of an object gives the members in
// their order. The error is a [*ValueError].
func (f *Field) PackJSON(text []byte, notation Notation) ([]byte, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	v, e := readJSON(d, 0)
	if e == nil {
		if _, err := d.Token(); err != io.EOF {
			e = fault(ErrExcess, 0, "more than one JSON value")
		}
	}
	if e != nil {
		return nil, e.under(f.name)
	}
	if v, e = (jsonReader{notation}).value(f.valueType(), v); e != nil {
		return nil, e.under(f.name)
	}
	return f.Pack(v)
}

// readJSON reads a value, with objects as records, so that a name given twice is
// noticed, and numbers as json.Number.
func readJSON(d *json.Decoder, depth int) (Value, *ValueError) {
	if depth > 2*maxDepth {
		return nil, fault(ErrTooLarge, 0, "nested more than %d levels deep", 2*maxDepth)
	}
	token, err := d.Token()
	if err != nil {
		return nil, notJSON(err)
	}
	switch token {
	case json.Delim('{'):
		r := Record{}
		for d.More() {
			name, err := d.Token()
			if err != nil {
				return nil, notJSON(err)
			}
			v, e := readJSON(d, depth+1)
			if e != nil {
				return nil, e
			}
			r = append(r, Member{fmt.Sprint(name), v})
		}
		return r, closeJSON(d)
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, e := readJSON(d, depth+1)
			if e != nil {
				return nil, e
			}
			list = append(list, v)
		}
		return list, closeJSON(d)
	}
	return token, nil
}

func notJSON(err error) *ValueError {
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return fault(ErrType, 0, "not JSON: %v", err)
}

func closeJSON(d *json.Decoder) *ValueError {
	if _, err := d.Token(); err != nil {
		return notJSON(err)
	}
	return nil
}

// jsonReader turns JSON's values into those of [Value], as the type requires.
type jsonReader struct{ notation Notation }

func (r jsonReader) value(t *Type, v Value) (Value, *ValueError) {
	switch k := t.kind; {
	case k == Char || k == String:
		if r.isHex(v) {
			return fromHex(v.(Record)[0].Value)
		}
		if n, ok := v.(json.Number); ok && k == Char {
			return r.number(t, string(n))
		}
	case k.number():
		switch v := v.(type) {
		case json.Number:
			return r.number(t, string(v))
		case string:
			if _, ok := special(v); ok {
				return r.number(t, v)
			}
		}
	case k == Blob || k == Blob32:
		return fromHex(v)
	case k == Struct || k == Method:
		return r.members(v, t.members)
	case k == Switch:
		return r.switched(t.sw, v)
	case t.elem != nil:
		return r.list(t, v)
	}
	return v, nil
}

func (r jsonReader) isHex(v Value) bool {
	record, ok := v.(Record)
	return ok && len(record) == 1 && record[0].Name == "hex"
}

func fromHex(v Value) (Value, *ValueError) {
	s, ok := v.(string)
	if !ok {
		return nil, wrongType("hexadecimal digits", v)
	}
	b, err := hex.DecodeString(s)
	if err != nil {
		return nil, fault(ErrType, 0, "expected hexadecimal digits, two for a byte: %v", err)
	}
	return b, nil
}

// number turns a number's text into a Go number of the type, as packed.
func (r jsonReader) number(t *Type, s string) (Value, *ValueError) {
	n, e := t.bitsOf(s, r.notation)
	if e != nil {
		return nil, e
	}
	u := unpacker{b: appendInt(nil, t.size, n)}
	return u.number(t)
}

func (r jsonReader) list(t *Type, v Value) (Value, *ValueError) {
	list, ok := v.([]any)
	if !ok {
		return v, nil
	}
	for i, one := range list {
		v, e := r.value(t.elem.typ, one)
		if e != nil {
			return nil, e.under(index(i))
		}
		list[i] = v
	}
	return list, nil
}

// members reads a record, by its keys, or a list, in order, in place.
func (r jsonReader) members(v Value, members []*Param) (Value, *ValueError) {
	switch v := v.(type) {
	case Record:
		byKey := make(map[string]*Param, len(members))
		for _, m := range members {
			byKey[m.key] = m
		}
		for i, m := range v {
			member := byKey[m.Name]
			if member == nil {
				continue // Pack says so
			}
			one, e := r.value(member.typ, m.Value)
			if e != nil {
				return nil, e.under(m.Name)
			}
			v[i].Value = one
		}
	case []any:
		for i := range min(len(v), len(members)) {
			one, e := r.value(members[i].typ, v[i])
			if e != nil {
				return nil, e.under(index(i))
			}
			v[i] = one
		}
	}
	return v, nil
}

// switched reads the key first, to know the other members.
func (r jsonReader) switched(s *switchType, v Value) (Value, *ValueError) {
	key, e := keyValue(s, v)
	if e != nil {
		return nil, e
	}
	if key, e = r.value(s.key.typ, key); e != nil {
		return nil, e.under(s.key.key)
	}
	switch v := v.(type) {
	case Record:
		v[slices.IndexFunc(v, func(m Member) bool { return m.Name == s.key.key })].Value = key
	case []any:
		v[0] = key
	}
	members := slices.Clone(s.membersOf(Record{{s.key.key, key}}))
	members[0] = &Param{key: s.key.key, typ: &Type{}} // its value is left as it is
	return r.members(v, members)
}
