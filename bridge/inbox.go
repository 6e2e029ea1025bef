package bridge

import (
	"slices"
	"sync"

	"natstron/bridge/wire"
)

// A Sink takes what a participant receives. Several participants may share one.
//
// Deliver is called while the node routes: it must copy what it keeps of d,
// must not block, and must not call into the node. routing is a number that is
// the same for all the participants that one datagram is delivered to, and
// different for the next datagram. Deliver returns false when it has no more
// room; the participant is then cut off, see [Node.Join].
//
// Wake is called after all that one turn delivered, for each sink that got
// something. A sink of several participants may be woken several times.
type Sink interface {
	Deliver(routing uint64, to *Participant, d wire.Datagram) bool
	Waker
}

// A Delivery is one datagram, and those participants of one inbox that receive
// it, in no particular order.
type Delivery struct {
	To       []*Participant
	Datagram wire.Datagram
	routing  uint64
}

// Inbox is a [Sink] for a program with a goroutine of its own that takes what
// arrives, such as a tool: a queue of datagrams in routing order. A role is a
// [Handler] instead.
type Inbox struct {
	// Ready has a value when there may be something to take. After Close it is
	// closed.
	Ready <-chan struct{}

	limit int
	ready chan struct{}

	mu     sync.Mutex
	closed bool
	bytes  int // of the datagrams
	queue  []Delivery
}

// NewInbox returns an inbox that takes at most limit bytes of datagrams.
func NewInbox(limit int) *Inbox {
	ready := make(chan struct{}, 1)
	return &Inbox{Ready: ready, ready: ready, limit: limit}
}

// Deliver implements [Sink].
func (in *Inbox) Deliver(routing uint64, to *Participant, d wire.Datagram) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.closed {
		return false
	}
	if n := len(in.queue); n > 0 && in.queue[n-1].routing == routing {
		in.queue[n-1].To = append(in.queue[n-1].To, to)
		return true
	}
	if in.bytes+len(d) > in.limit {
		return false
	}
	in.bytes += len(d)
	in.queue = append(in.queue, Delivery{[]*Participant{to}, slices.Clone(d), routing})
	return true
}

// Wake implements [Sink].
func (in *Inbox) Wake() {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.closed {
		return
	}
	select {
	case in.ready <- struct{}{}:
	default:
	}
}

// Take returns what has been delivered since the last call. It may be nothing.
func (in *Inbox) Take() []Delivery {
	in.mu.Lock()
	defer in.mu.Unlock()
	all := in.queue
	in.queue, in.bytes = nil, 0
	return all
}

// Close refuses all further deliveries, and closes Ready.
func (in *Inbox) Close() {
	in.mu.Lock()
	defer in.mu.Unlock()
	if !in.closed {
		in.closed = true
		close(in.ready)
	}
}
