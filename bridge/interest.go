package bridge

import "natstron/internal/wire"

// interest answers, from the tables of the embedded server, whether anybody but
// this node listens to a channel, so that what nobody hears is not published.
// It errs on one side only: it may say yes where the answer is no.
//
// What it must never do is miss a subscription of somebody else's that happened
// before. It holds that by subtracting from the server's count only those of
// the node's own subscriptions that the server has confirmed, and that no
// unsubscription is under way for.
//
// It belongs to the router's lock.
type interest struct {
	subjects Subjects
	// others on the server at all: connections, leaf nodes, streams.
	anybody func() bool
	// count is how many subscriptions on the server match a subject.
	count func(subject string) int

	checked  uint64 // the turn of the last answer of anybody
	nobody   bool
	waiting  map[cover]uint64 // own subscriptions not yet confirmed, by generation
	own      map[cover]struct{}
	perLevel [levels]int // of own
	scratch  []byte
}

func newInterest(subjects Subjects, anybody func() bool, count func(string) int) *interest {
	return &interest{
		subjects: subjects,
		anybody:  anybody,
		count:    count,
		waiting:  map[cover]uint64{},
		own:      map[cover]struct{}{},
	}
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

// others says whether anybody but this node listens to c.
func (i *interest) others(c wire.Channel) bool {
	i.scratch = i.subjects.append(i.scratch[:0], c)
	return i.count(unsafeString(i.scratch)) > i.ownCount(c)
}

func (i *interest) ownCount(c wire.Channel) int {
	n := 0
	for have := coverOf(c); ; {
		if i.perLevel[have.level] > 0 {
			if _, ok := i.own[have]; ok {
				n++
			}
		}
		var ok bool
		if have, ok = have.wider(); !ok {
			return n
		}
	}
}

// pending notes that a change of an own subscription is under way.
func (i *interest) pending(c cover, generation uint64, on bool) {
	if _, ok := i.own[c]; ok {
		delete(i.own, c)
		i.perLevel[c.level]--
	}
	if on {
		i.waiting[c] = generation
	} else {
		delete(i.waiting, c)
	}
}

// confirm notes that the server has made an own subscription, unless it has
// been changed again since.
func (i *interest) confirm(c cover, generation uint64) {
	if i.waiting[c] != generation {
		return
	}
	delete(i.waiting, c)
	if _, ok := i.own[c]; !ok {
		i.own[c] = struct{}{}
		i.perLevel[c.level]++
	}
}

// restart forgets what the old connection had.
func (i *interest) restart() {
	clear(i.waiting)
	clear(i.own)
	i.perLevel = [levels]int{}
	i.checked = 0
}
