package otp

import (
	"bytes"
	"errors"
	"testing"

	"natstron/bridge/wire"
)

// clientMessage is a message of a client, or for one.
func clientMessage(t testing.TB, number uint16, fill func(w *wire.Writer)) []byte {
	t.Helper()
	w := new(wire.Writer).Uint16(number)
	fill(w)
	return build(t, w)
}

func TestClientToAstron(t *testing.T) {
	none := func(*wire.Writer) {}
	for name, c := range map[string]struct {
		sent, want []byte // want is nil for a game's own
		err        error
	}{
		"disconnect":          {sent: clientMessage(t, 37, none), want: clientMessage(t, 3, none)},
		"heartbeat":           {sent: clientMessage(t, 52, func(w *wire.Writer) { w.Uint16(7) }), want: clientMessage(t, 5, none)},
		"update":              {sent: clientMessage(t, 24, func(w *wire.Writer) { w.DoID(5).FieldID(6).Text("x") }), want: clientMessage(t, 120, func(w *wire.Writer) { w.DoID(5).FieldID(6).Text("x") })},
		"location":            {sent: clientMessage(t, 102, func(w *wire.Writer) { w.DoID(5).Location(place) }), want: clientMessage(t, 140, func(w *wire.Writer) { w.DoID(5).Location(place) })},
		"interest":            {sent: clientMessage(t, 97, func(w *wire.Writer) { w.Uint16(2).Uint32(9).DoID(5).Zone(7).Zone(8) }), want: clientMessage(t, 201, func(w *wire.Writer) { w.Uint32(9).Uint16(2).DoID(5).Uint16(2).Zone(7).Zone(8) })},
		"no interest":         {sent: clientMessage(t, 99, func(w *wire.Writer) { w.Uint16(2).Uint32(9) }), want: clientMessage(t, 203, func(w *wire.Writer) { w.Uint32(9).Uint16(2) })},
		"no context":          {sent: clientMessage(t, 99, func(w *wire.Writer) { w.Uint16(2) }), want: clientMessage(t, 203, func(w *wire.Writer) { w.Uint32(0).Uint16(2) })},
		"a login":             {sent: clientMessage(t, 16, func(w *wire.Writer) { w.Text("token") })},
		"what servers send":   {sent: clientMessage(t, 34, none)},
		"half a zone":         {sent: clientMessage(t, 97, func(w *wire.Writer) { w.Uint16(2).Uint32(9).DoID(5).Uint16(7) }), err: wire.ErrExcess},
		"half an interest":    {sent: clientMessage(t, 97, func(w *wire.Writer) { w.Uint16(2) }), err: wire.ErrTruncated},
		"half a message type": {sent: []byte{1}, err: wire.ErrTruncated},
	} {
		t.Run(name, func(t *testing.T) {
			before := bytes.Clone(c.sent)
			got, ok, err := ClientToAstron(nil, c.sent)
			if !errors.Is(err, c.err) || !bytes.Equal(got, c.want) || err == nil && ok != (c.want != nil) {
				t.Errorf("got %x, %v, %v, want %x, %v", got, ok, err, c.want, c.err)
			}
			if !bytes.Equal(before, c.sent) {
				t.Errorf("%x was changed to %x", before, c.sent)
			}
		})
	}
}

