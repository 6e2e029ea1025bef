package clientagent

import (
	"log/slog"
	"slices"

	"natstron/bridge/wire"
)

// interest is what a client, or the cluster for it, asked to see.
type interest struct {
	id     uint16
	parent wire.DoID
	zones  []wire.Zone // each once, in order
}

// size is how much the session remembers of an interest, in zones.
func (i *interest) size() int {
	if i == nil {
		return 0
	}
	return len(i.zones) + 1
}

func (i *interest) at(z wire.Zone) wire.Location { return wire.Location{Parent: i.parent, Zone: z} }

// zone is a location that at least one interest shows. The session subscribes to
// it.
type zone struct {
	interests int
	since     uint64     // the number of the last datagram before it was opened
	op        *operation // that has asked for its objects; nil when all have answered
}

// readZones reads a counted list of zones.
func readZones(r *wire.Reader) []wire.Zone {
	n := int(r.Uint16())
	if n*4 > r.Len() {
		r.Bytes(-1) // the list ends too early
		return nil
	}
	zones := make([]wire.Zone, n)
	for i := range zones {
		zones[i] = r.Zone()
	}
	return zones
}

func newInterest(id uint16, parent wire.DoID, zones []wire.Zone) *interest {
	zones = slices.Clone(zones)
	slices.Sort(zones)
	return &interest{id: id, parent: parent, zones: slices.Compact(zones)}
}

// clientAddInterest opens or alters an interest that the client asks for.
func (s *session) clientAddInterest(in *wire.Reader, multiple bool) {
	if s.role.o.Interests == InterestsDisabled {
		s.eject(wire.EjectForbiddenInterest, "Clients may not open interests here.")
		return
	}
	context, id, parent := in.Uint32(), in.Uint16(), in.DoID()
	var zones []wire.Zone
	if multiple {
		zones = readZones(in)
	} else {
		zones = []wire.Zone{in.Zone()}
	}
	if !s.whole(in) {
		return
	}
	limits := &s.role.o.Limits
	switch {
	case parent <= wire.LastReservedDoID:
		// The channels of such locations are not locations, but those of objects,
		// of other clients, or of a parent's children.
		s.eject(wire.EjectForbiddenInterest, "Nobody may open an interest under %d.", parent)
		return
	case s.role.o.Interests == InterestsVisible && s.classOf(parent) == nil:
		s.eject(wire.EjectForbiddenInterest, "The client does not know the parent %d of the interest.", parent)
		return
	case limits.PendingInterests > 0 && len(s.requests) >= limits.PendingInterests:
		s.eject(wire.EjectForbiddenInterest, "More than %d interests of the client wait for their objects.", limits.PendingInterests)
		return
	}
	i := newInterest(id, parent, zones)
	if most := namedZones * limits.InterestZones; most > 0 && s.named-s.interests[id].size()+i.size() > most {
		s.eject(wire.EjectForbiddenInterest, "The client's interests name more than %d zones, each counted as often as it is named.", most)
		return
	}
	if limits.InterestZones > 0 && len(s.zones)+len(i.zones) > limits.InterestZones && s.zonesWith(i) > limits.InterestZones {
		s.eject(wire.EjectForbiddenInterest, "The client's interests have more than %d zones.", limits.InterestZones)
		return
	}
	if s.mayOpen(i) {
		s.addInterest(i, context, 0)
	}
}

// namedZones is how many zones that a client names cost as much as a datagram, or
// as a zone that it has open.
const namedZones = 16

// mayOpen ejects a client that opens more zones than it may send datagrams: each
// costs as much.
func (s *session) mayOpen(i *interest) bool {
	fresh := 0
	for _, z := range i.zones {
		if s.zones[i.at(z)] == nil {
			fresh++
		}
	}
	if rate := s.role.o.Limits.DatagramRate; rate > 0 && !s.limits.datagrams.take(fresh+len(i.zones)/namedZones) {
		s.eject(wire.EjectGeneric, "The client opens more than %d zones a second.", rate)
	}
	return !s.ended
}

// zonesWith is how many zones the session would have with an interest.
func (s *session) zonesWith(i *interest) int {
	n := len(s.zones)
	for _, z := range i.zones {
		if s.zones[i.at(z)] == nil {
			n++
		}
	}
	if old := s.interests[i.id]; old != nil {
		for _, z := range old.zones {
			_, stays := slices.BinarySearch(i.zones, z)
			if s.zones[old.at(z)].interests == 1 && !(stays && i.parent == old.parent) {
				n--
			}
		}
	}
	return n
}

// clientRemoveInterest closes an interest that the client no longer wants.
func (s *session) clientRemoveInterest(in *wire.Reader) {
	if s.role.o.Interests == InterestsDisabled {
		s.eject(wire.EjectForbiddenInterest, "Clients may not close interests here.")
		return
	}
	context, id := in.Uint32(), in.Uint16()
	if !s.whole(in) {
		return
	}
	i := s.interests[id]
	switch {
	case i == nil:
		s.eject(wire.EjectGeneric, "The interest %d was never opened.", id)
	case s.role.o.Interests == InterestsVisible && s.classOf(i.parent) == nil:
		s.eject(wire.EjectForbiddenInterest, "The client does not know the parent %d of the interest.", i.parent)
	default:
		s.removeInterest(i, context, 0)
	}
}

