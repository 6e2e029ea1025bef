package clientagent

import (
	"runtime"
	"slices"
	"sync"

	"natstron/internal/stream"
)

// flusher writes what waits for clients when a turn has ended: for a few of them at
// once, as no goroutine has to wake up for that; for many, or if the one that ended the
// turn has more to do, in goroutines, so that the next turn need not wait for them. What
// is queued meanwhile goes out with it.
type flusher struct {
	woken uint64 // the last turn that woke it; belongs to the node's turn
	// behind reports whether more has arrived, which the caller of Wake should handle first.
	behind func() bool

	mu      sync.Mutex
	waiting []*stream.Stream
	writers int // goroutines that flush
}

const (
	// few is how many streams are written without a goroutine.
	few = 8
	// share is how many a goroutine takes at once.
	share = 64
)

// add has a stream flushed with the next Wake. It must not be waiting already.
func (f *flusher) add(s *stream.Stream) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiting = append(f.waiting, s)
}

// Wake implements [bridge.Waker].
func (f *flusher) Wake() {
	var space [few]*stream.Stream
	f.mu.Lock()
	if n := len(f.waiting); n > 0 && n <= few && !f.behind() {
		all := f.take(space[:0], n)
		f.mu.Unlock()
		flush(all)
		return
	}
	f.share()
	f.mu.Unlock()
}

// share begins a goroutine if more waits than those that there are take next. One processor is
// left for the turns. The lock must be held.
func (f *flusher) share() {
	if len(f.waiting) > f.writers*share && f.writers < max(1, runtime.GOMAXPROCS(0)-1) {
		f.writers++
		go f.write()
	}
}

// write flushes until nothing waits.
func (f *flusher) write() {
	var space [share]*stream.Stream
	for {
		f.mu.Lock()
		all := f.take(space[:0], min(share, len(f.waiting)))
		if len(all) == 0 {
			f.writers--
			f.mu.Unlock()
			return
		}
		f.share()
		f.mu.Unlock()
		flush(all)
	}
}

// take moves the first streams that wait, n of them, to the end of all. The lock must be held.
func (f *flusher) take(all []*stream.Stream, n int) []*stream.Stream {
	all = append(all, f.waiting[:n]...)
	f.waiting = slices.Delete(f.waiting, 0, n)
	return all
}

func flush(all []*stream.Stream) {
	for _, s := range all {
		s.Flush()
	}
	clear(all)
}
