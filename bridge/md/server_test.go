package md

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"natstron/bridge"
	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
	"natstron/internal/msgtext"
)

func startNode(t testing.TB, o bridge.Options) *bridge.Node {
	t.Helper()
	o.Embedded = bridge.Embedded{Listen: "none"}
	node, err := bridge.Start(context.Background(), o)
	must(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), mdtest.Patience)
		defer cancel()
		node.Stop(ctx)
	})
	return node
}

// listen is a server with a port for each dialect.
func listen(t testing.TB, node *bridge.Node, o Options, dialects ...Dialect) *Server {
	t.Helper()
	s, err := New(node, o)
	must(t, err)
	for _, d := range dialects {
		must(t, s.Listen(context.Background(), "127.0.0.1:0", d))
	}
	return s
}

func startServer(t testing.TB, node *bridge.Node, o Options) *Server {
	t.Helper()
	return serve(t, listen(t, node, o, Astron))
}

func serve(t testing.TB, s *Server) *Server {
	t.Helper()
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

func dial(t testing.TB, s *Server) *mdtest.Client { return mdtest.Dial(t, s.Addrs()[0].String()) }

// settle uses a channel of c's own, above those that tests use.
func settle(c *mdtest.Client, s *Server) {
	port := c.Conn.LocalAddr().(*net.TCPAddr).Port
	c.Settle(s.Addrs()[0].String(), wire.Channel(999_000_000+port))
}

func TestDatagramsReachTheirSubscribers(t *testing.T) {
	s := startServer(t, startNode(t, bridge.Options{}), Options{})
	a, b := dial(t, s), dial(t, s)
	b.Control(wire.Control{Type: wire.ControlAddChannel, Channel: 5000})
	b.Control(wire.Control{Type: wire.ControlAddRange, Channel: 6000, High: 6999})
	settle(b, s)

	for _, d := range []wire.Datagram{
		mdtest.Text(t, 1, "by channel", 5000),
		mdtest.Text(t, 1, "by range", 6500),
		mdtest.Text(t, 1, "by both, and twice", 5000, 6000, 6999, 5000),
		mdtest.Text(t, 1, "with channel 1 beside another it is no control message", 1, 5000),
		mdtest.Datagram(t, func(w *wire.Writer) { w.Uint8(1).Channel(5000) }), // neither sender nor type
	} {
		a.Send(d)
		b.Want(d)
	}
	b.Control(wire.Control{Type: wire.ControlRemoveChannel, Channel: 5000})
	b.Control(wire.Control{Type: wire.ControlRemoveRange, Channel: 6000, High: 6499})
	settle(b, s)
	a.Send(mdtest.Text(t, 1, "gone", 5000, 6400))
	last := mdtest.Text(t, 1, "still there", 6500)
	a.Send(last)
	b.Want(last)
}

func TestControlMessagesActAtOnce(t *testing.T) {
	s := startServer(t, startNode(t, bridge.Options{}), Options{})
	a, b := dial(t, s), dial(t, s)
	a.Control(wire.Control{Type: wire.ControlAddChannel, Channel: 70})
	settle(a, s)
	// One write: subscribe, then ask; the answer must find the subscription.
	ask := mdtest.Frame(mdtest.Datagram(t, func(w *wire.Writer) { w.AppendControl(wire.Control{Type: wire.ControlAddChannel, Channel: 80}) }))
	ask = append(ask, mdtest.Frame(mdtest.Text(t, 80, "ask", 70))...)
	if _, err := b.Conn.Write(ask); err != nil {
		t.Fatal(err)
	}
	a.Want(mdtest.Text(t, 80, "ask", 70))
	a.Send(mdtest.Text(t, 70, "answer", 80))
	b.Want(mdtest.Text(t, 70, "answer", 80))
}

func TestPostRemovesAreSentWhenTheConnectionEnds(t *testing.T) {
	s := startServer(t, startNode(t, bridge.Options{}), Options{})
	a, b := dial(t, s), dial(t, s)
	b.Control(wire.Control{Type: wire.ControlAddChannel, Channel: 5000})
	settle(b, s)
	first, cleared, second := mdtest.Text(t, 1, "first", 5000), mdtest.Text(t, 1, "cleared", 5000), mdtest.Text(t, 2, "second", 5000)
	a.Control(wire.Control{Type: wire.ControlAddPostRemove, Channel: 1, Data: first})
	a.Control(wire.Control{Type: wire.ControlAddPostRemove, Channel: 3, Data: cleared})
	a.Control(wire.Control{Type: wire.ControlAddPostRemove, Channel: 2, Data: second})
	a.Control(wire.Control{Type: wire.ControlClearPostRemoves, Channel: 3})
	a.Control(wire.Control{Type: wire.ControlAddPostRemove, Channel: 2, Data: []byte{9}}) // cannot be routed: refused
	_ = a.Conn.Close()
	b.Want(first)
	b.Want(second)
}

func TestLogMessage(t *testing.T) {
	events := make(chan string, 1)
	s := startServer(t, startNode(t, bridge.Options{}), Options{
		LogMessage: func(e []byte) { events <- string(e) },
	})
	dial(t, s).Control(wire.Control{Type: wire.ControlLogMessage, Data: []byte("hello")})
	select {
	case e := <-events:
		if e != "hello" {
			t.Errorf("logged %q", e)
		}
	case <-time.After(mdtest.Patience):
		t.Error("the event did not arrive")
	}
}

// Anyone who breaks the protocol is disconnected by a reset; others are not.
func TestMisbehaviour(t *testing.T) {
	tests := []struct {
		name string
		send []byte
		ends bool
	}{
		{"empty datagram", []byte{0, 0}, true},
		{"truncated control message", mdtest.Frame(mdtest.Datagram(t, func(w *wire.Writer) { w.Control(wire.ControlAddChannel).Uint8(1) })), true},
		{"control message without a type", mdtest.Frame(mdtest.Datagram(t, func(w *wire.Writer) { w.Uint8(1).Channel(wire.ControlChannel) })), true},
		{"too many subscriptions", bytes.Join([][]byte{
			mdtest.Frame(mdtest.Datagram(t, func(w *wire.Writer) { w.Control(wire.ControlAddChannel).Channel(1001) })),
			mdtest.Frame(mdtest.Datagram(t, func(w *wire.Writer) { w.Control(wire.ControlAddRange).Channel(2001).Channel(3000) })),
			mdtest.Frame(mdtest.Datagram(t, func(w *wire.Writer) { w.Control(wire.ControlAddChannel).Channel(1003) })),
		}, nil), true},
		{"truncated recipients", mdtest.Frame(wire.Datagram{2, 1, 2, 3}), false},
		{"a truncated recipient", mdtest.Frame(wire.Datagram{1}), false},
		{"unknown control message", mdtest.Frame(mdtest.Datagram(t, func(w *wire.Writer) { w.Control(9999).Uint64(1) })), false},
		{"no recipients", mdtest.Frame(wire.Datagram{0}), false},
		{"reversed range", mdtest.Frame(mdtest.Datagram(t, func(w *wire.Writer) { w.Control(wire.ControlAddRange).Channel(9).Channel(3) })), false},
		{"the same channel again", bytes.Repeat(mdtest.Frame(mdtest.Datagram(t, func(w *wire.Writer) { w.Control(wire.ControlAddChannel).Channel(1001) })), 5), false},
	}
	log := new(msgtext.Log)
	s := startServer(t, startNode(t, bridge.Options{ParticipantLimits: bridge.ParticipantLimits{MaxSubscriptions: 2}}),
		Options{Log: slog.New(slog.NewTextHandler(log, nil))})
	neighbour := dial(t, s)
	neighbour.Subscribe(5000)
	settle(neighbour, s)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := dial(t, s)
			left := mdtest.Text(t, 7, test.name, 5000)
			c.PostRemove(7, left)
			if _, err := c.Conn.Write(test.send); err != nil {
				t.Fatal(err)
			}
			if !test.ends {
				settle(c, s)
				return
			}
			if _, err := c.Receive(); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("the connection ended with %v, want a reset", err)
			}
			neighbour.Want(left)
		})
	}
	for _, line := range []string{"ignored a control message", "refused a datagram"} {
		if !strings.Contains(log.String(), line) {
			t.Errorf("the log lacks %q: %s", line, log)
		}
	}
}

