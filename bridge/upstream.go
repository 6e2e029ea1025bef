package bridge

import (
	"natstron/bridge/internal/routing"
	"natstron/bridge/wire"
)

// upstream mirrors this node to a classic message director above it, in that
// protocol: what its participants send, the union of what they subscribe to,
// and their post-removes. (DESIGN: the upstream link; document 19.)
//
// The message director above drops single channels inside a range that is
// removed, and takes no single channel inside a range that it has. So ranges
// are cut around channels that a participant here still wants, and held remembers
// which channels are had by a range above.
//
// It belongs to the node's lock.
type upstream struct {
	sink    Sink
	routing uint64
	dirty   bool // something was delivered in this turn
	writer  wire.Writer
	held    routing.Spans
	failed  func()
}

// datagram passes up what a participant sent.
func (u *upstream) datagram(d wire.Datagram) {
	u.routing++
	u.dirty = true
	if !u.sink.Deliver(u.routing, nil, d) {
		u.failed()
	}
}

func (u *upstream) control(t wire.MsgType, fill func(*wire.Writer)) {
	u.writer.Reset()
	fill(u.writer.Control(t))
	// What does not fit came in a datagram just as long, so it fits.
	if d, err := u.writer.Datagram(); err == nil {
		u.datagram(d)
	}
}

func (u *upstream) span(t wire.MsgType, s routing.Span) {
	u.control(t, func(w *wire.Writer) { w.Channel(s.Lo).Channel(s.Hi) })
}

func (u *upstream) channel(t wire.MsgType, c wire.Channel) {
	u.control(t, func(w *wire.Writer) { w.Channel(c) })
}

// addChannel is called when c gets its first single subscriber.
func (u *upstream) addChannel(c wire.Channel) { u.channel(wire.ControlAddChannel, c) }

// removeChannel is called when c lost its last single subscriber; ranged says whether
// a participant has a range with c in it.
func (u *upstream) removeChannel(c wire.Channel, ranged bool) {
	if !u.held.Contains(c) {
		u.channel(wire.ControlRemoveChannel, c)
	} else if !ranged {
		u.dropRange(routing.Span{Lo: c, Hi: c})
	}
}

func (u *upstream) dropRange(s routing.Span) {
	u.span(wire.ControlRemoveRange, s)
	u.held = u.held.Minus(s)
}

// addRange is called before a participant subscribes to s, if any part of it is new. It goes
// up whole.
func (u *upstream) addRange(s routing.Span) {
	u.span(wire.ControlAddRange, s)
	u.held = u.held.Plus(s)
}

// removeRange is called when a range of a participant has been removed: parts of it and single
// channels have fallen silent. Only these are removed above.
func (u *upstream) removeRange(parts routing.Spans, channels []wire.Channel, table *routing.Table[*Participant]) {
	for _, part := range parts {
		u.dropRange(part)
	}
	for _, c := range channels {
		if !parts.Contains(c) {
			u.removeChannel(c, len(table.RangesAt(c)) > 0)
		}
	}
}

func (u *upstream) addPostRemove(sender wire.Channel, d wire.Datagram) {
	u.control(wire.ControlAddPostRemove, func(w *wire.Writer) { w.Channel(sender).Blob(d) })
}

func (u *upstream) clearPostRemoves(sender wire.Channel) {
	u.control(wire.ControlClearPostRemoves, func(w *wire.Writer) { w.Channel(sender) })
}
