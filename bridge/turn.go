package bridge

import (
	"sync"

	"natstron/bridge/wire"
)

// A Turn is the exclusive right to route: nothing else in the process is routed
// between [Node.Begin] and [Turn.End]. It costs one lock for as many datagrams
// as arrived together. A role's state belongs to the turn, too, so a role needs no
// lock of its own.
//
// Do no I/O and take no lock that is held while a turn is awaited (see
// [Turn.Later]), and call no method of a [Participant]: those that it shares with
// Turn take a turn of their own.
type Turn struct{ n *Node }

// Begin waits for the turn.
func (n *Node) Begin() Turn {
	n.router.mu.Lock()
	return Turn{n}
}

// End routes what still waits, gives the turn back, and then wakes the sinks that
// something was delivered to.
func (t Turn) End() {
	work, _ := t.end()
	work.finish()
}

// EndPaced is End for the reader of a connection. If it does not return nil, a role
// has more to do than it should ([Turn.SlowDown]), or what was sent waits for the
// effects of what was sent before: read on when the channel is closed, so that the
// connection's other end is slowed down, instead of a queue growing.
func (t Turn) EndPaced() (relief <-chan struct{}) {
	work, relief := t.end()
	work.finish()
	return relief
}

func (t Turn) end() (w *work, relief <-chan struct{}) {
	t.Settle()
	r := &t.n.router
	if r.up != nil && r.up.dirty {
		r.up.dirty = false
		r.dirty = append(r.dirty, r.up.sink)
	}
	if r.outbox.full {
		t.n.lose(errOutboxFull)
	}
	w = takeWork(r)
	relief, r.relief = r.relief, nil
	r.turn++
	r.outbox.signal()
	r.mu.Unlock()
	return w, relief
}

// Later does something when the turn has ended: writing to a log, say.
func (t Turn) Later(do func()) { t.n.router.after = append(t.n.router.after, do) }

// A Waker is woken when a turn has ended.
type Waker interface {
	// Wake may be called by several goroutines at once, without any lock held.
	Wake()
}

// Wake wakes w when the turn has ended, once however often it is called in the turn
// with the same last, which only this method may touch.
func (t Turn) Wake(w Waker, last *uint64) {
	r := &t.n.router
	if *last == r.turn {
		return
	}
	*last = r.turn
	if n := len(r.dirty); n == 0 || r.dirty[n-1] != w { // several participants may share one
		r.dirty = append(r.dirty, w)
	}
}

// SlowDown asks the connections whose datagrams are routed in this turn to send no
// more until relief is closed.
func (t Turn) SlowDown(relief <-chan struct{}) { t.n.router.relief = relief }

// work is what a turn leaves to do when the lock is gone.
type work struct {
	dirty []Waker
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
		p.party.Dropped(p, ErrOverflow)
	}
	for _, do := range w.after {
		do()
	}
	clear(w.after)
	clear(w.dirty)
	clear(w.cut)
	workPool.Put(w)
}

// Send sends a datagram of p. It is routed in the order sent: once what was sent
// before it has been routed, and the roles have handled that. d is copied. An error
// says that nothing was sent: [ErrCutOff], or that d is malformed.
//
// A [Handler] sends from within Handle; any other role from within a turn that it
// has begun, see [Turn.Settle].
func (t Turn) Send(p *Participant, d wire.Datagram) error {
	if err := t.accept(p, d); err != nil {
		return err
	}
	t.n.router.waiting.add(p, d)
	return nil
}

// Route is [Turn.Send] and [Turn.Settle] in one: d is routed now, with all that
// comes of it. Within a handler it is no more than Send.
func (t Turn) Route(p *Participant, d wire.Datagram) error {
	if err := t.accept(p, d); err != nil {
		return err
	}
	r := &t.n.router
	if r.settling {
		r.waiting.add(p, d)
		return nil
	}
	t.Settle()
	if !t.hold(p, d, nil) {
		r.settling = true
		t.routeSent(p, d)
		r.settling = false
		t.Settle()
	}
	return nil
}

func (t Turn) accept(p *Participant, d wire.Datagram) error {
	if p.cutOff {
		return ErrCutOff
	}
	r := &t.n.router
	if err := check(d); err != nil {
		r.stats.Malformed++
		return err
	}
	r.stats.Sent++
	r.stats.SentBytes += uint64(len(d))
	return nil
}

// routeSent routes a datagram of p: to the backbone and the upstream first, then to
// every other local participant that one of its recipients matches, once each.
func (t Turn) routeSent(p *Participant, d wire.Datagram) {
	r := &t.n.router
	if len(r.peers.known) > 0 {
		t.n.note(p, d)
	}
	if len(r.foreign.objects) > 0 && isEntry(typeOf(d)) {
		t.enters(nil, typeOf(d), d)
	}
	if r.up != nil {
		r.up.datagram(d)
	}
	r.publish(d, r.nextIdentity(p))
	t.route(p, d)
}

// RouteDown routes a datagram that came from the upstream: as Route, but not up
// again.
func (t Turn) RouteDown(d wire.Datagram) error {
	r := &t.n.router
	if err := check(d); err != nil {
		r.stats.Malformed++
		return err
	}
	r.stats.Down++
	t.complete(func() {
		r.publish(d, r.nextIdentity(nil))
		t.route(nil, d)
	})
	return nil
}

// complete routes one datagram and then all that comes of it. What was sent before
// comes first. No handler may be at work.
func (t Turn) complete(route func()) {
	r := &t.n.router
	t.Settle()
	r.settling = true
	route()
	r.settling = false
	t.Settle()
}

// Settle routes all that has been sent and not been routed, and then what the roles
// send because of it, first in, first out, until nothing is left. Within a handler it
// does nothing: what a handler sends is routed when it has returned.
//
// A role that acts by itself in a turn of its own (a timer, an answer of a database, a
// message of a client) settles after each thing that it does, so that its effects are
// in place before the next.
func (t Turn) Settle() {
	r := &t.n.router
	if r.settling || r.waiting.empty() {
		return
	}
	r.settling = true
	for s, d, ok := r.waiting.next(); ok; s, d, ok = r.waiting.next() {
		switch {
		case s.do != nil:
			s.do(t)
		case !t.hold(s.from, d, nil):
			t.routeSent(s.from, d)
		}
	}
	r.settling = false
}
