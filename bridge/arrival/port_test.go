package arrival

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"natstron/bridge/wire"
)

// served is a port whose connections are read by the loop; take handles each frame.
func served(t *testing.T, l *Loop, deadlines bool, take func(frame string)) *Port {
	t.Helper()
	p, err := l.Listen(context.Background(), "127.0.0.1:0", net.KeepAliveConfig{})
	must(t, err)
	ended := make(chan error, 1)
	go func() {
		ended <- p.Serve(Accepting{
			Take: func(nc net.Conn) {
				nc = l.Adopt(nc)
				l.Conn(nc, Callbacks{
					Take: func(frames *wire.FrameReader) (<-chan struct{}, error) {
						for f, ok := frames.Next(); ok; f, ok = frames.Next() {
							take(string(f[wire.FrameHeader:]))
						}
						return nil, nil
					},
					End: func(error) { _ = nc.Close() },
				}).Serve()
			},
			Failed:    func(err error, _ time.Duration) { t.Error(err) },
			Deadlines: deadlines,
		})
	}()
	t.Cleanup(func() {
		p.Close()
		if err := <-ended; err != nil {
			t.Errorf("Serve: %v", err)
		}
		if c, err := net.Dial("tcp", p.Addr().String()); err == nil {
			t.Error("the port is still open")
			_ = c.Close()
		}
	})
	return p
}

func connect(t *testing.T, p *Port) *reader {
	t.Helper()
	c, err := net.Dial("tcp", p.Addr().String())
	must(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return &reader{t: t, far: c}
}

// What comes on a new connection of one port is handled before what comes later on an
// old one of another.
func TestNewConnectionsInOrder(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("connections are read by goroutines here")
	}
	onOneProcessor(t)
	l := start(t)
	got := make(chan string, 10)
	first := served(t, l, false, func(f string) { got <- f })
	second := served(t, l, false, func(f string) { got <- f })
	old := connect(t, second)
	old.send("hello")
	receive(t, got)
	const rounds = 300
	late := 0
	for i := range rounds {
		fresh := connect(t, first)
		fresh.send(fmt.Sprint("fresh ", i))
		old.send(fmt.Sprint("old ", i))
		switch one, other := receive(t, got), receive(t, got); {
		case one == fmt.Sprint("fresh ", i) && other == fmt.Sprint("old ", i):
		case one == fmt.Sprint("old ", i) && other == fmt.Sprint("fresh ", i):
			late++
		default:
			t.Fatalf("%q and %q came in round %d", one, other, i)
		}
	}
	// The system tells of what comes for a socket that is being accepted only afterwards: on
	// a busy machine, behind what came later on another.
	if late > rounds/100 {
		t.Errorf("%d of %d new connections were late", late, rounds)
	}
}

// What arrives while others are handled comes after what had arrived before, on the same
// connection, too.
func TestOrderWhileOthersAreHandled(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("connections are read by goroutines here")
	}
	onOneProcessor(t)
	l := start(t)
	got, next := make(chan string, 10), make(chan struct{})
	take := func(f string) {
		got <- f
		if strings.HasPrefix(f, "wait") {
			<-next
		}
	}
	want := func(frames ...string) {
		t.Helper()
		for _, want := range frames {
			if f := receive(t, got); f != want {
				t.Fatalf("%q came, want %q", f, want)
			}
		}
	}
	first, second := served(t, l, false, take), served(t, l, false, take)
	a, b := connect(t, first), connect(t, second)
	a.send("hello")
	want("hello")
	b.send("hello")
	want("hello")
	for range 20 {
		a.send("wait")
		want("wait")
		a.send("wait 1")
		b.send("b1")
		next <- struct{}{} // both are told of at once
		want("wait 1")
		fresh := connect(t, first) // while a is handled
		fresh.send("wait 2")
		b.send("b2")
		next <- struct{}{}
		want("b1", "wait 2")
		other := connect(t, second) // while the other new one is handled
		other.send("other")
		fresh.send("fresh")
		a.send("a")
		next <- struct{}{}
		want("b2", "other", "fresh", "a")
	}
}

// Many connections that wait for the port are all accepted, with deadlines or without,
// and end with it.
func TestManyConnections(t *testing.T) {
	for _, deadlines := range []bool{false, true} {
		t.Run(fmt.Sprint("deadlines ", deadlines), func(t *testing.T) {
			l := start(t)
			got := make(chan string, 10)
			p := served(t, l, deadlines, func(f string) { got <- f })
			const many = 3 * 100
			all := map[string]bool{}
			for i := range many {
				connect(t, p).send(fmt.Sprint(i))
			}
			for range many {
				all[receive(t, got)] = true
			}
			if len(all) != many {
				t.Errorf("%d connections were heard, want %d", len(all), many)
			}
		})
	}
}

// A connection tells its addresses, on a port for all addresses, too.
func TestAddresses(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", ":0"} {
		l := start(t)
		p, err := l.Listen(context.Background(), address, net.KeepAliveConfig{})
		must(t, err)
		near := make(chan net.Conn, 1)
		ended := make(chan error, 1)
		go func() { ended <- p.Serve(Accepting{Take: func(nc net.Conn) { near <- nc }}) }()
		_, port, _ := net.SplitHostPort(p.Addr().String())
		far, err := net.Dial("tcp", "127.0.0.1:"+port)
		must(t, err)
		c := <-near
		if got, want := c.RemoteAddr().String(), far.LocalAddr().String(); got != want {
			t.Errorf("%s: the other end is %s, want %s", address, got, want)
		}
		if got, want := c.LocalAddr().String(), far.RemoteAddr().String(); got != want {
			t.Errorf("%s: this end is %s, want %s", address, got, want)
		}
		_ = c.Close()
		if _, err := far.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("%s: reading gave %v, want the end", address, err)
		}
		_ = far.Close()
		p.Close()
		if err := <-ended; err != nil {
			t.Errorf("Serve: %v", err)
		}
	}
}

// must ends the test if there is an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A connection that is closed while more arrives on it has ended for the other side at
// once, however quiet everything else is.
func TestCloseWhileMoreArrives(t *testing.T) {
	p := served(t, start(t), false, func(string) {})
	request := append([]byte("POST / HTTP/1.1\r\n"), make([]byte, 20_000)...)
	for i := range 3000 {
		far, err := net.Dial("tcp", p.Addr().String())
		must(t, err)
		_, _ = far.Write(request) // it may end in the middle
		must(t, far.SetReadDeadline(time.Now().Add(patience)))
		if _, err := far.Read(make([]byte, 1)); errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("connection %d is still open", i)
		}
		_ = far.Close()
	}
}
