package wire

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func TestWriterRefusesWhatALengthCannotTell(t *testing.T) {
	long := make([]byte, MaxLength+1)
	for name, write := range map[string]func(*Writer){
		"blob too long: 65536":     func(w *Writer) { w.Blob(long) },
		"string too long: 65536":   func(w *Writer) { w.Text(string(long)) },
		"recipients too long: 256": func(w *Writer) { w.Header(1, ClientAgentDrop, make([]Channel, 256)...) },
		"datagram too long: 65536": func(w *Writer) { w.Raw(long) },
		"datagram too long: 65537": func(w *Writer) { w.Blob(long[:MaxLength]) },
		"datagram too long: 65538": func(w *Writer) { w.Uint8(0).Text(string(long[:MaxLength])) },
		"datagram too long: 65544": func(w *Writer) {
			for range MaxLength/8 + 2 {
				w.Uint64(0)
			}
		},
	} {
		var w Writer
		write(&w)
		d, err := w.Datagram()
		if d != nil || !errors.Is(err, ErrTooLong) || !strings.Contains(err.Error(), name) {
			t.Errorf("%d bytes, error %v; want ErrTooLong: %s", len(d), err, name)
		}
	}
}

func TestWriterTakesTheLongest(t *testing.T) {
	var w Writer
	w.Header(1, ClientAgentDrop, make([]Channel, 255)...)
	w.Blob(make([]byte, MaxLength-w.Len()-2))
	d, err := w.Datagram()
	if err != nil || len(d) != MaxLength || d.RecipientCount() != 255 {
		t.Fatalf("%d bytes for %d recipients, %v", len(d), d.RecipientCount(), err)
	}
}

// However much a caller writes, what cannot be sent is not kept in memory.
func TestWriterStaysSmall(t *testing.T) {
	var w Writer
	megabyte := make([]byte, 1<<20)
	for range 100 {
		w.Raw(megabyte).Blob(megabyte[:MaxLength]).Text(string(megabyte[:MaxLength]))
	}
	if w.Len() > MaxLength {
		t.Errorf("%d bytes kept, want at most %d", w.Len(), MaxLength)
	}
}

func TestWriterKeepsItsFirstErrorUntilReset(t *testing.T) {
	var w Writer
	w.Uint8(1).Blob(make([]byte, MaxLength+1)).Raw(make([]byte, MaxLength+1))
	if _, err := w.Datagram(); err == nil || !strings.HasPrefix(err.Error(), "blob too long") {
		t.Fatalf("got %v, want the blob's error", err)
	}
	w.Reset()
	d, err := w.Uint8(7).Datagram()
	if err != nil || len(d) != 1 || d[0] != 7 {
		t.Fatalf("after Reset: %x, %v", []byte(d), err)
	}
}

// What somebody appends to a datagram must not reach into the writer's buffer.
func TestDatagramOfWriterHasNoSpareCapacity(t *testing.T) {
	var w Writer
	d, err := w.Uint8(1).Datagram()
	if err != nil || cap(d) != len(d) {
		t.Fatalf("length %d, capacity %d, %v", len(d), cap(d), err)
	}
}

func TestWriterDoesNotAllocateAgain(t *testing.T) {
	var w Writer
	payload := make([]byte, 200)
	write := func() {
		w.Reset()
		w.Header(1, StateServerObjectSetField, 2, 3).DoID(4).FieldID(5).Blob(payload)
		if _, err := w.Datagram(); err != nil {
			t.Fatal(err)
		}
	}
	write()
	if n := testing.AllocsPerRun(100, write); n != 0 {
		t.Errorf("%v allocations for each datagram, want 0", n)
	}
}

func BenchmarkWriteSetField(b *testing.B) {
	var w Writer
	payload := make([]byte, 100)
	b.ReportAllocs()
	for b.Loop() {
		w.Reset()
		w.Header(1, StateServerObjectSetField, 2, 3).DoID(4).FieldID(5).Raw(payload)
		if _, err := w.Datagram(); err != nil {
			b.Fatal(err)
		}
	}
}

// A frame is what was written, with its length before it.
func TestFrame(t *testing.T) {
	var w Writer
	for range 2 { // a writer is used again
		frame, err := w.BeginFrame().ClientMsgType(ClientHeartbeat).Uint8(7).Frame()
		if want := []byte{3, 0, 5, 0, 7}; err != nil || !bytes.Equal(frame, want) {
			t.Errorf("%x, %v; want %x", frame, err, want)
		}
	}
	if _, err := w.BeginFrame().Raw(make([]byte, MaxLength-FrameHeader+1)).Frame(); !errors.Is(err, ErrTooLong) {
		t.Errorf("a frame that is too long: %v", err)
	}
}
