package database

// lanes hold requests that are about the same thing: one is under way at a time, and they
// come in the order in which they arrived.
type lanes[K comparable] map[K]*fifo[*request]

// enter puts a request into a lane, and returns whether it waits there for others.
func (l lanes[K]) enter(key K, r *request) bool {
	if waiting, busy := l[key]; busy {
		waiting.push(r)
		return true
	}
	l[key] = &fifo[*request]{}
	return false
}

// leave ends the request that is under way, and returns the next one, if there is one.
func (l lanes[K]) leave(key K) *request {
	if waiting := l[key]; waiting.len() > 0 {
		return waiting.pop()
	}
	delete(l, key)
	return nil
}

// barrier holds requests up until all those are done that passed before them.
type barrier struct {
	last    uint64
	passed  fifo[uint64]        // that are not done, and done ones behind one that is not
	done    map[uint64]struct{} // of these
	waiting fifo[waiter]
}

type waiter struct {
	r     *request
	after uint64
}

// pass lets a request through, and numbers it.
func (b *barrier) pass() uint64 {
	b.last++
	b.passed.push(b.last)
	return b.last
}

// hold returns whether a request waits for some that have passed.
func (b *barrier) hold(r *request) bool {
	if b.passed.len() == 0 {
		return false
	}
	b.waiting.push(waiter{r, b.last})
	return true
}

// finish ends a request that has passed, and calls release with those that need not wait any
// more.
func (b *barrier) finish(n uint64, release func(*request)) {
	if b.done == nil {
		b.done = map[uint64]struct{}{}
	}
	b.done[n] = struct{}{}
	for b.passed.len() > 0 {
		if _, ok := b.done[b.passed.first()]; !ok {
			break
		}
		delete(b.done, b.passed.pop())
	}
	for b.waiting.len() > 0 && (b.passed.len() == 0 || b.waiting.first().after < b.passed.first()) {
		release(b.waiting.pop().r)
	}
}
