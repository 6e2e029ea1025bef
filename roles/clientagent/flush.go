package clientagent

import (
	"sync"

	"natstron/internal/stream"
)

// flusher writes what waits for clients when a turn has ended: for a few of them at
// once, as no goroutine has to wake up for that; for many in a goroutine, so that
// whoever had the turn can go on. What is queued meanwhile goes out with it.
type flusher struct {
	woken uint64 // the last turn that woke it; belongs to the node's turn

	mu      sync.Mutex
	waiting []*stream.Stream
	busy    bool             // somebody is at it, and takes what waits then
	spare   []*stream.Stream // empty; for whoever is at it
}

// few is how many streams are written without a goroutine.
const few = 8

// add has a stream flushed with the next Wake. It must not be waiting already.
func (f *flusher) add(s *stream.Stream) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiting = append(f.waiting, s)
}

// Wake implements [bridge.Waker].
func (f *flusher) Wake() {
	f.mu.Lock()
	if f.busy || len(f.waiting) == 0 {
		f.mu.Unlock()
		return
	}
	f.busy = true
	if len(f.waiting) > few {
		f.mu.Unlock()
		go f.run()
		return
	}
	var some [few]*stream.Stream
	n := copy(some[:], f.waiting)
	clear(f.waiting)
	f.waiting = f.waiting[:0]
	f.mu.Unlock()
	for _, s := range some[:n] {
		s.Flush()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.busy = len(f.waiting) > 0; f.busy {
		go f.run()
	}
}

// run flushes until nothing waits.
func (f *flusher) run() {
	for {
		f.mu.Lock()
		all := f.waiting
		if f.busy = len(all) > 0; !f.busy {
			f.mu.Unlock()
			return
		}
		f.waiting = f.spare
		f.mu.Unlock()
		for _, s := range all {
			s.Flush()
		}
		clear(all)
		f.spare = all[:0]
	}
}
