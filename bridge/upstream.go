package bridge

import (
	"slices"

	"natstron/bridge/wire"
)

// upstream mirrors this node to a classic message director above it, in that
// protocol: what its participants send, the union of what they subscribe to,
// and their post-removes. (DESIGN: the upstream link; document 19.)
//
// The message director above drops single channels inside a range that is
// removed, and takes no single channel inside a range that it has. So ranges
// are cut around channels that somebody here still wants, and held remembers
// which channels are had by a range above.
//
// It belongs to the router's lock.
type upstream struct {
	sink    Sink
	routing uint64
	dirty   bool // something was delivered in this turn
	writer  wire.Writer
	held    spans
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

func (u *upstream) span(t wire.MsgType, s span) {
	u.control(t, func(w *wire.Writer) { w.Channel(s.lo).Channel(s.hi) })
}

func (u *upstream) channel(t wire.MsgType, c wire.Channel) {
	u.control(t, func(w *wire.Writer) { w.Channel(c) })
}

// addChannel is called when c gets its first single subscriber.
func (u *upstream) addChannel(c wire.Channel) { u.channel(wire.ControlAddChannel, c) }

// removeChannel is called when c lost its last single subscriber.
func (u *upstream) removeChannel(c wire.Channel, ranges segments) {
	if !u.held.contains(c) {
		u.channel(wire.ControlRemoveChannel, c)
	} else if len(ranges.at(c)) == 0 {
		u.dropRange(span{c, c})
	}
}

func (u *upstream) dropRange(s span) {
	u.span(wire.ControlRemoveRange, s)
	u.held = u.held.minus(s)
}

// addRange is called before somebody's s is added to ranges: it goes up whole
// if any part of it is new.
func (u *upstream) addRange(s span, ranges segments) {
	rest := []span{s}
	for _, have := range ranges {
		rest = subtract(rest, have.span)
	}
	if len(rest) > 0 {
		u.span(wire.ControlAddRange, s)
		u.held = u.held.plus(s)
	}
}

// removeRange is called when somebody's s has been removed: before and after
// are the ranges of all participants, silent the single channels that nobody
// has any more. Only what falls silent is removed above.
func (u *upstream) removeRange(s span, before, after segments, singles *table, silent []wire.Channel) {
	var rest []span
	if len(before) > 0 {
		all := span{before[0].lo, before[len(before)-1].hi}
		if s.overlaps(all) {
			rest = []span{{max(s.lo, all.lo), min(s.hi, all.hi)}}
		}
	}
	for _, have := range after {
		rest = subtract(rest, have.span)
	}
	for _, c := range wanted(singles, rest) {
		rest = subtract(rest, span{c, c})
	}
	for _, part := range rest {
		u.dropRange(part)
	}
	for _, c := range silent {
		if !spans(rest).contains(c) {
			u.removeChannel(c, after)
		}
	}
}

// wanted is the single channels inside of parts, in order.
func wanted(singles *table, parts []span) []wire.Channel {
	if len(parts) == 0 {
		return nil
	}
	var in []wire.Channel
	for c := range singles.all() {
		if spans(parts).contains(c) {
			in = append(in, c)
		}
	}
	slices.Sort(in)
	return in
}

func subtract(from []span, s span) []span {
	var left []span
	for _, part := range from {
		left = part.minus(left, s)
	}
	return left
}

func (u *upstream) addPostRemove(sender wire.Channel, d wire.Datagram) {
	u.control(wire.ControlAddPostRemove, func(w *wire.Writer) { w.Channel(sender).Blob(d) })
}

func (u *upstream) clearPostRemoves(sender wire.Channel) {
	u.control(wire.ControlClearPostRemoves, func(w *wire.Writer) { w.Channel(sender) })
}
