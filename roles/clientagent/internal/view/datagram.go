package view

import (
	"encoding/binary"
	"slices"

	"natstron/bridge/wire"
)

// Datagram is a datagram from the cluster. What is worked out for one view is kept
// for all others that it is for.
type Datagram struct {
	Sender  wire.Channel
	Type    wire.MsgType
	Payload []byte

	to     wire.Datagram // its recipients; none: it has waited
	do     wire.DoID     // that an update is of: what the payload begins with
	number uint64        // among all datagrams that were read
	kind   *kind         // nil: views have nothing to do with it
	frame  []byte        // the client's message; empty: not made yet
	kept   *Datagram     // a copy, once a view keeps it
}

// Read takes a datagram apart. The result is valid until the next call.
func (vs *Views) Read(d wire.Datagram) (*Datagram, error) {
	vs.number++
	m, err := d.Message()
	if err != nil {
		return nil, err
	}
	vs.datagram = Datagram{
		Sender: m.Sender, Type: m.Type, Payload: m.Payload.Rest(),
		to: d, number: vs.number, kind: kinds[m.Type], frame: vs.datagram.frame[:0],
	}
	r := wire.NewReader(vs.datagram.Payload)
	vs.datagram.do = r.DoID() // zero, which no object has, if the payload is too short
	return &vs.datagram, nil
}

// OfObjects reports whether it is about objects: [View.Handle] takes it.
func (d *Datagram) OfObjects() bool { return d.kind != nil }

// isFor reports whether a channel is among the recipients.
func (d *Datagram) isFor(c wire.Channel) bool {
	for i := range d.to.RecipientCount() {
		if d.to.Recipient(i) == c {
			return true
		}
	}
	return false
}

// keep returns the datagram in a form that outlives the next [Views.Read]. All that
// keep it share it.
func (d *Datagram) keep() *Datagram {
	if d.kept == nil {
		c := *d
		c.to, c.Payload, c.frame = nil, slices.Clone(d.Payload), nil
		c.kept = &c
		d.kept = &c
	}
	return d.kept
}

// forClient is the client's message that the datagram becomes, as a frame.
func (d *Datagram) forClient() []byte {
	if len(d.frame) == 0 {
		payload := d.Payload[d.kind.skip:]
		b := binary.LittleEndian.AppendUint16(d.frame, uint16(2+len(payload)))
		b = binary.LittleEndian.AppendUint16(b, uint16(d.kind.client))
		d.frame = append(b, payload...)
	}
	return d.frame
}

// entry reads what all messages of an object that enters begin with.
func (d *Datagram) entry() (do wire.DoID, at wire.Location, class wire.DClassID, err error) {
	r := wire.NewReader(d.Payload)
	r.Bytes(d.kind.skip)
	do, at, class = r.DoID(), r.Location(), r.DClassID()
	return do, at, class, r.Err()
}
