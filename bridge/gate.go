package bridge

import (
	"net"
	"sync"
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
// reason in place of a hole.
type gate struct {
	net.Conn
	room func() int // free places in the queue

	mu     sync.Mutex
	more   sync.Cond
	closed bool
}

func newGate(conn net.Conn, room func() int) *gate {
	g := &gate{Conn: conn, room: room}
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
	return g.Conn.Read(p)
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
