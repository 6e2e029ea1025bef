package clientagent

import "natstron/bridge/wire"

// clientLocation asks an object that the client owns to move.
func clientLocation(s *session, payload []byte) *ejection {
	in := wire.NewReader(payload)
	do, to := in.DoID(), in.Location()
	if why := notWhole(&in); why != nil {
		return why
	}
	switch {
	case !s.role.o.Relocate:
		return ejectf(wire.EjectForbiddenRelocate, "Clients may not move objects.")
	case to.Parent != wire.InvalidDoID && to.Parent <= wire.LastReservedDoID:
		// No object is there: it would speak to all clients, all servers, or the
		// children of another object.
		return ejectf(wire.EjectForbiddenRelocate, "Clients may not move objects under %d.", to.Parent)
	case s.view.Owns(do):
		s.view.Moving(do, to)
		s.Tell(s.tell(wire.StateServerObjectSetLocation, do.Channel()).Location(to))
	case s.view.Knew(do):
		// It was on its way when the client lost the object, or saw it leave.
	case s.view.Sees(do):
		return ejectf(wire.EjectForbiddenRelocate, "The client does not own object %d.", do)
	default:
		return ejectf(wire.EjectMissingObject, "The client does not know object %d.", do)
	}
	return nil
}
