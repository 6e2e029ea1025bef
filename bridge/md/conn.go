package md

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"sync/atomic"
	"time"

	"natstron/bridge"
	"natstron/bridge/otp"
	"natstron/bridge/wire"
	"natstron/internal/alive"
)

// participant is one TCP connection to the message director port. What reads it
// belongs to one goroutine at a time.
type participant struct {
	server *Server
	conn   net.Conn
	log    *slog.Logger
	sink   *sink
	p      *bridge.Participant
	gone   chan struct{} // closed when dropped has shut the connection
	heard  bool          // it has sent something

	translated *translated // nil: it speaks Astron's protocol
	hinted     bool        // it was told that it speaks another

	unwatch func()      // ends the look after the host
	lost    atomic.Bool // the host has vanished
}

// Why a connection is closed here.
var (
	errEmpty = errors.New("empty datagram")
)

// takeFrames routes all frames that one read brought, each with all that comes of it
// before the next.
func (c *participant) takeFrames(frames *wire.FrameReader) (wait <-chan struct{}, err error) {
	t := c.server.node.Begin()
	defer func() { wait = t.EndPaced() }()
	for frame, ok := frames.Next(); ok; frame, ok = frames.Next() {
		if err := c.receive(t, wire.Datagram(frame[wire.FrameHeader:])); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// receive handles one datagram, as it came. An error ends the connection.
func (c *participant) receive(t bridge.Turn, d wire.Datagram) error {
	first := !c.heard
	c.heard = true
	switch {
	case len(d) == 0:
		return errEmpty
	case first && wire.IsHello(d):
		return wire.ErrClient
	case c.translated != nil && d.Check() == nil:
		return c.translated.translate(t, d)
	case otp.LooksLike(d):
		c.hint(t, "a participant speaks the OTP dialect of Disney's servers, and waits for answers that it will not get", OTP)
	}
	return c.handle(t, d)
}

// handle handles one datagram of Astron's protocol.
func (c *participant) handle(t bridge.Turn, d wire.Datagram) error {
	if d.IsControl() {
		return c.control(t, d)
	}
	err := t.Route(c.p, d)
	if errors.Is(err, bridge.ErrCutOff) {
		return err
	}
	if err != nil {
		t.Later(func() { c.log.Warn("refused a datagram", "error", err) })
	}
	return nil
}

// end ends the participant after err ended its connection. Nobody may be reading
// it any more.
func (c *participant) end(err error) {
	if errors.Is(err, bridge.ErrCutOff) {
		<-c.gone // what it was sent before may still go out
	}
	c.unwatch()
	c.p.Leave()
	if c.lost.Load() {
		err = alive.ErrVanished
	}
	if c.translated != nil {
		c.translated.logFailures()
	}
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed) || errors.Is(err, bridge.ErrCutOff):
		c.log.Info("lost connection", "cause", "closed")
	case errors.Is(err, wire.ErrHTTP) || errors.Is(err, wire.ErrTLS) || errors.Is(err, wire.ErrClient):
		c.server.foreign(c, err)
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

// vanished is called when the participant's host does not answer any more.
func (c *participant) vanished() {
	c.lost.Store(true)
	c.shut()
}

// shut makes the reader of the connection find that it has ended. What the socket
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

// isProtocolError reports whether the other side broke the protocol.
func isProtocolError(err error) bool {
	return errors.Is(err, errEmpty) || errors.Is(err, wire.ErrTruncated) ||
		errors.Is(err, bridge.ErrTooManySubscriptions) || errors.Is(err, bridge.ErrTooManyPostRemoves)
}

// reset makes Close send a reset, which tells the other side that the
// connection did not end in order.
func reset(conn net.Conn) {
	if tcp, ok := conn.(interface{ SetLinger(seconds int) error }); ok {
		_ = tcp.SetLinger(0) // then it is an ordinary end
	}
}
