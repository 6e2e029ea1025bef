package bridge

import (
	"fmt"
	"sync"

	"natstron/bridge/internal/routing"
	"natstron/bridge/wire"
)

// router is the state that routing needs, and the one lock over it. Every
// datagram, every change of a subscription and every post-remove of the process
// goes through it one after the other: this total order is what most of the
// guarantees in the package's comment rest on. It does no I/O. What must be
// written goes into queues, which are emptied without the lock.
type router struct {
	mu sync.Mutex

	participants routing.Roster[*Participant]
	table        routing.Table[*Participant]
	noExtras     extras
	lastID       uint64

	routing  uint64 // counts datagrams, to deliver each once
	settling bool   // datagrams are being routed: what is sent meanwhile waits
	waiting  queue  // what has been sent and is not routed yet
	dirty    []Waker
	cut      []*Participant
	after    []func()
	relief   <-chan struct{}
	targets  []*Participant // scratch
	handlers []*Party       // scratch

	turn      uint64 // counts turns, to wake each sink once; starts at 1
	outbox    outbox
	published uint64 // counts what was to be published, whether or not anybody seemed to listen
	ticks     ticks
	seq       uint64 // of the last datagram published under the present origin
	ids       identities
	peers     peers
	effective effective
	settle    settling
	orders    orders
	foreign   foreign
	up        *upstream
	stats     Stats

	// interest tells whether another process or an operator listens. Nil where
	// nobody can tell: then everything is published.
	interest *interest
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
// except to from. Connections take it first; then each role handles it, once for
// all of its participants.
func (t Turn) route(from *Participant, d wire.Datagram) {
	r := &t.n.router
	r.find(from, d)
	r.stats.Sizes.Add(len(d))
	if len(r.targets) == 0 {
		return
	}
	r.stats.Wanted++
	r.handlers = r.handlers[:0]
	for _, p := range r.targets {
		switch party := p.party; {
		case p.cutOff:
		case party.Handler == nil:
			t.deliver(p, d)
		case len(party.targets) == 0:
			r.handlers = append(r.handlers, party)
			fallthrough
		default:
			party.targets = append(party.targets, p)
			r.stats.Delivered++
		}
	}
	for _, party := range r.handlers {
		party.Handler.Handle(t, d, party.targets)
		clear(party.targets)
		party.targets = party.targets[:0]
	}
}

// find collects the participants that a datagram matches, each once.
func (r *router) find(from *Participant, d wire.Datagram) {
	r.routing++
	r.targets = r.targets[:0]
	if from != nil {
		from.routed = r.routing
	}
	for i := range d.RecipientCount() {
		c := d.Recipient(i)
		if s := r.table.At(c); s.First != nil {
			r.target(s.First)
			for _, p := range s.Others() {
				r.target(p)
			}
		}
		for _, p := range r.table.RangesAt(c) {
			r.target(p)
		}
	}
}

func (r *router) target(p *Participant) {
	if p.routed != r.routing {
		p.routed = r.routing
		r.targets = append(r.targets, p)
	}
}

// deliver hands a datagram to a participant's sink.
func (t Turn) deliver(p *Participant, d wire.Datagram) {
	r, party := &t.n.router, p.party
	if !party.Sink.Deliver(r.routing, p, d) {
		p.cutOff = true
		r.cut = append(r.cut, p)
		r.stats.Overflows++
		return
	}
	r.stats.Delivered++
	t.Wake(party.Sink, &party.turn)
}
