package stream

import (
	"sync"
	"sync/atomic"
)

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

// Pool is the buffers that streams share. The zero Pool is ready for use, by
// any number of streams at once.
type Pool struct {
	small, large sync.Pool
	inUse        atomic.Int64
}

// InUse is how many bytes of memory hold what waits in all streams together.
func (p *Pool) InUse() int { return int(p.inUse.Load()) }

func (p *Pool) get(large bool) *chunk {
	pool, size := &p.small, smallChunk
	if large {
		pool, size = &p.large, largeChunk
	}
	p.inUse.Add(int64(size))
	if c, ok := pool.Get().(*chunk); ok {
		c.start, c.end, c.next = 0, 0, nil
		return c
	}
	return &chunk{data: make([]byte, size)}
}

func (p *Pool) put(c *chunk) {
	p.inUse.Add(-int64(len(c.data)))
	c.next = nil
	if len(c.data) == smallChunk {
		p.small.Put(c)
	} else {
		p.large.Put(c)
	}
}
