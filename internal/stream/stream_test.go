package stream

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"net"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tcp is the two ends of a connection.
func tcp(t testing.TB) (near, far *net.TCPConn) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	a, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	b, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close(); b.Close() })
	return a.(*net.TCPConn), b.(*net.TCPConn)
}

// fitful takes as many bytes at once as it is told, then none.
type fitful struct {
	out   *bytes.Buffer
	sizes []int
}

func (w *fitful) WriteNow(b []byte) (int, error) {
	n := 0
	if len(w.sizes) > 0 {
		n, w.sizes = min(w.sizes[0], len(b)), w.sizes[1:]
	}
	w.out.Write(b[:n])
	return n, nil
}

// collector is a connection that keeps what is written to it.
type collector struct {
	net.Conn
	out *bytes.Buffer
}

func (c collector) Write(b []byte) (int, error) { return c.out.Write(b) }
func (c collector) Close() error                { return nil }

// Whatever the socket takes at once, and whatever is left to the goroutine, the
// bytes come out whole and in order.
func TestOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var out bytes.Buffer
		s := New(collector{out: &out}, new(Pool), func() {})
		s.now = &fitful{out: &out, sizes: rapid.SliceOfN(rapid.IntRange(0, 100_000), 0, 20).Draw(t, "sizes")}
		var want []byte
		for i, size := range rapid.SliceOfN(rapid.IntRange(1, 70_000), 1, 8).Draw(t, "frames") {
			b := bytes.Repeat([]byte{byte(i)}, size)
			if size <= math.MaxUint16 && rapid.Bool().Draw(t, "as a frame") {
				if !s.AppendFrame(b, 1<<30) {
					t.Fatal("refused")
				}
				want = binary.LittleEndian.AppendUint16(want, uint16(size))
			} else {
				s.Append(b)
			}
			want = append(want, b...)
			if rapid.Bool().Draw(t, "flush") {
				s.Flush()
			}
		}
		drained := s.Close()
		s.Append([]byte("too late"))
		if !s.AppendFrame([]byte("too late"), 0) {
			t.Fatal("refused, as if nobody knew that it is closed")
		}
		s.Flush()
		<-drained
		if n := s.pool.InUse(); n != 0 {
			t.Fatalf("%d bytes of memory are still in use", n)
		}
		if !bytes.Equal(out.Bytes(), want) {
			t.Fatalf("%d bytes came out, %d went in, or their order changed", out.Len(), len(want))
		}
		if appended, taken := s.Progress(); appended != uint64(len(want)) || taken != appended {
			t.Fatalf("progress is %d of %d, want all of %d", taken, appended, len(want))
		}
	})
}

// A reader that stands still does not stop the writer, and is seen in Progress;
// when it goes on, it gets everything.
func TestFullSocket(t *testing.T) {
	near, far := tcp(t)
	s := New(near, new(Pool), func() { near.Close() })
	frame := bytes.Repeat([]byte{7}, 64<<10)
	const frames = 200
	for range frames {
		s.Append(frame)
		s.Flush()
	}
	appended, taken := s.Progress()
	if taken == appended {
		t.Fatalf("the socket took all %d bytes: the test shows nothing", taken)
	}
	drained := s.Close()
	n, err := io.CopyN(io.Discard, far, frames*int64(len(frame)))
	if err != nil {
		t.Fatalf("after %d bytes: %v", n, err)
	}
	<-drained
}

// A connection that breaks ends the stream, and Close returns.
func TestBroken(t *testing.T) {
	near, far := tcp(t)
	told := make(chan struct{})
	s := New(near, new(Pool), func() {
		near.Close()
		close(told)
	})
	for range 200 {
		s.Append(bytes.Repeat([]byte{7}, 64<<10))
	}
	s.Flush()
	drained := s.Close()
	_ = far.SetLinger(0)
	_ = far.Close()
	select {
	case <-drained:
	case <-time.After(10 * time.Second):
		t.Fatal("nobody was told")
	}
	<-told
	if !s.AppendFrame([]byte("x"), 0) {
		t.Error("a dead stream must take and forget, so that nobody is cut off twice")
	}
	if n := s.pool.InUse(); n != 0 {
		t.Errorf("%d bytes of memory are still in use", n)
	}
	if _, err := near.Write([]byte{1}); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a write after the failure says %v, want that the connection is closed", err)
	}
}

func TestLimit(t *testing.T) {
	s := New(collector{out: new(bytes.Buffer)}, new(Pool), func() {})
	for range 5 {
		if !s.AppendFrame(make([]byte, 18), 100) {
			t.Fatal("refused within the limit")
		}
	}
	if s.AppendFrame([]byte{1}, 102) {
		t.Error("took more than the limit")
	}
	if appended, _ := s.Progress(); appended != 100 {
		t.Errorf("%d bytes wait, want 100", appended)
	}
	s.Flush()
	<-s.Close()
}

func TestDiscard(t *testing.T) {
	near, far := tcp(t)
	s := New(near, new(Pool), func() { near.Close() })
	var read sync.WaitGroup
	for range 200 {
		s.Append(bytes.Repeat([]byte{7}, 64<<10))
	}
	s.Flush()
	s.Discard()
	s.Append([]byte("dropped"))
	_ = near.Close()
	read.Go(func() { _, _ = io.Copy(io.Discard, far) })
	read.Wait()
	if appended, taken := s.Progress(); appended > taken {
		t.Errorf("%d bytes still wait", appended-taken)
	}
	for s.pool.InUse() != 0 {
		time.Sleep(time.Millisecond) // a write that was under way gives its memory back
	}
}

func BenchmarkAppendFlush(b *testing.B) {
	near, far := tcp(b)
	s := New(near, new(Pool), func() { near.Close() })
	var read sync.WaitGroup
	read.Go(func() { _, _ = io.Copy(io.Discard, far) })
	frame := make([]byte, 30)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		s.Append(frame)
		if i%64 == 0 {
			s.Flush()
		}
	}
	drained := s.Close()
	s.Flush()
	<-drained
	near.Close()
	read.Wait()
}

// allWriter is a socket that takes everything.
type allWriter struct{}

func (allWriter) WriteNow(b []byte) (int, error) { return len(b), nil }

func BenchmarkFrames(b *testing.B) {
	s := New(nil, new(Pool), nil)
	s.now = allWriter{}
	d := make([]byte, 100)
	b.ReportAllocs()
	for b.Loop() {
		for range 100 {
			s.AppendFrame(d, 1<<20)
		}
		s.Flush()
	}
}
