package dc

import "fmt"

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

// recordValues finds the values of all keys, in order, in a record, a map or
// a list. Nothing may be missing and nothing left over.
func recordValues(v Value, keys []string) ([]any, *ValueError) {
	var m map[string]any
	switch v := v.(type) {
	case []any:
		if len(v) != len(keys) {
			return nil, fault(ErrType, 0, "expected %s, got %d", count(len(keys), "member"), len(v))
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
	values := make([]any, len(keys))
	for i, key := range keys {
		one, ok := m[key]
		if !ok {
			return nil, fault(ErrType, 0, "missing").under(key)
		}
		values[i] = one
	}
	if len(m) > len(keys) {
		return nil, unknownMember(m, keys)
	}
	return values, nil
}

func unknownMember(m map[string]any, keys []string) *ValueError {
	known := make(map[string]bool, len(keys))
	for _, k := range keys {
		known[k] = true
	}
	worst := ""
	for k := range m {
		if !known[k] && (worst == "" || k < worst) {
			worst = k
		}
	}
	return fault(ErrType, 0, "there is no member %s", fmt.Sprintf("%.40q", worst))
}
