package bridge

import (
	"sync"

	"natstron/internal/wire"
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
// something, without any lock held. A sink of several participants may be woken
// several times. It may be called by several goroutines.
type Sink interface {
	Deliver(routing uint64, to *Participant, d wire.Datagram) bool
	Wake()
}

// A Delivery is one datagram, and those participants of one inbox that receive
// it, in no particular order.
type Delivery struct {
	To       []*Participant
	Datagram wire.Datagram
}

// Inbox is the [Sink] of a role: a queue of datagrams in routing order, which
// one goroutine empties. A datagram for many participants of the same inbox is
// stored once.
type Inbox struct {
	// Ready has a value when there may be something to take. After Close it is
	// closed.
	Ready <-chan struct{}

	limit int
	ready chan struct{}

	mu      sync.Mutex
	closed  bool
	filling *batch
	routing uint64 // of the last entry
	spare   *batch
}

// batch is what an inbox held at one moment, in routing order.
type batch struct {
	deliveries []Delivery
	bytes      []byte // the datagrams, one after the other
	targets    []*Participant
	entries    []entry
}

// entry is a delivery before the batch is taken, by offsets: bytes and targets
// may still move.
type entry struct{ byteEnd, targetEnd int }

// NewInbox returns an inbox that takes at most limit bytes of datagrams.
func NewInbox(limit int) *Inbox {
	ready := make(chan struct{}, 1)
	return &Inbox{Ready: ready, ready: ready, limit: limit, filling: new(batch), spare: new(batch)}
}

// Deliver implements [Sink].
func (in *Inbox) Deliver(routing uint64, to *Participant, d wire.Datagram) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	b := in.filling
	n := len(b.entries)
	if in.closed {
		return false
	}
	if n > 0 && in.routing == routing {
		b.targets = append(b.targets, to)
		b.entries[n-1].targetEnd = len(b.targets)
		return true
	}
	if len(b.bytes)+len(d) > in.limit {
		return false
	}
	in.routing = routing
	b.bytes = append(b.bytes, d...)
	b.targets = append(b.targets, to)
	b.entries = append(b.entries, entry{len(b.bytes), len(b.targets)})
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

// Take returns what has been delivered since the last call, perhaps nothing. It
// is valid until the next call.
func (in *Inbox) Take() []Delivery {
	in.mu.Lock()
	b := in.filling
	in.filling, in.spare = in.spare, b
	in.filling.reset()
	in.mu.Unlock()

	byteStart, targetStart := 0, 0
	for _, e := range b.entries {
		b.deliveries = append(b.deliveries, Delivery{
			To:       b.targets[targetStart:e.targetEnd:e.targetEnd],
			Datagram: b.bytes[byteStart:e.byteEnd:e.byteEnd],
		})
		byteStart, targetStart = e.byteEnd, e.targetEnd
	}
	return b.deliveries
}

// keepBytes is the largest buffer that an emptied batch keeps.
const keepBytes = 1 << 20

func (b *batch) reset() {
	if cap(b.bytes) > keepBytes {
		b.bytes, b.targets, b.entries, b.deliveries = nil, nil, nil, nil
		return
	}
	clear(b.targets)
	clear(b.deliveries)
	b.bytes, b.targets, b.entries, b.deliveries = b.bytes[:0], b.targets[:0], b.entries[:0], b.deliveries[:0]
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