func TestClientFromAstron(t *testing.T) {
	object := func(w *wire.Writer) { w.DoID(100).Location(place).DClassID(3).Raw([]byte("req")) }
	for name, c := range map[string]struct {
		classFirst bool
		sent       []byte
		want       [][]byte
		err        error
	}{
		"eject":    {sent: clientMessage(t, 4, func(w *wire.Writer) { w.Uint16(100).Text("x") }), want: [][]byte{clientMessage(t, 4, func(w *wire.Writer) { w.Uint16(100).Text("x") })}},
		"update":   {sent: clientMessage(t, 120, func(w *wire.Writer) { w.DoID(5).FieldID(6) }), want: [][]byte{clientMessage(t, 24, func(w *wire.Writer) { w.DoID(5).FieldID(6) })}},
		"leaving":  {sent: clientMessage(t, 132, func(w *wire.Writer) { w.DoID(5) }), want: [][]byte{clientMessage(t, 25, func(w *wire.Writer) { w.DoID(5) })}},
		"disowned": {sent: clientMessage(t, 161, func(w *wire.Writer) { w.DoID(5) }), want: [][]byte{clientMessage(t, 26, func(w *wire.Writer) { w.DoID(5) })}},
		"done":     {sent: clientMessage(t, 204, func(w *wire.Writer) { w.Uint32(9).Uint16(2) }), want: [][]byte{clientMessage(t, 48, func(w *wire.Writer) { w.Uint16(2).Uint32(9) })}},
		"enter":    {sent: clientMessage(t, 142, object), want: [][]byte{clientMessage(t, 34, func(w *wire.Writer) { w.Location(place).DClassID(3).DoID(100).Raw([]byte("req")) })}},
		"owned": {sent: clientMessage(t, 172, object),
			want: [][]byte{clientMessage(t, 36, func(w *wire.Writer) { w.Location(place).DClassID(3).DoID(100).Raw([]byte("req")).Uint16(0) })}},
		"owned, class first": {classFirst: true, sent: clientMessage(t, 172, object),
			want: [][]byte{clientMessage(t, 36, func(w *wire.Writer) { w.DClassID(3).DoID(100).Location(place).Raw([]byte("req")).Uint16(0) })}},
		"several fields": {sent: clientMessage(t, 121, func(w *wire.Writer) {
			w.DoID(5).Uint16(2).FieldID(6).Raw([]byte("abc")).FieldID(7).Raw([]byte("def"))
		}), want: [][]byte{
			clientMessage(t, 24, func(w *wire.Writer) { w.DoID(5).FieldID(6).Raw([]byte("abc")) }),
			clientMessage(t, 24, func(w *wire.Writer) { w.DoID(5).FieldID(7).Raw([]byte("def")) })}},
		"half a field":        {sent: clientMessage(t, 121, func(w *wire.Writer) { w.DoID(5).Uint16(1).FieldID(6).Raw([]byte("ab")) }), err: wire.ErrTruncated},
		"an interest":         {sent: clientMessage(t, 201, func(w *wire.Writer) { w.Uint32(9).Uint16(2).DoID(5).Uint16(0) })},
		"half an object":      {sent: clientMessage(t, 142, func(w *wire.Writer) { w.DoID(5) }), err: wire.ErrTruncated},
		"half a message type": {sent: []byte{1}, err: wire.ErrTruncated},
	} {
		t.Run(name, func(t *testing.T) {
			f := ClientFormat{ClassFirst: c.classFirst, DC: oneClass{}}
			var got [][]byte
			err := f.FromAstron(nil, c.sent, func(m []byte) { got = append(got, bytes.Clone(m)) })
			if !errors.Is(err, c.err) {
				t.Errorf("%v, want %v", err, c.err)
			}
			if len(got) != len(c.want) {
				t.Fatalf("%d messages, want %d: %x", len(got), len(c.want), got)
			}
			for i := range got {
				if !bytes.Equal(got[i], c.want[i]) {
					t.Errorf("got %x, want %x", got[i], c.want[i])
				}
			}
		})
	}
	if err := (&ClientFormat{}).FromAstron(nil, clientMessage(t, 999, func(*wire.Writer) {}), func([]byte) { t.Error("something came") }); err == nil {
		t.Error("an unknown message is no error")
	}
	if s := ClientMsgType(97).String() + ClientMsgType(16).String(); s != "CLIENT_ADD_INTEREST16" {
		t.Errorf("names: %s", s)
	}
}

// Nothing that a client sends, or Astron has for it, is a panic; no message is changed,
// and what comes of a client's has a number of Astron's.
func FuzzClient(f *testing.F) {
	for _, m := range ClientMessages() {
		f.Add(clientMessage(f, uint16(m.Type), func(w *wire.Writer) { w.Raw(make([]byte, 20)) }))
		f.Add(clientMessage(f, uint16(m.Astron), func(w *wire.Writer) { w.Raw(make([]byte, 20)) }))
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		before := bytes.Clone(message)
		if out, ok, err := ClientToAstron(nil, message); ok && err == nil {
			r := wire.NewReader(out)
			if number := r.ClientMsgType(); r.Err() != nil || !number.Known() {
				t.Errorf("%x became %x", message, out)
			}
		}
		format := ClientFormat{DC: oneClass{}}
		_ = format.FromAstron(nil, message, func(out []byte) {
			if len(out) < 2 {
				t.Errorf("%x became %x", message, out)
			}
		})
		if !bytes.Equal(message, before) {
			t.Errorf("%x was changed to %x", before, message)
		}
	})
}
