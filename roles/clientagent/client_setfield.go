package clientagent

import (
	"errors"
	"slices"

	"natstron/bridge/wire"
	"natstron/dc"
)

// clientSetField passes an update on to its object, if the client may send it
// and its value is whole and in range.
func clientSetField(s *session, payload []byte) {
	in := wire.NewReader(payload)
	do, id := in.DoID(), in.FieldID()
	value := in.Rest()
	if !s.whole(&in) {
		return
	}
	class := s.view.ClassOf(do)
	if class == nil {
		if !s.view.Knew(do) { // otherwise it was on its way when the object left
			s.eject(wire.EjectMissingObject, "The client does not know object %d.", do)
		}
		return
	}
	if s.state != StateEstablished && !s.role.o.Uberdogs[do].Anonymous {
		s.eject(wire.EjectAnonymousViolation, "The client may not send to object %d before it has logged in.", do)
		return
	}
	field, ok := class.Field(uint16(id))
	if !ok {
		s.eject(wire.EjectForbiddenField, "The class %s of object %d has no field %d.", class.Name(), do, id)
		return
	}
	if !maySend(s, do, field) {
		s.eject(wire.EjectForbiddenField, "The client may not send %s.%s of object %d.", class.Name(), field.Name(), do)
		return
	}
	if !goodValue(s, field, value) {
		return
	}
	d, err := s.tell(wire.StateServerObjectSetField, do.Channel()).DoID(do).FieldID(id).Raw(value).Datagram()
	if err != nil {
		s.eject(wire.EjectOversizedDatagram, "The update does not fit in a datagram of the cluster: %v.", err)
		return
	}
	_ = s.route(d) // without a backbone the session ends
}

// maySend says whether the client may send updates of a field.
func maySend(s *session, do wire.DoID, field *dc.Field) bool {
	return field.Has(dc.Clsend) ||
		field.Has(dc.Ownsend) && s.view.Owns(do) ||
		slices.Contains(s.sendable[do], wire.FieldID(field.ID()))
}

// goodValue says whether a value that the client sent is one of the field, whole
// and in range, and ejects the client if it is not.
func goodValue(s *session, field *dc.Field, value []byte) bool {
	n, err := field.Check(value)
	switch {
	case errors.Is(err, dc.ErrTruncated):
		s.eject(wire.EjectTruncatedDatagram, "The value of %s ends too early: %v.", field.Name(), err)
	case err != nil:
		s.eject(wire.EjectFieldConstraint, "The value of %s is not allowed: %v.", field.Name(), err)
	case n != len(value):
		s.eject(wire.EjectOversizedDatagram, "%d bytes are left after the value of %s.", len(value)-n, field.Name())
	case !s.role.o.AnyText && !field.ValidUTF8(value):
		s.eject(wire.EjectFieldConstraint, "A string or a char in %s is not UTF-8.", field.Name())
	default:
		return true
	}
	return false
}
