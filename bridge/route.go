package bridge

import (
	"fmt"

	"natstron/bridge/internal/identity"
	"natstron/bridge/internal/link"
	"natstron/bridge/wire"
)

// check reports whether d can be routed: its recipients are all there, and it fits
// into a frame of the message director.
func check(d wire.Datagram) error {
	if len(d) > wire.MaxLength {
		return fmt.Errorf("datagram %w: %d bytes, at most %d", wire.ErrTooLong, len(d), wire.MaxLength)
	}
	return d.Check()
}

// nextIdentity is the identity of a datagram that is published now.
func (n *Node) nextIdentity(p *Participant) identity.Identity {
	id := identity.Identity{Seq: n.outbox.Seq + 1}
	if p != nil {
		id.Participant = p.id
	}
	id.Kept = n.kept
	return id
}

// route hands a checked datagram to the local participants that it matches,
// except to from. Connections take it first; then each role handles it, once for
// all of its participants. It says whether there are any.
func (t Turn) route(from *Participant, d wire.Datagram) bool {
	n := t.n
	n.find(from, d)
	n.stats.Sizes.Add(len(d))
	if n.packets && (from != nil || d.RecipientCount() > 0) { // see [Node.ask]
		n.logPacket(from, d)
	}
	return t.hand(d)
}

// hand hands a datagram to the participants in targets, and says whether there are any.
func (t Turn) hand(d wire.Datagram) bool {
	n := t.n
	if len(n.targets) == 0 {
		return false
	}
	n.stats.Wanted++
	n.handlers = n.handlers[:0]
	for _, p := range n.targets {
		switch party := p.party; {
		case p.cutOff:
		case party.Handler == nil:
			t.deliver(p, d)
		case len(party.targets) == 0:
			n.handlers = append(n.handlers, party)
			fallthrough
		default:
			party.targets = append(party.targets, p)
			n.stats.Delivered++
		}
	}
	for _, party := range n.handlers {
		party.Handler.Handle(t, d, party.targets)
		clear(party.targets)
		party.targets = party.targets[:0]
	}
	return true
}

// find collects the participants that a datagram matches, each once.
func (n *Node) find(from *Participant, d wire.Datagram) {
	n.routing++
	n.targets = n.targets[:0]
	if d.RecipientCount() == 1 && n.findSingle(from, d.Recipient(0)) {
		return
	}
	if from != nil {
		from.routed = n.routing
	}
	for i := range d.RecipientCount() {
		c := d.Recipient(i)
		if s := n.table.At(c); s.First != nil {
			n.target(s.First)
			for _, p := range s.Others() {
				n.target(p)
			}
		}
		for _, p := range n.table.RangesAt(c) {
			n.target(p)
		}
	}
}

// findSingle is find for what goes to one channel, unless there are ranges with it in them:
// then nobody matches twice, and none of the participants, which may be thousands, has to
// be written to. It reports whether it has found them.
func (n *Node) findSingle(from *Participant, c wire.Channel) bool {
	if len(n.table.RangesAt(c)) > 0 {
		return false
	}
	s := n.table.At(c)
	if s.First != nil && s.First != from {
		n.targets = append(n.targets, s.First)
	}
	for _, p := range s.Others() {
		if p != from {
			n.targets = append(n.targets, p)
		}
	}
	return true
}

func (n *Node) target(p *Participant) {
	if p.routed != n.routing {
		p.routed = n.routing
		n.targets = append(n.targets, p)
	}
}

// deliver hands a datagram to a participant's sink.
func (t Turn) deliver(p *Participant, d wire.Datagram) {
	n, party := t.n, p.party
	if !party.Sink.Deliver(n.routing, p, d) {
		p.cutOff = true
		n.cut = append(n.cut, p)
		n.stats.Overflows++
		return
	}
	n.stats.Delivered++
	t.Wake(party.Sink, &party.turn)
}

// publish queues a checked datagram for NATS, and says who may hear it there.
func (n *Node) publish(d wire.Datagram, id identity.Identity) link.Audience {
	audience := n.outbox.Publish(d, id, n.turn)
	if audience != link.Lost && !n.tickDue && n.members.Ticks() {
		n.tickDue = true
		select {
		case n.traffic <- struct{}{}:
		default:
		}
	}
	return audience
}
