package database

import (
	"sync"

	"natstron/bridge/wire"
	"natstron/internal/pressure"
)

// queue holds the requests that wait. Ready are the first request for each doId, and
// creates for which all earlier deletes are done. It may be used by any number of
// goroutines.
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
	objects map[wire.DoID]*fifo[*request] // that wait for the one that is ready or under way

	creates fifo[*request]      // that wait for deletes
	deletes fifo[uint64]        // those not done, and done ones behind one that is not
	done    map[uint64]struct{} // of these
	last    uint64              // delete
}

func newQueue(limit int) *queue {
	q := &queue{
		limit:   limit,
		drained: make(chan struct{}),
		objects: map[wire.DoID]*fifo[*request]{},
		done:    map[uint64]struct{}{},
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
	switch {
	case r.creates():
		r.after = q.last
		if q.deletes.len() > 0 {
			q.creates.push(r)
			return true
		}
		q.setReady(r)
		return true
	case r.msg == wire.DBServerObjectDelete:
		q.last++
		r.after = q.last
		q.deletes.push(r.after)
	}
	if waiting, busy := q.objects[r.id]; busy {
		waiting.push(r)
		return true
	}
	q.objects[r.id] = &fifo[*request]{}
	q.setReady(r)
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
	if !r.creates() {
		waiting := q.objects[r.id]
		if waiting.len() > 0 {
			q.setReady(waiting.pop())
		} else {
			delete(q.objects, r.id)
		}
	}
	if r.msg == wire.DBServerObjectDelete {
		q.deleted(r.after)
	}
	q.closeDrained()
}

// deleted readies the creates that waited for this delete alone.
func (q *queue) deleted(n uint64) {
	q.done[n] = struct{}{}
	for q.deletes.len() > 0 {
		if _, ok := q.done[q.deletes.first()]; !ok {
			break
		}
		delete(q.done, q.deletes.pop())
	}
	for q.creates.len() > 0 && (q.deletes.len() == 0 || q.creates.first().after < q.deletes.first()) {
		q.setReady(q.creates.pop())
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
