package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// frameOf is the body with its length before it.
func frameOf(body []byte) []byte {
	return append(binary.LittleEndian.AppendUint16(nil, uint16(len(body))), body...)
}

// readFrames reads to the end of src, and returns copies of the frames.
func readFrames(src io.Reader, size int) ([][]byte, error) {
	f := NewFrameReader(src, size)
	var frames [][]byte
	for {
		for frame, ok := f.Next(); ok; frame, ok = f.Next() {
			frames = append(frames, bytes.Clone(frame))
		}
		if err := f.Fill(); err != nil {
			return frames, err
		}
	}
}

// drawFrames are frames of all sizes, the longest and the empty one among them.
func drawFrames(t *rapid.T) (frames [][]byte, stream []byte) {
	size := rapid.OneOf(
		rapid.IntRange(0, 200),
		rapid.SampledFrom([]int{0, smallBuffer - 3, smallBuffer - 2, smallBuffer, 20000, MaxLength}),
	)
	for i, n := range rapid.SliceOfN(size, 0, 12).Draw(t, "sizes") {
		frame := frameOf(bytes.Repeat([]byte{byte(i + 1)}, n))
		frames = append(frames, frame)
		stream = append(stream, frame...)
	}
	return frames, stream
}

// chunks is a reader that returns at most so many bytes at a time as its list
// says, over and over.
type chunks struct {
	stream []byte
	sizes  []int
	next   int
}

func (c *chunks) Read(p []byte) (int, error) {
	if len(c.stream) == 0 {
		return 0, io.EOF
	}
	n := min(c.sizes[c.next%len(c.sizes)], len(p), len(c.stream))
	c.next++
	copy(p, c.stream[:n])
	c.stream = c.stream[n:]
	return n, nil
}

func TestFramesHoweverTheyArrive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want, stream := drawFrames(t)
		sizes := rapid.SliceOfN(rapid.OneOf(rapid.IntRange(0, 9000), rapid.Just(1<<20)), 1, 5).
			Filter(func(sizes []int) bool { return sizes[0] > 0 }).Draw(t, "chunks")
		limit := rapid.SampledFrom([]int{0, MaxFrame, 100_000, 256 << 10}).Draw(t, "limit")
		got, err := readFrames(&chunks{stream: stream, sizes: sizes}, limit)
		if err != io.EOF {
			t.Fatalf("ends with %v, want io.EOF", err)
		}
		if !slices.EqualFunc(want, got, bytes.Equal) {
			t.Fatalf("%d frames came, not the %d that were sent", len(got), len(want))
		}
	})
}

