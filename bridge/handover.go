package bridge

import (
	"maps"
	"slices"
	"strings"

	"natstron/bridge/internal/identity"
	"natstron/bridge/internal/link"
	"natstron/bridge/wire"
)

// What a role needs to move a participant to another process, so that it loses nothing and
// gets nothing twice.
//
// The other process joins a participant that subscribes to the same channels, and keeps
// what arrives for it, with [Turn.Arrival] of each. When the subscriptions are in force
// ([Turn.Effective]), the first process tells its [Turn.Positions] and takes its participant
// off, in one turn: what the first has handled and the other has kept, too, is what
// [Positions.Include].

// Positions say how far the datagrams of each node have come at one node, by their origins.
type Positions map[string]uint64

// An Arrival is which datagram it was, among those of its node. The zero Arrival is one that
// cannot be told: of a program that is not a node, a post-remove, or not published.
type Arrival struct {
	Origin string
	Seq    uint64
	// Kept says that its node keeps it for a [LostSession] that has opened a channel
	// that it was sent to.
	Kept bool
}

// Include reports whether a datagram had come to the node.
func (p Positions) Include(a Arrival) bool { return a.Seq > 0 && a.Seq <= p[a.Origin] }

// Positions are how far the datagrams of this node and of all that it knows have come.
func (t Turn) Positions() Positions {
	p := Positions{t.n.members.Origin(): t.n.outbox.Seq}
	maps.Insert(p, t.n.members.Positions())
	return p
}

// Arrival is that of the datagram which is being handled: only within [Handler.Handle].
func (t Turn) Arrival() Arrival {
	n := t.n
	switch {
	case n.arrival.Seq > 0:
		return Arrival{strings.Clone(n.arrival.Origin), n.arrival.Seq, n.arrival.Kept} // it is lent
	case n.audience == link.Lost || n.audience == link.Nobody:
		return Arrival{Kept: n.kept}
	}
	return Arrival{n.members.Origin(), n.outbox.Seq, n.kept}
}

// routeArrived routes a datagram of another node.
func (t Turn) routeArrived(id identity.Identity, d wire.Datagram) {
	t.n.arrival = Arrival{id.Origin, id.Seq, id.Kept}
	t.route(nil, d)
	t.n.arrival = Arrival{}
}

// PostRemove is a datagram that a participant leaves behind, and the sender that it is kept
// under.
type PostRemove struct {
	Sender   wire.Channel
	Datagram wire.Datagram
}

// PostRemoves are those of p, in the order in which they were added.
func (t Turn) PostRemoves(p *Participant) (all []PostRemove) {
	for _, pr := range p.postRemoves {
		all = append(all, PostRemove{pr.Sender, slices.Clone(pr.Datagram)})
	}
	return all
}

// Origin is that of this node, or, if it has lost the backbone, the one that it had.
func (t Turn) Origin() string { return t.n.members.Origin() }

// Knows reports whether there is another process with that origin.
func (t Turn) Knows(origin string) bool { return t.n.members.Find(origin) != nil }

// Home is the origin of the process that has an object, if a participant here was told of it
// by another process; empty, if it is one of this process, or not known.
func (t Turn) Home(do wire.DoID) string {
	if home, known := t.n.foreign.Home(do); known {
		return home.Origin()
	}
	return ""
}

// Adopt takes note that a participant here knows an object of the process with that origin,
// though it did not hear of it here. If there is no such process any more, it returns false:
// the object is gone, and nobody will tell. owner is a channel of the participant if it owns
// the object, else 0.
func (t Turn) Adopt(do wire.DoID, origin string, at wire.Location, owner wire.Channel) bool {
	n := t.n
	if origin == n.members.Origin() || origin == "" {
		return true
	}
	home := n.members.Find(origin)
	if home != nil {
		n.foreign.Adopt(do, home, at, owner)
	}
	return home != nil
}
