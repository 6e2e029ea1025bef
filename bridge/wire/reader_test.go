package wire

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// value is one value of any type that Writer appends and Reader reads.
type value struct {
	name  string
	write func(*Writer)
	read  func(*Reader) any
	want  any
}

func drawValue(t *rapid.T) value {
	switch rapid.IntRange(0, 14).Draw(t, "kind") {
	case 0:
		v := rapid.Uint8().Draw(t, "uint8")
		return value{"uint8", func(w *Writer) { w.Uint8(v) }, func(r *Reader) any { return r.Uint8() }, v}
	case 1:
		v := rapid.Uint16().Draw(t, "uint16")
		return value{"uint16", func(w *Writer) { w.Uint16(v) }, func(r *Reader) any { return r.Uint16() }, v}
	case 2:
		v := rapid.Uint32().Draw(t, "uint32")
		return value{"uint32", func(w *Writer) { w.Uint32(v) }, func(r *Reader) any { return r.Uint32() }, v}
	case 3:
		v := rapid.Uint64().Draw(t, "uint64")
		return value{"uint64", func(w *Writer) { w.Uint64(v) }, func(r *Reader) any { return r.Uint64() }, v}
	case 4:
		v := rapid.Float64().Draw(t, "float64")
		return value{"float64", func(w *Writer) { w.Float64(v) }, func(r *Reader) any { return r.Float64() }, v}
	case 5:
		v := rapid.Bool().Draw(t, "bool")
		return value{"bool", func(w *Writer) { w.Bool(v) }, func(r *Reader) any { return r.Bool() }, v}
	case 6:
		v := Channel(rapid.Uint64().Draw(t, "channel"))
		return value{"channel", func(w *Writer) { w.Channel(v) }, func(r *Reader) any { return r.Channel() }, v}
	case 7:
		v := DoID(rapid.Uint32().Draw(t, "doId"))
		return value{"doId", func(w *Writer) { w.DoID(v) }, func(r *Reader) any { return r.DoID() }, v}
	case 8:
		v := Zone(rapid.Uint32().Draw(t, "zone"))
		return value{"zone", func(w *Writer) { w.Zone(v) }, func(r *Reader) any { return r.Zone() }, v}
	case 9:
		v := Channel(rapid.Uint64().Draw(t, "location")).Location()
		return value{"location", func(w *Writer) { w.Location(v) }, func(r *Reader) any { return r.Location() }, v}
	case 10:
		v := MsgType(rapid.Uint16().Draw(t, "type"))
		return value{"type", func(w *Writer) { w.MsgType(v) }, func(r *Reader) any { return r.MsgType() }, v}
	case 11:
		v := ClientMsgType(rapid.Uint16().Draw(t, "client type"))
		return value{"client type", func(w *Writer) { w.ClientMsgType(v) }, func(r *Reader) any { return r.ClientMsgType() }, v}
	case 12:
		f, c := FieldID(rapid.Uint16().Draw(t, "field")), DClassID(rapid.Uint16().Draw(t, "dclass"))
		return value{
			"field and dclass",
			func(w *Writer) { w.FieldID(f).DClassID(c) },
			func(r *Reader) any { return [2]uint16{uint16(r.FieldID()), uint16(r.DClassID())} },
			[2]uint16{uint16(f), uint16(c)},
		}
	case 13:
		v := rapid.String().Draw(t, "string")
		return value{"string", func(w *Writer) { w.Text(v) }, func(r *Reader) any { return r.Text() }, v}
	}
	v := rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(t, "blob")
	return value{"blob", func(w *Writer) { w.Blob(v) }, func(r *Reader) any { return r.Blob() }, v}
}

// What is written is read again, and no beginning of it can be read to the end.
func TestWriteThenRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Custom(drawValue), 1, 12).Draw(t, "values")
		var w Writer
		for _, v := range values {
			v.write(&w)
		}
		d, err := w.Datagram()
		must(t, err)
		r := NewReader(d)
		for _, v := range values {
			if diff := cmp.Diff(v.want, v.read(&r)); diff != "" {
				t.Fatalf("%s: %s", v.name, diff)
			}
		}
		must(t, r.Done())
		for n := range d {
			r := NewReader(d[:n:n])
			for _, v := range values {
				v.read(&r)
			}
			if !errors.Is(r.Err(), ErrTruncated) || !errors.Is(r.Done(), ErrTruncated) {
				t.Fatalf("after %d of %d bytes: %v, want ErrTruncated", n, len(d), r.Err())
			}
		}
	})
}

func TestNumbersAreLittleEndian(t *testing.T) {
	var w Writer
	w.Uint8(0x01).Uint16(0x0203).Uint32(0x04050607).Uint64(0x08090a0b0c0d0e0f).Float64(1).Bool(true)
	w.Location(Location{Parent: 1, Zone: 2}).Text("Hi").Blob([]byte{9})
	got, err := w.Datagram()
	must(t, err)
	want := "01 0302 07060504 0f0e0d0c0b0a0908 000000000000f03f 01 01000000 02000000 0200 4869 0100 09"
	if fmt.Sprintf("%x", []byte(got)) != strings.ReplaceAll(want, " ", "") {
		t.Errorf("got %x, want %s", []byte(got), want)
	}
}

func TestReaderKeepsItsFirstError(t *testing.T) {
	r := NewReader([]byte{1, 2, 3})
	if got := r.Uint16(); got != 0x0201 {
		t.Errorf("got %#x", got)
	}
	if got := r.Uint32(); got != 0 {
		t.Errorf("past the end: got %d, want 0", got)
	}
	first := r.Err()
	if !errors.Is(first, ErrTruncated) || !strings.Contains(first.Error(), "4 bytes wanted at offset 2, 1 left") {
		t.Errorf("got error %v", first)
	}
	if got := r.Uint8(); got != 0 {
		t.Errorf("after an error: got %d, want 0", got)
	}
	if r.Rest() != nil || r.Blob() != nil || r.Bytes(0) != nil || r.Text() != "" || r.Len() != 0 {
		t.Error("after an error something was read")
	}
	if r.Err() != first || r.Offset() != 2 {
		t.Errorf("error %v at offset %d, want the first one at 2", r.Err(), r.Offset())
	}
}

func TestReaderExcess(t *testing.T) {
	r := NewReader([]byte{1, 2, 3})
	r.Uint8()
	if err := r.Done(); !errors.Is(err, ErrExcess) || !strings.Contains(err.Error(), "2 bytes from offset 1") {
		t.Errorf("got %v, want ErrExcess", err)
	}
	if got := r.Rest(); len(got) != 2 || r.Done() != nil {
		t.Errorf("rest %x, then %v", got, r.Done())
	}
}

func TestReaderBytes(t *testing.T) {
	for _, n := range []int{-1, math.MinInt, 4, math.MaxInt} {
		r := NewReader(make([]byte, 3))
		if got := r.Bytes(n); got != nil || !errors.Is(r.Err(), ErrTruncated) {
			t.Errorf("Bytes(%d) of 3: %x, %v", n, got, r.Err())
		}
	}
	r := NewReader([]byte{1, 2, 3})
	if got := r.Bytes(2); cap(got) != 2 {
		t.Errorf("capacity %d reaches into what follows, want 2", cap(got))
	}
}

func TestReaderBoolTakesAnythingButZero(t *testing.T) {
	r := NewReader([]byte{0, 1, 2, 255})
	got := []bool{r.Bool(), r.Bool(), r.Bool(), r.Bool()}
	if diff := cmp.Diff([]bool{false, true, true, true}, got); diff != "" {
		t.Error(diff)
	}
}
