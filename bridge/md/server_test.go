package md

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"natstron/bridge"
	"natstron/internal/wire"
)

// patience bounds every wait in these tests; nothing waits that long unless it
// fails.
const patience = 20 * time.Second

func startNode(t testing.TB, o bridge.Options) *bridge.Node {
	t.Helper()
	o.Embedded = bridge.Embedded{Listen: "none"}
	node, err := bridge.Start(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		node.Stop(ctx)
	})
	return node
}

func startServer(t testing.TB, node *bridge.Node, o Options) *Server {
	t.Helper()
	s, err := Listen(context.Background(), node, "127.0.0.1:0", o)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	t.Cleanup(func() {
		s.Close()
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return s
}

// client is an AI process's end of a connection.
type client struct {
	t    testing.TB
	conn net.Conn
	in   *wire.FrameReader
}

func dial(t testing.TB, s *Server) *client {
	t.Helper()
	conn, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &client{t: t, conn: conn, in: wire.NewFrameReader(conn, 0)}
}

// frame is a datagram with its length.
func frame(d wire.Datagram) []byte {
	return append([]byte{byte(len(d)), byte(len(d) >> 8)}, d...)
}

func datagram(t testing.TB, fill func(*wire.Writer)) wire.Datagram {
	t.Helper()
	var w wire.Writer
	fill(&w)
	d, err := w.Datagram()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func text(t testing.TB, sender wire.Channel, s string, recipients ...wire.Channel) wire.Datagram {
	return datagram(t, func(w *wire.Writer) { w.Header(sender, 1234, recipients...).Text(s) })
}

func (c *client) send(d wire.Datagram) {
	c.t.Helper()
	if _, err := c.conn.Write(frame(d)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) control(m wire.Control) {
	c.t.Helper()
	c.send(datagram(c.t, func(w *wire.Writer) { w.AppendControl(m) }))
}

func (c *client) receive() (wire.Datagram, error) {
	_ = c.conn.SetReadDeadline(time.Now().Add(patience))
	for {
		if f, ok := c.in.Next(); ok {
			return slices.Clone(wire.Datagram(f[wire.FrameHeader:])), nil
		}
		if err := c.in.Fill(); err != nil {
			return nil, err
		}
	}
}

func (c *client) want(d wire.Datagram) {
	c.t.Helper()
	got, err := c.receive()
	if err != nil {
		c.t.Fatalf("waiting for %x: %v", []byte(d), err)
	}
	if !bytes.Equal(got, d) {
		c.t.Fatalf("received %x, want %x", []byte(got), []byte(d))
	}
}

// settle returns when everything that c sent before has been acted on: c hears
// itself through a second connection. Nothing else may be on its way to c.
func (c *client) settle(s *Server) {
	c.t.Helper()
	const channel = 999_999_999
	echo := text(c.t, 1, "settled", channel)
	c.control(wire.Control{Type: wire.ControlAddChannel, Channel: channel})
	// The subscription is acted on before anything that comes after it on this
	// connection; ask over the other one until it is there.
	other := dial(c.t, s)
	defer other.conn.Close()
	got := make(chan error, 1)
	go func() {
		_, err := c.receive()
		got <- err
	}()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for sent := 0; ; {
		select {
		case err := <-got:
			if err != nil {
				c.t.Fatal(err)
			}
			for range sent - 1 {
				c.want(echo)
			}
			c.control(wire.Control{Type: wire.ControlRemoveChannel, Channel: channel})
			return
		case <-tick.C:
			other.send(echo)
			sent++
		}
	}
}

func TestDatagramsReachTheirSubscribers(t *testing.T) {
	s := startServer(t, startNode(t, bridge.Options{}), Options{})
	a, b := dial(t, s), dial(t, s)
	b.control(wire.Control{Type: wire.ControlAddChannel, Channel: 5000})
	b.control(wire.Control{Type: wire.ControlAddRange, Channel: 6000, High: 6999})
	b.settle(s)

	for _, d := range []wire.Datagram{
		text(t, 1, "by channel", 5000),
		text(t, 1, "by range", 6500),
		text(t, 1, "by both, and twice", 5000, 6000, 6999, 5000),
		text(t, 1, "with channel 1 beside another it is no control message", 1, 5000),
		datagram(t, func(w *wire.Writer) { w.Uint8(1).Channel(5000) }), // neither sender nor type
	} {
		a.send(d)
		b.want(d)
	}
	b.control(wire.Control{Type: wire.ControlRemoveChannel, Channel: 5000})
	b.control(wire.Control{Type: wire.ControlRemoveRange, Channel: 6000, High: 6499})
	b.settle(s)
	a.send(text(t, 1, "gone", 5000, 6400))
	last := text(t, 1, "still there", 6500)
	a.send(last)
	b.want(last)
}

func TestControlMessagesActAtOnce(t *testing.T) {
	s := startServer(t, startNode(t, bridge.Options{}), Options{})
	a, b := dial(t, s), dial(t, s)
	a.control(wire.Control{Type: wire.ControlAddChannel, Channel: 70})
	a.settle(s)
	// One write: subscribe, then ask; the answer must find the subscription.
	ask := frame(datagram(t, func(w *wire.Writer) { w.AppendControl(wire.Control{Type: wire.ControlAddChannel, Channel: 80}) }))
	ask = append(ask, frame(text(t, 80, "ask", 70))...)
	if _, err := b.conn.Write(ask); err != nil {
		t.Fatal(err)
	}
	a.want(text(t, 80, "ask", 70))
	a.send(text(t, 70, "answer", 80))
	b.want(text(t, 70, "answer", 80))
}

func TestPostRemovesAreSentWhenTheConnectionEnds(t *testing.T) {
	s := startServer(t, startNode(t, bridge.Options{}), Options{})
	a, b := dial(t, s), dial(t, s)
	b.control(wire.Control{Type: wire.ControlAddChannel, Channel: 5000})
	b.settle(s)
	first, cleared, second := text(t, 1, "first", 5000), text(t, 1, "cleared", 5000), text(t, 2, "second", 5000)
	a.control(wire.Control{Type: wire.ControlAddPostRemove, Channel: 1, Data: first})
	a.control(wire.Control{Type: wire.ControlAddPostRemove, Channel: 3, Data: cleared})
	a.control(wire.Control{Type: wire.ControlAddPostRemove, Channel: 2, Data: second})
	a.control(wire.Control{Type: wire.ControlClearPostRemoves, Channel: 3})
	a.control(wire.Control{Type: wire.ControlAddPostRemove, Channel: 2, Data: []byte{9}}) // cannot be routed: refused
	_ = a.conn.Close()
	b.want(first)
	b.want(second)
}

func TestLogMessage(t *testing.T) {
	events := make(chan string, 1)
	s := startServer(t, startNode(t, bridge.Options{}), Options{
		LogMessage: func(e []byte) { events <- string(e) },
	})
	dial(t, s).control(wire.Control{Type: wire.ControlLogMessage, Data: []byte("hello")})
	select {
	case e := <-events:
		if e != "hello" {
			t.Errorf("logged %q", e)
		}
	case <-time.After(patience):
		t.Error("the event did not arrive")
	}
}

// Whoever breaks the protocol is disconnected by a reset; others are not.
func TestMisbehaviour(t *testing.T) {
	tests := []struct {
		name string
		send []byte
		ends bool
	}{
		{"empty datagram", []byte{0, 0}, true},
		{"truncated control message", frame(datagram(t, func(w *wire.Writer) { w.Control(wire.ControlAddChannel).Uint8(1) })), true},
		{"control message without a type", frame(datagram(t, func(w *wire.Writer) { w.Uint8(1).Channel(wire.ControlChannel) })), true},
		{"too many subscriptions", bytes.Join([][]byte{
			frame(datagram(t, func(w *wire.Writer) { w.Control(wire.ControlAddChannel).Channel(1001) })),
			frame(datagram(t, func(w *wire.Writer) { w.Control(wire.ControlAddRange).Channel(2001).Channel(3000) })),
			frame(datagram(t, func(w *wire.Writer) { w.Control(wire.ControlAddChannel).Channel(1003) })),
		}, nil), true},
		{"truncated recipients", frame(wire.Datagram{2, 1, 2, 3}), false},
		{"unknown control message", frame(datagram(t, func(w *wire.Writer) { w.Control(9999).Uint64(1) })), false},
		{"no recipients", frame(wire.Datagram{0}), false},
		{"reversed range", frame(datagram(t, func(w *wire.Writer) { w.Control(wire.ControlAddRange).Channel(9).Channel(3) })), false},
		{"the same channel again", bytes.Repeat(frame(datagram(t, func(w *wire.Writer) { w.Control(wire.ControlAddChannel).Channel(1001) })), 5), false},
	}
	s := startServer(t, startNode(t, bridge.Options{MaxSubscriptions: 2}), Options{})
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := dial(t, s)
			if _, err := c.conn.Write(test.send); err != nil {
				t.Fatal(err)
			}
			if !test.ends {
				c.settle(s)
				return
			}
			if _, err := c.receive(); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("the connection ended with %v, want a reset", err)
			}
		})
	}
}

