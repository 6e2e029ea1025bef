package eventlogger

import "sync"

// queue is events on their way from one goroutine to another. It holds limit
// bytes at most; what does not fit is dropped and counted, so that what is lost
// when there is no room is the newest. What the taker has not finished with
// counts as held.
type queue struct {
	limit int
	ready chan struct{} // capacity 1: there is something to take

	mu      sync.Mutex
	filling batch
	taken   int // bytes of what the taker has
	dropped uint64
}

// batch is events one behind the other.
type batch struct {
	bytes []byte
	ends  []int // of each event in bytes
}

// eventCost is what an event costs besides its bytes.
const eventCost = 8

// keepBytes is how much room an empty batch keeps for the next events.
const keepBytes = 1 << 20

func newQueue(limit int) *queue { return &queue{limit: limit, ready: make(chan struct{}, 1)} }

func (b *batch) size() int { return len(b.bytes) + eventCost*len(b.ends) }

func (b *batch) reset() {
	if cap(b.bytes) > keepBytes {
		*b = batch{}
		return
	}
	b.bytes, b.ends = b.bytes[:0], b.ends[:0]
}

// add copies an event into the queue.
func (q *queue) add(event []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.taken+q.filling.size()+len(event)+eventCost > q.limit {
		q.dropped++
		return
	}
	q.filling.bytes = append(q.filling.bytes, event...)
	q.filling.ends = append(q.filling.ends, len(q.filling.bytes))
	select {
	case q.ready <- struct{}{}:
	default:
	}
}

// swap swaps an empty batch, or one that the taker has finished with, for all
// that is queued.
func (q *queue) swap(b *batch) {
	q.mu.Lock()
	defer q.mu.Unlock()
	b.reset()
	*b, q.filling = q.filling, *b
	q.taken = b.size()
}

// lost is how many events were dropped so far.
func (q *queue) lost() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.dropped
}

// len is how many events are queued.
func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.filling.ends)
}
