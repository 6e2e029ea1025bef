package arrival

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"natstron/bridge/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// freely is a Pacer that never waits.
type freely struct{}

func (freely) Congested() bool { return false }
func (freely) Pace()           {}

const patience = 10 * time.Second

func start(t *testing.T) *Loop {
	t.Helper()
	l, err := Start(freely{})
	must(t, err)
	t.Cleanup(l.Close)
	return l
}

// reader is a connection that a loop reads, and the other end of it.
type reader struct {
	t     *testing.T
	conn  *Conn
	far   net.Conn
	ended chan error
}

// serve has a connection read by the loop; take handles each frame.
func serve(t *testing.T, l *Loop, near, far net.Conn, take func(frame string) (<-chan struct{}, error)) *reader {
	t.Helper()
	return serveAsIs(t, l, l.Adopt(near), far, take)
}

func serveAsIs(t *testing.T, l *Loop, near, far net.Conn, take func(frame string) (<-chan struct{}, error)) *reader {
	t.Helper()
	r := &reader{t: t, far: far, ended: make(chan error, 1)}
	r.conn = l.Conn(near, Callbacks{
		Take: func(frames *wire.FrameReader) (wait <-chan struct{}, err error) {
			for frame, ok := frames.Next(); ok && err == nil; frame, ok = frames.Next() {
				wait, err = take(string(frame[wire.FrameHeader:]))
			}
			return wait, err
		},
		End: func(err error) {
			_ = near.Close()
			r.ended <- err
		},
	})
	t.Cleanup(func() { far.Close() })
	r.conn.Serve()
	return r
}

// dial is the two ends of a TCP connection.
func dial(t *testing.T) (near, far net.Conn) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer ln.Close()
	far, err = net.Dial("tcp", ln.Addr().String())
	must(t, err)
	near, err = ln.Accept()
	must(t, err)
	return near, far
}

func (r *reader) send(frames ...string) {
	r.t.Helper()
	var b []byte
	for _, f := range frames {
		b = append(binary.LittleEndian.AppendUint16(b, uint16(len(f))), f...)
	}
	if _, err := r.far.Write(b); err != nil {
		r.t.Fatal(err)
	}
}

// ends waits for the end of the connection, which has a reason.
func (r *reader) ends() (reason error) {
	r.t.Helper()
	select {
	case reason = <-r.ended:
	case <-time.After(patience):
	}
	if reason == nil {
		r.t.Error("it did not end, or without an error")
	}
	return reason
}

func (r *reader) wantEnd(want error) {
	r.t.Helper()
	if err := r.ends(); !errors.Is(err, want) {
		r.t.Fatalf("it ended with %v, want %v", err, want)
	}
}

func receive(t *testing.T, c <-chan string) string {
	t.Helper()
	select {
	case s := <-c:
		return s
	case <-time.After(patience):
		t.Fatal("nothing came")
		return ""
	}
}

// What arrives on several connections, one after the other, is handled in that order.
func TestOrderOfArrival(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("connections are read by goroutines here")
	}
	onOneProcessor(t)
	l := start(t)
	got := make(chan string, 100)
	var all []*reader
	for range 10 {
		near, far := dial(t)
		all = append(all, serve(t, l, near, far, func(f string) (<-chan struct{}, error) {
			got <- f
			return nil, nil
		}))
	}
	for round := range 200 {
		for i, r := range all {
			r.send(fmt.Sprint(round, " ", i))
		}
		for i := range all {
			if f, want := receive(t, got), fmt.Sprint(round, " ", i); f != want {
				t.Fatalf("%q came, want %q", f, want)
			}
		}
	}
	for _, r := range all {
		r.far.Close()
		r.wantEnd(io.EOF)
	}
}

