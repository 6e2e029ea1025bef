package routing

import "slices"

// Subscribers are the participants on one channel. Nearly always there is one,
// and there are very many channels, so this is small.
type Subscribers[P comparable] struct {
	First P    // the zero P: nobody
	rest  *[]P // nil: no others
}

// None says whether nobody is there.
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
