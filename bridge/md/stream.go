package md

import (
	"encoding/binary"
	"net"
	"sync"

	"natstron/bridge"
	"natstron/internal/wire"
)

// stream is what waits to be written to one TCP connection: frames, one after
// the other. It implements [bridge.Sink].
//
// Whoever ends the turn that filled it tries to write at once, without waiting:
// no goroutine has to wake up for it, and all that one turn delivered goes out
// in one write. Only when the socket is full does a goroutine take over, until
// the stream is empty again. An idle connection has neither a goroutine nor a
// buffer here.
type stream struct {
	conn   net.Conn
	pool   *chunkPool
	now    nowWriter // nil: the connection cannot write without waiting
	broken func()    // called when a write has failed: whoever reads is to find out
	limit  int

	mu         sync.Mutex
	head, tail *chunk // a list; tail is being filled
	queued     int    // bytes in the chunks, and in the one that is being written
	writing    bool   // somebody is at it, and will take what comes meanwhile
	closed     bool
	drained    chan struct{} // not nil after close, until everything is written
}

// nowWriter writes what a socket takes at once. It is not for use by several
// goroutines at the same time.
type nowWriter interface {
	// writeNow returns how many bytes the socket took; fewer than len(b) means
	// that it is full, or an error.
	writeNow(b []byte) (int, error)
}

// chunk is a piece of a stream; frames may begin in one and end in the next.
type chunk struct {
	start, end int
	data       []byte
	next       *chunk
}

// Sizes of chunks: the first of an empty stream, and those behind it.
const (
	smallChunk = 4 << 10
	largeChunk = 64 << 10
)

// chunkPool is the only state that connections share: buffers, in two sizes.
type chunkPool struct{ small, large sync.Pool }

func (p *chunkPool) get(large bool) *chunk {
	pool, size := &p.small, smallChunk
	if large {
		pool, size = &p.large, largeChunk
	}
	if c, ok := pool.Get().(*chunk); ok {
		c.start, c.end, c.next = 0, 0, nil
		return c
	}
	return &chunk{data: make([]byte, size)}
}

func (p *chunkPool) put(c *chunk) {
	if len(c.data) == smallChunk {
		p.small.Put(c)
	} else {
		p.large.Put(c)
	}
}

// frameHeader is the size of a frame's length.
const frameHeader = 2

// Deliver implements [bridge.Sink]: it appends a frame.
func (s *stream) Deliver(_ uint64, _ *bridge.Participant, d wire.Datagram) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return true // it is on its way out, for a reason that was told
	}
	if s.queued+frameHeader+len(d) > s.limit {
		return false
	}
	if c := s.last(); len(c.data)-c.end >= frameHeader+len(d) {
		binary.LittleEndian.PutUint16(c.data[c.end:], uint16(len(d)))
		c.end += frameHeader + copy(c.data[c.end+frameHeader:], d)
		s.queued += frameHeader + len(d)
		return true
	}
	var header [frameHeader]byte
	binary.LittleEndian.PutUint16(header[:], uint16(len(d)))
	s.append(header[:])
	s.append(d)
	return true
}

// Describe implements [bridge.Described].
func (s *stream) Describe() (address string, queued int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn.RemoteAddr().String(), s.queued
}

// last is the chunk that is being filled.
func (s *stream) last() *chunk {
	if s.tail == nil {
		s.tail = s.pool.get(false)
		s.head = s.tail
	}
	return s.tail
}

// append spreads b over as many chunks as it needs.
func (s *stream) append(b []byte) {
	s.queued += len(b)
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

// Wake implements [bridge.Sink]: it writes what the socket takes at once, and
// leaves the rest to a goroutine.
func (s *stream) Wake() {
	s.mu.Lock()
	if s.writing || s.queued == 0 {
		s.mu.Unlock()
		return
	}
	s.writing = true
	s.mu.Unlock()
	if s.now == nil || !s.writeNow() {
		go s.writeAll()
	}
}

// inlineWrites is how many times in a row the goroutine that woke a stream
// serves it before it goes back to its own work.
const inlineWrites = 4

// writeNow writes without waiting, and says whether it wrote everything.
func (s *stream) writeNow() bool {
	for range inlineWrites {
		c := s.front()
		if c == nil {
			return true
		}
		n, err := s.now.writeNow(c.data[c.start:c.end])
		if err != nil {
			s.fail()
			return true
		}
		if !s.wrote(c, n) {
			return false
		}
	}
	return false
}

// writeAll writes until nothing is queued.
func (s *stream) writeAll() {
	for {
		c := s.front()
		if c == nil {
			return
		}
		n, err := s.conn.Write(c.data[c.start:c.end])
		if err != nil {
			s.fail()
			return
		}
		s.wrote(c, n)
	}
}

// front takes the first chunk out of the queue, or ends the writing.
func (s *stream) front() *chunk {
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

// wrote takes note of n bytes of c, puts back what is left of it, and says
// whether there is nothing left.
func (s *stream) wrote(c *chunk, n int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queued -= n
	if c.start += n; c.start == c.end {
		s.pool.put(c)
		return true
	}
	if c.next = s.head; c.next == nil {
		s.tail = c
	}
	s.head = c
	return false
}

// fail gives the connection up.
func (s *stream) fail() {
	s.mu.Lock()
	s.head, s.tail, s.queued, s.closed, s.writing = nil, nil, 0, true, false
	s.settle()
	s.mu.Unlock()
	s.broken()
}

// close takes nothing more. What is queued is still written; the channel
// returned is closed when it has been.
func (s *stream) close() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	drained := make(chan struct{})
	s.drained = drained
	s.settle()
	return drained
}

// settle tells whoever waits in close. The lock must be held.
func (s *stream) settle() {
	if s.drained != nil && !s.writing && s.head == nil {
		close(s.drained)
		s.drained = nil
	}
}
