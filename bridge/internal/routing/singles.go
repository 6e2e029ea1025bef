package routing

import (
	"iter"

	"natstron/bridge/wire"
)

// singles is the subscribers of each single channel. Those below 1<<32 (objects,
// clients) and those above (locations, children) are apart: the latter are few,
// and looked up for every object that is created or changed, so they stay in the
// processor's cache whatever there is of the others.
type singles[P comparable] struct {
	low  map[uint32]Subscribers[P]
	high map[wire.Channel]Subscribers[P]
}

func (t *singles[P]) len() int { return len(t.low) + len(t.high) }

// at is the subscribers of c.
func (t *singles[P]) at(c wire.Channel) Subscribers[P] {
	if c>>32 == 0 {
		return t.low[uint32(c)]
	}
	return t.high[c]
}

// set replaces the subscribers of c.
func (t *singles[P]) set(c wire.Channel, s Subscribers[P]) {
	switch low := c>>32 == 0; {
	case low && s.None():
		delete(t.low, uint32(c))
	case low:
		t.low[uint32(c)] = s
	case s.None():
		delete(t.high, c)
	default:
		t.high[c] = s
	}
}

// all visits every channel with a subscriber, in no order.
func (t *singles[P]) all() iter.Seq2[wire.Channel, Subscribers[P]] {
	return func(yield func(wire.Channel, Subscribers[P]) bool) {
		for c, s := range t.low {
			if !yield(wire.Channel(c), s) {
				return
			}
		}
		for c, s := range t.high {
			if !yield(c, s) {
				return
			}
		}
	}
}
