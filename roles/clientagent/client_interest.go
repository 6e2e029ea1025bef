package clientagent

import (
	"natstron/bridge/wire"
	"natstron/roles/clientagent/internal/view"
)

func clientAddInterest(s *session, payload []byte) {
	in := wire.NewReader(payload)
	context := in.Uint32()
	addInterest(s, &in, context, readInterest(&in))
}

func clientAddInterestMultiple(s *session, payload []byte) {
	in := wire.NewReader(payload)
	context := in.Uint32()
	addInterest(s, &in, context, readInterestMultiple(&in))
}

// addInterest opens or alters an interest, if the client may.
func addInterest(s *session, in *wire.Reader, context uint32, i *view.Interest) {
	if s.role.o.Interests == InterestsDisabled {
		s.eject(wire.EjectForbiddenInterest, "Clients may not open interests.")
		return
	}
	if !s.whole(in) {
		return
	}
	limits := &s.role.o.Limits
	switch {
	case i.Parent <= wire.LastReservedDoID:
		// The channels of such locations are not locations, but those of objects,
		// of other clients, or of a parent's children.
		s.eject(wire.EjectForbiddenInterest, "Clients may not open interests under %d.", i.Parent)
		return
	case !mayLookInto(s, i.Parent):
		return
	case limits.PendingInterests > 0 && s.view.Pending() >= limits.PendingInterests:
		s.eject(wire.EjectForbiddenInterest, "More than %d interests of the client wait for their objects.", limits.PendingInterests)
		return
	}
	load, most := s.view.LoadWith(i), limits.InterestZones
	switch {
	case most > 0 && load.Named > namedZones*most:
		s.eject(wire.EjectForbiddenInterest, "The client's interests name more than %d zones, each counted as often as it is named.", namedZones*most)
	case most > 0 && load.Zones > most:
		s.eject(wire.EjectForbiddenInterest, "The client's interests have more than %d zones.", most)
	case limits.DatagramRate > 0 && !s.limits.datagrams.take(load.New+len(i.Zones)/namedZones):
		s.eject(wire.EjectGeneric, "The client opens more than %d zones a second.", limits.DatagramRate)
	default:
		s.mustOpen(s.view.Add(i, context))
	}
}

// namedZones is how many zones that a client names cost as much as a datagram, or
// as a zone that it has open.
const namedZones = 16

// mayLookInto says whether the client may have interests in a parent's zones, and
// ejects it if not.
func mayLookInto(s *session, parent wire.DoID) bool {
	if s.role.o.Interests != InterestsVisible || s.view.ClassOf(parent) != nil {
		return true
	}
	s.eject(wire.EjectForbiddenInterest, "The client does not know object %d, the parent of the interest.", parent)
	return false
}

// clientRemoveInterest closes an interest that the client no longer wants.
func clientRemoveInterest(s *session, payload []byte) {
	if s.role.o.Interests == InterestsDisabled {
		s.eject(wire.EjectForbiddenInterest, "Clients may not close interests.")
		return
	}
	in := wire.NewReader(payload)
	context, id := in.Uint32(), in.Uint16()
	if !s.whole(&in) {
		return
	}
	i := s.view.Interest(id)
	switch {
	case i == nil:
		s.eject(wire.EjectGeneric, "The client has no interest %d.", id)
	case mayLookInto(s, i.Parent):
		s.view.Remove(id, context)
	}
}
