package link

import (
	"errors"
	"fmt"
	"slices"
	"sync"
)

const (
	// MaxEvent is the largest event, in bytes: what NATS takes by default.
	MaxEvent = 1 << 20

	maxPendingEvents = 4 << 20 // bytes
	eventSize        = 64      // what an event costs besides its bytes
	eventBatch       = 256     // events written before it is the datagrams' turn again
)

// Why an event was not queued.
var (
	ErrEventTooLong = fmt.Errorf("event is longer than %d bytes", MaxEvent)
	ErrEventsFull   = errors.New("events come faster than the backbone takes them")
)

// EventStats are a node's counters of events.
type EventStats struct {
	Published uint64 // on NATS; not those that nobody listened to
	Received  uint64 // from NATS
	Dropped   uint64 // too long, or faster than the backbone took them
}

// Events is a node's part in the events of the cluster: its subscribers, and a queue of
// what is to be published, which outlives a lost link. Its lock is a leaf: it may be taken
// while the node's is held, and none is taken under it.
type Events struct {
	ready chan struct{} // capacity 1

	mu          sync.Mutex
	subscribers []*Subscriber
	queue       [][]byte
	bytes       int
	stats       EventStats
}

// A Subscriber gets events by its function.
type Subscriber struct{ take func(event []byte) }

// NewEvents returns an empty queue without subscribers.
func NewEvents() *Events { return &Events{ready: make(chan struct{}, 1)} }

// Subscribe adds a subscriber, and reports whether it is the first one.
func (e *Events) Subscribe(take func(event []byte)) (s *Subscriber, first bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s = &Subscriber{take}
	e.subscribers = append(e.subscribers, s)
	return s, len(e.subscribers) == 1
}

// Unsubscribe removes a subscriber, and reports whether it was the last one.
func (e *Events) Unsubscribe(s *Subscriber) (last bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	i := slices.Index(e.subscribers, s)
	if i < 0 {
		return false
	}
	e.subscribers = slices.Delete(e.subscribers, i, i+1)
	return len(e.subscribers) == 0
}

// Wanted reports whether this node has subscribers.
func (e *Events) Wanted() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.subscribers) > 0
}

// Publish hands an event to the subscribers, but for from, and queues a copy of it.
func (e *Events) Publish(from *Subscriber, event []byte) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.deliver(from, event)
	var err error
	switch size := len(event) + eventSize; {
	case len(event) > MaxEvent:
		err = ErrEventTooLong
	case e.bytes+size > maxPendingEvents:
		err = ErrEventsFull
	default:
		e.queue = append(e.queue, slices.Clone(event))
		e.bytes += size
		e.signal()
		return nil
	}
	e.stats.Dropped++
	return err
}

// Arrive hands an event from NATS to the subscribers.
func (e *Events) Arrive(event []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stats.Received++
	e.deliver(nil, event)
}

func (e *Events) deliver(from *Subscriber, event []byte) {
	for _, s := range e.subscribers {
		if s != from {
			s.take(event)
		}
	}
}

// Stats is the present state of the counters.
func (e *Events) Stats() EventStats {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.stats
}

// next is a batch to be written, and whether this node listens to events.
func (e *Events) next() (batch [][]byte, own bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	batch = e.queue[:min(len(e.queue), eventBatch)]
	e.queue = e.queue[len(batch):]
	if len(e.queue) == 0 {
		e.queue = nil
	}
	for _, event := range batch {
		e.bytes -= len(event) + eventSize
	}
	return batch, len(e.subscribers) > 0
}

// written counts what became of a batch.
func (e *Events) written(published, dropped int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stats.Published += uint64(published)
	e.stats.Dropped += uint64(dropped)
}

// signal has the writer look for events.
func (e *Events) signal() {
	select {
	case e.ready <- struct{}{}:
	default:
	}
}

// queueEvents queues a batch of events between the datagrams. It returns what is to be
// written now, nil if that is nothing or somebody writes already, and whether there are more.
func (l *Link) queueEvents() (b *Batch, more bool) {
	e, o := l.config.Events, l.config.Outbox
	batch, own := e.next()
	if len(batch) == 0 {
		return nil, false
	}
	subject := l.config.EventSubject + "." + l.origin
	if !o.Interest.hears(subject, own) {
		return nil, true
	}
	published, dropped := 0, 0
	o.lock.Lock()
	for _, event := range batch {
		if o.Note(subject, "", event) {
			published++
		} else {
			dropped++
		}
	}
	b = o.Begin()
	o.lock.Unlock()
	e.written(published, dropped)
	return b, true
}
