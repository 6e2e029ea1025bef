package link

import (
	"sync"

	"natstron/bridge/internal/identity"
	"natstron/bridge/internal/routing"
	"natstron/bridge/wire"
	"natstron/internal/pressure"
)

// Outbox is the queue between routing and NATS: publishes, subscriptions and notes to the
// other nodes, in the order in which they happened. Routing never waits for the network.
// A queue that grows past its limit means that the backbone does not take what this node
// sends, and ends the link.
//
// It belongs to its node's lock: a caller of a method must hold it, unless the method says
// otherwise. Two batches take turns: one is filled while the other is written.
type Outbox struct {
	// Interest tells whether others listen; nil where nobody can tell: then everything is
	// published.
	Interest *Interest
	// Seq is that of the last datagram published under the present origin.
	Seq uint64

	lock    sync.Locker
	open    bool
	limit   int
	full    bool // the limit was passed: the link is given up when the turn ends
	filling *batch
	spare   *batch
	ready   chan struct{} // capacity 1
	stats   OutboxStats

	pressure pressure.Pressure // so much waits that senders should wait, too
}

// OutboxStats are an outbox's counters.
type OutboxStats struct {
	Wanted        uint64 // datagrams that were to be published, whether or not anybody seemed to listen
	Published     uint64 // datagrams that went to NATS
	Copies        uint64 // messages that they became, one for each subject
	Unpublished   uint64 // datagrams that did not reach NATS because the backbone was lost
	Subscriptions int    // on NATS
	Pending       int    // bytes waiting to be written
}

// batch is a stretch of the queue.
type batch struct {
	ops   []op
	bytes []byte // the datagrams of the ops, each once
}

// op is one thing to do on the connection.
type op struct {
	kind       opKind
	cover      routing.Cover // opSubscribe, opUnsubscribe; opPublish: of the channel
	id         identity.Identity
	start, end int           // in bytes
	subject    string        // opNote, opListen, opIgnore
	reply      string        // opNote: where an answer goes; empty: none is wanted
	done       chan struct{} // opFlush
}

type opKind uint8

const (
	opPublish opKind = iota
	opSubscribe
	opUnsubscribe
	opNote
	opListen // to a subject that is not a channel's
	opIgnore
	opFlush // everything before it has been written, and all events
)

// opSize is what an op counts towards the limit, besides its bytes.
const opSize = 96

// NewOutbox returns an outbox that is shut, and belongs to a lock. limit is in bytes.
func NewOutbox(lock sync.Locker, limit int) *Outbox {
	return &Outbox{lock: lock, limit: limit, filling: new(batch), spare: new(batch), ready: make(chan struct{}, 1)}
}

// add appends an op whose bytes, if any, are already in the batch.
func (o *Outbox) add(p op) {
	if !o.open {
		return
	}
	b := o.filling
	b.ops = append(b.ops, p)
	size := b.size()
	if size > o.limit {
		o.full = true
	}
	if size > o.limit/congestedPart {
		o.pressure.Raise()
	}
}

// congestedPart is the part of the limit at which senders are slowed down.
const congestedPart = 8

func (b *batch) size() int { return len(b.bytes) + opSize*len(b.ops) }

// Congested reports whether so much waits that senders should wait, too. It needs no lock.
func (o *Outbox) Congested() bool { return o.pressure.On() }

// Pace waits while the outbox is congested. It must be called without the lock.
func (o *Outbox) Pace() {
	if !o.pressure.On() {
		return
	}
	o.lock.Lock()
	relief := o.pressure.Relief()
	o.lock.Unlock()
	if relief != nil {
		<-relief
	}
}

// store copies d into the batch, for the ops that follow.
func (o *Outbox) store(d []byte) (start, end int) {
	if !o.open {
		return 0, 0
	}
	b := o.filling
	start = len(b.bytes)
	b.bytes = append(b.bytes, d...)
	return start, len(b.bytes)
}

// Open has the outbox take what a new link is to write.
func (o *Outbox) Open() { o.open, o.Seq = true, 0 }

// Shut empties the queue, takes nothing more, and says how many datagrams were in it.
func (o *Outbox) Shut() (lost int) {
	lost = o.filling.publishes(0)
	o.stats.Unpublished += uint64(lost)
	o.open, o.full = false, false
	o.pressure.Relieve()
	o.filling.reset()
	return lost
}

// IsOpen reports whether anything can be written.
func (o *Outbox) IsOpen() bool { return o.open }

// Full reports whether the limit was passed: the link is to be given up.
func (o *Outbox) Full() bool { return o.full }

// Alone reports whether nobody else can hear this node. One answer holds for a turn.
func (o *Outbox) Alone(turn uint64) bool {
	return !o.open || o.Interest != nil && o.Interest.alone(turn)
}

