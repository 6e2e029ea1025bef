package dbss

import (
	"natstron/bridge"
	"natstron/bridge/wire"
)

// control handles what the role's own participant gets: all that is sent to an
// object in the ranges, and what the database announces about one. Each object is
// handled for itself, and once.
func (r *Role) control(_ *bridge.Participant, d wire.Datagram, m wire.Message) error {
	for i := range d.RecipientCount() {
		c := d.Recipient(i)
		if repeated(d, i) {
			continue
		}
		id := wire.DoID(c)
		if !r.ranges.has(id) {
			continue
		}
		switch c {
		case id.Channel():
			r.receive(id, d, m)
		case id.DatabaseChannel():
			r.space.Refused(m, id, r.announced(id, m))
		}
	}
	return nil
}

// repeated reports whether an earlier recipient of d is the same.
func repeated(d wire.Datagram, i int) bool {
	for j := range i {
		if d.Recipient(j) == d.Recipient(i) {
			return true
		}
	}
	return false
}

// receive handles what is sent to an object, in whichever state it is.
func (r *Role) receive(id wire.DoID, d wire.Datagram, m wire.Message) {
	if isAnswer(m.Type) {
		r.answered(id, m)
		return
	}
	if l, ok := r.loading[id]; ok {
		r.space.Refused(m, id, r.wait(l, d, m))
		return
	}
	if _, ok := r.space.Object(id); ok {
		return // it gets the message itself
	}
	r.space.Refused(m, id, r.inactive(id, m))
}

// again handles a datagram that has waited while an object was loading.
func (r *Role) handleQueued(id wire.DoID, d wire.Datagram) {
	m, err := d.Message()
	if err != nil {
		return // it was read before it was queued
	}
	if o, ok := r.space.Object(id); ok {
		r.space.HandleFor(o, m)
		return
	}
	r.receive(id, d, m)
}

// message starts a message that an object in the ranges sends; send sends it.
func (r *Role) message(id wire.DoID, t wire.MsgType, to wire.Channel) *wire.Writer {
	r.w.Reset()
	return r.w.Header(id.Channel(), t, to)
}

// toDatabase starts a message to the database.
func (r *Role) toDatabase(id wire.DoID, t wire.MsgType) *wire.Writer {
	return r.message(id, t, r.options.Database)
}

// send sends the message in the role's writer, if it fits into a datagram.
func (r *Role) send() error {
	d, err := r.w.Datagram()
	if err != nil {
		return err
	}
	r.space.Send(r.participant, d)
	return nil
}
