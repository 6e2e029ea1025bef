package database

import (
	"sync"

	"natstron/bridge/wire"
	"natstron/internal/pressure"
)

// queue holds the requests that wait. A request is ready when all those are done that
// arrived before it and
//
//   - are for the same doId,
//   - or give the same value of a unique index,
//   - or are deletes, or changes of indexed fields, if this one creates an object or gives a
//     value of a unique index: it may need an id or a value that these make free,
//   - or change what is in an index at all, if this one looks into one.
//
// It may be used by any number of goroutines.
type queue struct {
	mu      sync.Mutex
	more    sync.Cond // for next
	limit   int
	bytes   int
	held    int // requests here or under way
	closed  bool
	drained chan struct{} // closed when nothing is left after close
	crowd   pressure.Pressure

	ready   fifo[*request]
	objects lanes[wire.DoID]
	values  lanes[string]
	frees   barrier // for what may need an id or a value
	indexed barrier // for what looks into an index
}

func newQueue(limit int) *queue {
	q := &queue{
		limit:   limit,
		drained: make(chan struct{}),
		objects: lanes[wire.DoID]{},
		values:  lanes[string]{},
	}
	q.more.L = &q.mu
	return q
}

// add queues a request; false if there is no room.
func (q *queue) add(r *request) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || q.bytes+r.size > q.limit {
		return false
	}
	q.bytes += r.size
	q.held++
	if q.held > crowdedAt || q.bytes > q.limit/crowdedPart {
		q.crowd.Raise()
	}
	r.waits = 0
	waits := func(yes bool) {
		if yes {
			r.waits++
		}
	}
	waits(r.aboutObject() && q.objects.enter(r.id, r))
	for _, v := range r.values {
		waits(q.values.enter(v, r))
	}
	waits((r.creates() || len(r.values) > 0) && q.frees.hold(r))
	waits(r.find != nil && q.indexed.hold(r))
	if r.frees() {
		r.freeing = q.frees.pass()
	}
	if r.indexed {
		r.indexing = q.indexed.pass()
	}
	if r.waits == 0 {
		q.setReady(r)
	}
	return true
}

func (q *queue) setReady(r *request) {
	q.ready.push(r)
	q.more.Signal()
}

// next waits for a request that is ready. It returns nil when the queue is closed
// and has become empty.
func (q *queue) next() *request {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.ready.len() == 0 {
		if q.closed && q.held == 0 {
			return nil
		}
		q.more.Wait()
	}
	return q.ready.pop()
}

// finish ends a request that next has returned, and readies those that waited for it.
func (q *queue) finish(r *request) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.bytes -= r.size
	q.held--
	if q.held <= crowdedAt/2 && q.bytes <= q.limit/crowdedPart/2 {
		q.crowd.Relieve()
	}
	if r.aboutObject() {
		q.release(q.objects.leave(r.id))
	}
	for _, v := range r.values {
		q.release(q.values.leave(v))
	}
	if r.frees() {
		q.frees.finish(r.freeing, q.release)
	}
	if r.indexed {
		q.indexed.finish(r.indexing, q.release)
	}
	q.closeDrained()
}

// release has a request wait for one thing less; nil is none.
func (q *queue) release(r *request) {
	if r == nil {
		return
	}
	if r.waits--; r.waits == 0 {
		q.setReady(r)
	}
}

// close refuses further requests. drained is closed when all others are done.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.closeDrained()
}

func (q *queue) closeDrained() {
	if !q.closed || q.held > 0 {
		return
	}
	select {
	case <-q.drained:
	default:
		close(q.drained)
		q.more.Broadcast()
	}
}

// Senders are slowed down at this number of requests, or this part of the limit: enough
// to keep all workers busy, and few enough for a slow database to do them in time.
const (
	crowdedAt   = 1024
	crowdedPart = 8
)

// crowded is not nil if senders are to wait, until it is closed.
func (q *queue) crowded() <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.crowd.Relief()
}

// full reports whether there is no room for even the smallest request.
func (q *queue) full() bool {
	_, bytes := q.load()
	return bytes+requestSize > q.limit
}

// load is how many requests are held, and the bytes that they take.
func (q *queue) load() (requests, bytes int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.held, q.bytes
}

// fifo is a queue whose places are used again.
type fifo[T any] struct {
	items []T
	begin int
}

func (f *fifo[T]) len() int { return len(f.items) - f.begin }
func (f *fifo[T]) first() T { return f.items[f.begin] }

func (f *fifo[T]) push(v T) {
	if f.begin > 0 && len(f.items) == cap(f.items) && f.begin >= len(f.items)/2 {
		n := copy(f.items, f.items[f.begin:])
		clear(f.items[n:])
		f.items, f.begin = f.items[:n], 0
	}
	f.items = append(f.items, v)
}

func (f *fifo[T]) pop() T {
	v := f.items[f.begin]
	var none T
	f.items[f.begin] = none
	f.begin++
	if f.begin == len(f.items) {
		f.items, f.begin = f.items[:0], 0
	}
	return v
}
