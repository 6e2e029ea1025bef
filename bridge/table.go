package bridge

import (
	"iter"

	"natstron/bridge/wire"
)

// table is who subscribed to each single channel. Those below 1<<32 (objects,
// clients) and those above (locations, children) are apart: the latter are few,
// and looked up for every object that is created or changed, so they stay in the
// processor's cache whatever there is of the others.
type table struct {
	low  map[uint32]subscribers
	high map[wire.Channel]subscribers
}

func newTable() table {
	return table{low: map[uint32]subscribers{}, high: map[wire.Channel]subscribers{}}
}

func (t *table) len() int { return len(t.low) + len(t.high) }

// at is who subscribed to c; its first is nil if nobody did.
func (t *table) at(c wire.Channel) subscribers {
	if c>>32 == 0 {
		return t.low[uint32(c)]
	}
	return t.high[c]
}

// set replaces who subscribed to c; nobody, if its first is nil.
func (t *table) set(c wire.Channel, s subscribers) {
	switch low := c>>32 == 0; {
	case low && s.first == nil:
		delete(t.low, uint32(c))
	case low:
		t.low[uint32(c)] = s
	case s.first == nil:
		delete(t.high, c)
	default:
		t.high[c] = s
	}
}

// all visits every channel that somebody subscribed to, in no order.
func (t *table) all() iter.Seq2[wire.Channel, subscribers] {
	return func(yield func(wire.Channel, subscribers) bool) {
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