// serverInterest opens or alters an interest that the cluster wants, and tells the
// client of it. caller is told when it is done, unless it is 0.
func (s *session) serverInterest(id uint16, parent wire.DoID, zones []wire.Zone, caller wire.Channel) {
	s.context++
	context := s.context
	i := newInterest(id, parent, zones)
	if len(i.zones) == 1 {
		s.sendWritten(s.message(wire.ClientAddInterest).Uint32(context).Uint16(id).Location(i.at(i.zones[0])))
	} else {
		w := s.message(wire.ClientAddInterestMultiple).Uint32(context).Uint16(id).DoID(parent).Uint16(uint16(len(i.zones)))
		for _, z := range i.zones {
			w.Zone(z)
		}
		s.sendWritten(w)
	}
	s.addInterest(i, context, caller)
}

// serverRemoveInterest closes an interest, whoever opened it.
func (s *session) serverRemoveInterest(id uint16, caller wire.Channel) {
	i := s.interests[id]
	if i == nil {
		s.log(slog.LevelWarn, "asked to close an interest that is not open", "interest", id, "sender", uint64(caller))
		s.tellDone(id, caller)
		return
	}
	s.context++
	context := s.context
	s.sendWritten(s.message(wire.ClientRemoveInterest).Uint32(context).Uint16(id))
	s.removeInterest(i, context, caller)
}

// addInterest opens an interest, or alters the one with its id. The zones that
// are new are asked for their objects; those that nobody shows any more are
// closed.
func (s *session) addInterest(i *interest, context uint32, caller wire.Channel) {
	if s.ended {
		return
	}
	s.role.stats.Interests++
	if s.zones == nil {
		s.interests, s.zones = map[uint16]*interest{}, map[wire.Location]*zone{}
	}
	var fresh []wire.Zone
	for _, z := range i.zones {
		at := i.at(z)
		if s.zones[at] == nil {
			s.zones[at] = &zone{since: s.role.handled}
			fresh = append(fresh, z)
		}
		s.zones[at].interests++
	}
	old := s.interests[i.id]
	s.interests[i.id] = i
	s.named += i.size() - old.size()
	if old != nil {
		s.release(old)
	}
	if !s.ended {
		s.open(i, fresh, context, caller)
	}
}

// removeInterest closes an interest, and tells the client and the caller.
func (s *session) removeInterest(i *interest, context uint32, caller wire.Channel) {
	if s.ended {
		return
	}
	delete(s.interests, i.id)
	s.named -= i.size()
	s.release(i)
	if s.ended {
		return
	}
	s.tellDone(i.id, caller)
	s.sendDone(i.id, context)
}

// release takes an interest off its zones, and closes those that no other one
// shows: their objects leave.
func (s *session) release(i *interest) {
	closed := map[wire.Location]struct{}{}
	for _, z := range i.zones {
		at := i.at(z)
		if s.zones[at].interests--; s.zones[at].interests == 0 {
			closed[at] = struct{}{}
		}
	}
	if len(closed) == 0 {
		return
	}
	var leaving []wire.DoID
	for do, o := range s.objects {
		if _, ok := closed[o.location]; ok && o.known&visible != 0 && !s.movesToSight(do, closed) {
			leaving = append(leaving, do)
		}
	}
	slices.Sort(leaving)
	for _, do := range leaving {
		if _, session := s.sessionObjects[do]; session {
			s.eject(wire.EjectSessionObjectDeleted, "The session object %d has left the client's interest.", do)
			return
		}
		s.hide(do)
	}
	if s.ended {
		return
	}
	var idle []*operation
	for _, z := range i.zones {
		at := i.at(z)
		if _, ok := closed[at]; !ok {
			continue
		}
		if op := s.zones[at].op; op != nil {
			if op.open--; op.open == 0 {
				idle = append(idle, op)
			}
		}
		delete(s.zones, at)
		if _, opened := s.opened[at.Channel()]; !opened {
			s.role.turn.Unsubscribe(s.p, at.Channel())
		}
	}
	for _, op := range idle { // there is nothing left to wait for
		s.finish(op)
		s.forgetRequest(op)
	}
}

// movesToSight says whether the client has asked an object to move to a place that
// it sees, and the object has not answered yet.
func (s *session) movesToSight(do wire.DoID, closed map[wire.Location]struct{}) bool {
	to, ok := s.moving[do]
	if !ok || s.zones[to] == nil {
		return false
	}
	_, closing := closed[to]
	return !closing
}

// sendDone tells the client that an interest is open, or closed.
func (s *session) sendDone(id uint16, context uint32) {
	s.sendWritten(s.message(wire.ClientDoneInterestResp).Uint32(context).Uint16(id))
}

// tellDone tells whoever in the cluster asked for an interest.
func (s *session) tellDone(id uint16, caller wire.Channel) {
	if caller == 0 {
		return
	}
	w := &s.role.w
	w.Reset()
	_ = s.sendCluster(w.Header(s.channel, wire.ClientAgentDoneInterestResp, caller).Channel(s.channel).Uint16(id)) // it is short
}
