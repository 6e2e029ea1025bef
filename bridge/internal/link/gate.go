package link

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Bounds of what one read can bring, see [gate].
const (
	// gateRead is the largest read that the gate lets through.
	gateRead = 32 << 10
	// gateRoom is more messages than gateRead bytes can hold, of the shortest
	// kind ("MSG a.1.1 1 0\r\n\r\n"), one begun in the read before included.
	gateRoom = gateRead/16 + 1
	// gateQueue is the length of the queue behind the gate.
	gateQueue = 8 * gateRoom
)

// gate is a connection to NATS whose Read waits until the queue behind it has
// room for all that one read can bring. The NATS library drops a message when
// the queue is full; behind the gate the queue never is. What waits, waits in
// the server, which ends the connection when it becomes too much: an end with a
// reason instead of a hole.
type gate struct {
	net.Conn
	room func() int // free places in the queue

	born time.Time
	read atomic.Int64 // when something was last read, in ns after born

	mu     sync.Mutex
	more   sync.Cond
	closed bool
}

func newGate(conn net.Conn, room func() int) *gate {
	g := &gate{Conn: conn, room: room, born: time.Now()}
	g.more.L = &g.mu
	return g
}

func (g *gate) Read(p []byte) (int, error) {
	if len(p) > gateRead {
		p = p[:gateRead]
	}
	if g.room() < gateRoom {
		g.mu.Lock()
		for g.room() < gateRoom && !g.closed {
			g.more.Wait()
		}
		g.mu.Unlock()
	}
	n, err := g.Conn.Read(p)
	g.read.Store(int64(time.Since(g.born)))
	return n, err
}

// quiet is how long nothing has been read.
func (g *gate) quiet(now time.Time) time.Duration {
	return now.Sub(g.born) - time.Duration(g.read.Load())
}

// drained is to be called when places became free.
func (g *gate) drained() {
	g.mu.Lock()
	g.more.Broadcast()
	g.mu.Unlock()
}

func (g *gate) Close() error {
	g.mu.Lock()
	g.closed = true
	g.more.Broadcast()
	g.mu.Unlock()
	return g.Conn.Close()
}
