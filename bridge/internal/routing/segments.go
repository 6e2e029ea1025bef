package routing

import (
	"slices"
	"sort"

	"natstron/bridge/wire"
)

// segment is a span and the participants that subscribed to all of it.
type segment[P comparable] struct {
	Span
	who []P
}

// segments are sorted and disjoint, none without participants. It is replaced,
// never changed in place, so a lookup may keep what it found.
type segments[P comparable] []segment[P]

// at is who subscribed to a range with c in it.
func (s segments[P]) at(c wire.Channel) []P {
	i := sort.Search(len(s), func(i int) bool { return s[i].Hi >= c })
	if i < len(s) && s[i].Lo <= c {
		return s[i].who
	}
	return nil
}

// overlapping is where in s those stand that overlap o: from first up to, but not
// including, end.
func (s segments[P]) overlapping(o Span) (first, end int) {
	first = sort.Search(len(s), func(i int) bool { return s[i].Hi >= o.Lo })
	end = first + sort.Search(len(s)-first, func(i int) bool { return s[first+i].Lo > o.Hi })
	return first, end
}

// plus adds p on o.
func (s segments[P]) plus(p P, o Span) segments[P] {
	first, end := s.overlapping(o)
	out := append(make(segments[P], 0, len(s)+2*(end-first)+1), s[:first]...)
	next, open := o.Lo, true // what of o is not placed yet, from next on
	place := func(sp Span, who []P) { out = out.join(segment[P]{sp, who}) }
	for _, have := range s[first:end] {
		if next < have.Lo {
			place(Span{next, have.Lo - 1}, []P{p})
		}
		if have.Lo < o.Lo {
			place(Span{have.Lo, o.Lo - 1}, have.who)
		}
		who := have.who
		if !slices.Contains(who, p) {
			who = append(slices.Clip(who), p)
		}
		place(Span{max(have.Lo, o.Lo), min(have.Hi, o.Hi)}, who)
		if have.Hi > o.Hi {
			place(Span{o.Hi + 1, have.Hi}, have.who)
		}
		if have.Hi >= o.Hi {
			open = false
		} else {
			next = have.Hi + 1
		}
	}
	if open {
		place(Span{next, o.Hi}, []P{p})
	}
	return out.joinAll(s[end:])
}

// minus takes p off o.
func (s segments[P]) minus(p P, o Span) segments[P] {
	first, end := s.overlapping(o)
	out := append(make(segments[P], 0, len(s)+2), s[:first]...)
	for _, have := range s[first:end] {
		if !slices.Contains(have.who, p) {
			out = out.join(have)
			continue
		}
		if have.Lo < o.Lo {
			out = out.join(segment[P]{Span{have.Lo, o.Lo - 1}, have.who})
		}
		if len(have.who) > 1 {
			others := slices.DeleteFunc(slices.Clone(have.who), func(q P) bool { return q == p })
			out = out.join(segment[P]{Span{max(have.Lo, o.Lo), min(have.Hi, o.Hi)}, others})
		}
		if have.Hi > o.Hi {
			out = out.join(segment[P]{Span{o.Hi + 1, have.Hi}, have.who})
		}
	}
	return out.joinAll(s[end:])
}

// joinAll appends segments that are joined among themselves.
func (s segments[P]) joinAll(rest segments[P]) segments[P] {
	if len(rest) == 0 {
		return s
	}
	return append(s.join(rest[0]), rest[1:]...)
}

// join appends, and makes one of two neighbours with the same participants.
func (s segments[P]) join(next segment[P]) segments[P] {
	if n := len(s); n > 0 && s[n-1].touches(next.Span) && slices.Equal(s[n-1].who, next.who) {
		s[n-1].Hi = next.Hi
		return s
	}
	return append(s, next)
}
