package bridge

import (
	"slices"
	"time"

	"natstron/bridge/internal/membership"
	"natstron/bridge/internal/order"
	"natstron/bridge/wire"
	"natstron/internal/latency"
	"natstron/internal/pressure"
)

// What one participant sends takes effect in the order sent. In one process that is
// so because a role handles a datagram while it is routed. For a role in another
// process, NATS keeps the order of what is sent to that role; but a datagram to
// anyone else would overtake what the role does because of the one before.
//
// So a node knows which datagrams of its participants are orders: those that change
// what others see or hear. After an order that another process acts on, the
// participant's later datagrams to others are held until that process has said that
// it is done. It is asked only when something is held, and once for all
// orders until then: a thousand creations cost one round trip. What goes to the same
// recipient is not held, nor what goes to the same process on a channel that it
// claims, as long as that process can do alone what it was told.
//
// It all belongs to the node's lock.
type orders struct {
	held  []*Participant    // those of whom something is held
	waits latency.Histogram // of what was held
}

// ordering is what a participant has ordered that may not have taken effect yet, and
// what is held because of it.
type ordering struct {
	changes standing // orders that change subscriptions
	updates standing // those that only change what is seen
	queue   []held
	noted   bool              // among those of whom something is held
	since   time.Time         // when the first of the queue came
	waiting pressure.Pressure // while the queue is not empty
}

// standing is orders of one kind.
type standing struct {
	since  uint64             // the serial of the first one
	serial uint64             // of the last one
	to     wire.Channel       // their recipient; 0, several
	at     []*membership.Peer // the processes that may act on them
	slow   bool               // their recipient has done them before their effects are there
	passes bool               // they may be passed on to further state servers
	far    int                // over how many further processes, client agents too, they may be passed on
	family wire.MsgType       // all of them are of this family; 0: no
}

// held is a datagram that waits, or something to do behind what waits.
type held struct {
	d  wire.Datagram
	do func(Turn) // not nil: how it is routed
}

// note notes what p sends, if other processes may act on it.
func (n *Node) note(p *Participant, d wire.Datagram) {
	if p.party.InOrder {
		n.noteOrder(p, d)
	}
	if p.party.Handler != nil && order.IsPassedOn(d.Type()) {
		n.notePassed(d)
	}
}

// noteOrder notes that p has sent d, if that is an order that may take effect in other
// processes.
func (n *Node) noteOrder(p *Participant, d wire.Datagram) {
	t := d.Type()
	kind := order.Of(t, n.severalObjectServers)
	if kind == order.None || d.RecipientCount() == 0 {
		return
	}
	at := n.servers(d)
	for i := range d.RecipientCount() {
		if n.handles(d.Recipient(i)) {
			at = append(at, n.members.Self())
			break
		}
	}
	if len(at) == 0 {
		return
	}
	serial := n.members.Order()
	if p.ordering == nil {
		p.own()
		p.ordering = &ordering{}
	}
	s := &p.ordering.changes
	if kind == order.Update {
		s = &p.ordering.updates
	}
	to := d.Recipient(0)
	if d.RecipientCount() > 1 {
		to = 0
	}
	if !n.stand(s) {
		*s = standing{to: to, at: s.at[:0], since: serial, family: order.Family(t)}
	} else {
		if s.to != to {
			s.to = 0
		}
		if s.family != order.Family(t) {
			s.family = 0
		}
	}
	s.serial = serial
	slow := order.AsksOthers(t) || order.EndsChildren(t)
	s.slow = s.slow || slow
	s.passes = s.passes || slow || order.EndsSessions(t) ||
		order.PassesOn(t) && n.severalObjectServers()
	switch {
	case slow || order.EndsSessions(t) || order.PassesOn(t) && !order.IsNew(t):
		s.far = membership.Farthest
	case order.PassesOn(t):
		s.far = max(s.far, 1)
	}
	for _, peer := range at {
		if !slices.Contains(s.at, peer) {
			s.at = append(s.at, peer)
		}
	}
}

// severalObjectServers reports whether what one order leads to may be done at several times:
// in several processes, or by several roles here of which each keeps what it sends.
func (n *Node) severalObjectServers() bool { return n.members.ObjectServers() > 1 || len(n.holds) > 1 }

// notePassed notes that a role here has sent d, if another process may act on it.
func (n *Node) notePassed(d wire.Datagram) { n.members.Pass(n.servers(d)) }

// servers is the other processes that may act on d: those that claim one of its
// recipients, or else all that serve what such a message is for.
func (n *Node) servers(d wire.Datagram) (at []*membership.Peer) {
	t := d.Type()
	for i := range d.RecipientCount() {
		c := d.Recipient(i)
		serves := func(p *membership.Peer) bool { return p.Serves(membership.AnyObject) }
		// Only one process has a client or an object; children may be anywhere.
		only := true
		switch kind := c >> 32; {
		case kind == childrenOf:
			serves, only = (*membership.Peer).ServesObjects, false
		case kind > childrenOf && t != wire.StateServerObjectDeleteRAM:
			continue // those that see a place
		case kind > childrenOf: // it may be a session object of theirs
			serves, only = func(p *membership.Peer) bool { return p.Serves(membership.Clients) }, false
		case c <= wire.LastReservedChannel:
			serves, only = (*membership.Peer).ClaimsAnything, false
		case t < wire.StateServerCreateObjectWithRequired:
			serves = func(p *membership.Peer) bool { return p.Serves(membership.Clients) }
		}
		if only {
			// A state server's ranges of doIds may take in the channels of clients.
			if at, only = n.members.Peers(at, func(p *membership.Peer) bool { return p.ClaimsClient(c) }); !only {
				at, only = n.members.Peers(at, func(p *membership.Peer) bool { return p.Claims(c) })
			}
			if only || n.handles(c) {
				continue
			}
		}
		at, _ = n.members.Peers(at, serves)
	}
	return at
}

