// Package routing is the table of subscriptions: single channels and ranges of them, and which subjects a node must subscribe to because of that. It does no I/O
// and has no lock; P is a participant, a pointer.
package routing

import "natstron/bridge/wire"

// Table is the subscriptions of all participants. Coverage follows what is wanted.
type Table[P comparable] struct {
	Coverage *Coverage
	singles  singles[P]
	ranges   segments[P]
}

// NewTable returns an empty table. For most and change see [NewCoverage].
func NewTable[P comparable](most Thresholds, change func(c Cover, on bool)) Table[P] {
	return Table[P]{
		Coverage: NewCoverage(most, change),
		singles:  singles[P]{low: map[uint32]Subscribers[P]{}, high: map[wire.Channel]Subscribers[P]{}},
	}
}

// Channels is how many single channels have a subscriber.
func (t *Table[P]) Channels() int { return t.singles.len() }

// Ranges is how many disjoint ranges have a subscriber.
func (t *Table[P]) Ranges() int { return len(t.ranges) }

// At is the subscribers of the single channel c.
func (t *Table[P]) At(c wire.Channel) Subscribers[P] { return t.singles.at(c) }

// RangesAt is the subscribers of ranges with c in them. It is not changed afterwards.
func (t *Table[P]) RangesAt(c wire.Channel) []P {
	if len(t.ranges) == 0 {
		return nil
	}
	return t.ranges.at(c)
}

// Heard reports whether anybody gets what is sent to c.
func (t *Table[P]) Heard(c wire.Channel) bool { return !t.At(c).None() || len(t.RangesAt(c)) > 0 }

// Subscribe adds c, which p does not have yet, to its channels. It says whether p is
// the first one on c.
func (t *Table[P]) Subscribe(p P, channels *Channels, c wire.Channel) (first bool) {
	have := t.singles.at(c)
	channels.add(c)
	t.singles.set(c, have.plus(p))
	if first = have.None(); first {
		t.Coverage.addChannel(c)
	}
	return first
}

// Unsubscribe takes c off p, and reports whether nobody has that channel any more. A
// channel that p does not have changes nothing.
func (t *Table[P]) Unsubscribe(p P, channels *Channels, c wire.Channel) (last bool) {
	if !channels.Has(c) {
		return false
	}
	channels.remove(c)
	left := t.singles.at(c).minus(p)
	t.singles.set(c, left)
	if last = left.None(); last {
		t.Coverage.removeChannel(c)
	}
	return last
}

// SubscribeRange adds s to p, which has the ranges have, and returns those that it has
// then.
func (t *Table[P]) SubscribeRange(p P, have Spans, s Span) Spans {
	t.ranges = t.ranges.plus(p, s)
	return t.replace(have, have.Plus(s))
}

// A Removal is what [Table.UnsubscribeRange] took away.
type Removal[P comparable] struct {
	Channels []wire.Channel // single ones that nobody has any more
	span     Span
	before   segments[P]
}

// UnsubscribeRange takes everything in s off p, single channels, too, and returns the
// ranges that p has then.
func (t *Table[P]) UnsubscribeRange(p P, channels *Channels, have Spans, s Span) (Spans, Removal[P]) {
	removal := Removal[P]{span: s, before: t.ranges}
	for _, c := range channels.Within(s) {
		if t.Unsubscribe(p, channels, c) {
			removal.Channels = append(removal.Channels, c)
		}
	}
	t.ranges = t.ranges.minus(p, s)
	return t.replace(have, have.Minus(s)), removal
}

// replace makes the new covers of ranges before it breaks the old ones.
func (t *Table[P]) replace(have, next Spans) Spans {
	for s := range next.without(have) {
		t.Coverage.AddRange(s)
	}
	for s := range have.without(next) {
		t.Coverage.RemoveRange(s)
	}
	return next
}

// Ranged reports whether each channel of s is in a range with a subscriber.
func (t *Table[P]) Ranged(s Span) bool { return len(t.outside(Spans{s})) == 0 }

// outside is the parts of some spans that are in no range with a subscriber.
func (t *Table[P]) outside(parts Spans) Spans {
	for _, have := range t.ranges {
		parts = parts.Minus(have.Span)
	}
	return parts
}

// Silent is the parts of a removed range that were in a range with a subscriber, and of
// which no participant has a channel any more. It takes time in proportion to the table.
func (t *Table[P]) Silent(r Removal[P]) Spans {
	if len(r.before) == 0 {
		return nil
	}
	all := Span{r.before[0].Lo, r.before[len(r.before)-1].Hi}
	if !r.span.overlaps(all) {
		return nil
	}
	parts := t.outside(Spans{{max(r.span.Lo, all.Lo), min(r.span.Hi, all.Hi)}})
	if len(parts) == 0 {
		return nil
	}
	t.singles.each(func(c wire.Channel) {
		if parts.Contains(c) {
			parts = parts.Minus(Span{c, c})
		}
	})
	return parts
}
