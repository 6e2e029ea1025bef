package bridge

import (
	"fmt"
	"sync"

	"natstron/internal/wire"
)

// router is the state that routing needs, and the one lock over it. Every
// datagram, every change of a subscription and every post-remove of the process
// goes through it one after the other: this total order is what most of the
// guarantees in the package's comment rest on. It does no I/O. What must be
// written goes into queues, which are emptied without the lock.
type router struct {
	mu sync.Mutex

	participants roster
	noExtras     extras
	lastID       uint64
	channels     table
	ranges       segments
	coverage     *coverage

	routing uint64 // counts datagrams, to deliver each once
	dirty   []Sink // delivered to in this turn
	cut     []*Participant
	after   []func()
	targets []*Participant // scratch

	turn      uint64 // counts turns, to wake each participant's sink once; starts at 1
	outbox    outbox
	seq       uint64 // of the last datagram published under the present origin
	ids       identities
	peers     peers
	effective effective
	up        *upstream
	stats     Stats

	// interest tells whether another process or an operator listens. Nil where
	// nobody can tell: then everything is published.
	interest *interest
}

// A Turn is the exclusive right to route: nothing else in the process is routed
// between [Node.Begin] and [Turn.End]. It costs one lock for as many datagrams
// as arrived together. Do no I/O and take no other lock in between (see
// [Turn.Later]), and call no method of a [Participant]: those that it shares with Turn take a turn of
// their own.
type Turn struct{ n *Node }

// Begin waits for the turn.
func (n *Node) Begin() Turn {
	n.router.mu.Lock()
	return Turn{n}
}

// End gives the turn back, then wakes whoever was delivered to.
func (t Turn) End() { t.end().finish() }

// EndPaced is End for somebody who reads from a connection. If it does not return
// nil, one of those who were delivered to has too much to do: read on when the
// channel is closed, so that the connection's other end is slowed down, in place
// of a queue that grows.
func (t Turn) EndPaced() (relief <-chan struct{}) {
	work := t.end()
	if work != nil {
		for _, s := range work.dirty {
			if c, ok := s.(Crowd); ok && relief == nil {
				relief = c.Crowded()
			}
		}
	}
	work.finish()
	return relief
}

func (t Turn) end() *work {
	r := &t.n.router
	if r.up != nil && r.up.dirty {
		r.up.dirty = false
		r.dirty = append(r.dirty, r.up.sink)
	}
	if r.outbox.full {
		t.n.lose(errOutboxFull)
	}
	work := takeWork(r)
	r.turn++
	r.outbox.signal()
	r.mu.Unlock()
	return work
}

// Later does something when the turn has ended: writing to a log, say.
func (t Turn) Later(do func()) { t.n.router.after = append(t.n.router.after, do) }

// work is what a turn leaves to do when the lock is gone.
type work struct {
	dirty []Sink
	cut   []*Participant
	after []func()
}

var workPool = sync.Pool{New: func() any { return new(work) }}

func takeWork(r *router) *work {
	if len(r.dirty) == 0 && len(r.cut) == 0 && len(r.after) == 0 {
		return nil
	}
	w := workPool.Get().(*work)
	w.dirty, r.dirty = r.dirty, w.dirty[:0]
	w.cut, r.cut = r.cut, w.cut[:0]
	w.after, r.after = r.after, w.after[:0]
	return w
}

func (w *work) finish() {
	if w == nil {
		return
	}
	for _, s := range w.dirty {
		s.Wake()
	}
	for _, p := range w.cut {
		p.party.Dropped(ErrOverflow)
	}
	for _, do := range w.after {
		do()
	}
	clear(w.after)
	clear(w.dirty)
	clear(w.cut)
	workPool.Put(w)
}

// Send routes a datagram of p: to the backbone and the upstream first, then to
// every other local participant that one of its recipients matches, once each.
// d is copied. An error says that nothing was routed: [ErrCutOff], or that d is
// malformed.
func (t Turn) Send(p *Participant, d wire.Datagram) error {
	if p.cutOff {
		return ErrCutOff
	}
	if err := check(d); err != nil {
		t.n.router.stats.Malformed++
		return err
	}
	r := &t.n.router
	r.stats.Sent++
	r.stats.SentBytes += uint64(len(d))
	if r.up != nil {
		r.up.datagram(d)
	}
	r.publish(d, r.nextIdentity(p))
	r.route(p, d)
	return nil
}

// Routing is the number of the datagram that the node routed last: those that it
// routes from now on have higher ones ([Delivery]). So somebody can tell what was
// routed before a participant joined.
func (t Turn) Routing() uint64 { return t.n.router.routing }

// SendDown routes a datagram that came from the upstream: as Send, but not up
// again.
func (t Turn) SendDown(d wire.Datagram) error {
	if err := check(d); err != nil {
		t.n.router.stats.Malformed++
		return err
	}
	r := &t.n.router
	r.stats.Down++
	r.publish(d, r.nextIdentity(nil))
	r.route(nil, d)
	return nil
}

// check says whether d can be routed: its recipients are all there, and it fits
// into a frame of the message director.
func check(d wire.Datagram) error {
	if len(d) > wire.MaxLength {
		return fmt.Errorf("datagram %w: %d bytes, at most %d", wire.ErrTooLong, len(d), wire.MaxLength)
	}
	return d.Check()
}

// nextIdentity is the identity of a datagram that is published now.
func (r *router) nextIdentity(p *Participant) identity {
	id := identity{seq: r.seq + 1}
	if p != nil {
		id.participant = p.id
	}
	return id
}

// route hands a checked datagram to the local participants that it matches,
// except to from.
func (r *router) route(from *Participant, d wire.Datagram) {
	r.routing++
	r.targets = r.targets[:0]
	if from != nil {
		from.routed = r.routing
	}
	for i := range d.RecipientCount() {
		c := d.Recipient(i)
		if s := r.channels.at(c); s.first != nil {
			r.target(s.first)
			for _, p := range s.others() {
				r.target(p)
			}
		}
		if len(r.ranges) > 0 {
			for _, p := range r.ranges.at(c) {
				r.target(p)
			}
		}
	}
	r.stats.Sizes.Add(len(d))
	if len(r.targets) > 0 {
		r.stats.Wanted++
	}
	for _, p := range r.targets {
		r.deliver(p, d)
	}
}

func (r *router) target(p *Participant) {
	if p.routed != r.routing {
		p.routed = r.routing
		r.targets = append(r.targets, p)
	}
}

func (r *router) deliver(p *Participant, d wire.Datagram) {
	if p.cutOff {
		return
	}
	party := p.party
	if !party.Sink.Deliver(r.routing, p, d) {
		p.cutOff = true
		r.cut = append(r.cut, p)
		r.stats.Overflows++
		return
	}
	r.stats.Delivered++
	if party.turn != r.turn {
		party.turn = r.turn
		if n := len(r.dirty); n == 0 || r.dirty[n-1] != party.Sink { // parties of a role share one
			r.dirty = append(r.dirty, party.Sink)
		}
	}
	if party.Claim != nil {
		if c, ok := party.Claim(d); ok {
			r.claim(p, c)
		}
	}
}
