package md

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"natstron/bridge/md/mdtest"
	"natstron/internal/wire"
)

// fitfulWriter takes as many bytes at once as it is told, then none.
type fitfulWriter struct {
	taken []byte
	sizes []int
}

func (w *fitfulWriter) writeNow(b []byte) (int, error) {
	n := 0
	if len(w.sizes) > 0 {
		n, w.sizes = min(w.sizes[0], len(b)), w.sizes[1:]
	}
	w.taken = append(w.taken, b[:n]...)
	return n, nil
}

// Whatever the socket takes at once, and whatever is left to the goroutine, the
// frames come out whole and in order.
func TestStreamKeepsFrames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		here, there := net.Pipe()
		now := &fitfulWriter{sizes: rapid.SliceOfN(rapid.IntRange(0, 100_000), 0, 20).Draw(t, "sizes")}
		s := &stream{conn: here, broken: func() { _ = here.Close() }, pool: new(chunkPool), now: now, limit: 64 << 20}
		var rest []byte
		var read sync.WaitGroup
		read.Go(func() {
			buf := make([]byte, 10_000)
			for {
				n, err := there.Read(buf)
				rest = append(rest, buf[:n]...)
				if err != nil {
					return
				}
			}
		})
		var want []byte
		// What is written at once and what the pipe takes interleave only while
		// one of the two is at work, so order shows in each of them: here each
		// turn is waited for.
		for i, size := range rapid.SliceOfN(rapid.IntRange(0, wire.MaxLength), 1, 8).Draw(t, "frames") {
			d := bytes.Repeat([]byte{byte(i)}, size)
			if !s.Deliver(uint64(i), nil, d) {
				t.Fatal("refused")
			}
			want = append(binary.LittleEndian.AppendUint16(want, uint16(size)), d...)
		}
		s.Wake()
		select {
		case <-s.close():
		case <-time.After(mdtest.Patience):
			t.Fatal("the stream was not written")
		}
		_ = here.Close()
		read.Wait()
		if got := append(now.taken, rest...); !bytes.Equal(got, want) {
			t.Fatalf("%d bytes came out, %d went in, or in another order", len(got), len(want))
		}
		if s.queued != 0 || s.head != nil || s.writing {
			t.Fatalf("left: %d bytes, writing %v", s.queued, s.writing)
		}
	})
}

func TestStreamLimit(t *testing.T) {
	here, _ := net.Pipe()
	s := &stream{conn: here, broken: func() { _ = here.Close() }, pool: new(chunkPool), limit: 100}
	for range 5 {
		if !s.Deliver(0, nil, make([]byte, 18)) {
			t.Fatal("refused within the limit")
		}
	}
	if s.Deliver(0, nil, []byte{1}) {
		t.Error("took more than the limit")
	}
}

type brokenWriter struct{}

func (brokenWriter) writeNow([]byte) (int, error) { return 0, errors.New("broken") }

func TestStreamFailureClosesTheConnection(t *testing.T) {
	here, there := net.Pipe()
	s := &stream{conn: here, broken: func() { _ = here.Close() }, pool: new(chunkPool), now: brokenWriter{}, limit: 1000}
	s.Deliver(0, nil, []byte("x"))
	s.Wake()
	if _, err := there.Read(make([]byte, 1)); err == nil {
		t.Error("the connection is still open")
	}
	<-s.close()
	if !s.Deliver(0, nil, []byte("x")) || s.queued != 0 {
		t.Error("a dead stream must take and forget, so that nobody is cut off twice")
	}
}

func BenchmarkStream(b *testing.B) {
	s := &stream{pool: new(chunkPool), now: allWriter{}, limit: 1 << 20}
	d := make(wire.Datagram, 100)
	b.ReportAllocs()
	for b.Loop() {
		for range 100 {
			s.Deliver(0, nil, d)
		}
		s.Wake()
	}
}

type allWriter struct{}

func (allWriter) writeNow(b []byte) (int, error) { return len(b), nil }
