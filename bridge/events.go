package bridge

import (
	"slices"
	"sync"

	"natstron/bridge/internal/link"
)

// Events are what an event logger writes down (protocol document 20). They are
// no datagrams: on the backbone they have a subject of their own,
// <prefix>ctl.events.<origin>, and nothing is routed because of them.
//
//  1. Events of one node arrive in the order in which they were published.
//  2. Publishing never waits, neither for the network nor for routing. What the
//     backbone does not take in time is dropped and counted; participants and
//     datagrams never suffer for it.
//  3. An event is published once, by the process that first had it. What comes from the
//     backbone must not be published again, or it goes round in circles.
//
// What an event says is not looked at here. The event logger publishes JSON,
// one object, and takes MessagePack as well.
const (
	// MaxEvent is the largest event, in bytes: what NATS takes by default.
	MaxEvent = link.MaxEvent

	kindEvents = "events"
)

// Why an event was not published.
var (
	ErrEventTooLong = link.ErrEventTooLong
	ErrEventsFull   = link.ErrEventsFull
)

// Events is the subject under which all events are, with the publishing node's
// origin as the last token.
func (s Subjects) Events() string { return s.Control() + "." + kindEvents + ".*" }

// EventStats are a node's counters of events.
type EventStats struct {
	Published uint64 // on NATS; not those that nobody listened to
	Received  uint64 // from NATS
	Dropped   uint64 // too long, or faster than the backbone took them
}

// events is a node's part in the events of the cluster. Its lock is a leaf: it
// may be taken while the node's is held, and none is taken under it.
type events struct {
	queue *link.Events // what is to be published; it outlives a lost connection

	mu          sync.Mutex
	subscribers []*EventSubscription
	received    uint64 // from NATS
}

// An EventSubscription gets the events of the cluster.
type EventSubscription struct {
	node *Node
	take func(event []byte)
}

// PublishEvent gives an event to every subscriber of the cluster, those of this
// process included. The event is copied. It may be called while routing. An
// error says that it is not published on the backbone: [ErrEventTooLong], or
// [ErrEventsFull]; subscribers of this process have got it nevertheless.
func (n *Node) PublishEvent(event []byte) error { return n.events.publish(nil, event) }

// SubscribeEvents calls take for every event of the cluster from now on, one at
// a time. take may be called while routing: it must be quick, must not call into
// the node, and must copy what it wants to keep. Stop must follow; until then
// the subscription outlives lost connections.
func (n *Node) SubscribeEvents(take func(event []byte)) *EventSubscription {
	s := &EventSubscription{node: n, take: take}
	t := n.Begin()
	defer t.End()
	if n.events.join(s) {
		n.outbox.Listen(n.options.Subjects.Events())
	}
	return s
}

// Publish is as [Node.PublishEvent], but s itself does not get the event.
func (s *EventSubscription) Publish(event []byte) error { return s.node.events.publish(s, event) }

// Stop ends the subscription: when it returns, take is not called any more.
func (s *EventSubscription) Stop() {
	t := s.node.Begin()
	defer t.End()
	if s.node.events.leave(s) {
		s.node.outbox.Ignore(s.node.options.Subjects.Events())
	}
}

// EventStats is the present state of the counters.
func (n *Node) EventStats() EventStats {
	n.events.mu.Lock()
	defer n.events.mu.Unlock()
	q := n.events.queue.Stats()
	return EventStats{Published: q.Published, Received: n.events.received, Dropped: q.Dropped}
}

// join says whether s is the first one.
func (e *events) join(s *EventSubscription) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.subscribers = append(e.subscribers, s)
	e.queue.SetOwn(true)
	return len(e.subscribers) == 1
}

// leave says whether s was the last one.
func (e *events) leave(s *EventSubscription) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	i := slices.Index(e.subscribers, s)
	if i < 0 {
		return false
	}
	e.subscribers = slices.Delete(e.subscribers, i, i+1)
	e.queue.SetOwn(len(e.subscribers) > 0)
	return len(e.subscribers) == 0
}

// wanted says whether anybody in this process subscribes.
func (e *events) wanted() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.subscribers) > 0
}

func (e *events) publish(from *EventSubscription, event []byte) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.deliver(from, event)
	return e.queue.Add(event)
}

// deliver hands an event to the subscribers of this process, except to from. The
// lock must be held.
func (e *events) deliver(from *EventSubscription, event []byte) {
	for _, s := range e.subscribers {
		if s != from {
			s.take(event)
		}
	}
}

// arrive takes an event from NATS.
func (e *events) arrive(event []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.received++
	e.deliver(nil, event)
}