func TestPlacesAreLimited(t *testing.T) {
	s := startServer(t, startNode(t, bridge.Options{}), Options{MaxParticipants: 2})
	a := dial(t, s)
	settle(a, s) // takes the second place for a moment
	for {
		b := dial(t, s) // until the place of settle is free again
		b.Send(mdtest.Text(t, 1, "x", 2))
		_ = b.Conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		if _, err := b.Conn.Read(make([]byte, 1)); errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) {
			continue
		}
		break
	}
	c := dial(t, s)
	if _, err := c.Receive(); err == nil {
		t.Error("a third connection was served")
	}
}

// A participant that does not read is cut at the limit; its post-removes are
// sent, and its neighbour misses nothing.
func TestSlowParticipantIsCut(t *testing.T) {
	s := startServer(t, startNode(t, bridge.Options{}), Options{MaxQueue: 1 << 20})
	slow, neighbour, sender := dial(t, s), dial(t, s), dial(t, s)
	for _, c := range []*mdtest.Client{slow, neighbour} {
		c.Control(wire.Control{Type: wire.ControlAddChannel, Channel: 5000})
	}
	removed := mdtest.Text(t, 9, "the slow one is gone", 6000)
	slow.Control(wire.Control{Type: wire.ControlAddPostRemove, Channel: 1, Data: removed})
	settle(slow, s)
	neighbour.Control(wire.Control{Type: wire.ControlAddChannel, Channel: 6000})
	settle(neighbour, s)

	const count = 2000
	payload := strings.Repeat("x", 10_000) // 20 MB: more than sockets hold
	window := make(chan struct{}, 20)      // the neighbour reads, and is not raced
	var sent sync.WaitGroup
	sent.Go(func() {
		for i := range count {
			window <- struct{}{}
			sender.Send(mdtest.Text(t, wire.Channel(i), payload, 5000))
		}
	})
	next, gone := 0, false
	for next < count || !gone {
		d, err := neighbour.Receive()
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
	s := listen(t, node, Options{}, Astron)
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	a, b := dial(t, s), dial(t, s)
	b.Control(wire.Control{Type: wire.ControlAddChannel, Channel: 5000})
	settle(b, s)
	d := mdtest.Text(t, 1, "the last", 5000)
	a.Send(d)
	settle(a, s)
	s.Close()
	b.Want(d)
	if _, err := b.Receive(); !errors.Is(err, io.EOF) {
		t.Errorf("the connection ended with %v, want EOF", err)
	}
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if n := node.Stats().Participants; n != 0 {
		t.Errorf("%d participants are left", n)
	}
}

// A connection that was accepted in the moment of the close ends, too.
func TestCloseEndsLateConnections(t *testing.T) {
	s := listen(t, startNode(t, bridge.Options{}), Options{}, Astron)
	s.Close()
	late, far := net.Pipe()
	s.accept(late, Astron)
	if _, err := far.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("reading gave %v, want the end", err)
	}
	if err := s.Serve(); err != nil {
		t.Errorf("Serve: %v", err)
	}
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// An operator sees who is connected, from where, and what waits for them.
func TestConnectionsAreListed(t *testing.T) {
	node := startNode(t, bridge.Options{})
	s := startServer(t, node, Options{})
	c := dial(t, s)
	c.Control(wire.Control{Type: wire.ControlAddChannel, Channel: 5000})
	settle(c, s)
	channels := -1
	for p := range node.Participants() {
		if p.Address == c.Conn.LocalAddr().String() {
			channels = p.Channels
		}
	}
	if channels < 1 {
		t.Errorf("the participant is listed with %d channels", channels)
	}
	if n := s.Stats().Connections; n < 1 {
		t.Errorf("%d connections", n)
	}
}

// must ends the test if there is an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
