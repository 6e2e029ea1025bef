package fieldlist

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"natstron/bridge/wire"
	"natstron/dc"
)

// What Write writes, Append reads, and it says so of a list that is cut anywhere.
func TestValues(t *testing.T) {
	file, err := dc.Parse([]dc.Source{{Name: "test.dc", Text: `dclass A { name(string); age(uint8(0-100)); nothing(); };`}})
	if err != nil {
		t.Fatal(err)
	}
	errUnknown := errors.New("unknown")
	find := func(id wire.FieldID) (*dc.Field, error) {
		f, ok := file.FieldByID(uint16(id))
		if !ok {
			return nil, errUnknown
		}
		return f, nil
	}
	class, _ := file.ClassByName("A")
	fields := class.Fields()
	values := []dc.FieldValue{{Field: fields[0], Packed: []byte("\x02\x00me")}, {Field: fields[1], Packed: []byte{7}}, {Field: fields[2], Packed: []byte{}}}
	var w wire.Writer
	Write(&w, values)
	body, _ := w.Datagram()

	r := wire.NewReader(body)
	got, err := Append(nil, &r, 3, find)
	if err != nil || r.Done() != nil {
		t.Fatal(err, r.Done())
	}
	if !slices.EqualFunc(got, values, func(a, b dc.FieldValue) bool { return a.Field == b.Field && bytes.Equal(a.Packed, b.Packed) }) {
		t.Errorf("got %v, want %v", got, values)
	}
	for n := range body {
		r := wire.NewReader(body[:n])
		if _, err := Append(nil, &r, 3, find); !errors.Is(err, wire.ErrTruncated) && !errors.Is(err, dc.ErrTruncated) {
			t.Errorf("%d of %d bytes: %v", n, len(body), err)
		}
	}
	for text, want := range map[string]error{"\x01\x00\x65": dc.ErrRange, "\x09\x00": errUnknown} {
		r := wire.NewReader([]byte(text))
		if _, err := Append(nil, &r, 1, find); !errors.Is(err, want) {
			t.Errorf("%x: %v, want %v", text, err, want)
		}
	}
}

// A list of numbers ends where the message does, which the reader tells.
func TestIDs(t *testing.T) {
	var w wire.Writer
	w.FieldID(3).FieldID(1).FieldID(2)
	body, _ := w.Datagram()
	r := wire.NewReader(body)
	if got := slices.Collect(IDs(&r, 2)); !slices.Equal(got, []wire.FieldID{3, 1}) || r.Len() != 2 || r.Err() != nil {
		t.Errorf("two: %v, %d bytes left, %v", got, r.Len(), r.Err())
	}
	r = wire.NewReader(body[:5])
	if got := slices.Collect(IDs(&r, 3)); len(got) != 2 || !errors.Is(r.Err(), wire.ErrTruncated) {
		t.Errorf("cut: %v, %v", got, r.Err())
	}
}
