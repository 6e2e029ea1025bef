package clientagent

import (
	"natstron/bridge/wire"
	"natstron/roles/clientagent/internal/view"
)

func clientAddInterest(s *session, payload []byte) *ejection {
	in := wire.NewReader(payload)
	context := in.Uint32()
	return addInterest(s, &in, context, readInterest(&in))
}

func clientAddInterestMultiple(s *session, payload []byte) *ejection {
	in := wire.NewReader(payload)
	context := in.Uint32()
	return addInterest(s, &in, context, readInterestMultiple(&in))
}

// namedZones is how many zones that a client names cost as much as a datagram, or
// as a zone that it has open.
const namedZones = 16

// addInterest opens or alters an interest, if the client may.
func addInterest(s *session, in *wire.Reader, context uint32, i *view.Interest) *ejection {
	if why := notWhole(in); why != nil {
		return why
	}
	limits := &s.role.o.Limits
	switch {
	case i.Parent <= wire.LastReservedDoID:
		// The channels of such locations are not locations, but those of objects,
		// of other clients, or of a parent's children.
		return ejectf(wire.EjectForbiddenInterest, "Clients may not open interests under %d.", i.Parent)
	case limits.PendingInterests > 0 && s.view.Pending() >= limits.PendingInterests:
		return ejectf(wire.EjectForbiddenInterest, "More than %d interests of the client wait for their objects.", limits.PendingInterests)
	}
	if why := forbiddenUnder(s, i.Parent); why != nil {
		return why
	}
	if why := forbiddenZone(s, i.Parent, i.Zones); why != nil {
		return why
	}
	load, most := s.view.LoadWith(i), limits.InterestZones
	switch {
	case most > 0 && load.Named > namedZones*most:
		return ejectf(wire.EjectForbiddenInterest, "The client's interests name more than %d zones, each counted as often as it is named.", namedZones*most)
	case most > 0 && load.Zones > most:
		return ejectf(wire.EjectForbiddenInterest, "The client's interests have more than %d zones.", most)
	// What rules have opened counts against the message behind that.
	case limits.DatagramRate > 0 && !s.limits.datagrams.spend(load.New+len(i.Zones)/namedZones+s.view.OpenedByRules()):
		return ejectf(wire.EjectGeneric, "The client opens more than %d zones a second.", limits.DatagramRate)
	}
	return notOpen(s.view.Add(i, context))
}

// forbiddenUnder is what becomes of a client that may not open or close interests under
// a parent.
func forbiddenUnder(s *session, parent wire.DoID) *ejection {
	switch {
	case s.role.o.Interests == InterestsDisabled:
		return ejectf(wire.EjectForbiddenInterest, "Clients may not open or close interests.")
	case s.role.o.Interests == InterestsVisible && s.view.ClassOf(parent) == nil:
		return ejectf(wire.EjectForbiddenInterest, "The client does not know object %d, the parent of the interest.", parent)
	}
	return nil
}

// clientRemoveInterest closes an interest that the client no longer wants.
func clientRemoveInterest(s *session, payload []byte) *ejection {
	in := wire.NewReader(payload)
	context, id := in.Uint32(), in.Uint16()
	if why := notWhole(&in); why != nil {
		return why
	}
	parent, open := s.view.ParentOf(id)
	if !open && s.role.o.Interests != InterestsDisabled {
		return ejectf(wire.EjectGeneric, "The client has no interest %d.", id)
	}
	if why := forbiddenUnder(s, parent); why != nil {
		return why
	}
	s.view.Remove(id, context)
	return nil
}
