package routing

import (
	"iter"
	"slices"
	"sort"

	"natstron/bridge/wire"
)

// Span is a range of channels, both ends included.
type Span struct{ Lo, Hi wire.Channel }

// Contains reports whether c is in the span.
func (s Span) Contains(c wire.Channel) bool { return s.Lo <= c && c <= s.Hi }

func (s Span) overlaps(o Span) bool { return s.Lo <= o.Hi && o.Lo <= s.Hi }

// touches reports whether the two overlap or leave no channel between them.
func (s Span) touches(o Span) bool {
	return s.overlaps(o) || (s.Hi != wire.MaxChannel && s.Hi+1 == o.Lo) || (o.Hi != wire.MaxChannel && o.Hi+1 == s.Lo)
}

// minus is what is left of s without o: up to two spans, appended to dst.
func (s Span) minus(dst []Span, o Span) []Span {
	if !s.overlaps(o) {
		return append(dst, s)
	}
	if s.Lo < o.Lo {
		dst = append(dst, Span{s.Lo, o.Lo - 1})
	}
	if o.Hi < s.Hi {
		dst = append(dst, Span{o.Hi + 1, s.Hi})
	}
	return dst
}

// Spans is a set of channels: sorted, disjoint, and with a gap between any two.
type Spans []Span

// Contains reports whether c is in the set.
func (s Spans) Contains(c wire.Channel) bool {
	i := sort.Search(len(s), func(i int) bool { return s[i].Hi >= c })
	return i < len(s) && s[i].Lo <= c
}

// Overlaps reports whether any channel of o is in the set.
func (s Spans) Overlaps(o Span) bool {
	i := sort.Search(len(s), func(i int) bool { return s[i].Hi >= o.Lo })
	return i < len(s) && s[i].Lo <= o.Hi
}

// Plus is the set with o added; s itself is left as it is.
func (s Spans) Plus(o Span) Spans {
	out := make(Spans, 0, len(s)+1)
	for _, have := range s {
		if have.touches(o) {
			o = Span{min(have.Lo, o.Lo), max(have.Hi, o.Hi)}
		} else {
			out = append(out, have)
		}
	}
	i := sort.Search(len(out), func(i int) bool { return out[i].Lo > o.Lo })
	return slices.Insert(out, i, o)
}

// Minus is the set without o; s itself is left as it is.
func (s Spans) Minus(o Span) Spans {
	out := make(Spans, 0, len(s)+1)
	for _, have := range s {
		out = have.minus(out, o)
	}
	return out
}

// without is the spans of s that are not exactly a span of o.
func (s Spans) without(o Spans) iter.Seq[Span] {
	return func(yield func(Span) bool) {
		i := 0
		for _, one := range s {
			for i < len(o) && o[i].Lo < one.Lo {
				i++
			}
			if (i == len(o) || o[i] != one) && !yield(one) {
				return
			}
		}
	}
}