// A connection ends however it does: by its other side, by an error of Take, by Close
// while it is quiet or busy, as a socket or as anything else.
func TestEnds(t *testing.T) {
	broken := errors.New("broken")
	kinds := map[string]func(t *testing.T) (near, far net.Conn){
		"socket": dial,
		"pipe":   func(*testing.T) (near, far net.Conn) { return net.Pipe() },
	}
	for name, pair := range kinds {
		t.Run(name, func(t *testing.T) {
			l := start(t)
			quiet := func(string) (<-chan struct{}, error) { return nil, nil }

			near, far := pair(t)
			r := serve(t, l, near, far, quiet)
			r.send("a")
			far.Close()
			r.wantEnd(io.EOF)

			near, far = pair(t)
			r = serve(t, l, near, far, func(string) (<-chan struct{}, error) { return nil, broken })
			r.send("a")
			r.wantEnd(broken)

			near, far = pair(t)
			r = serve(t, l, near, far, quiet)
			_ = r.conn.Close()
			_ = r.ends() // a pipe says io.ErrClosedPipe

			// Frames that came before the end are all handled.
			got := make(chan string, 10)
			near, far = pair(t)
			r = serve(t, l, near, far, func(f string) (<-chan struct{}, error) { got <- f; return nil, nil })
			r.send("a", "b", "c")
			far.Close()
			r.wantEnd(io.EOF)
			if n := len(got); n != 3 {
				t.Errorf("%d frames were handled, want 3", n)
			}
		})
	}
}

// A connection that is to wait is not read meanwhile, and others are.
func TestWait(t *testing.T) {
	l := start(t)
	got := make(chan string, 10)
	release := make(chan struct{})
	near, far := dial(t)
	slow := serve(t, l, near, far, func(f string) (<-chan struct{}, error) {
		got <- "slow " + f
		if f == "1" {
			return release, nil
		}
		return nil, nil
	})
	near, far = dial(t)
	other := serve(t, l, near, far, func(f string) (<-chan struct{}, error) { got <- "other " + f; return nil, nil })
	slow.send("1")
	if f := receive(t, got); f != "slow 1" {
		t.Fatal(f)
	}
	slow.send("2")
	for range 100 {
		other.send("x")
		if f := receive(t, got); f != "other x" {
			t.Fatal(f)
		}
	}
	close(release)
	if f := receive(t, got); f != "slow 2" {
		t.Fatal(f)
	}
	slow.send("3") // it is quiet again
	if f := receive(t, got); f != "slow 3" {
		t.Fatal(f)
	}
	slow.far.Close()
	other.far.Close()
	slow.wantEnd(io.EOF)
	other.wantEnd(io.EOF)
}

// Connections that come, go and are closed at the same time all end, once, though
// their file descriptors are used again at once.
func TestManyEnds(t *testing.T) {
	l := start(t)
	done := make(chan struct{})
	const workers, rounds = 8, 200
	for range workers {
		go func() {
			defer func() { done <- struct{}{} }()
			for i := range rounds {
				near, far := dial(t)
				r := serve(t, l, near, far, func(string) (<-chan struct{}, error) { return nil, nil })
				r.send("hello")
				if i%2 == 0 {
					_ = r.conn.Close()
				} else {
					_ = far.Close()
				}
				if r.ends() == nil {
					return
				}
			}
		}()
	}
	for range workers {
		<-done
	}
}

// A connection that was not adopted is read by a goroutine of its own.
func TestNotAdopted(t *testing.T) {
	near, far := dial(t)
	got := make(chan string, 2)
	r := serveAsIs(t, start(t), near, far, func(frame string) (<-chan struct{}, error) {
		got <- frame
		return nil, nil
	})
	write := func(text string) {
		t.Helper()
		if _, err := far.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	for _, parts := range [][]string{{"\x03\x00one"}, {"\x05", "\x00th", "ree"}} {
		for _, part := range parts {
			write(part)
		}
		want := strings.Join(parts, "")[2:]
		if frame := <-got; frame != want {
			t.Errorf("got %q, want %q", frame, want)
		}
	}
	far.Close()
	if err := <-r.ended; !errors.Is(err, io.EOF) {
		t.Errorf("ended with %v, want io.EOF", err)
	}
}
