package wire

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// controlHead is one recipient, channel 1.
const controlHead = "01 0100000000000000 "

// The nine control messages, and their bytes as document 19 gives them.
var controlExamples = []struct {
	control Control
	bytes   string
}{
	{Control{Type: ControlAddChannel, Channel: 1234}, controlHead + "2823 d204000000000000"},
	{Control{Type: ControlRemoveChannel, Channel: MaxChannel}, controlHead + "2923 ffffffffffffffff"},
	{Control{Type: ControlAddRange, Channel: 1000, High: 1999}, controlHead + "2a23 e803000000000000 cf07000000000000"},
	{
		Control{Type: ControlRemoveRange, Channel: 2, High: 1}, // reversed is legal
		controlHead + "2b23 0200000000000000 0100000000000000",
	},
	{
		// A post-remove of sender 4321: DELETE_RAM of object 9 to channel 9.
		Control{Type: ControlAddPostRemove, Channel: 4321, Data: []byte{
			1, 9, 0, 0, 0, 0, 0, 0, 0, 0xe1, 0x10, 0, 0, 0, 0, 0, 0, 0xf0, 0x07, 9, 0, 0, 0,
		}},
		controlHead + `3223 e110000000000000 1700
			01 0900000000000000 e110000000000000 f007 09000000`,
	},
	{Control{Type: ControlClearPostRemoves, Channel: 4321}, controlHead + "3323 e110000000000000"},
	{Control{Type: ControlSetConName, Data: []byte("AI")}, controlHead + "3423 0200 4149"},
	{Control{Type: ControlSetConURL, Data: []byte{}}, controlHead + "3523 0000"},
	{
		Control{Type: ControlLogMessage, Data: []byte{0x81, 0xa1, 'a', 0x01}}, // {"a": 1}
		controlHead + "3623 0400 81a16101",
	},
}

func TestControlMessages(t *testing.T) {
	for _, e := range controlExamples {
		t.Run(e.control.Type.String(), func(t *testing.T) {
			want := unhex(t, e.bytes)
			var w Writer
			d, err := w.AppendControl(e.control).Datagram()
			if err != nil || !bytes.Equal(d, want) {
				t.Fatalf("wrote %x, %v; want %x", []byte(d), err, want)
			}
			got, err := ParseControl(want)
			must(t, err)
			if diff := cmp.Diff(e.control, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestControlCutAtEveryByte(t *testing.T) {
	for _, e := range controlExamples {
		whole := unhex(t, e.bytes)
		for n := range whole {
			if _, err := ParseControl(slices.Clip(whole[:n])); !errors.Is(err, ErrTruncated) || errors.Is(err, ErrUnknownControl) {
				t.Errorf("%s, %d of %d bytes: %v, want ErrTruncated", e.control.Type, n, len(whole), err)
			}
		}
	}
}

func TestControlIgnoresWhatFollows(t *testing.T) {
	for _, e := range controlExamples {
		got, err := ParseControl(append(unhex(t, e.bytes), 1, 2, 3))
		if err != nil {
			t.Fatalf("%s: %v", e.control.Type, err)
		}
		if diff := cmp.Diff(e.control, got); diff != "" {
			t.Errorf("%s: %s", e.control.Type, diff)
		}
	}
}

// The message director keeps the connection after an unknown type, and closes it
// after a truncated message: the errors must differ.
func TestControlOfUnknownType(t *testing.T) {
	for _, d := range []string{controlHead + "2723", controlHead + "e803 0000", controlHead + "ffff"} {
		_, err := ParseControl(unhex(t, d))
		if !errors.Is(err, ErrUnknownControl) || errors.Is(err, ErrTruncated) {
			t.Errorf("%s: %v, want ErrUnknownControl", d, err)
		}
	}
	var w Writer
	if _, err := w.AppendControl(Control{Type: ClientAgentDrop}).Datagram(); !errors.Is(err, ErrUnknownControl) {
		t.Errorf("writing: %v, want ErrUnknownControl", err)
	}
}

func TestParseControlOfAnOrdinaryDatagram(t *testing.T) {
	for _, d := range []string{"00", helloExample, "02 0100000000000000 0200000000000000 2823 d204000000000000"} {
		_, err := ParseControl(unhex(t, d))
		if err == nil || !strings.Contains(err.Error(), "channel 1 is not the only recipient") {
			t.Errorf("%s: %v", d, err)
		}
	}
}

func TestControlTooLong(t *testing.T) {
	for _, n := range []int{MaxLength, MaxLength + 1} {
		var w Writer
		d, err := w.AppendControl(Control{Type: ControlAddPostRemove, Data: make([]byte, n)}).Datagram()
		if d != nil || !errors.Is(err, ErrTooLong) {
			t.Errorf("post-remove of %d bytes: %v, want ErrTooLong", n, err)
		}
	}
}

func TestControlWriteThenParse(t *testing.T) {
	types := slices.DeleteFunc(MsgTypes(), func(m MsgType) bool { return m < 9000 })
	rapid.Check(t, func(t *rapid.T) {
		want := Control{Type: rapid.SampledFrom(types).Draw(t, "type")}
		args := controlArgsOf(want.Type)
		if args&controlChannel != 0 {
			want.Channel = Channel(rapid.Uint64().Draw(t, "channel"))
		}
		if args&controlHigh != 0 {
			want.High = Channel(rapid.Uint64().Draw(t, "high"))
		}
		if args&controlData != 0 {
			want.Data = rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "data")
		}
		var w Writer
		d, err := w.AppendControl(want).Datagram()
		must(t, err)
		got, err := ParseControl(d)
		must(t, err)
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestParseControlDoesNotAllocate(t *testing.T) {
	for _, e := range controlExamples {
		d := Datagram(unhex(t, e.bytes))
		n := testing.AllocsPerRun(100, func() {
			if _, err := ParseControl(d); err != nil {
				t.Fatal(err)
			}
		})
		if n != 0 {
			t.Errorf("%s: %v allocations, want 0", e.control.Type, n)
		}
	}
}

func FuzzControl(f *testing.F) {
	for _, e := range controlExamples {
		f.Add(unhex(f, e.bytes))
	}
	f.Add(unhex(f, controlHead+"3223 0000000000000000 ffff 00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := ParseControl(b)
		if err != nil {
			if Datagram(b).IsControl() && errors.Is(err, ErrUnknownControl) == errors.Is(err, ErrTruncated) {
				t.Fatalf("a control message is unknown or truncated, not: %v", err)
			}
			return
		}
		var w Writer
		again, err := w.AppendControl(c).Datagram()
		if err != nil || !bytes.HasPrefix(b, again) {
			t.Fatalf("written again: %x, %v; want the beginning of %x", []byte(again), err, b)
		}
	})
}

func BenchmarkParseControl(b *testing.B) {
	for _, e := range controlExamples {
		b.Run(e.control.Type.String(), func(b *testing.B) {
			d := Datagram(unhex(b, e.bytes))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ParseControl(d); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
