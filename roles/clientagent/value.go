package clientagent

import (
	"errors"

	"natstron/bridge/wire"
	"natstron/dc"
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
	case !s.role.o.AnyText && !field.ValidUTF8(value):
		s.eject(wire.EjectFieldConstraint, "A string or a char in %s is not UTF-8.", field.Name())
	default:
		return true
	}
	return false
}
