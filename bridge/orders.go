package bridge

import (
	"cmp"
	"encoding/json"
	"log/slog"
	"slices"
	"time"

	"natstron/internal/latency"
	"natstron/internal/wire"
)

// What one participant sends takes effect in the order sent. In one process that is
// so because a role handles a datagram while it is routed. For a role in another
// process, NATS keeps the order of what is sent to that role; but a datagram to
// anyone else would overtake what the role does because of the one before.
//
// So a node knows which datagrams of its participants are orders: those that change
// what others see or hear. After an order to another process, the participant's later
// datagrams to others are held until that process has said that it is done, and that
// its new subscriptions are in force everywhere. It is asked only when something is
// held, and once for all orders until then: a thousand creations cost one round trip.
// What goes to the same recipient is not held, nor what goes to the same process on a
// channel that it claims.
//
// A process that does not answer for [Options.OrderTimeout] is not waited for any
// longer; that is logged and counted.
//
// It all belongs to the router's lock.
type orders struct {
	serial uint64 // counts the orders to other processes
	held   []*Participant
	waits  latency.Histogram // of what was held
}

// ordering is what a participant has ordered that may not have taken effect yet, and
// what is held because of it.
type ordering struct {
	changes standing // orders that change subscriptions
	updates standing // those that only change what is seen
	queue   []held
	since   time.Time     // when the first of the queue came
	relief  chan struct{} // closed when the queue is empty
}

// standing is orders of one kind.
type standing struct {
	serial uint64       // of the last one
	to     wire.Channel // their recipient; 0, several
	at     []*peer      // the processes that may act on them
}

// held is a datagram that waits, or something to do behind what waits.
type held struct {
	d  wire.Datagram
	do func(Turn) // not nil: how it is routed
}

// orderKind is how far the effects of a message reach.
type orderKind uint8

const (
	noOrder orderKind = iota
	// update: others see something else.
	update
	// change: others also hear something else, or objects come, go or move.
	change
)

// kindOf says what kind of order a message is (documents 11 and 12).
func kindOf(t wire.MsgType) orderKind {
	switch t {
	case wire.ClientAgentSetState, wire.ClientAgentSetClientID, wire.ClientAgentEject, wire.ClientAgentDrop,
		wire.ClientAgentOpenChannel, wire.ClientAgentCloseChannel, wire.ClientAgentAddInterest,
		wire.ClientAgentAddInterestMultiple, wire.ClientAgentRemoveInterest,
		wire.StateServerCreateObjectWithRequired, wire.StateServerCreateObjectWithRequiredOther,
		wire.StateServerDeleteAIObjects, wire.StateServerObjectSetLocation, wire.StateServerObjectSetAI,
		wire.StateServerObjectSetOwner, wire.StateServerObjectDeleteZone, wire.StateServerObjectDeleteZones,
		wire.StateServerObjectDeleteChildren, wire.DBSSObjectActivateWithDefaults,
		wire.DBSSObjectActivateWithDefaultsOther:
		return change
	case wire.StateServerObjectSetField, wire.StateServerObjectSetFields, wire.StateServerObjectDeleteFieldRAM,
		wire.StateServerObjectDeleteFieldsRAM, wire.StateServerObjectDeleteRAM,
		wire.DBSSObjectDeleteFieldDisk, wire.DBSSObjectDeleteFieldsDisk, wire.DBSSObjectDeleteDisk:
		return update
	}
	return noOrder
}

// typeOf is the message type of a checked datagram; 0 if it has none.
func typeOf(d wire.Datagram) wire.MsgType {
	at := 1 + 8*d.RecipientCount() + 8
	if len(d) < at+2 {
		return 0
	}
	return wire.MsgType(d[at]) | wire.MsgType(d[at+1])<<8
}

// ordered notes that p has sent d, if that is an order to another process.
func (n *Node) ordered(p *Participant, d wire.Datagram) {
	kind := kindOf(typeOf(d))
	if kind == noOrder || d.RecipientCount() == 0 {
		return
	}
	r := &n.router
	var at []*peer
	for i := range d.RecipientCount() {
		at = n.servers(at, d.Recipient(i), typeOf(d))
	}
	if len(at) == 0 {
		return
	}
	r.orders.serial++
	for _, peer := range at {
		peer.ordered = r.orders.serial
	}
	if p.ordering == nil {
		p.own()
		p.ordering = &ordering{}
	}
	s := &p.ordering.changes
	if kind == update {
		s = &p.ordering.updates
	}
	to := d.Recipient(0)
	if d.RecipientCount() > 1 {
		to = 0
	}
	if !s.stand() {
		s.to, s.at = to, s.at[:0]
	} else if s.to != to {
		s.to = 0
	}
	s.serial = r.orders.serial
	for _, peer := range at {
		if !slices.Contains(s.at, peer) {
			s.at = append(s.at, peer)
		}
	}
}

// servers adds to at the processes that may act on an order to c: the one that claims
// it, or else all that serve what such a message is for, unless a role here has c.
func (n *Node) servers(at []*peer, c wire.Channel, t wire.MsgType) []*peer {
	add := func(p *peer) {
		if !slices.Contains(at, p) {
			at = append(at, p)
		}
	}
	claimed := false
	for _, p := range n.router.peers.known {
		if _, ok := p.claimsChannel(c); ok {
			add(p)
			claimed = true
		}
	}
	if claimed || n.router.handles(c) {
		return at
	}
	service := ServesAnyObject
	if t < wire.StateServerCreateObjectWithRequired {
		service = ServesClients
	}
	for _, p := range n.router.peers.known {
		if p.serves(service) {
			add(p)
		}
	}
	return at
}

