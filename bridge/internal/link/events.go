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

// EventStats are the counters of a queue of events.
type EventStats struct {
	Published uint64 // on NATS; not those that nobody listened to
	Dropped   uint64 // too long, or faster than the backbone took them
}

// Events is a queue of events that are to be published. It outlives a lost link. Its lock
// is a leaf: it may be taken while the node's is held, and none is taken under it.
type Events struct {
	ready chan struct{} // capacity 1

	mu    sync.Mutex
	own   bool // this node listens to events
	queue [][]byte
	bytes int
	stats EventStats
}

// NewEvents returns an empty queue.
func NewEvents() *Events { return &Events{ready: make(chan struct{}, 1)} }

// Add copies an event to the end of the queue.
func (e *Events) Add(event []byte) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	var err error
	switch size := len(event) + eventSize; {
	case len(event) > MaxEvent:
		err = ErrEventTooLong
	case e.bytes+size > maxPendingEvents:
		err = ErrEventsFull
	default:
		e.queue = append(e.queue, slices.Clone(event))
		e.bytes += size
		select {
		case e.ready <- struct{}{}:
		default:
		}
		return nil
	}
	e.stats.Dropped++
	return err
}

// SetOwn says whether this node listens to events.
func (e *Events) SetOwn(own bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.own = own
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
	return batch, e.own
}

// written counts what became of a batch.
func (e *Events) written(published, dropped int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stats.Published += uint64(published)
	e.stats.Dropped += uint64(dropped)
}

// writeEvents publishes a batch of events and says whether there was one. Only the writer
// calls it.
func (l *Link) writeEvents() (any bool, err error) {
	e := l.config.Events
	batch, own := e.next()
	if len(batch) == 0 {
		return false, nil
	}
	subject := l.config.EventSubject + "." + l.origin
	if !l.config.Outbox.Interest.hears(subject, own) {
		return true, nil
	}
	l.writing.Store(true)
	published, dropped := 0, 0
	for _, event := range batch {
		switch err = l.nc.Publish(subject, event); {
		case err == nil:
			published++
		case l.tooLong(err, subject, len(event)):
			dropped++
			err = nil
		default:
			e.written(published, len(batch)-published)
			return true, err
		}
		l.written.Add(1)
	}
	e.written(published, dropped)
	return true, nil
}
