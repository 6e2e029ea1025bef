package clientagent

import "natstron/bridge/wire"

// clientLocation asks an object that the client owns to move.
func clientLocation(s *session, payload []byte) {
	if !s.role.o.Relocate {
		s.eject(wire.EjectForbiddenRelocate, "Clients may not move objects.")
		return
	}
	in := wire.NewReader(payload)
	do, to := in.DoID(), in.Location()
	if !s.whole(&in) {
		return
	}
	switch {
	case to.Parent != wire.InvalidDoID && to.Parent <= wire.LastReservedDoID:
		// No object is there: it would speak to all clients, all servers, or the
		// children of another object.
		s.eject(wire.EjectForbiddenRelocate, "Clients may not move objects under %d.", to.Parent)
	case s.view.Owns(do):
		s.view.Moving(do, to)
		s.Tell(s.tell(wire.StateServerObjectSetLocation, do.Channel()).Location(to))
	case s.view.Sees(do):
		s.eject(wire.EjectForbiddenRelocate, "The client does not own object %d.", do)
	case !s.view.Knew(do):
		s.eject(wire.EjectMissingObject, "The client does not know object %d.", do)
	}
}
