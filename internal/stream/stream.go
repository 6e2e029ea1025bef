package stream

import (
	"encoding/binary"
	"net"
	"sync"

	"natstron/internal/nonblock"
)

// Stream is what waits to be written to one connection. Its methods are safe for
// use by several goroutines.
type Stream struct {
	mu              sync.Mutex
	head, tail      *chunk // a list; tail is being filled
	appended, taken uint64 // bytes since the start
	writing         bool   // a goroutine is writing, and will write what comes meanwhile
	closed          bool
	drained         chan struct{} // not nil after Close, until everything is written

	conn   net.Conn
	pool   *Pool
	now    nowWriter // nil: the connection cannot write without waiting
	broken func()    // called when a write has failed
}

// nowWriter writes what a socket takes at once. It is not for use by several
// goroutines at the same time. A connection that is one is written as such.
type nowWriter interface {
	// WriteNow returns how many bytes the socket took; fewer than len(b) means
	// that it is full, or an error.
	WriteNow(b []byte) (int, error)
}

// New returns the stream of a connection, which must not be written to otherwise. broken
// is called once, without a lock, when a write has failed: it should end the reading of
// the connection.
func New(conn net.Conn, pool *Pool, broken func()) *Stream {
	s := &Stream{conn: conn, pool: pool, broken: broken}
	var ok bool
	if s.now, ok = conn.(nowWriter); !ok {
		if w := nonblock.NewWriter(conn); w != nil {
			s.now = w
		}
	}
	return s
}

// AppendFrame queues a frame of the protocol, the length of d and a copy of d, if
// no more than limit bytes wait then; otherwise it returns false and does nothing.
// After Close, or a failed write, it does nothing and returns true: the owner of
// the connection has been told already.
func (s *Stream) AppendFrame(d []byte, limit int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	size := frameHeader + len(d)
	switch {
	case s.closed:
		return true
	case int(s.appended-s.taken)+size > limit:
		return false
	}
	if c := s.last(); len(c.data)-c.end >= size {
		binary.LittleEndian.PutUint16(c.data[c.end:], uint16(len(d)))
		c.end += frameHeader + copy(c.data[c.end+frameHeader:], d)
		s.appended += uint64(size)
		return true
	}
	var header [frameHeader]byte
	binary.LittleEndian.PutUint16(header[:], uint16(len(d)))
	s.append(header[:])
	s.append(d)
	return true
}

// frameHeader is the size of a frame's length (document 00).
const frameHeader = 2

// Append queues a copy of b, and returns how many bytes wait now. After Close, or
// a failed write, it does nothing.
func (s *Stream) Append(b []byte) (waiting int) {
	s.mu.Lock()
	if !s.closed {
		s.append(b)
		waiting = int(s.appended - s.taken)
	}
	s.mu.Unlock()
	return waiting
}

// last is the chunk that is being filled.
func (s *Stream) last() *chunk {
	if s.tail == nil {
		s.tail = s.pool.get(false)
		s.head = s.tail
	}
	return s.tail
}

// append spreads b over as many chunks as it needs.
func (s *Stream) append(b []byte) {
	s.appended += uint64(len(b))
	for c := s.last(); ; {
		n := copy(c.data[c.end:], b)
		c.end += n
		if b = b[n:]; len(b) == 0 {
			return
		}
		c = s.pool.get(true)
		s.tail.next = c
		s.tail = c
	}
}

// Progress is how many bytes have been appended since the start, and how many of
// them the connection has taken. The difference is what waits.
func (s *Stream) Progress() (appended, taken uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return max(s.appended, s.taken), s.taken
}

// Waiting is how many bytes wait to be written.
func (s *Stream) Waiting() int {
	appended, taken := s.Progress()
	return int(appended - taken)
}

// Flush writes what the connection takes at once, and leaves the rest to a
// goroutine.
func (s *Stream) Flush() {
	s.mu.Lock()
	if s.writing || s.head == nil {
		s.mu.Unlock()
		return
	}
	s.writing = true
	s.mu.Unlock()
	if s.now == nil || !s.writeNow() {
		go s.writeAll()
	}
}

// inlineWrites is how many times in a row the goroutine that flushes a stream
// serves it before it goes back to its own work.
const inlineWrites = 4

// writeNow writes without waiting, and reports whether nothing is left to do.
func (s *Stream) writeNow() bool {
	for range inlineWrites {
		c := s.front()
		if c == nil {
			return true
		}
		n, err := s.now.WriteNow(c.data[c.start:c.end])
		if err != nil {
			s.fail(c)
			return true
		}
		if !s.wrote(c, n) {
			return false
		}
	}
	return false
}

// writeAll writes until nothing is queued.
func (s *Stream) writeAll() {
	for {
		c := s.front()
		if c == nil {
			return
		}
		n, err := s.conn.Write(c.data[c.start:c.end])
		if err != nil {
			s.fail(c)
			return
		}
		s.wrote(c, n)
	}
}

// front takes the first chunk out of the queue, or ends the writing.
func (s *Stream) front() *chunk {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.head
	if c == nil {
		s.writing = false
		s.settle()
		return nil
	}
	if s.head = c.next; s.head == nil {
		s.tail = nil
	}
	return c
}

// wrote takes note of n bytes of c, puts back what is left of it, and reports
// whether there is nothing left.
func (s *Stream) wrote(c *chunk, n int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken += uint64(n)
	if c.start += n; c.start == c.end {
		s.pool.put(c)
		return true
	}
	if s.closed && s.drained == nil { // Discard came meanwhile
		s.pool.put(c)
		return true
	}
	if c.next = s.head; c.next == nil {
		s.tail = c
	}
	s.head = c
	return false
}

// fail gives the connection up, with the chunk at hand.
func (s *Stream) fail(c *chunk) {
	s.mu.Lock()
	s.writing = false
	s.pool.put(c)
	s.discard()
	s.mu.Unlock()
	s.broken()
}

// Close takes nothing more. What is queued is still written, by Flush; the
// channel returned is closed when it has been, or when it never will be. It is
// to be called at most once.
func (s *Stream) Close() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	drained := make(chan struct{})
	s.closed, s.drained = true, drained
	s.settle()
	return drained
}

// Discard takes nothing more, and forgets what is queued.
func (s *Stream) Discard() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.discard()
}

func (s *Stream) discard() {
	for c := s.head; c != nil; {
		next := c.next
		s.pool.put(c)
		c = next
	}
	s.head, s.tail, s.closed = nil, nil, true
	s.appended = s.taken
	if s.drained != nil {
		close(s.drained)
		s.drained = nil
	}
}

// settle closes the channel of Close if all is written. The lock must be held.
func (s *Stream) settle() {
	if s.drained != nil && !s.writing && s.head == nil {
		close(s.drained)
		s.drained = nil
	}
}
