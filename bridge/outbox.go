package bridge

import (
	"sync/atomic"

	"natstron/bridge/internal/routing"
	"natstron/bridge/wire"
)

// outbox is the queue between routing and NATS: publishes, subscriptions and
// notes to the other nodes, in the order in which they happened. Routing never
// waits for the network; a queue that grows past its limit means that the
// backbone does not take what this node sends, and ends the link.
//
// It belongs to the node's lock. Two batches take turns: one is filled while
// the other is written.
type outbox struct {
	open    bool
	limit   int
	full    bool // the limit was passed: the link is given up when the turn ends
	filling *outBatch
	spare   *outBatch
	ready   chan struct{} // capacity 1

	// congested says that so much waits that senders should; relief is then
	// closed when it is over. See [Node.Pace].
	congested atomic.Bool
	relief    chan struct{}
}

// outBatch is a stretch of the queue.
type outBatch struct {
	ops   []op
	bytes []byte // the datagrams of the ops, each once
}

// op is one thing to do on the connection.
type op struct {
	kind       opKind
	cover      routing.Cover // opSubscribe, opUnsubscribe; opPublish: of the channel
	id         identity
	start, end int           // in bytes
	subject    string        // opNote
	reply      string        // opNote: where an answer goes; empty: none is wanted
	done       chan struct{} // opFlush
}

type opKind uint8

const (
	opPublish opKind = iota
	opSubscribe
	opUnsubscribe
	opNote
	opSubscribeEvents
	opUnsubscribeEvents
	opFlush // everything before it has been written, and all events
)

// opSize is what an op counts towards the limit, besides its bytes.
const opSize = 96

func newOutbox(limit int) outbox {
	return outbox{limit: limit, filling: new(outBatch), spare: new(outBatch), ready: make(chan struct{}, 1)}
}

// add appends an op whose bytes, if any, are already in the batch.
func (o *outbox) add(p op) {
	if !o.open {
		return
	}
	b := o.filling
	b.ops = append(b.ops, p)
	size := b.size()
	if size > o.limit {
		o.full = true
	}
	if size > o.limit/congestedPart && !o.congested.Load() {
		o.congested.Store(true)
		o.relief = make(chan struct{})
	}
}

// congestedPart is the part of the limit at which senders are slowed down.
const congestedPart = 8

func (b *outBatch) size() int { return len(b.bytes) + opSize*len(b.ops) }

// relieve lets senders go on.
func (o *outbox) relieve() {
	if o.congested.Load() {
		o.congested.Store(false)
		close(o.relief)
	}
}

// store copies d into the batch, for the ops that follow.
func (o *outbox) store(d []byte) (start, end int) {
	if !o.open {
		return 0, 0
	}
	b := o.filling
	start = len(b.bytes)
	b.bytes = append(b.bytes, d...)
	return start, len(b.bytes)
}

func (o *outbox) note(subject, reply string, payload []byte) {
	start, end := o.store(payload)
	o.add(op{kind: opNote, subject: subject, reply: reply, start: start, end: end})
}

// signal wakes the writer if there is something for it.
func (o *outbox) signal() {
	if len(o.filling.ops) == 0 {
		return
	}
	select {
	case o.ready <- struct{}{}:
	default:
	}
}

// take swaps the batches. The one returned is the caller's until the next take.
func (o *outbox) take() *outBatch {
	b := o.filling
	if b.size() <= o.limit/congestedPart { // what was taken before has been written
		o.relieve()
	}
	o.filling, o.spare = o.spare, b
	o.filling.reset()
	return b
}

// shut empties the queue, takes nothing more, and says how many datagrams were
// in it.
func (o *outbox) shut() (lost int) {
	lost = o.filling.publishes(0)
	o.open, o.full = false, false
	o.relieve()
	o.filling.reset()
	return lost
}

// publishes is how many datagrams are in the batch from an op on.
func (b *outBatch) publishes(from int) (n int) {
	for _, p := range b.ops[from:] {
		if p.kind == opPublish {
			n++
		}
	}
	return n
}

// keepBytes is the largest buffer that an emptied batch keeps.
const keepBytes = 1 << 20

func (b *outBatch) reset() {
	if cap(b.bytes) > keepBytes {
		b.bytes, b.ops = nil, nil
		return
	}
	clear(b.ops)
	b.bytes, b.ops = b.bytes[:0], b.ops[:0]
}

// publish queues a checked datagram for NATS, once for each distinct subject of
// its recipients that anybody else may listen to.
func (n *Node) publish(d wire.Datagram, id identity) {
	if !n.outbox.open || n.outbox.full { // lost, or about to be
		n.stats.Unpublished++
		return
	}
	n.published++
	n.ticks.sent()
	if n.interest != nil && n.interest.alone(n.turn) {
		return
	}
	start, end := 0, 0
	for i := range d.RecipientCount() {
		c := d.Recipient(i)
		if repeats(d, i) || (n.interest != nil && !n.interest.others(c)) {
			continue
		}
		if end == 0 {
			start, end = n.outbox.store(d)
			if id.origin == "" {
				n.seq = id.seq
			}
			n.stats.Published++
		}
		n.outbox.add(op{kind: opPublish, cover: routing.CoverOf(c), id: id, start: start, end: end})
		n.stats.Copies++
	}
}

// repeats says whether the recipient at i stands before i, too.
func repeats(d wire.Datagram, i int) bool {
	c := d.Recipient(i)
	for j := range i {
		if d.Recipient(j) == c {
			return true
		}
	}
	return false
}

// subscription tells the link of a change of what this node listens to.
func (n *Node) subscription(c routing.Cover, on bool) {
	kind := opUnsubscribe
	if on {
		kind = opSubscribe
		n.stats.Subscriptions++
	} else {
		n.stats.Subscriptions--
	}
	n.outbox.add(op{kind: kind, cover: c})
}

// resubscribe queues all subscriptions, for a new link.
func (n *Node) resubscribe() {
	n.table.Coverage.Renew(func(c routing.Cover) { n.outbox.add(op{kind: opSubscribe, cover: c}) })
}
