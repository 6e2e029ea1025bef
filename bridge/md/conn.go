package md

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"time"

	"natstron/bridge"
	"natstron/internal/wire"
)

// readBuffer is the most that one read of a busy connection takes in, and so
// the most that one turn routes.
const readBuffer = 128 << 10

// participant is one TCP connection to the message director port.
type participant struct {
	server *Server
	conn   net.Conn
	log    *slog.Logger
	stream *stream
	p      *bridge.Participant
	gone   chan struct{} // closed when dropped has closed the connection
}

// Why a connection is closed here.
var (
	errEmpty = errors.New("empty datagram")
)

// serve reads until the connection ends, then leaves.
func (c *participant) serve() {
	frames := wire.NewFrameReader(c.conn, readBuffer)
	var err error
	for err == nil {
		if err = frames.Fill(); err == nil {
			err = c.turn(frames)
		}
	}
	if errors.Is(err, bridge.ErrCutOff) {
		<-c.gone // what it was sent before may still go out
	}
	c.leave(err)
}

// turn routes all frames that one read brought.
func (c *participant) turn(frames *wire.FrameReader) error {
	frame, ok := frames.Next()
	if !ok {
		return nil
	}
	c.server.node.Pace()
	t := c.server.node.Begin()
	defer t.End()
	for ; ok; frame, ok = frames.Next() {
		if err := c.take(t, wire.Datagram(frame[wire.FrameHeader:])); err != nil {
			return err
		}
	}
	return nil
}

// take handles one datagram. An error ends the connection.
func (c *participant) take(t bridge.Turn, d wire.Datagram) error {
	if len(d) == 0 {
		return errEmpty
	}
	if d.IsControl() {
		return c.control(t, d)
	}
	err := t.Send(c.p, d)
	if errors.Is(err, bridge.ErrCutOff) {
		return err
	}
	if err != nil {
		t.Later(func() { c.log.Warn("refused a datagram", "error", err) })
	}
	return nil
}

// leave ends the participant after err ended its connection.
func (c *participant) leave(err error) {
	c.p.Leave()
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, bridge.ErrCutOff):
		c.log.Info("lost connection", "cause", "closed")
	case isProtocolError(err):
		c.log.Error("closing a misbehaving participant", "error", err)
		reset(c.conn)
	default:
		c.log.Info("lost connection", "cause", err)
	}
	_ = c.conn.Close() // it is lost anyhow
}

// dropped is called by the node when it cannot go on serving the participant,
// and by Close. The reader finds the connection closed, and leaves.
func (c *participant) dropped(cause error) {
	if !errors.Is(cause, bridge.ErrStopped) {
		c.log.Warn("disconnecting", "cause", cause)
	}
	linger := c.server.options.Linger
	if errors.Is(cause, bridge.ErrOverflow) {
		linger = 0 // what is queued would not get through
	}
	written := c.stream.close()
	go func() {
		defer close(c.gone)
		select {
		case <-written:
		case <-time.After(linger):
		}
		_ = c.conn.Close() // it was to end
	}()
}

// isProtocolError says whether the other side broke the protocol.
func isProtocolError(err error) bool {
	return errors.Is(err, errEmpty) || errors.Is(err, wire.ErrTruncated) ||
		errors.Is(err, bridge.ErrTooManySubscriptions) || errors.Is(err, bridge.ErrTooManyPostRemoves)
}

// reset makes Close send a reset, which tells the other side that the
// connection did not end in order.
func reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // then it is an ordinary end
	}
}