// handles says whether a role of this process has a channel.
func (r *router) handles(c wire.Channel) bool {
	s := r.channels.at(c)
	if s.first == nil {
		return false
	}
	return s.first.party.Handler != nil ||
		slices.ContainsFunc(s.others(), func(p *Participant) bool { return p.party.Handler != nil })
}

// stand says whether any of the orders may not have taken effect yet.
func (s *standing) stand() bool { return slices.ContainsFunc(s.at, s.unproven) }

func (s *standing) unproven(p *peer) bool { return !p.gone && p.proven < s.serial }

// reaches says whether what is sent to c meets the effects of the orders anyway: it
// goes to where they went.
func (s *standing) reaches(c wire.Channel) bool {
	if c == s.to {
		return true
	}
	if len(s.at) != 1 {
		return false
	}
	_, ok := s.at[0].claimsChannel(c)
	return ok
}

// mustWait says whether d would overtake the effects of what its sender ordered.
func (n *Node) mustWait(o *ordering, d wire.Datagram) bool {
	changes, updates := o.changes.stand(), o.updates.stand()
	if !changes && !updates {
		return false
	}
	t := typeOf(d)
	for i := range d.RecipientCount() {
		c := d.Recipient(i)
		if changes && !o.changes.reaches(c) || updates && !n.isObject(c, t) && !o.updates.reaches(c) {
			return true
		}
	}
	return false
}

// isObject says whether a message is for an object of a state server, as far as one
// can tell.
func (n *Node) isObject(c wire.Channel, t wire.MsgType) bool {
	if t < wire.StateServerCreateObjectWithRequired || t >= wire.DBServerCreateObject || c > wire.MaxDoID.Channel() {
		return false
	}
	for _, p := range n.router.peers.known {
		if service, ok := p.claimsChannel(c); ok && service == ServesClients {
			return false
		}
	}
	return true
}

// hold keeps d, which is to be routed by do if that is not nil, if it must wait, and
// says whether it does.
func (t Turn) hold(p *Participant, d wire.Datagram, do func(Turn)) bool {
	o := p.ordering
	if o == nil {
		return false
	}
	n, r := t.n, &t.n.router
	if len(o.queue) == 0 {
		if !n.mustWait(o, d) {
			return false
		}
		o.since, o.relief = time.Now(), make(chan struct{})
		r.orders.held = append(r.orders.held, p)
		r.stats.OrdersWaited++
		n.askAbout(o)
	}
	o.queue = append(o.queue, held{slices.Clone(d), do})
	r.relief = o.relief
	return true
}

// askAbout asks the processes that p's orders wait for.
func (n *Node) askAbout(o *ordering) {
	for _, s := range []*standing{&o.changes, &o.updates} {
		for _, peer := range s.at {
			if s.unproven(peer) {
				n.askDone(peer)
			}
		}
	}
}

// askDone asks a process whether it has done all that was ordered so far, unless a
// question is on its way: then it is asked again when that is answered.
func (n *Node) askDone(p *peer) {
	if p.asking {
		return
	}
	p.asking, p.askedAt, p.askedFor = true, time.Now(), n.router.orders.serial
	n.tellTo(p.origin, kindDone, doneNote{Serial: p.askedFor, Origin: n.origin})
}

// A doneNote asks the node under whose origin it is sent whether it has done all that
// the sender sent before, or is the answer: the same serial, with Done.
type doneNote struct {
	Serial uint64 `json:"serial,string"`
	Origin string `json:"origin"`
	Done   bool   `json:"done,omitempty"`
}

// hearDone takes a question or an answer.
func (n *Node) hearDone(payload []byte) error {
	var note doneNote
	if err := json.Unmarshal(payload, &note); err != nil || !isOrigin(note.Origin) {
		return cmp.Or(err, errOrigin)
	}
	if !note.Done {
		n.sayDone(note)
		return nil
	}
	p := n.router.peers.known[note.Origin]
	if p == nil || !p.asking || note.Serial != p.askedFor {
		return nil
	}
	p.asking, p.proven = false, max(p.proven, note.Serial)
	n.releaseHeld(false)
	return nil
}

// sayDone answers a question, as soon as the subscriptions that this node has made are
// in force everywhere. All that was sent to this node before the question has been
// handled, and what came of it is written before the answer.
func (n *Node) sayDone(note doneNote) {
	answer := doneNote{Serial: note.Serial, Origin: n.origin, Done: true}
	tell := func() { n.tellTo(note.Origin, kindDone, answer) }
	if n.effectiveUpTo(n.router.coverage.serial, func() {
		t := n.Begin()
		defer t.End()
		tell()
	}) {
		tell()
	}
}

// releaseHeld routes what need not wait any longer: with all, everything.
func (n *Node) releaseHeld(all bool) {
	r := &n.router
	waiting := r.orders.held
	r.orders.held = nil
	for _, p := range waiting {
		n.release(p, all)
		if len(p.ordering.queue) > 0 {
			r.orders.held = append(r.orders.held, p)
			n.askAbout(p.ordering)
		}
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
	n.router.orders.waits.Observe(time.Since(o.since))
	o.queue = nil
	close(o.relief)
}

// checkOrders gives up on processes that do not answer, and forgets those that are
// gone.
func (n *Node) checkOrders(now time.Time) {
	r := &n.router
	if len(r.orders.held) == 0 {
		return
	}
	for _, p := range r.peers.known {
		if p.asking && now.Sub(p.askedAt) > n.options.OrderTimeout {
			p.asking, p.proven = false, p.askedFor
			r.stats.OrdersLate++
			n.logLater(slog.LevelWarn, "a node does not say that it has done what it was told: what is sent next may overtake that",
				"node", p.name, "waited", now.Sub(p.askedAt).Round(time.Millisecond))
		}
	}
	n.releaseHeld(false)
}
