package bridge

import (
	"sync"

	"natstron/bridge/internal/foreign"
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
	n.mu.Lock()
	return Turn{n}
}

// End routes what still waits, gives the turn back, writes what others are to get to NATS,
// and then wakes the sinks that something was delivered to.
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
	n := t.n
	if n.up != nil && n.up.dirty {
		n.up.dirty = false
		n.dirty = append(n.dirty, n.up.sink)
	}
	if n.outbox.Full() {
		n.lose(errOutboxFull)
	}
	w = takeWork(n)
	relief, n.relief = n.relief, nil
	n.turn++
	batch := n.outbox.Begin()
	n.mu.Unlock()
	if batch != nil {
		batch.Write()
	}
	return w, relief
}

// Later does something when the turn has ended: writing to a log, say.
func (t Turn) Later(do func()) { t.n.after = append(t.n.after, do) }

// A Waker is woken when a turn has ended.
type Waker interface {
	// Wake may be called by several goroutines at once, without any lock held.
	Wake()
}

// Wake wakes w when the turn has ended, once however often it is called in the turn
// with the same last, which only this method may touch.
func (t Turn) Wake(w Waker, last *uint64) {
	n := t.n
	if *last == n.turn {
		return
	}
	*last = n.turn
	if end := len(n.dirty) - 1; end < 0 || n.dirty[end] != w { // several participants may share one
		n.dirty = append(n.dirty, w)
	}
}

// SlowDown asks the connections whose datagrams are routed in this turn to send no
// more until relief is closed.
func (t Turn) SlowDown(relief <-chan struct{}) { t.n.relief = relief }

// work is what a turn leaves to do when the lock is gone.
type work struct {
	dirty []Waker
	cut   []*Participant
	after []func()
}

var workPool = sync.Pool{New: func() any { return new(work) }}

func takeWork(n *Node) *work {
	if len(n.dirty) == 0 && len(n.cut) == 0 && len(n.after) == 0 {
		return nil
	}
	w := workPool.Get().(*work)
	w.dirty, n.dirty = n.dirty, w.dirty[:0]
	w.cut, n.cut = n.cut, w.cut[:0]
	w.after, n.after = n.after, w.after[:0]
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
	t.n.waiting.add(p, d)
	return nil
}

// Route is [Turn.Send] and [Turn.Settle] in one: d is routed now, with all that
// comes of it. Within a handler it is no more than Send.
func (t Turn) Route(p *Participant, d wire.Datagram) error {
	if err := t.accept(p, d); err != nil {
		return err
	}
	n := t.n
	if n.settling {
		n.waiting.add(p, d)
		return nil
	}
	t.Settle()
	if !t.hold(p, d, nil) {
		n.settling = true
		t.routeSent(p, d)
		n.settling = false
		t.Settle()
	}
	return nil
}

func (t Turn) accept(p *Participant, d wire.Datagram) error {
	if p.cutOff {
		return ErrCutOff
	}
	n := t.n
	if err := check(d); err != nil {
		n.stats.Malformed++
		return err
	}
	n.stats.Sent++
	n.stats.SentBytes += uint64(len(d))
	return nil
}

// routeSent routes a datagram of p: to the backbone and the upstream first, then to
// every other local participant that one of its recipients matches, once each.
func (t Turn) routeSent(p *Participant, d wire.Datagram) {
	n := t.n
	if h := p.party.Hold; h != nil && h.on {
		t.keep(h, p, d)
		return
	}
	if n.members.Any() || len(n.holds) > 0 {
		t.n.note(p, d)
	}
	if !n.foreign.Empty() && foreign.IsEntry(d.Type()) {
		t.tellGone(n.foreign.EnterHere(d))
	}
	if n.up != nil {
		n.up.datagram(d)
	}
	if len(n.lost.channels) > 0 {
		if d = n.keepForLost(d); d == nil {
			return
		}
	}
	n.audience = n.publish(d, n.nextIdentity(p))
	if audience := n.audience; !t.route(p, d) {
		n.noteUnheard(p, d, audience)
	}
}

// RouteDown routes a datagram that came from the upstream: as Route, but not up
// again.
func (t Turn) RouteDown(d wire.Datagram) error {
	n := t.n
	if err := check(d); err != nil {
		n.stats.Malformed++
		return err
	}
	n.stats.Down++
	t.complete(func() {
		n.audience = n.publish(d, n.nextIdentity(nil))
		t.route(nil, d)
	})
	return nil
}

// complete routes one datagram and then all that comes of it. What was sent before
// comes first. No handler may be at work.
func (t Turn) complete(route func()) {
	n := t.n
	t.Settle()
	n.settling = true
	route()
	n.settling = false
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
	n := t.n
	if n.settling || n.waiting.empty() {
		return
	}
	n.settling = true
	for s, d, ok := n.waiting.next(); ok; s, d, ok = n.waiting.next() {
		switch {
		case s.do != nil:
			s.do(t)
		case !t.hold(s.from, d, nil):
			t.routeSent(s.from, d)
		}
	}
	n.settling = false
}
