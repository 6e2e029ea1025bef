package dc

import (
	"maps"
	"slices"
)

// switched packs the key first: which members must follow depends on it.
func (w *valuePacker) switched(s *switchType, v Value) *ValueError {
	key, e := keyValue(s, v)
	if e != nil {
		return e
	}
	begin := len(w.buf)
	if e := w.value(s.key.typ, key); e != nil {
		return e.under(s.key.key)
	}
	set := s.choose(w.buf[begin:])
	if set == nil {
		return fault(ErrCase, 0, "no case for the key %x", w.buf[begin:]).under(s.key.key)
	}
	w.buf = w.buf[:begin]
	return w.members(set.members, v)
}

// keyValue finds the key in the value of a switch.
func keyValue(s *switchType, v Value) (Value, *ValueError) {
	switch v := v.(type) {
	case Record:
		if key, ok := v.Get(s.key.key); ok {
			return key, nil
		}
	case map[string]any:
		if key, ok := v[s.key.key]; ok {
			return key, nil
		}
	case []any:
		if len(v) > 0 {
			return v[0], nil
		}
	default:
		return nil, wrongType("a record", v)
	}
	return nil, fault(ErrType, 0, "missing").under(s.key.key)
}

// recordValues finds the values of all members, in order, in a record, a map, a list or
// a Go struct. Nothing may be missing and nothing left over.
func recordValues(v Value, members []*Param) ([]any, *ValueError) {
	if list, ok := structValues(v); ok {
		v = list
	}
	var m map[string]any
	switch v := v.(type) {
	case []any:
		if len(v) != len(members) {
			return nil, fault(ErrType, 0, "expected %s, got %d", count(len(members), "member"), len(v))
		}
		return v, nil
	case Record:
		m = make(map[string]any, len(v))
		for _, one := range v {
			if _, twice := m[one.Name]; twice {
				return nil, fault(ErrType, 0, "given twice").under(one.Name)
			}
			m[one.Name] = one.Value
		}
	case map[string]any:
		m = v
	default:
		return nil, wrongType("a record", v)
	}
	values := make([]any, len(members))
	for i, one := range members {
		v, ok := m[one.key]
		if !ok {
			return nil, fault(ErrType, 0, "missing").under(one.key)
		}
		values[i] = v
	}
	if len(m) > len(members) {
		for _, name := range slices.Sorted(maps.Keys(m)) {
			if !slices.ContainsFunc(members, func(one *Param) bool { return one.key == name }) {
				return nil, fault(ErrType, 0, "there is no member %.40q", name)
			}
		}
	}
	return values, nil
}