// childrenOf is the upper half of the channels that the children of an object have.
const childrenOf = 1

// handles reports whether a role of this process has a channel.
func (n *Node) handles(c wire.Channel) bool {
	s := n.table.At(c)
	if s.First == nil {
		return false
	}
	return s.First.party.Handler != nil ||
		slices.ContainsFunc(s.Others(), func(p *Participant) bool { return p.party.Handler != nil })
}

// stand reports whether any of the orders may not have taken effect yet.
func (n *Node) stand(s *standing) bool {
	return slices.ContainsFunc(s.at, func(p *membership.Peer) bool { return n.members.Unproven(p, s.far, s.since, s.serial) })
}

// reaches reports whether what is sent to c meets the effects of the orders anyway: it
// goes to where they went.
func (s *standing) reaches(c wire.Channel, t wire.MsgType) bool {
	if c == s.to && !s.slow || s.family != 0 && s.family == order.Family(t) {
		return true
	}
	return len(s.at) == 1 && !s.passes && s.at[0].Claims(c)
}

// mustWait reports whether d would overtake the effects of what its sender ordered.
func (n *Node) mustWait(o *ordering, d wire.Datagram) bool {
	if n.pauses.has(n, d) {
		return true
	}
	changes, updates := n.stand(&o.changes), n.stand(&o.updates)
	if !changes && !updates {
		return false
	}
	t := d.Type()
	for i := range d.RecipientCount() {
		c := d.Recipient(i)
		if changes && !o.changes.reaches(c, t) {
			return true
		}
		if updates && !o.updates.reaches(c, t) && (!n.isObject(c, t) || order.ReachesChildren(t) && n.severalObjectServers()) {
			return true
		}
	}
	return false
}

// isObject reports whether a message is for an object of a state server, as far as one
// can tell.
func (n *Node) isObject(c wire.Channel, t wire.MsgType) bool {
	if t < wire.StateServerCreateObjectWithRequired || t >= wire.DBServerCreateObject || c > wire.MaxDoID.Channel() {
		return false
	}
	return !n.members.Exists(func(p *membership.Peer) bool { return p.ClaimsClient(c) })
}

// hold keeps d, which is to be routed by do if that is not nil, if it must wait, and
// says whether it does.
func (t Turn) hold(p *Participant, d wire.Datagram, do func(Turn)) bool {
	n, o := t.n, p.ordering
	if o == nil {
		if !p.party.InOrder || !n.pauses.has(n, d) {
			return false
		}
		p.own()
		p.ordering = &ordering{}
		o = p.ordering
	}
	if len(o.queue) == 0 {
		if !n.mustWait(o, d) {
			return false
		}
		o.since = time.Now()
		o.waiting.Raise()
		n.orders.note(p)
		n.stats.OrdersWaited++
		n.askAbout(o)
	}
	o.queue = append(o.queue, held{slices.Clone(d), do})
	n.relief = o.waiting.Relief()
	return true
}

// askAbout asks the processes that p's orders wait for.
func (n *Node) askAbout(o *ordering) {
	for _, s := range []*standing{&o.changes, &o.updates} {
		for _, p := range s.at {
			if n.members.Unproven(p, s.far, s.since, s.serial) {
				n.perform(n.members.Ask(p, s.far, s.serial, time.Now()))
			}
		}
	}
}

// releaseHeld routes what need not wait any longer: with all, everything.
func (n *Node) releaseHeld(all bool) {
	waiting := n.orders.held
	n.orders.held = nil
	for _, p := range waiting {
		p.ordering.noted = false
		n.release(p, all)
		if len(p.ordering.queue) > 0 {
			n.orders.note(p)
			n.askAbout(p.ordering)
		}
	}
}

// note notes, once, that something is held of a participant. What is released may lead to the
// next that is held.
func (o *orders) note(p *Participant) {
	if !p.ordering.noted {
		p.ordering.noted = true
		o.held = append(o.held, p)
	}
}

func (n *Node) release(p *Participant, all bool) {
	t, o := Turn{n}, p.ordering
	for len(o.queue) > 0 {
		next := o.queue[0]
		if !all && n.mustWait(o, next.d) {
			return
		}
		o.queue[0] = held{}
		o.queue = o.queue[1:]
		t.complete(func() {
			if next.do != nil {
				next.do(t)
			} else {
				t.routeSent(p, next.d)
			}
		})
	}
	n.orders.waits.Observe(time.Since(o.since))
	o.queue = nil
	o.waiting.Relieve()
}
