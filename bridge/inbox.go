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

// A Crowd is a [Sink] that can say that it has more to do than it should. Crowded
// is nil, or a channel that is closed when that is over. It may be called by any
// goroutine.
type Crowd interface{ Crowded() <-chan struct{} }

// A Delivery is one datagram, and those participants of one inbox that receive
// it, in no particular order. Routing is higher than that of any datagram that the
// node routed before, see [Turn.Routing].
type Delivery struct {
	To       []*Participant
	Datagram wire.Datagram
	Routing  uint64
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
	queued  int // bytes in all batches but the one taken last
	routing uint64
	first   *batch // a list; last is being filled
	last    *batch
	taken   *batch        // by the last Take
	relief  chan struct{} // not nil: so much waits that senders should; closed when it is over
	spare   *batch        // a list of empty ones
	spares  int
}

// batch is a stretch of what an inbox holds, in routing order. A backlog is many
// of them, so that it grows without being copied, and what one Take hands out
// stays in the processor's cache.
type batch struct {
	deliveries []Delivery
	bytes      []byte // the datagrams, one after the other
	targets    []*Participant
	entries    []entry
	next       *batch
}

// entry is a delivery before the batch is taken, by offsets: bytes and targets
// may still move.
type entry struct {
	byteEnd, targetEnd int
	routing            uint64
}

// Sizes of batches.
const (
	// batchBytes is how many bytes of datagrams end a batch; the last one may go
	// beyond it.
	batchBytes = 64 << 10
	// keepBatches is how many empty ones an inbox keeps.
	keepBatches = 4
	// crowdedBytes is how much waits when senders are slowed down, and half of it
	// when they may go on. What comes of a message is best handled while what the
	// message has touched is still in the processor's cache.
	crowdedBytes = 2 * batchBytes
	// keepTargets is how many targets an emptied batch keeps room for.
	keepTargets = 64 << 10
)

// NewInbox returns an inbox that takes at most limit bytes of datagrams.
func NewInbox(limit int) *Inbox {
	ready := make(chan struct{}, 1)
	empty := new(batch)
	return &Inbox{Ready: ready, ready: ready, limit: limit, first: empty, last: empty}
}

// Deliver implements [Sink].
func (in *Inbox) Deliver(routing uint64, to *Participant, d wire.Datagram) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	b := in.last
	n := len(b.entries)
	if in.closed {
		return false
	}
	if n > 0 && in.routing == routing {
		b.targets = append(b.targets, to)
		b.entries[n-1].targetEnd = len(b.targets)
		return true
	}
	if in.queued+len(d) > in.limit {
		return false
	}
	in.queued += len(d)
	if in.queued > crowdedBytes && in.relief == nil {
		in.relief = make(chan struct{})
	}
	in.routing = routing
	if len(b.bytes) >= batchBytes {
		b = in.more()
	}
	b.bytes = append(b.bytes, d...)
	b.targets = append(b.targets, to)
	b.entries = append(b.entries, entry{len(b.bytes), len(b.targets), routing})
	return true
}

// Queued is how many bytes of datagrams wait to be taken.
func (in *Inbox) Queued() int {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.queued
}

// Crowded implements [Crowd].
func (in *Inbox) Crowded() <-chan struct{} {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.relief
}

// relieve lets senders go on. The lock must be held.
func (in *Inbox) relieve() {
	if in.relief != nil {
		close(in.relief)
		in.relief = nil
	}
}

// more begins another batch.
func (in *Inbox) more() *batch {
	b := in.spare
	if b != nil {
		in.spare, b.next = b.next, nil
		in.spares--
	} else {
		full := in.last // what comes next is likely to be of the same kind
		b = &batch{
			bytes:   make([]byte, 0, cap(full.bytes)),
			targets: make([]*Participant, 0, min(cap(full.targets), keepTargets)),
			entries: make([]entry, 0, cap(full.entries)),
		}
	}
	in.last.next = b
	in.last = b
	return b
}

// Wake implements [Sink].
func (in *Inbox) Wake() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.wake()
}

func (in *Inbox) wake() {
	if in.closed {
		return
	}
	select {
	case in.ready <- struct{}{}:
	default:
	}
}

// Take returns what has been delivered since the last call, or, of a backlog,
// the first part; then Ready has a value again. It may be nothing. It is valid
// until the next call.
func (in *Inbox) Take() []Delivery {
	in.mu.Lock()
	in.recycle()
	b := in.first
	if b.next == nil {
		in.more()
	} else {
		in.wake()
	}
	in.first, b.next = b.next, nil
	in.queued -= len(b.bytes)
	if in.queued <= crowdedBytes/2 {
		in.relieve()
	}
	in.taken = b
	in.mu.Unlock()

	byteStart, targetStart := 0, 0
	for _, e := range b.entries {
		b.deliveries = append(b.deliveries, Delivery{
			To:       b.targets[targetStart:e.targetEnd:e.targetEnd],
			Datagram: b.bytes[byteStart:e.byteEnd:e.byteEnd],
			Routing:  e.routing,
		})
		byteStart, targetStart = e.byteEnd, e.targetEnd
	}
	return b.deliveries
}

// recycle empties the batch that was taken last. The lock must be held.
func (in *Inbox) recycle() {
	b := in.taken
	in.taken = nil
	if b == nil || in.spares == keepBatches || cap(b.targets) > keepTargets {
		return
	}
	clear(b.targets)
	clear(b.deliveries)
	b.bytes, b.targets, b.entries, b.deliveries = b.bytes[:0], b.targets[:0], b.entries[:0], b.deliveries[:0]
	b.next, in.spare = in.spare, b
	in.spares++
}

// Close refuses all further deliveries, and closes Ready.
func (in *Inbox) Close() {
	in.mu.Lock()
	defer in.mu.Unlock()
	if !in.closed {
		in.closed = true
		in.relieve()
		close(in.ready)
	}
}
