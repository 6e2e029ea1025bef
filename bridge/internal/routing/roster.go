package routing

import "iter"

// Roster is the participants of a node. Each keeps its place, so that a walk
// along the places in several turns meets all that stay, once each.
type Roster[P comparable] struct {
	places []P // the zero P: free
	free   []uint32
}

// Len is how many there are.
func (r *Roster[P]) Len() int { return len(r.places) - len(r.free) }

// Add adds p, and says at which place.
func (r *Roster[P]) Add(p P) (place uint32) {
	if n := len(r.free); n > 0 {
		place, r.free = r.free[n-1], r.free[:n-1]
		r.places[place] = p
		return place
	}
	r.places = append(r.places, p)
	return uint32(len(r.places) - 1)
}

// Remove frees a place.
func (r *Roster[P]) Remove(place uint32) {
	var none P
	r.places[place] = none
	r.free = append(r.free, place)
}

// From is the first participant at a place or behind it, and the place behind that;
// false if there is none.
func (r *Roster[P]) From(place int) (p P, next int, ok bool) {
	var none P
	for ; place < len(r.places); place++ {
		if p = r.places[place]; p != none {
			return p, place + 1, true
		}
	}
	return none, place, false
}

// All visits the participants, in no order.
func (r *Roster[P]) All() iter.Seq[P] {
	return func(yield func(P) bool) {
		for p, next, ok := r.From(0); ok && yield(p); p, next, ok = r.From(next) {
		}
	}
}
