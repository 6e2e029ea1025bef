package bridge

import "iter"

// roster is the participants of a node. Each keeps its place, so that whoever
// walks along the places in several turns meets all that stay, once each.
type roster struct {
	places []*Participant // nil: free
	free   []uint32
}

func (r *roster) len() int { return len(r.places) - len(r.free) }

func (r *roster) add(p *Participant) {
	if n := len(r.free); n > 0 {
		p.place = r.free[n-1]
		r.free = r.free[:n-1]
		r.places[p.place] = p
		return
	}
	p.place = uint32(len(r.places))
	r.places = append(r.places, p)
}

func (r *roster) remove(p *Participant) {
	r.places[p.place] = nil
	r.free = append(r.free, p.place)
}

func (r *roster) all() iter.Seq[*Participant] {
	return func(yield func(*Participant) bool) {
		for _, p := range r.places {
			if p != nil && !yield(p) {
				return
			}
		}
	}
}
