package wire

import (
	"bytes"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"
)

// unhex turns hexadecimal with blanks and line ends into bytes.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.Join(strings.Fields(s), ""))
	must(t, err)
	return b
}

// helloExample is a message of the unknown type 1337 to channel 1234 from 4321,
// with the string HELLO as its payload: the values that document 00 (section 0)
// shows, without the length in front.
const helloExample = `
	01
	d204000000000000
	e110000000000000
	3905
	0500 48454c4c4f`

func TestDatagramOfDocument00(t *testing.T) {
	want := unhex(t, helloExample)
	if len(want) != 0x1a {
		t.Fatalf("%d bytes, want 26", len(want))
	}
	var w Writer
	d, err := w.Header(4321, 1337, 1234).Text("HELLO").Datagram()
	if err != nil || !bytes.Equal(d, want) {
		t.Fatalf("wrote %x, %v; want %x", []byte(d), err, want)
	}
	must(t, d.Check())
	if d.RecipientCount() != 1 || d.Recipient(0) != 1234 || d.IsControl() {
		t.Errorf("recipients %d, first %d, control %v", d.RecipientCount(), d.Recipient(0), d.IsControl())
	}
	m, err := d.Message()
	must(t, err)
	text := m.Payload.Text()
	if m.Sender != 4321 || m.Type != 1337 || text != "HELLO" || m.Payload.Done() != nil {
		t.Errorf("got sender %d, type %s, text %q, %v", m.Sender, m.Type, text, m.Payload.Done())
	}
}

// A datagram can be routed once its recipients are there, and read as a message
// once sender and type are.
func TestDatagramCutAtEveryByte(t *testing.T) {
	var w Writer
	whole, err := w.Header(10, ClientAgentDrop, 20, 30).Datagram()
	must(t, err)
	const recipients = 1 + 2*8
	for n := range len(whole) + 1 {
		d := slices.Clip(whole[:n])
		if err := d.Check(); (err == nil) != (n >= recipients) || err != nil && !errors.Is(err, ErrTruncated) {
			t.Errorf("%d bytes: Check says %v", n, err)
		}
		if _, err := d.Message(); (err == nil) != (n == len(whole)) || err != nil && !errors.Is(err, ErrTruncated) {
			t.Errorf("%d bytes: Message says %v", n, err)
		}
	}
}

func TestIsControl(t *testing.T) {
	for name, c := range map[string]struct {
		datagram string
		want     bool
	}{
		"empty":                    {"", false},
		"no recipients":            {"00", false},
		"channel 1 alone":          {"01 0100000000000000", true},
		"channel 1, cut off":       {"01 01000000000000", false},
		"channel 1 and another":    {"02 0100000000000000 0200000000000000", false},
		"channel 1 twice":          {"02 0100000000000000 0100000000000000", false},
		"another channel":          {"01 0200000000000000", false},
		"channel 1 in a high byte": {"01 0000000000000001", false},
	} {
		if got := Datagram(unhex(t, c.datagram)).IsControl(); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

func TestReadingADatagramDoesNotAllocate(t *testing.T) {
	d := Datagram(unhex(t, helloExample))
	n := testing.AllocsPerRun(100, func() {
		m, err := d.Message()
		if err != nil || d.Check() != nil || len(m.Payload.Blob()) != 5 || m.Payload.Done() != nil {
			t.Fatal("the example is not read")
		}
	})
	if n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func FuzzDatagram(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0})
	f.Add(unhex(f, helloExample))
	f.Add(unhex(f, "01 0100000000000000 2823 d204000000000000"))
	f.Add(unhex(f, "ff 0100000000000000"))
	f.Fuzz(func(t *testing.T, b []byte) {
		d := Datagram(b)
		d.IsControl()
		d.Control()
		m, err := d.Message()
		if err != nil && !errors.Is(err, ErrTruncated) {
			t.Fatalf("Message says %v, want ErrTruncated", err)
		}
		if d.Check() != nil {
			if err == nil {
				t.Fatal("Message reads what Check refuses")
			}
			return
		}
		var recipients []Channel
		for i := range d.RecipientCount() {
			recipients = append(recipients, d.Recipient(i))
		}
		if err != nil || len(b) > MaxLength {
			return
		}
		var w Writer
		again, err := w.Header(m.Sender, m.Type, recipients...).Raw(m.Payload.Rest()).Datagram()
		if err != nil || !bytes.Equal(again, b) {
			t.Fatalf("written again: %x, %v; want %x", []byte(again), err, b)
		}
	})
}

func BenchmarkDatagramMessage(b *testing.B) {
	var w Writer
	d, err := w.Header(1, StateServerObjectSetField, 2, 3).DoID(4).FieldID(5).Raw(make([]byte, 100)).Datagram()
	must(b, err)
	b.ReportAllocs()
	for b.Loop() {
		must(b, d.Check())
		var sum Channel
		for i := range d.RecipientCount() {
			sum += d.Recipient(i)
		}
		m, err := d.Message()
		if err != nil || sum != 5 {
			b.Fatal(err)
		}
		if m.Payload.DoID() != 4 || m.Payload.FieldID() != 5 || len(m.Payload.Rest()) != 100 {
			b.Fatal("not what was written")
		}
	}
}
