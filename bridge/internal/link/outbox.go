package link

import (
	"sync"

	"natstron/bridge/internal/identity"
	"natstron/bridge/internal/natsconn"
	"natstron/bridge/internal/routing"
	"natstron/bridge/wire"
	"natstron/internal/pressure"
)

// Outbox is the queue between routing and NATS: publishes, subscriptions and notes to the
// other nodes, in the order in which they happened, as they are written. Routing never waits
// for the network. A queue that grows past its limit means that the backbone does not take
// what this node sends, and ends the link.
//
// It belongs to its node's lock: a caller of a method must hold it, unless the method says
// otherwise. Two batches take turns: one is filled while the other is written.
type Outbox struct {
	// Interest tells whether others listen; nil where nobody can tell: then everything is
	// published.
	Interest *Interest
	// Seq is that of the last datagram published under the present origin.
	Seq uint64
	// Payload is what the server takes in a message, in bytes; 0: not known. TooLong is
	// told of a message that is longer, and left out.
	Payload int64
	TooLong func(subject string, bytes int)

	lock    sync.Locker
	prefix  string // of the subjects of channels
	origin  string // that datagrams are published under
	link    *Link  // that writes; nil: nobody does yet
	writing bool   // somebody writes, and will write what is queued meanwhile
	open    bool
	limit   int
	full    bool // the limit was passed: the link is given up when the turn ends
	filling *Batch
	spare   *Batch
	stats   OutboxStats

	subscriptions
	pongs []func() // what to do when the answers to pings come

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

// A Batch is a stretch of the queue.
type Batch struct {
	bytes   []byte
	written int   // of bytes
	link    *Link // that writes it
}

// NewOutbox returns an outbox that is shut, and belongs to a lock. prefix is that of the
// subjects of channels, limit is in bytes.
func NewOutbox(lock sync.Locker, prefix string, limit int) *Outbox {
	return &Outbox{lock: lock, prefix: prefix, limit: limit, filling: new(Batch), spare: new(Batch)}
}

// added takes note that something was queued.
func (o *Outbox) added() {
	size := len(o.filling.bytes)
	if size > o.limit {
		o.full = true
	}
	if size > o.limit/congestedPart {
		o.pressure.Raise()
	}
}

// congestedPart is the part of the limit at which senders are slowed down.
const congestedPart = 8

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

// Open has the outbox take what a new link is to write, under an origin.
func (o *Outbox) Open(origin string) {
	o.open, o.origin, o.Seq = true, origin, 0
	o.subscriptions.begin()
}

// Shut empties the queue, takes nothing more, and says how many datagrams were in it.
func (o *Outbox) Shut() (lost int) {
	lost = o.filling.publishes()
	o.stats.Unpublished += uint64(lost)
	o.open, o.full, o.writing, o.link = false, false, false, nil
	o.pongs = nil
	o.pressure.Relieve()
	o.filling, o.spare = new(Batch), new(Batch) // what is being written is not ours any more
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

// Note queues a message to other nodes or to an operator, and reports whether it is not too
// long. An answer goes to reply; empty: none is wanted.
func (o *Outbox) Note(subject, reply string, payload []byte) bool {
	if !o.open {
		return true
	}
	if !o.fits(subject, len(payload)) {
		return false
	}
	b := append(natsconn.AppendPublish(o.filling.bytes), subject...)
	if reply != "" {
		b = append(append(b, ' '), reply...)
	}
	o.filling.bytes = natsconn.AppendPayload(b, payload)
	o.added()
	return true
}

// fits reports whether the server takes a message.
func (o *Outbox) fits(subject string, bytes int) bool {
	if o.Payload == 0 || int64(bytes) <= o.Payload {
		return true
	}
	o.TooLong(subject, bytes)
	return false
}

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
	published := false
	for i := range d.RecipientCount() {
		c := d.Recipient(i)
		if repeats(d, i) || (o.Interest != nil && !o.Interest.others(c)) {
			continue
		}
		if !published {
			published = true
			if id.Origin == "" {
				o.Seq = id.Seq
			}
			o.stats.Published++
		}
		o.publish(c, d, id)
		o.stats.Copies++
	}
	switch {
	case o.Interest == nil:
		return Unknown
	case !published:
		return Nobody
	}
	return Somebody
}

// publish queues one copy of a datagram.
func (o *Outbox) publish(c wire.Channel, d wire.Datagram, id identity.Identity) {
	cover := routing.CoverOf(c)
	if o.Payload > 0 && int64(len(d)) > o.Payload {
		o.fits(string(cover.Append(nil, o.prefix)), len(d))
		return
	}
	if id.Origin == "" {
		id.Origin = o.origin
	}
	b := cover.Append(natsconn.AppendPublish(o.filling.bytes), o.prefix)
	b = id.Append(append(b, ' '))
	o.filling.bytes = natsconn.AppendPayload(b, d)
	o.added()
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

// Ping asks the server for an answer, which comes behind all that it has sent before, and then
// does something, in the turn in which that comes; never if the link ends before.
func (o *Outbox) Ping(do func()) {
	if !o.open {
		return
	}
	o.filling.bytes = natsconn.AppendPing(o.filling.bytes)
	o.pongs = append(o.pongs, do)
}

// ponged is the answer to the first ping that is not answered yet.
func (o *Outbox) ponged() {
	if len(o.pongs) == 0 {
		return // nobody has asked
	}
	do := o.pongs[0]
	o.pongs = o.pongs[1:]
	do()
}

// pong answers the server.
func (o *Outbox) pong() {
	if o.open {
		o.filling.bytes = natsconn.AppendPong(o.filling.bytes)
	}
}

// Begin takes what waits, to be written by [Batch.Write] when the lock is given back; nil if
// nothing waits, or somebody writes who will write that, too.
func (o *Outbox) Begin() *Batch {
	if o.writing || o.link == nil || len(o.filling.bytes) == 0 {
		return nil
	}
	o.writing = true
	return o.swapBatches()
}

// swapBatches swaps the batches.
func (o *Outbox) swapBatches() *Batch {
	b := o.filling
	if len(b.bytes) <= o.limit/congestedPart { // what was taken before has been written
		o.pressure.Relieve()
	}
	o.filling, o.spare = o.spare, b
	o.filling.reset()
	b.link = o.link
	return b
}

// next is what has been queued while b was written; nil: nothing, and nobody writes now.
// The lock must not be held.
func (o *Outbox) next(b *Batch) *Batch {
	o.lock.Lock()
	defer o.lock.Unlock()
	if b.link != o.link {
		return nil // it has ended
	}
	if len(o.filling.bytes) == 0 {
		o.pressure.Relieve()
		o.writing = false
		return nil
	}
	return o.swapBatches()
}

// lose counts what was not written of a batch. The lock must not be held.
func (o *Outbox) lose(b *Batch) {
	o.lock.Lock()
	defer o.lock.Unlock()
	o.stats.Unpublished += uint64(b.publishes())
}

// Stats is the present state of the counters.
func (o *Outbox) Stats() OutboxStats {
	s := o.stats
	s.Pending = len(o.filling.bytes)
	return s
}

// keepBytes is the largest buffer that an emptied batch keeps.
const keepBytes = 1 << 20

func (b *Batch) reset() {
	if cap(b.bytes) > keepBytes {
		b.bytes = nil
	}
	b.bytes, b.written = b.bytes[:0], 0
}
