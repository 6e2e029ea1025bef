package clientagent

import (
	"errors"
	"slices"

	"natstron/bridge/wire"
	"natstron/dc"
)

// clientSetField passes an update on to its object, if the client may send it
// and its value is whole and in range.
func clientSetField(s *session, payload []byte) *ejection {
	in := wire.NewReader(payload)
	do, id, value := in.DoID(), in.FieldID(), in.Rest()
	if why := notWhole(&in); why != nil {
		return why
	}
	class := s.view.ClassOf(do)
	switch {
	case class == nil && s.view.Knew(do):
		return nil // it was on its way when the object left
	case class == nil:
		return ejectf(wire.EjectMissingObject, "The client does not know object %d.", do)
	case s.state != StateEstablished && !s.role.anonymous[do]:
		return ejectf(wire.EjectAnonymousViolation, "The client may not send to object %d before it has logged in.", do)
	}
	field, ok := class.Field(uint16(id))
	switch {
	case !ok:
		return ejectf(wire.EjectForbiddenField, "The class %s of object %d has no field %d.", class.Name(), do, id)
	case !field.Has(dc.Clsend) && !(field.Has(dc.Ownsend) && s.view.Owns(do)) && !slices.Contains(s.sendable[do], id):
		return ejectf(wire.EjectForbiddenField, "The client may not send %s.%s of object %d.", class.Name(), field.Name(), do)
	}
	if why := badValue(field, value, s.role.o.AnyText); why != nil {
		return why
	}
	d, err := s.tell(wire.StateServerObjectSetField, do.Channel()).DoID(do).FieldID(id).Raw(value).Datagram()
	if err != nil {
		return ejectf(wire.EjectOversizedDatagram, "The update does not fit in a datagram of the cluster: %v.", err)
	}
	_ = s.route(d) // without a backbone the session ends
	return nil
}

// badValue is what becomes of a client that sends a value which is not one of the
// field, whole and in range.
func badValue(field *dc.Field, value []byte, anyText bool) *ejection {
	n, err := field.Check(value)
	switch {
	case errors.Is(err, dc.ErrTruncated):
		return ejectf(wire.EjectTruncatedDatagram, "The value of %s ends too early: %v.", field.Name(), err)
	case err != nil:
		return ejectf(wire.EjectFieldConstraint, "The value of %s is not allowed: %v.", field.Name(), err)
	case n != len(value):
		return ejectf(wire.EjectOversizedDatagram, "%d bytes are left after the value of %s.", len(value)-n, field.Name())
	case !anyText && !field.ValidUTF8(value):
		return ejectf(wire.EjectFieldConstraint, "A string or a char in %s is not UTF-8.", field.Name())
	}
	return nil
}
