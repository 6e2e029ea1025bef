package clientagent

import (
	"errors"
	"unicode/utf8"

	"natstron/dc"
	"natstron/internal/wire"
)

// goodValue says whether a value that the client sent is one of the field, whole
// and in range, and ejects the client if it is not.
func (s *session) goodValue(field *dc.Field, value []byte) bool {
	n, err := field.Check(value)
	switch {
	case errors.Is(err, dc.ErrTruncated):
		s.eject(wire.EjectTruncatedDatagram, "The value ends too early: %v.", err)
	case err != nil:
		s.eject(wire.EjectFieldConstraint, "The value is not one of %s: %v.", field.Name(), err)
	case n != len(value):
		s.eject(wire.EjectOversizedDatagram, "%d bytes are left after the value of %s.", len(value)-n, field.Name())
	case s.role.text[field] && !goodText(field, value):
		s.eject(wire.EjectFieldConstraint, "A string in %s is not UTF-8.", field.Name())
	default:
		return true
	}
	return false
}

// goodText says whether all strings in a value are UTF-8. The reference takes
// ASCII only.
func goodText(field *dc.Field, value []byte) bool {
	if isASCII(value) {
		return true
	}
	v, err := field.Unpack(value)
	return err == nil && textIn(v)
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func textIn(v dc.Value) bool {
	switch v := v.(type) {
	case string:
		return len(v) <= 1 || utf8.ValidString(v) // a char may be any byte
	case []any:
		for _, e := range v {
			if !textIn(e) {
				return false
			}
		}
	case dc.Record:
		for _, m := range v {
			if !textIn(m.Value) {
				return false
			}
		}
	}
	return true
}

// textFields are the fields that have, or may have, a string in them.
func textFields(f *dc.File) map[*dc.Field]bool {
	fields := map[*dc.Field]bool{}
	for id := range f.NumFields() {
		if field, ok := f.FieldByID(uint16(id)); ok && fieldHasText(field) {
			fields[field] = true
		}
	}
	return fields
}

func fieldHasText(f *dc.Field) bool {
	if f.IsMolecular() {
		for _, a := range f.Atomics() {
			if fieldHasText(a) {
				return true
			}
		}
		return false
	}
	return typeHasText(f.Type(), map[*dc.Type]bool{})
}

func typeHasText(t *dc.Type, seen map[*dc.Type]bool) bool {
	if t == nil || seen[t] {
		return false
	}
	seen[t] = true
	switch t.Kind() {
	case dc.String, dc.Switch: // what is in a switch depends on the value
		return true
	}
	for _, p := range t.Params() {
		if typeHasText(p.Type(), seen) {
			return true
		}
	}
	return typeHasText(t.Elem(), seen)
}
