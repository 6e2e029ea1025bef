package bridge

import "natstron/bridge/wire"

// interest answers, from the tables of the embedded server, whether anybody but
// this node may listen to a channel, so that what nobody hears is not
// published.
//
// It errs on one side only: it may say yes where the answer is no. What it must
// never do is miss a subscription of somebody else's that happened before. The
// server can tell whether there is any subscription to a subject, but not how
// many: it counts only along the first of its branches that matches. So where
// the node listens itself, the answer is always yes.
//
// It belongs to the node's lock.
type interest struct {
	subjects Subjects
	// anybody says whether others are on the server at all: connections, leaf
	// nodes, routes, streams.
	anybody func() bool
	// heard says whether the server has any subscription that matches a subject.
	heard func(subject string) bool
	// own says whether the node subscribes to a channel, or is about to stop it.
	own func(wire.Channel) bool

	checked uint64 // the turn of the last answer of anybody
	nobody  bool
	scratch []byte
}

// alone says whether nobody else is on the server. One answer holds for a turn:
// whoever subscribed before what this turn routes was sent, was there before
// the turn began.
func (i *interest) alone(turn uint64) bool {
	if i.checked != turn {
		i.checked, i.nobody = turn, !i.anybody()
	}
	return i.nobody
}

// others says whether anybody but this node may listen to c.
func (i *interest) others(c wire.Channel) bool {
	if i.own(c) {
		return true
	}
	i.scratch = i.subjects.append(i.scratch[:0], c)
	return i.heard(unsafeString(i.scratch))
}
