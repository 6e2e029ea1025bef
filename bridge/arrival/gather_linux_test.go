package arrival

import (
	"net"
	"runtime"
	"testing"
)

// What arrives on a new connection after it was accepted is read before what has arrived
// on one that is accepted next.
func TestSilentConnectionsComeFirst(t *testing.T) {
	l := start(t)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	t.Cleanup(func() { _ = ln.Close() })
	connect := func() (near *socket, far net.Conn) {
		far, err := net.Dial("tcp", ln.Addr().String())
		must(t, err)
		nc, err := ln.Accept()
		must(t, err)
		near = l.Adopt(nc).(*socket)
		t.Cleanup(func() { _, _ = far.Close(), near.Close() })
		return near, far
	}
	say := func(far net.Conn, text string, near *socket) {
		want := near.waiting() + len(text)
		_, err := far.Write([]byte(text))
		must(t, err)
		for near.waiting() < want {
			runtime.Gosched() // until it has arrived
		}
	}
	a, farA := connect()
	b, farB := connect()
	c, farC := connect()
	g := gathering{Loop: l}
	g.addFresh(a, nil)
	g.addFresh(b, nil)
	say(farA, "first", a)
	say(farC, "second", c)
	g.addFresh(c, nil)
	say(farA, "more", a)
	say(farB, "third", b)
	g.hearSilent()
	want := []arrived{{socket: a}, {socket: b}, {socket: a, limit: 5}, {socket: c, limit: 6}, {socket: b, limit: 5}}
	if len(g.arrived) != len(want) {
		t.Fatalf("%d things have arrived, want %d", len(g.arrived), len(want))
	}
	for i, w := range want {
		if got := g.arrived[i]; got.socket != w.socket || got.limit != w.limit {
			t.Errorf("%d: %d bytes of descriptor %d, want %d of %d", i, got.limit, got.FD, w.limit, w.socket.FD)
		}
	}
}
