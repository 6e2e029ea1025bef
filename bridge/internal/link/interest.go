package link

import (
	"unsafe"

	"natstron/bridge/internal/routing"
	"natstron/bridge/internal/transport"
	"natstron/bridge/wire"
)

// Interest answers, from the tables of the embedded server, whether anybody but
// this node may listen to a channel, so that what nobody hears is not
// published.
//
// It errs on one side only: it may say yes where the answer is no. What it must
// never do is miss an earlier subscription of another program. The
// server can tell whether there is any subscription to a subject, but not how
// many: it counts only along the first of its branches that matches. So where
// the node listens itself, the answer is always yes.
//
// It belongs to its node's lock.
type Interest struct {
	listeners transport.Listeners
	prefix    string
	// own reports whether the node subscribes to a channel, or is about to stop it.
	own func(wire.Channel) bool

	checked uint64 // the turn of the last answer of Anybody
	nobody  bool

	asked [64]answer // of others, by the channels' last bits

	anything string // a subject of no channel, which only those hear who listen to everything
	looked   uint64 // the turn of the last answer about it
	heard    bool
	scratch  []byte
}

// An answer is whether anybody else listens to a channel, in a turn.
type answer struct {
	turn    uint64
	channel wire.Channel
	heard   bool
}

// NewInterest asks listeners; nil if that is nil. own says what the node itself
// subscribes to, under the subjects with this prefix.
func NewInterest(listeners transport.Listeners, prefix string, own func(wire.Channel) bool) *Interest {
	if listeners == nil {
		return nil
	}
	return &Interest{listeners: listeners, prefix: prefix, own: own, anything: prefix + ".0"}
}

// alone reports whether nobody else is on the server. One answer holds for a turn:
// a program that subscribed before what this turn routes was sent, was there
// before the turn began.
func (i *Interest) alone(turn uint64) bool {
	if i.checked != turn {
		i.checked, i.nobody = turn, !i.listeners.Anybody()
	}
	return i.nobody
}

// watched reports whether somebody listens to everything. One answer holds for a turn.
func (i *Interest) watched(turn uint64) bool {
	if i.looked != turn {
		i.looked, i.heard = turn, i.listeners.Heard(i.anything)
	}
	return i.heard
}

// others reports whether anybody but this node may listen to c. One answer holds for a turn.
func (i *Interest) others(c wire.Channel, turn uint64) bool {
	if i.own(c) {
		return true
	}
	a := &i.asked[c%wire.Channel(len(i.asked))]
	if a.turn != turn || a.channel != c {
		i.scratch = routing.CoverOf(c).Append(i.scratch[:0], i.prefix)
		*a = answer{turn, c, i.listeners.Heard(lend(i.scratch))}
	}
	return a.heard
}

// hears reports whether anybody but this node may listen to a subject that is not a
// channel's; own, whether the node itself does. Unlike the rest it needs no lock: what it
// asks is the server's.
func (i *Interest) hears(subject string, own bool) bool {
	return i == nil || i.listeners.Anybody() && (own || i.listeners.Heard(subject))
}

// lend lends b as a string to a call that does not keep it.
func lend(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
