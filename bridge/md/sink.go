package md

import (
	"net"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/internal/stream"
)

// sink writes what a participant receives to a TCP connection: frames, one after
// the other. All that one turn delivered goes out in one write, by the goroutine that ended
// the turn. It implements [bridge.Sink].
type sink struct {
	*stream.Stream
	conn  net.Conn
	limit int // bytes that may wait
}

// newSink is the sink of a connection. broken is called when a write has failed.
func newSink(conn net.Conn, pool *stream.Pool, broken func(), limit int) *sink {
	return &sink{stream.New(conn, pool, broken), conn, limit}
}

// Deliver implements [bridge.Sink].
func (s *sink) Deliver(_ uint64, _ *bridge.Participant, d wire.Datagram) bool {
	return s.AppendFrame(d, s.limit)
}

// Wake implements [bridge.Sink].
func (s *sink) Wake() { s.Flush() }

// Describe implements [bridge.Described].
func (s *sink) Describe() (address string, queued int) {
	return s.conn.RemoteAddr().String(), s.Waiting()
}
