package bridge

import (
	"iter"
	"slices"

	"natstron/bridge/wire"
)

// subscribers are the participants on one channel. Nearly always there is one,
// and there are very many channels, so this is small.
type subscribers struct {
	first *Participant
	rest  *[]*Participant // nil: no others
}

// others are all but the first.
func (s subscribers) others() []*Participant {
	if s.rest == nil {
		return nil
	}
	return *s.rest
}

func (s subscribers) has(p *Participant) bool {
	return s.first == p || (s.rest != nil && slices.Contains(*s.rest, p))
}

func (s subscribers) plus(p *Participant) subscribers {
	switch {
	case s.first == nil:
		s.first = p
	case s.rest == nil:
		s.rest = &[]*Participant{p}
	default:
		*s.rest = append(*s.rest, p)
	}
	return s
}

func (s subscribers) minus(p *Participant) subscribers {
	if s.first == p {
		if s.rest == nil {
			return subscribers{}
		}
		s.first = (*s.rest)[0]
		p = s.first // it is now out of place among the rest
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

// replace puts p in the place of was, who is there.
func (s subscribers) replace(was, p *Participant) subscribers {
	if s.first == was {
		s.first = p
	} else if i := slices.Index(s.others(), was); i >= 0 {
		(*s.rest)[i] = p
	}
	return s
}

// channelSet is the single channels of one participant. Most have exactly one: a
// state server has a participant for each object.
type channelSet struct {
	count int          // 1: it is only; more, or once there were: they are in more
	only  wire.Channel // where more is nil
	more  *channelSets
}

// channelSets are the channels of a participant with several: few in a slice,
// many in a map.
type channelSets struct {
	few  []wire.Channel
	many map[wire.Channel]struct{}
}

// fewChannels is how many channels a participant keeps in a slice before it
// takes a map.
const fewChannels = 8

func (s *channelSet) len() int { return s.count }

func (s *channelSet) has(c wire.Channel) bool {
	switch {
	case s.more == nil:
		return s.count == 1 && s.only == c
	case s.more.many != nil:
		_, ok := s.more.many[c]
		return ok
	}
	return slices.Contains(s.more.few, c)
}

// add adds a channel that is not there yet.
func (s *channelSet) add(c wire.Channel) {
	s.count++
	if s.more == nil {
		if s.count == 1 {
			s.only = c
			return
		}
		s.more = &channelSets{few: []wire.Channel{s.only}}
	}
	m := s.more
	switch {
	case m.many != nil:
		m.many[c] = struct{}{}
	case len(m.few) < fewChannels:
		m.few = append(m.few, c)
	default:
		m.many = make(map[wire.Channel]struct{}, 4*fewChannels)
		for _, have := range m.few {
			m.many[have] = struct{}{}
		}
		m.few = nil
		m.many[c] = struct{}{}
	}
}

func (s *channelSet) remove(c wire.Channel) {
	if !s.has(c) {
		return
	}
	s.count--
	if s.more == nil {
		return
	}
	if s.more.many != nil {
		delete(s.more.many, c)
	} else if i := slices.Index(s.more.few, c); i >= 0 {
		s.more.few = slices.Delete(s.more.few, i, i+1)
	}
	if s.count == 0 {
		s.more = nil
	}
}

// all visits the channels, in no order.
func (s *channelSet) all() iter.Seq[wire.Channel] {
	return func(yield func(wire.Channel) bool) {
		if s.more == nil {
			if s.count == 1 {
				yield(s.only)
			}
			return
		}
		for _, c := range s.more.few {
			if !yield(c) {
				return
			}
		}
		for c := range s.more.many {
			if !yield(c) {
				return
			}
		}
	}
}

// within is the set's channels inside of o.
func (s *channelSet) within(o span) []wire.Channel {
	var in []wire.Channel
	for c := range s.all() {
		if o.contains(c) {
			in = append(in, c)
		}
	}
	slices.Sort(in)
	return in
}

// some is up to n channels of the set.
func (s *channelSet) some(n int) []wire.Channel {
	some := make([]wire.Channel, 0, min(n, s.count))
	for c := range s.all() {
		if len(some) == cap(some) {
			break
		}
		some = append(some, c)
	}
	return some
}
