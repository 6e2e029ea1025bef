package logging

import (
	"bytes"
	"io"
	"sync"
	"time"
)

// maxWaiting is how many bytes of the log may wait for one output.
const maxWaiting = 1 << 20

// logWriter writes lines in a goroutine of its own, so that logging never waits: a
// log collector that stands still must not stop the process. Lines that come while
// maxWaiting bytes wait, and those that cannot be written, are dropped and counted; a
// line in their place says how many, as soon as there is room. It is safe for use by
// several goroutines.
type logWriter struct {
	to io.Writer
	// stuck is called when lines begin to be dropped, missing makes the line that
	// tells of them: how many, and how many since the start. Neither may log.
	stuck   func()
	missing func(lines, all uint64) []byte

	mu      sync.Mutex
	waiting []byte        // whole lines
	spare   []byte        // empty; what waits next
	writing bool          // a goroutine is at it
	idle    chan struct{} // not nil: to be closed when nothing waits
	untold  uint64        // lines dropped since it was last told
	dropped uint64        // in all
}

// Write takes one line. It never fails.
func (l *logWriter) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting)+len(line) > maxWaiting {
		l.drop(1)
		return len(line), nil
	}
	l.tell()
	l.waiting = append(l.waiting, line...)
	if !l.writing {
		l.writing = true
		go l.run()
	}
	return len(line), nil
}

// drop counts lines. The lock must be held.
func (l *logWriter) drop(lines int) {
	if l.untold == 0 {
		l.stuck()
	}
	l.untold += uint64(lines)
	l.dropped += uint64(lines)
}

// tell writes how many lines are missing here. The lock must be held.
func (l *logWriter) tell() {
	if l.untold > 0 {
		l.waiting = append(l.waiting, l.missing(l.untold, l.dropped)...)
		l.untold = 0
	}
}

// run writes until nothing waits.
func (l *logWriter) run() {
	broken := false
	for b := l.next(false); b != nil; b = l.next(broken) {
		n, err := l.to.Write(b)
		if broken = err != nil; broken {
			l.mu.Lock()
			l.drop(bytes.Count(b[min(max(n, 0), len(b)):], []byte("\n")))
			l.mu.Unlock()
		}
		l.reuse(b)
	}
}

// next is what is to be written now, nil for nothing. An output that is broken is not
// told how much it missed before somebody logs again.
func (l *logWriter) next(broken bool) []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.waiting) == 0 && !broken {
		l.tell()
	}
	if len(l.waiting) == 0 {
		l.writing = false
		if l.idle != nil {
			close(l.idle)
			l.idle = nil
		}
		return nil
	}
	b := l.waiting
	l.waiting, l.spare = l.spare, nil
	return b
}

// reuse keeps a buffer that is not large.
func (l *logWriter) reuse(b []byte) {
	if cap(b) > maxPooledLine {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.spare = b[:0]
}

// flush waits until everything is written, for at most so long.
func (l *logWriter) flush(limit time.Duration) {
	l.mu.Lock()
	if !l.writing {
		l.mu.Unlock()
		return
	}
	if l.idle == nil {
		l.idle = make(chan struct{})
	}
	idle := l.idle
	l.mu.Unlock()
	select {
	case <-idle:
	case <-time.After(limit):
	}
}

// lost is how many lines have been dropped.
func (l *logWriter) lost() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.dropped
}
