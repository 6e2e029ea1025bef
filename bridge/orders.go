package bridge

import (
	"slices"
	"time"

	"natstron/bridge/wire"
	"natstron/internal/latency"
)

// What one participant sends takes effect in the order sent. In one process that is
// so because a role handles a datagram while it is routed. For a role in another
// process, NATS keeps the order of what is sent to that role; but a datagram to
// anyone else would overtake what the role does because of the one before.
//
// So a node knows which datagrams of its participants are orders: those that change
// what others see or hear. After an order that another process acts on, the
// participant's later datagrams to others are held until that process has said that
// it is done (done.go). It is asked only when something is held, and once for all
// orders until then: a thousand creations cost one round trip. What goes to the same
// recipient is not held, nor what goes to the same process on a channel that it
// claims, as long as that process can do alone what it was told.
//
// It all belongs to the node's lock.
type orders struct {
	serial uint64 // counts the orders, and what roles here send to those elsewhere
	held   []*Participant
	awaits []await
	self   peer              // stands for this process among those that act on orders
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
	since  uint64       // the serial of the first one
	serial uint64       // of the last one
	to     wire.Channel // their recipient; 0, several
	at     []*peer      // the processes that may act on them
	asks   bool         // they make a session ask a state server
	passes bool         // they may be passed on to further processes
	alike  wire.MsgType // all of them are of this type, of which some may be under way at a time; 0: no
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

// kindOf says what kind of order a message is (documents 11 and 12). A deletion is a
// change if children elsewhere may end with the object.
func (n *Node) kindOf(t wire.MsgType) orderKind {
	switch t {
	case wire.ClientAgentSetState, wire.ClientAgentSetClientID, wire.ClientAgentEject, wire.ClientAgentDrop,
		wire.ClientAgentDeclareObject, wire.ClientAgentUndeclareObject, wire.ClientAgentAddSessionObject,
		wire.ClientAgentRemoveSessionObject, wire.ClientAgentSetFieldsSendable,
		wire.ClientAgentOpenChannel, wire.ClientAgentCloseChannel, wire.ClientAgentAddPostRemove,
		wire.ClientAgentClearPostRemoves, wire.ClientAgentAddInterest,
		wire.ClientAgentAddInterestMultiple, wire.ClientAgentRemoveInterest,
		wire.StateServerCreateObjectWithRequired, wire.StateServerCreateObjectWithRequiredOther,
		wire.StateServerDeleteAIObjects, wire.StateServerObjectSetLocation, wire.StateServerObjectSetAI,
		wire.StateServerObjectSetOwner, wire.StateServerObjectDeleteZone, wire.StateServerObjectDeleteZones,
		wire.StateServerObjectDeleteChildren, wire.DBSSObjectActivateWithDefaults,
		wire.DBSSObjectActivateWithDefaultsOther:
		return change
	case wire.StateServerObjectDeleteRAM:
		if n.objectServers() > 1 {
			return change
		}
		return update
	case wire.StateServerObjectSetField, wire.StateServerObjectSetFields, wire.StateServerObjectDeleteFieldRAM,
		wire.StateServerObjectDeleteFieldsRAM,
		wire.DBSSObjectDeleteFieldDisk, wire.DBSSObjectDeleteFieldsDisk, wire.DBSSObjectDeleteDisk:
		return update
	}
	return noOrder
}

// asksOthers says whether a message makes a session ask the objects of state servers:
// until they have answered, it is not done, and what comes behind it to the same
// client must wait, too.
func asksOthers(t wire.MsgType) bool { return alike(t) == wire.ClientAgentAddInterest }

// endsSessions says whether a message may end a session, and with it its session objects:
// by itself, or because they leave what the client sees.
func endsSessions(t wire.MsgType) bool {
	return t == wire.ClientAgentEject || t == wire.ClientAgentDrop || t == wire.ClientAgentRemoveInterest
}

// alike is what a type of message is called here if several of it do not have to wait
// for each other, wherever they go: interests and deletions; 0 for others. Without
// that, closing a thousand objects would take a thousand waits.
func alike(t wire.MsgType) wire.MsgType {
	switch t {
	case wire.ClientAgentAddInterest, wire.ClientAgentAddInterestMultiple:
		return wire.ClientAgentAddInterest
	case wire.StateServerObjectDeleteRAM:
		return t
	}
	return 0
}

// passedOn says whether what one role sends to another may make that one change what
// others see or hear: questions and deletions. Answers need not be listed: who asked
// waits for who answers.
func passedOn(t wire.MsgType) bool {
	switch t {
	case wire.StateServerDeleteAIObjects, wire.StateServerObjectDeleteRAM,
		wire.StateServerObjectSetLocation, wire.StateServerObjectChangingLocation, wire.StateServerObjectGetLocation,
		wire.StateServerObjectChangingAI, wire.StateServerObjectGetAI,
		wire.StateServerObjectGetZoneObjects, wire.StateServerObjectGetZonesObjects, wire.StateServerObjectGetChildren,
		wire.StateServerObjectDeleteZone, wire.StateServerObjectDeleteZones, wire.StateServerObjectDeleteChildren:
		return true
	}
	return false
}

// typeOf is the message type of a checked datagram; 0 if it has none.
func typeOf(d wire.Datagram) wire.MsgType {
	at := 1 + 8*d.RecipientCount() + 8
	if len(d) < at+2 {
		return 0
	}
	return wire.MsgType(d[at]) | wire.MsgType(d[at+1])<<8
}

// note notes what p sends, if others are there who may act on it.
func (n *Node) note(p *Participant, d wire.Datagram) {
	if p.party.InOrder {
		n.ordered(p, d)
	}
	if p.party.Handler != nil && passedOn(typeOf(d)) {
		n.passed(d)
	}
}

// ordered notes that p has sent d, if that is an order that may take effect in other
// processes.
func (n *Node) ordered(p *Participant, d wire.Datagram) {
	t := typeOf(d)
	kind := n.kindOf(t)
	if kind == noOrder || d.RecipientCount() == 0 {
		return
	}
	at := n.servers(d)
	for i := range d.RecipientCount() {
		if n.handles(d.Recipient(i)) {
			at = append(at, &n.orders.self)
			break
		}
	}
	if len(at) == 0 {
		return
	}
	n.orders.serial++
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
	if !n.stand(s) {
		*s = standing{to: to, at: s.at[:0], since: n.orders.serial, alike: alike(t)}
	} else {
		if s.to != to {
			s.to = 0
		}
		if s.alike != alike(t) {
			s.alike = 0
		}
	}
	s.serial = n.orders.serial
	s.asks = s.asks || asksOthers(t)
	s.passes = s.passes || asksOthers(t) || endsSessions(t) ||
		t >= wire.StateServerCreateObjectWithRequired && n.objectServers() > 1
	for _, peer := range at {
		if !slices.Contains(s.at, peer) {
			s.at = append(s.at, peer)
		}
	}
}

// passed notes that a role here has sent d, if another process may act on it.
func (n *Node) passed(d wire.Datagram) {
	at := n.servers(d)
	if len(at) == 0 {
		return
	}
	n.orders.serial++
	for _, p := range at {
		p.passed = n.orders.serial
	}
}

// servers is the other processes that may act on d: those that claim one of its
// recipients, or else all that serve what such a message is for.
func (n *Node) servers(d wire.Datagram) (at []*peer) {
	t := typeOf(d)
	for i := range d.RecipientCount() {
		c := d.Recipient(i)
		serves := func(p *peer) bool { return p.serves(ServesAnyObject) }
		// Only one process has a client or an object; children may be anywhere.
		only := true
		switch kind := c >> 32; {
		case kind == childrenOf:
			serves, only = (*peer).servesObjects, false
		case kind > childrenOf && t != wire.StateServerObjectDeleteRAM:
			continue // those who see a place
		case kind > childrenOf: // it may be a session object of theirs
			serves, only = func(p *peer) bool { return p.serves(ServesClients) }, false
		case c <= wire.LastReservedChannel:
			serves, only = func(p *peer) bool { return len(p.claims) > 0 }, false
		case t < wire.StateServerCreateObjectWithRequired:
			serves = func(p *peer) bool { return p.serves(ServesClients) }
		}
		if only {
			// A state server's ranges of doIds may take in the channels of clients.
			client := func(p *peer) bool { s, ok := p.claimsChannel(c); return ok && s == ServesClients }
			claims := func(p *peer) bool { _, ok := p.claimsChannel(c); return ok }
			if at, only = n.add(at, client); !only {
				at, only = n.add(at, claims)
			}
			if only || n.handles(c) {
				continue
			}
		}
		at, _ = n.add(at, serves)
	}
	return at
}

// childrenOf is the upper half of the channels that the children of an object have.
const childrenOf = 1

// add adds to at the peers that are so, and says whether there are any.
func (n *Node) add(at []*peer, is func(*peer) bool) (_ []*peer, any bool) {
	for _, p := range n.peers.known {
		if !is(p) {
			continue
		}
		any = true
		if !slices.Contains(at, p) {
			at = append(at, p)
		}
	}
	return at, any
}

// objectServers is how many processes have objects, this one included.
func (n *Node) objectServers() (count int) {
	if (&peer{claims: n.claims}).servesObjects() {
		count++
	}
	for _, p := range n.peers.known {
		if p.servesObjects() {
			count++
		}
	}
	return count
}

// handles says whether a role of this process has a channel.
func (n *Node) handles(c wire.Channel) bool {
	s := n.table.At(c)
	if s.First == nil {
		return false
	}
	return s.First.party.Handler != nil ||
		slices.ContainsFunc(s.Others(), func(p *Participant) bool { return p.party.Handler != nil })
}

// stand says whether any of the orders may not have taken effect yet.
func (n *Node) stand(s *standing) bool {
	return slices.ContainsFunc(s.at, func(p *peer) bool { return n.unproven(s, p) })
}

func (n *Node) unproven(s *standing, p *peer) bool {
	if p == &n.orders.self {
		return p.proven[farthest] < s.serial && (p.questions[farthest].on || n.unfinished(s.since))
	}
	return !p.gone && !p.late && p.proven[farthest] < s.serial
}

// reaches says whether what is sent to c meets the effects of the orders anyway: it
// goes to where they went.
func (s *standing) reaches(c wire.Channel, t wire.MsgType) bool {
	if c == s.to && !s.asks || s.alike != 0 && s.alike == alike(t) {
		return true
	}
	if len(s.at) != 1 || s.passes {
		return false
	}
	_, ok := s.at[0].claimsChannel(c)
	return ok
}

// mustWait says whether d would overtake the effects of what its sender ordered.
func (n *Node) mustWait(o *ordering, d wire.Datagram) bool {
	changes, updates := n.stand(&o.changes), n.stand(&o.updates)
	if !changes && !updates {
		return false
	}
	t := typeOf(d)
	for i := range d.RecipientCount() {
		c := d.Recipient(i)
		if changes && !o.changes.reaches(c, t) || updates && !n.isObject(c, t) && !o.updates.reaches(c, t) {
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
	for _, p := range n.peers.known {
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
	n := t.n
	if len(o.queue) == 0 {
		if !n.mustWait(o, d) {
			return false
		}
		o.since, o.relief = time.Now(), make(chan struct{})
		n.orders.held = append(n.orders.held, p)
		n.stats.OrdersWaited++
		n.askAbout(o)
	}
	o.queue = append(o.queue, held{slices.Clone(d), do})
	n.relief = o.relief
	return true
}

// askAbout asks the processes that p's orders wait for.
func (n *Node) askAbout(o *ordering) {
	for _, s := range []*standing{&o.changes, &o.updates} {
		for _, peer := range s.at {
			switch {
			case !n.unproven(s, peer):
			case peer == &n.orders.self:
				n.finishHere()
			default:
				n.askDone(peer, farthest)
			}
		}
	}
}

// releaseHeld routes what need not wait any longer: with all, everything.
func (n *Node) releaseHeld(all bool) {
	waiting := n.orders.held
	n.orders.held = nil
	for _, p := range waiting {
		n.release(p, all)
		if len(p.ordering.queue) > 0 {
			n.orders.held = append(n.orders.held, p)
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
	n.orders.waits.Observe(time.Since(o.since))
	o.queue = nil
	close(o.relief)
}
