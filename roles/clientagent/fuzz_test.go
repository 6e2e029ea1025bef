package clientagent

import (
	"encoding/binary"
	"testing"
	"time"

	"natstron/bridge/wire"
	"natstron/dc"
)

// forbidden says why a client may not cause a datagram. Its channel is 0
// if it is not known.
func forbidden(s *stage, c wire.Channel, d wire.Datagram) string {
	m, err := d.Message()
	if err != nil {
		return "it is malformed"
	}
	if m.Sender != c && (c != 0 || m.Sender < firstClient || m.Sender > firstClient+9999) {
		return "its sender is not the client"
	}
	r := m.Payload
	switch m.Type {
	case wire.StateServerObjectSetField:
		do, id := r.DoID(), r.FieldID()
		value := r.Rest()
		field, ok := parkFile(s.t).FieldByID(uint16(id))
		if !ok || field.Validate(value) != nil {
			return "its value is not one of the field"
		}
		if !field.ValidUTF8(value) {
			return "it has text that is not UTF-8"
		}
		if do != gate && do != office && do != 101 && do != 102 {
			return "the client does not know the object"
		}
		if name := field.Name(); !field.Has(dc.Clsend) && (name != "setMood" || do != 102) {
			return "the client may not send " + name
		}
	case wire.StateServerObjectSetLocation:
		if d.Recipient(0) != 102 {
			return "the client does not own the object"
		}
	case wire.StateServerObjectGetZonesObjects:
		if r.Uint32(); r.DoID() <= wire.LastReservedDoID {
			return "the parent is reserved"
		}
	case wire.StateServerObjectDeleteRAM:
	default:
		return m.Type.String() + " is nothing that a client may send"
	}
	return ""
}

// FuzzClient lets a client in each state say anything: the agent neither panics
// nor hangs, and passes on only what the rules allow.
func FuzzClient(f *testing.F) {
	field := func(class, name string) uint16 {
		return uint16(fieldID(f, class, name))
	}
	message := func(t wire.ClientMsgType, build func(w *wire.Writer)) []byte {
		var w wire.Writer
		build(w.Uint16(0).ClientMsgType(t))
		d, _ := w.Datagram()
		binary.LittleEndian.PutUint16(d, uint16(len(d)-wire.FrameHeader))
		return append([]byte(nil), d...)
	}
	seeds := [][]byte{
		nil, {0, 0}, {1, 0, 3}, {0xff, 0xff, 1},
		message(wire.ClientHello, func(w *wire.Writer) { w.Uint32(parkFile(f).Hash()).Text(version) }),
		message(wire.ClientHeartbeat, func(*wire.Writer) {}),
		message(wire.ClientDisconnect, func(*wire.Writer) {}),
		message(wire.ClientObjectSetField, func(w *wire.Writer) { w.DoID(gate).Uint16(field("Gate", "enter")).Text("x") }),
		message(wire.ClientObjectSetField, func(w *wire.Writer) {
			w.DoID(gate).Uint16(field("Gate", "words")).Blob([]byte("\x01\x00x\x02\x00é"))
		}),
		message(wire.ClientObjectSetField, func(w *wire.Writer) { w.DoID(101).Uint16(field("Duck", "feed")).Blob([]byte("x")) }),
		message(wire.ClientObjectSetField, func(w *wire.Writer) { w.DoID(102).Uint16(field("Duck", "setMood")).Uint8(3) }),
		message(wire.ClientObjectLocation, func(w *wire.Writer) { w.DoID(102).DoID(pond).Zone(11) }),
		message(wire.ClientAddInterest, func(w *wire.Writer) { w.Uint32(1).Uint16(2).DoID(pond).Zone(11) }),
		message(wire.ClientAddInterestMultiple, func(w *wire.Writer) { w.Uint32(1).Uint16(1).DoID(pond).Uint16(2).Zone(10).Zone(12) }),
		message(wire.ClientRemoveInterest, func(w *wire.Writer) { w.Uint32(1).Uint16(1) }),
	}
	for _, s := range seeds {
		for state := range uint8(3) {
			f.Add(state, s)
			for _, next := range seeds {
				f.Add(state, append(append([]byte(nil), s...), next...))
			}
		}
	}
	s := newStage(f, func(o *Options) {
		o.Limits.InterestZones, o.Limits.PendingInterests = 100, 10
	})
	f.Fuzz(func(t *testing.T, state uint8, said []byte) {
		s.t, s.actor.t = t, t
		s.actor.got = nil
		s.actor.inbox.Take()
		var c *client
		switch state % 3 {
		case 0:
			c = s.dial()
			c.t = t
			s.until(t, 1)
		case 1:
			c = s.anonymous()
		default:
			c = s.established()
			s.show(c, 101, 10)
			s.own(c, 102, 10)
		}
		defer c.conn.Close()
		if _, err := c.conn.Write(said); err != nil {
			t.Fatal(err)
		}
		c.conn.Close()
		s.until(t, 0)
		for _, d := range s.actor.inbox.Take() {
			if why := forbidden(s, c.channel, d.Datagram); why != "" {
				t.Fatalf("%x was passed on: %s", d.Datagram, why)
			}
		}
	})
}

// until waits until the agent has so many clients.
func (s *stage) until(t *testing.T, clients int) {
	t.Helper()
	for deadline := time.Now().Add(patience); s.agent.Stats().Clients != clients; time.Sleep(50 * time.Microsecond) {
		if time.Now().After(deadline) {
			t.Fatalf("there are %d clients, want %d", s.agent.Stats().Clients, clients)
		}
	}
	s.node.Begin().End() // the agent may still have the turn in which the last of them went
}
