package clientagent

import (
	"sync"

	"natstron/internal/stream"
)

// flusher writes what waits for clients when a turn has ended: for a few of them at
// once, as no goroutine has to wake up for that; for many in a goroutine, so that the
// owner of the turn can go on. What is queued meanwhile goes out with it.
type flusher struct {
	woken uint64 // the last turn that woke it; belongs to the node's turn

	mu      sync.Mutex
	waiting []*stream.Stream
	busy    bool             // a goroutine flushes, and takes what waits then
	spare   []*stream.Stream // empty; belongs to that goroutine
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
	all := f.next(false)
	if len(all) > 0 && len(all) <= few {
		f.flush(all)
		all = f.next(true)
	}
	if len(all) > 0 {
		go f.run(all)
	}
}

// run flushes until nothing waits.
func (f *flusher) run(all []*stream.Stream) {
	for ; len(all) > 0; all = f.next(true) {
		f.flush(all)
	}
}

// next is what the caller is to flush. It is nothing if another goroutine flushes;
// begun says that it is the caller.
func (f *flusher) next(begun bool) []*stream.Stream {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.busy && !begun {
		return nil
	}
	all := f.waiting
	if f.busy = len(all) > 0; f.busy {
		f.waiting, f.spare = f.spare, nil
	}
	return all
}

func (f *flusher) flush(all []*stream.Stream) {
	for _, s := range all {
		s.Flush()
	}
	clear(all)
	f.spare = all[:0]
}
