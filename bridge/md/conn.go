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

// participant is one TCP connection to the message director port. What reads it
// belongs to one goroutine at a time.
type participant struct {
	server *Server
	conn   net.Conn
	log    *slog.Logger
	sink   *sink
	p      *bridge.Participant
	gone   chan struct{} // closed when dropped has shut the connection

	frames   *wire.FrameReader
	now      *nowReader      // nil: it is read by serve
	warnings []func()        // to be logged when the turn has ended
	relief   <-chan struct{} // not nil: to be waited for before the next read
}

// Why a connection is closed here.
var (
	errEmpty = errors.New("empty datagram")
)

// open prepares to read. Until then nobody else knows the participant.
func (c *participant) open() (err error) {
	if c.server.porter == nil {
		c.frames = wire.NewFrameReader(c.conn, readBuffer)
		return nil
	}
	if c.now, err = newNowReader(c.conn); err != nil {
		return err
	}
	c.frames = wire.NewFrameReader(c.now, readBuffer)
	return nil
}

// serve reads until the connection ends, then leaves. Only where connections are
// not read in the order of arrival.
func (c *participant) serve() {
	var err error
	for err == nil {
		if err = c.frames.Fill(); err == nil {
			err = c.turn()
			c.pause()
		}
	}
	c.end(err)
}

// readNow routes what has arrived, without waiting for more. It stops when the
// connection is quiet, or after about limit bytes; busy says that it was not
// quiet, or that pause is to be called first. ended says that the other side
// has ended the connection: then all of it is read.
func (c *participant) readNow(limit int, ended bool) (busy bool, err error) {
	for taken := 0; taken < limit; taken += c.now.n {
		err := c.frames.Fill()
		if errors.Is(err, errNothing) {
			return false, nil
		}
		if err == nil {
			err = c.turn()
		}
		if err != nil || len(c.warnings) > 0 || c.relief != nil {
			return true, err
		}
		if !c.now.full && !ended {
			return false, nil
		}
	}
	return true, nil
}

// turn routes all frames that one read brought.
func (c *participant) turn() error {
	frame, ok := c.frames.Next()
	if !ok {
		return nil
	}
	t := c.server.node.Begin()
	defer func() { c.relief = t.EndPaced() }()
	for ; ok; frame, ok = c.frames.Next() {
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
	err := t.Route(c.p, d)
	if errors.Is(err, bridge.ErrCutOff) {
		return err
	}
	if err != nil {
		c.warnings = append(c.warnings, func() { c.log.Warn("refused a datagram", "error", err) })
	}
	return nil
}

// pause does what may take its time between two turns: it logs, and waits while
// what was sent is too much for those who get it, or for the backbone.
func (c *participant) pause() {
	c.warn()
	c.server.node.Pace()
	if c.relief != nil {
		select {
		case <-c.relief:
		case <-c.gone: // it is to end
		}
		c.relief = nil
	}
}

// warn logs what is to be said about the turns that have ended.
func (c *participant) warn() {
	for _, say := range c.warnings {
		say()
	}
	c.warnings = nil
}

// end ends the participant after err ended its connection. Nobody may be reading
// it any more.
func (c *participant) end(err error) {
	c.warn()
	if errors.Is(err, bridge.ErrCutOff) {
		<-c.gone // what it was sent before may still go out
	}
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
	c.server.gone(c)
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
	written := c.sink.Close()
	go func() {
		defer close(c.gone)
		select {
		case <-written:
		case <-time.After(linger):
		}
		c.shut()
	}()
}

// shut makes whoever reads the connection find that it has ended. What the socket
// has taken still goes out.
func (c *participant) shut() {
	conn, ok := c.conn.(interface {
		CloseRead() error
		CloseWrite() error
	})
	if !ok {
		_ = c.conn.Close() // it was to end
		return
	}
	_ = conn.CloseWrite() // it was to end
	_ = conn.CloseRead()
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
