package bridge

import (
	"iter"
	"slices"
	"sort"

	"natstron/bridge/wire"
)

// span is a range of channels, both ends included.
type span struct{ lo, hi wire.Channel }

func (s span) contains(c wire.Channel) bool { return s.lo <= c && c <= s.hi }

func (s span) overlaps(o span) bool { return s.lo <= o.hi && o.lo <= s.hi }

// touches says whether the two overlap or leave no channel between them.
func (s span) touches(o span) bool {
	return s.overlaps(o) || (s.hi != wire.MaxChannel && s.hi+1 == o.lo) || (o.hi != wire.MaxChannel && o.hi+1 == s.lo)
}

// minus is what is left of s without o: up to two spans, appended to dst.
func (s span) minus(dst []span, o span) []span {
	if !s.overlaps(o) {
		return append(dst, s)
	}
	if s.lo < o.lo {
		dst = append(dst, span{s.lo, o.lo - 1})
	}
	if o.hi < s.hi {
		dst = append(dst, span{o.hi + 1, s.hi})
	}
	return dst
}

// spans is a set of channels: sorted, disjoint, and with a gap between any two.
type spans []span

func (s spans) contains(c wire.Channel) bool {
	i := sort.Search(len(s), func(i int) bool { return s[i].hi >= c })
	return i < len(s) && s[i].lo <= c
}

// overlaps says whether any channel of o is in the set.
func (s spans) overlaps(o span) bool {
	i := sort.Search(len(s), func(i int) bool { return s[i].hi >= o.lo })
	return i < len(s) && s[i].lo <= o.hi
}

// plus is the set with o added; s itself is left as it is.
func (s spans) plus(o span) spans {
	out := make(spans, 0, len(s)+1)
	for _, have := range s {
		if have.touches(o) {
			o = span{min(have.lo, o.lo), max(have.hi, o.hi)}
		} else {
			out = append(out, have)
		}
	}
	i := sort.Search(len(out), func(i int) bool { return out[i].lo > o.lo })
	return slices.Insert(out, i, o)
}

// minus is the set without o; s itself is left as it is.
func (s spans) minus(o span) spans {
	out := make(spans, 0, len(s)+1)
	for _, have := range s {
		out = have.minus(out, o)
	}
	return out
}

// without is the spans of s that o does not have just so.
func (s spans) without(o spans) iter.Seq[span] {
	return func(yield func(span) bool) {
		i := 0
		for _, one := range s {
			for i < len(o) && o[i].lo < one.lo {
				i++
			}
			if (i == len(o) || o[i] != one) && !yield(one) {
				return
			}
		}
	}
}

// segment is a span and the participants that subscribed to all of it.
type segment struct {
	span
	who []*Participant
}

// segments are sorted and disjoint, none without participants. It is replaced,
// never changed in place, so a lookup may keep what it found.
type segments []segment

// at is who subscribed to a range with c in it.
func (s segments) at(c wire.Channel) []*Participant {
	i := sort.Search(len(s), func(i int) bool { return s[i].hi >= c })
	if i < len(s) && s[i].lo <= c {
		return s[i].who
	}
	return nil
}

// overlapping is where in s those stand that overlap o: from first up to, but not
// including, end.
func (s segments) overlapping(o span) (first, end int) {
	first = sort.Search(len(s), func(i int) bool { return s[i].hi >= o.lo })
	end = first + sort.Search(len(s)-first, func(i int) bool { return s[first+i].lo > o.hi })
	return first, end
}

// plus adds p on o.
func (s segments) plus(p *Participant, o span) segments {
	first, end := s.overlapping(o)
	out := append(make(segments, 0, len(s)+2*(end-first)+1), s[:first]...)
	next, open := o.lo, true // what of o is not placed yet, from next on
	place := func(sp span, who []*Participant) { out = out.join(segment{sp, who}) }
	for _, have := range s[first:end] {
		if next < have.lo {
			place(span{next, have.lo - 1}, []*Participant{p})
		}
		if have.lo < o.lo {
			place(span{have.lo, o.lo - 1}, have.who)
		}
		who := have.who
		if !slices.Contains(who, p) {
			who = append(slices.Clip(who), p)
		}
		place(span{max(have.lo, o.lo), min(have.hi, o.hi)}, who)
		if have.hi > o.hi {
			place(span{o.hi + 1, have.hi}, have.who)
		}
		if have.hi >= o.hi {
			open = false
		} else {
			next = have.hi + 1
		}
	}
	if open {
		place(span{next, o.hi}, []*Participant{p})
	}
	return out.joinAll(s[end:])
}

// minus takes p off o.
func (s segments) minus(p *Participant, o span) segments {
	first, end := s.overlapping(o)
	out := append(make(segments, 0, len(s)+2), s[:first]...)
	for _, have := range s[first:end] {
		if !slices.Contains(have.who, p) {
			out = out.join(have)
			continue
		}
		if have.lo < o.lo {
			out = out.join(segment{span{have.lo, o.lo - 1}, have.who})
		}
		if len(have.who) > 1 {
			others := slices.DeleteFunc(slices.Clone(have.who), func(q *Participant) bool { return q == p })
			out = out.join(segment{span{max(have.lo, o.lo), min(have.hi, o.hi)}, others})
		}
		if have.hi > o.hi {
			out = out.join(segment{span{o.hi + 1, have.hi}, have.who})
		}
	}
	return out.joinAll(s[end:])
}

// joinAll appends segments that are joined among themselves.
func (s segments) joinAll(rest segments) segments {
	if len(rest) == 0 {
		return s
	}
	return append(s.join(rest[0]), rest[1:]...)
}

// join appends, and makes one of two neighbours with the same participants.
func (s segments) join(next segment) segments {
	if n := len(s); n > 0 && s[n-1].touches(next.span) && slices.Equal(s[n-1].who, next.who) {
		s[n-1].hi = next.hi
		return s
	}
	return append(s, next)
}