// Note queues a message to other nodes or to an operator. An answer goes to reply; empty:
// none is wanted.
func (o *Outbox) Note(subject, reply string, payload []byte) {
	start, end := o.store(payload)
	o.add(op{kind: opNote, subject: subject, reply: reply, start: start, end: end})
}

// Listen subscribes to a subject that is not a channel's.
func (o *Outbox) Listen(subject string) { o.add(op{kind: opListen, subject: subject}) }

// Ignore takes back Listen.
func (o *Outbox) Ignore(subject string) { o.add(op{kind: opIgnore, subject: subject}) }

// Audience is who may hear a datagram on NATS.
type Audience uint8

// Audiences.
const (
	Lost     Audience = iota // there is no backbone
	Nobody                   // and nothing was published
	Somebody                 // perhaps; or a program that watches everything
	Unknown                  // nobody can tell
)

// Publish queues a checked datagram, once for each distinct subject of its recipients that
// anybody else may listen to, and says who may hear it.
func (o *Outbox) Publish(d wire.Datagram, id identity.Identity, turn uint64) Audience {
	if !o.open || o.full { // lost, or about to be
		o.stats.Unpublished++
		return Lost
	}
	o.stats.Wanted++
	if o.Interest != nil && o.Interest.alone(turn) {
		return Nobody
	}
	start, end := 0, 0
	for i := range d.RecipientCount() {
		c := d.Recipient(i)
		if repeats(d, i) || (o.Interest != nil && !o.Interest.others(c)) {
			continue
		}
		if end == 0 {
			start, end = o.store(d)
			if id.Origin == "" {
				o.Seq = id.Seq
			}
			o.stats.Published++
		}
		o.add(op{kind: opPublish, cover: routing.CoverOf(c), id: id, start: start, end: end})
		o.stats.Copies++
	}
	switch {
	case o.Interest == nil:
		return Unknown
	case end == 0:
		return Nobody
	}
	return Somebody
}

// Watched reports whether somebody listens to everything, so that the rest cannot be told.
func (o *Outbox) Watched(turn uint64) bool {
	return o.Interest != nil && o.Interest.watched(turn)
}

// repeats reports whether the recipient at i stands before i, too.
func repeats(d wire.Datagram, i int) bool {
	c := d.Recipient(i)
	for j := range i {
		if d.Recipient(j) == c {
			return true
		}
	}
	return false
}

// Change queues a change of what this node subscribes to.
func (o *Outbox) Change(c routing.Cover, on bool) {
	if on {
		o.stats.Subscriptions++
		o.Subscribe(c)
	} else {
		o.stats.Subscriptions--
		o.add(op{kind: opUnsubscribe, cover: c})
	}
}

// Subscribe queues a subscription that is counted already, for a new link.
func (o *Outbox) Subscribe(c routing.Cover) { o.add(op{kind: opSubscribe, cover: c}) }

// Flush closes done when everything before it has been written, and all events.
func (o *Outbox) Flush(done chan struct{}) { o.add(op{kind: opFlush, done: done}) }

// Signal wakes the writer if there is something for it.
func (o *Outbox) Signal() {
	if len(o.filling.ops) == 0 {
		return
	}
	select {
	case o.ready <- struct{}{}:
	default:
	}
}

// Stats is the present state of the counters.
func (o *Outbox) Stats() OutboxStats {
	s := o.stats
	s.Pending = len(o.filling.bytes)
	return s
}

// take swaps the batches, under the lock. The one returned is the caller's until the next
// take.
func (o *Outbox) take() *batch {
	o.lock.Lock()
	defer o.lock.Unlock()
	b := o.filling
	if b.size() <= o.limit/congestedPart { // what was taken before has been written
		o.pressure.Relieve()
	}
	o.filling, o.spare = o.spare, b
	o.filling.reset()
	return b
}

// lose counts datagrams of a batch that were not written.
func (o *Outbox) lose(count int) {
	o.lock.Lock()
	defer o.lock.Unlock()
	o.stats.Unpublished += uint64(count)
}

// publishes is how many datagrams are in the batch from an op on.
func (b *batch) publishes(from int) (n int) {
	for _, p := range b.ops[from:] {
		if p.kind == opPublish {
			n++
		}
	}
	return n
}

// keepBytes is the largest buffer that an emptied batch keeps.
const keepBytes = 1 << 20

func (b *batch) reset() {
	if cap(b.bytes) > keepBytes {
		b.bytes, b.ops = nil, nil
		return
	}
	clear(b.ops)
	b.bytes, b.ops = b.bytes[:0], b.ops[:0]
}
