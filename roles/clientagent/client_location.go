package clientagent

import "natstron/bridge/wire"

// clientLocation asks an object to move that the client owns, or that has been made
// relocatable for it.
func clientLocation(s *session, payload []byte) *ejection {
	in := wire.NewReader(payload)
	do, to := in.DoID(), in.Location()
	if why := notWhole(&in); why != nil {
		return why
	}
	// What the moves before have opened counts against this one: only their parents' rules
	// know how much it is.
	rate := s.role.o.Limits.DatagramRate
	if n := s.view.OpenedByRules(); rate > 0 && !s.limits.datagrams.spend(n) {
		return ejectf(wire.EjectGeneric, "The client opens more than %d zones a second.", rate)
	}
	relocation, relocatable := s.relocatable[do]
	switch {
	case !s.role.o.Relocate && !relocatable:
		return ejectf(wire.EjectForbiddenRelocate, "Clients may not move objects.")
	case to.Parent != wire.InvalidDoID && to.Parent <= wire.LastReservedDoID:
		// No object is there: it would speak to all clients, all servers, or the
		// children of another object.
		return ejectf(wire.EjectForbiddenRelocate, "Clients may not move objects under %d.", to.Parent)
	case relocatable && s.view.ClassOf(do) != nil && !relocation.allows(to):
		return ejectf(wire.EjectForbiddenRelocate, "The client may not move object %d to %v.", do, to)
	case s.view.Owns(do), relocatable && s.view.ClassOf(do) != nil:
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