func TestFramesByteByByte(t *testing.T) {
	stream := append(frameOf([]byte("HELLO")), frameOf(nil)...)
	for name, src := range map[string]io.Reader{
		"one byte":      iotest.OneByteReader(bytes.NewReader(stream)),
		"half":          iotest.HalfReader(bytes.NewReader(stream)),
		"data with EOF": iotest.DataErrReader(bytes.NewReader(stream)),
	} {
		got, err := readFrames(src, MaxFrame)
		if err != io.EOF {
			t.Errorf("%s: ends with %v, want io.EOF", name, err)
		}
		if diff := cmp.Diff([][]byte{[]byte("\x05\x00HELLO"), {0, 0}}, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestFramesCutAtEveryByte(t *testing.T) {
	first, second := frameOf([]byte("HELLO")), frameOf([]byte("YOU"))
	stream := append(bytes.Clone(first), second...)
	for n := range stream {
		got, err := readFrames(bytes.NewReader(stream[:n]), MaxFrame)
		wantErr := io.ErrUnexpectedEOF
		if n == 0 || n == len(first) {
			wantErr = io.EOF
		}
		if err != wantErr {
			t.Errorf("%d bytes: ends with %v, want %v", n, err, wantErr)
		}
		if want := n / len(first); len(got) != want {
			t.Errorf("%d bytes: %d frames, want %d", n, len(got), want)
		}
	}
}

// A frame points into the buffer and must not reach into the next one.
func TestFrameHasNoSpareCapacity(t *testing.T) {
	f := NewFrameReader(bytes.NewReader(append(frameOf([]byte{1}), frameOf([]byte{2})...)), MaxFrame)
	must(t, f.Fill())
	frame, _ := f.Next()
	_ = append(frame, 0xff, 0xff)
	if next, ok := f.Next(); !ok || !bytes.Equal(next, frameOf([]byte{2})) {
		t.Errorf("next frame %x, %v", next, ok)
	}
}

func TestFillWaitsForTheFramesToBeTaken(t *testing.T) {
	f := NewFrameReader(&chunks{stream: append(frameOf([]byte{1}), frameOf([]byte{2})...), sizes: []int{3}}, MaxFrame)
	for range 3 {
		must(t, f.Fill())
	}
	frame, ok := f.Next()
	if !ok || !bytes.Equal(frame, frameOf([]byte{1})) {
		t.Fatalf("frame %x, %v", frame, ok)
	}
	if _, ok := f.Next(); ok {
		t.Error("Fill read although a frame was waiting")
	}
}

func TestFillPassesErrorsOn(t *testing.T) {
	broken := errors.New("cable cut")
	_, err := readFrames(io.MultiReader(bytes.NewReader([]byte{5, 0, 1}), iotest.ErrReader(broken)), MaxFrame)
	if err != broken {
		t.Errorf("ends with %v, want the reader's error", err)
	}
	_, err = readFrames(&chunks{stream: []byte{1}, sizes: []int{0}}, MaxFrame)
	if err != io.ErrNoProgress {
		t.Errorf("ends with %v, want io.ErrNoProgress", err)
	}
}

// Memory follows what came, not what a length announces.
func TestFrameBufferFollowsTheBytes(t *testing.T) {
	idle := NewFrameReader(bytes.NewReader([]byte{0xff, 0xff, 1, 2, 3}), 256<<10)
	for idle.Fill() == nil {
	}
	if len(idle.buf) != smallBuffer {
		t.Errorf("%d bytes for a frame that was only announced, want %d", len(idle.buf), smallBuffer)
	}

	const limit = 100_000
	busy := NewFrameReader(&endless{frame: frameOf(make([]byte, 100))}, limit)
	for range 20 {
		takeAll(t, busy)
	}
	if len(busy.buf) != limit {
		t.Errorf("%d bytes for a stream that fills each read, want %d", len(busy.buf), limit)
	}
}

func TestFrameBufferShrinks(t *testing.T) {
	src := &endless{frame: frameOf(make([]byte, 100))}
	f := NewFrameReader(src, 256<<10)
	for range 20 {
		takeAll(t, f)
	}
	grown := len(f.buf)
	src.limit = 102
	for range quietFills - 1 {
		takeAll(t, f)
	}
	if len(f.buf) != grown {
		t.Errorf("shrunk from %d to %d too early", grown, len(f.buf))
	}
	for range 7 * quietFills {
		takeAll(t, f)
	}
	if len(f.buf) != smallBuffer {
		t.Errorf("%d bytes after a long quiet time, want %d", len(f.buf), smallBuffer)
	}
}

func TestFrameBufferStaysWhereTrafficUsesIt(t *testing.T) {
	src := &endless{frame: frameOf(make([]byte, 100))}
	f := NewFrameReader(src, 64<<10)
	for range 10 {
		takeAll(t, f)
	}
	for range 10 * quietFills {
		src.limit = 102
		takeAll(t, f)
		src.limit = 30_000
		takeAll(t, f)
	}
	if len(f.buf) != MaxFrame {
		t.Errorf("%d bytes, want %d: it would grow again at once", len(f.buf), MaxFrame)
	}
}

// A read deadline gives the memory back, and loses nothing.
func TestFrameReaderAfterADeadline(t *testing.T) {
	burst := bytes.Repeat(frameOf(make([]byte, 98)), 3000)
	last := frameOf(bytes.Repeat([]byte{7}, 6000))
	script := &steps{stream: [][]byte{append(burst, last[:5000]...), nil, last[5000:]}}
	f := NewFrameReader(script, 256<<10)
	count := 0
	var err error
	for err == nil {
		for _, ok := f.Next(); ok; _, ok = f.Next() {
			count++
		}
		err = f.Fill()
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) || count != 3000 {
		t.Fatalf("%d frames, then %v; want 3000, then os.ErrDeadlineExceeded", count, err)
	}
	if len(f.buf) != 8192 {
		t.Errorf("%d bytes for 5000 that are held, want 8192", len(f.buf))
	}
	must(t, f.Fill())
	if frame, ok := f.Next(); !ok || !bytes.Equal(frame, last) {
		t.Errorf("the frame that the deadline fell into: %d bytes, %v", len(frame), ok)
	}
}

// Between two reads the buffer can be lent, unless a part of a frame is in it.
func TestLend(t *testing.T) {
	frame := frameOf([]byte("HELLO"))
	f := NewFrameReader(&chunks{stream: append(frame, frame...), sizes: []int{3, 4, 7}}, MaxFrame)
	for i, want := range []struct {
		whole, lent bool
	}{{false, false}, {true, true}, {true, true}} {
		must(t, f.Fill())
		got, ok := f.Next()
		if ok != want.whole || ok && !bytes.Equal(got, frame) {
			t.Errorf("read %d: frame %x, %v", i, got, ok)
		}
		f.Lend()
		if lent := f.buf == nil; lent != want.lent {
			t.Errorf("read %d: lent %v, want %v", i, lent, want.lent)
		}
	}
}

// steps is a reader whose deadline passes between the steps.
type steps struct{ stream [][]byte }

func (s *steps) Read(p []byte) (int, error) {
	if len(s.stream[0]) == 0 {
		s.stream = s.stream[1:]
		if len(s.stream[0]) == 0 {
			return 0, os.ErrDeadlineExceeded
		}
	}
	n := copy(p, s.stream[0])
	s.stream[0] = s.stream[0][n:]
	return n, nil
}

// endless repeats a frame, and can be told to return little at a time.
type endless struct {
	frame []byte
	off   int
	limit int
}

func (e *endless) Read(p []byte) (int, error) {
	if e.limit > 0 {
		p = p[:min(len(p), e.limit)]
	}
	n := 0
	for n < len(p) {
		c := copy(p[n:], e.frame[e.off:])
		n += c
		e.off = (e.off + c) % len(e.frame)
	}
	return n, nil
}

// takeAll fills once and takes all frames, which must be those of endless.
func takeAll(t testing.TB, f *FrameReader) {
	must(t, f.Fill())
	want := f.src.(*endless).frame
	for frame, ok := f.Next(); ok; frame, ok = f.Next() {
		if len(frame) != len(want) || frame[0] != want[0] || frame[1] != want[1] {
			t.Fatalf("frame of %d bytes, want %d", len(frame), len(want))
		}
	}
}

func TestFramesDoNotAllocate(t *testing.T) {
	f := NewFrameReader(&endless{frame: frameOf(make([]byte, 100))}, 64<<10)
	for range 10 {
		takeAll(t, f)
	}
	if n := testing.AllocsPerRun(100, func() { takeAll(t, f) }); n != 0 {
		t.Errorf("%v allocations for each read, want 0", n)
	}
}

func FuzzFrames(f *testing.F) {
	f.Add([]byte{}, uint16(1))
	f.Add([]byte("\x05\x00HELLO\x00\x00"), uint16(3))
	f.Add([]byte{0xff, 0xff, 1}, uint16(4096))
	f.Fuzz(func(t *testing.T, stream []byte, chunk uint16) {
		frames, err := readFrames(&chunks{stream: stream, sizes: []int{int(chunk) + 1}}, MaxFrame)
		var rest []byte
		for _, frame := range frames {
			if len(frame) != FrameHeader+int(binary.LittleEndian.Uint16(frame)) {
				t.Fatalf("frame %x is not as long as it says", frame)
			}
			rest = append(rest, frame...)
		}
		if !bytes.HasPrefix(stream, rest) {
			t.Fatalf("%x are not the beginning of %x", rest, stream)
		}
		whole := len(rest) == len(stream)
		if whole && err != io.EOF || !whole && err != io.ErrUnexpectedEOF {
			t.Fatalf("%d of %d bytes handed out, then %v", len(rest), len(stream), err)
		}
		if left := stream[len(rest):]; len(left) >= FrameHeader &&
			len(left) >= FrameHeader+int(binary.LittleEndian.Uint16(left)) {
			t.Fatal("a whole frame was not handed out")
		}
	})
}

func BenchmarkFrameReader(b *testing.B) {
	for name, size := range map[string]int{"100 bytes": 100, "4000 bytes": 4000} {
		b.Run(name, func(b *testing.B) {
			f := NewFrameReader(&endless{frame: frameOf(make([]byte, size))}, 256<<10)
			for range 10 {
				takeAll(b, f)
			}
			b.SetBytes(int64(FrameHeader + size))
			b.ReportAllocs()
			for b.Loop() {
				frame, ok := f.Next()
				for !ok {
					must(b, f.Fill())
					frame, ok = f.Next()
				}
				if len(frame) != FrameHeader+size {
					b.Fatal("not the frame that was sent")
				}
			}
		})
	}
}

// must ends the test if there is an error.
func must(t rapid.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