func TestPlacesAreLimited(t *testing.T) {
	s := startServer(t, startNode(t, bridge.Options{}), Options{MaxParticipants: 2})
	a := dial(t, s)
	a.settle(s) // takes the second place for a moment
	for {
		b := dial(t, s) // until the place of settle is free again
		b.send(text(t, 1, "x", 2))
		_ = b.conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		if _, err := b.conn.Read(make([]byte, 1)); errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) {
			continue
		}
		break
	}
	c := dial(t, s)
	if _, err := c.receive(); err == nil {
		t.Error("a third connection was served")
	}
}

// A participant that does not read is cut at the limit; its post-removes are
// sent, and its neighbour misses nothing.
func TestSlowParticipantIsCut(t *testing.T) {
	s := startServer(t, startNode(t, bridge.Options{}), Options{MaxQueue: 1 << 20})
	slow, neighbour, sender := dial(t, s), dial(t, s), dial(t, s)
	for _, c := range []*client{slow, neighbour} {
		c.control(wire.Control{Type: wire.ControlAddChannel, Channel: 5000})
	}
	removed := text(t, 9, "the slow one is gone", 6000)
	slow.control(wire.Control{Type: wire.ControlAddPostRemove, Channel: 1, Data: removed})
	slow.settle(s)
	neighbour.control(wire.Control{Type: wire.ControlAddChannel, Channel: 6000})
	neighbour.settle(s)

	const count = 2000
	payload := strings.Repeat("x", 10_000) // 20 MB: more than sockets hold
	window := make(chan struct{}, 20)      // the neighbour reads, and is not raced
	var sent sync.WaitGroup
	sent.Go(func() {
		for i := range count {
			window <- struct{}{}
			sender.send(text(t, wire.Channel(i), payload, 5000))
		}
	})
	next, gone := 0, false
	for next < count || !gone {
		d, err := neighbour.receive()
		if err != nil {
			t.Fatalf("after %d: %v", next, err)
		}
		if bytes.Equal(d, removed) {
			gone = true
			continue
		}
		m, err := d.Message()
		if err != nil || m.Sender != wire.Channel(next) {
			t.Fatalf("received %v (%v), want %d", m.Sender, err, next)
		}
		<-window
		next++
	}
	sent.Wait()
	if n := s.node.Stats().Overflows; n != 1 {
		t.Errorf("%d participants were cut, want the slow one", n)
	}
}

// When the port closes, participants still get what was queued, and leave.
func TestCloseIsOrderly(t *testing.T) {
	node := startNode(t, bridge.Options{})
	s, err := Listen(context.Background(), node, "127.0.0.1:0", Options{})
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	a, b := dial(t, s), dial(t, s)
	b.control(wire.Control{Type: wire.ControlAddChannel, Channel: 5000})
	b.settle(s)
	d := text(t, 1, "the last", 5000)
	a.send(d)
	a.settle(s)
	s.Close()
	b.want(d)
	if _, err := b.receive(); !errors.Is(err, io.EOF) {
		t.Errorf("the connection ended with %v, want EOF", err)
	}
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if n := node.Stats().Participants; n != 0 {
		t.Errorf("%d participants are left", n)
	}
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }
