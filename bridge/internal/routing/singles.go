package routing

import (
	"slices"

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

// each visits every channel with a subscriber, in no order.
func (t *singles[P]) each(do func(wire.Channel)) {
	for c := range t.low {
		do(wire.Channel(c))
	}
	for c := range t.high {
		do(c)
	}
}

// Subscribers are the participants on one channel. Nearly always there is one,
// and there are very many channels, so this is small.
type Subscribers[P comparable] struct {
	First P    // the zero P: nobody
	rest  *[]P // nil: no others
}

// None reports whether nobody is there.
func (s Subscribers[P]) None() bool {
	var none P
	return s.First == none
}

// Others are all but the first.
func (s Subscribers[P]) Others() []P {
	if s.rest == nil {
		return nil
	}
	return *s.rest
}

func (s Subscribers[P]) plus(p P) Subscribers[P] {
	switch {
	case s.None():
		s.First = p
	case s.rest == nil:
		s.rest = &[]P{p}
	default:
		*s.rest = append(*s.rest, p)
	}
	return s
}

func (s Subscribers[P]) minus(p P) Subscribers[P] {
	if s.First == p {
		if s.rest == nil {
			return Subscribers[P]{}
		}
		s.First = (*s.rest)[0]
		p = s.First // it is now out of place among the rest
	}
	if s.rest == nil {
		return s
	}
	if i := slices.Index(*s.rest, p); i >= 0 {
		*s.rest = slices.Delete(*s.rest, i, i+1)
	}
	if len(*s.rest) == 0 {
		s.rest = nil
	}
	return s
}
