package bridge

import "natstron/bridge/internal/link"

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
// The node does not look into events. The event logger publishes JSON,
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

// An EventSubscription gets the events of the cluster.
type EventSubscription struct {
	node       *Node
	subscriber *link.Subscriber
}

// PublishEvent gives an event to every subscriber of the cluster, those of this
// process included. The event is copied. It may be called while routing. An
// error says that it is not published on the backbone: [ErrEventTooLong], or
// [ErrEventsFull]; subscribers of this process have got it nevertheless.
func (n *Node) PublishEvent(event []byte) error { return n.events.Publish(nil, event) }

// SubscribeEvents calls take for every event of the cluster from now on, one at
// a time. take may be called while routing: it must be quick, must not call into
// the node, and must copy what it wants to keep. Stop must follow; until then
// the subscription outlives lost connections.
func (n *Node) SubscribeEvents(take func(event []byte)) *EventSubscription {
	t := n.Begin()
	defer t.End()
	s, first := n.events.Subscribe(take)
	if first {
		n.outbox.Listen(n.options.Subjects.Events())
	}
	return &EventSubscription{n, s}
}

// Publish is as [Node.PublishEvent], but s itself does not get the event.
func (s *EventSubscription) Publish(event []byte) error {
	return s.node.events.Publish(s.subscriber, event)
}

// Stop ends the subscription: when it returns, take is not called any more.
func (s *EventSubscription) Stop() {
	t := s.node.Begin()
	defer t.End()
	if s.node.events.Unsubscribe(s.subscriber) {
		s.node.outbox.Ignore(s.node.options.Subjects.Events())
	}
}

// EventStats is the present state of the counters.
func (n *Node) EventStats() EventStats { return EventStats(n.events.Stats()) }
