package wire

import (
	"bytes"
	"io"
	"net"
	"os"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// tcp is the two ends of a connection.
func tcp(t interface {
	Fatal(...any)
	Cleanup(func())
}) (near, far net.Conn) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	near, err = net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	far, err = ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close(); far.Close() })
	return near, far
}

// Several sockets at once take their buffers from one pool, and still each gets
// its own frames, whole.
func TestFramesOverSockets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const readers = 3
		var wants [readers][][]byte
		var ends [readers]chan [][]byte
		var fars [readers]net.Conn
		var streams [readers][]byte
		for i := range readers {
			wants[i], streams[i] = drawFrames(t)
			near, far := tcp(t)
			ends[i], fars[i] = make(chan [][]byte, 1), far
			go func() {
				got, err := readFrames(near, 128<<10)
				if err != io.EOF {
					got = append(got, []byte(err.Error()))
				}
				ends[i] <- got
			}()
		}
		sizes := rapid.SliceOfN(rapid.IntRange(700, 30_000), 1, 4).Draw(t, "chunks")
		for turn := 0; len(streams[0])+len(streams[1])+len(streams[2]) > 0; turn++ {
			for i := range readers {
				n := min(sizes[turn%len(sizes)], len(streams[i]))
				if _, err := fars[i].Write(streams[i][:n]); err != nil {
					t.Fatal(err)
				}
				streams[i] = streams[i][n:]
			}
		}
		for i := range readers {
			fars[i].Close()
			if got := <-ends[i]; !slices.EqualFunc(wants[i], got, bytes.Equal) {
				t.Fatalf("%d frames came, not the %d that were sent", len(got), len(wants[i]))
			}
		}
	})
}

// A reader that waits for a socket holds a buffer only if a part of a frame is in
// it; a deadline may pass meanwhile, and nothing is lost.
func TestNoBufferWhileWaiting(t *testing.T) {
	near, far := tcp(t)
	f := NewFrameReader(near, MaxFrame)
	wait := func() {
		t.Helper()
		if err := near.SetReadDeadline(time.Now().Add(time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if err := f.Fill(); !os.IsTimeout(err) {
			t.Fatalf("got %v, want that the time is up", err)
		}
		if err := near.SetReadDeadline(time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	wait()
	if f.buf != nil {
		t.Errorf("a new reader holds %d bytes", len(f.buf))
	}
	frame := frameOf([]byte("HELLO"))
	for _, part := range [][]byte{frame[:3], frame[3:]} {
		if _, err := far.Write(part); err != nil {
			t.Fatal(err)
		}
		if err := f.Fill(); err != nil {
			t.Fatal(err)
		}
		if len(part) == 3 {
			wait()
			if len(f.buf) == 0 {
				t.Fatal("what has come of a frame is not held")
			}
		}
	}
	if got, ok := f.Next(); !ok || !bytes.Equal(got, frame) {
		t.Fatalf("frame %x, %v", got, ok)
	}
	wait()
	if f.buf != nil {
		t.Errorf("a quiet reader holds %d bytes", len(f.buf))
	}
}
