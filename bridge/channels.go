package bridge

import (
	"slices"

	"natstron/internal/wire"
)

// subscribers are the participants on one channel. Nearly always there is one.
type subscribers struct {
	first *Participant
	rest  []*Participant
}

func (s subscribers) plus(p *Participant) subscribers {
	if s.first == nil {
		return subscribers{first: p}
	}
	s.rest = append(s.rest, p)
	return s
}

func (s subscribers) minus(p *Participant) subscribers {
	if s.first != p {
		if i := slices.Index(s.rest, p); i >= 0 {
			s.rest = slices.Delete(s.rest, i, i+1)
		}
		return s
	}
	if len(s.rest) == 0 {
		return subscribers{}
	}
	if len(s.rest) == 1 {
		return subscribers{first: s.rest[0]}
	}
	s.first = s.rest[0]
	s.rest = slices.Delete(s.rest, 0, 1)
	return s
}

// fewChannels is how many channels a participant keeps in a slice before it
// takes a map: a state server has a participant for each object, with two or
// three channels each.
const fewChannels = 8

// channelSet is the single channels of one participant.
type channelSet struct {
	few  []wire.Channel
	many map[wire.Channel]struct{}
}

func (s *channelSet) len() int { return len(s.few) + len(s.many) }

func (s *channelSet) has(c wire.Channel) bool {
	if s.many != nil {
		_, ok := s.many[c]
		return ok
	}
	return slices.Contains(s.few, c)
}

// add adds a channel that is not there yet.
func (s *channelSet) add(c wire.Channel) {
	switch {
	case s.many != nil:
		s.many[c] = struct{}{}
	case len(s.few) < fewChannels:
		s.few = append(s.few, c)
	default:
		s.many = make(map[wire.Channel]struct{}, 4*fewChannels)
		for _, have := range s.few {
			s.many[have] = struct{}{}
		}
		s.few = nil
		s.many[c] = struct{}{}
	}
}

func (s *channelSet) remove(c wire.Channel) {
	if s.many != nil {
		delete(s.many, c)
	} else if i := slices.Index(s.few, c); i >= 0 {
		s.few = slices.Delete(s.few, i, i+1)
	}
}

// within is the set's channels inside of o.
func (s *channelSet) within(o span) []wire.Channel {
	var in []wire.Channel
	for _, c := range s.few {
		if o.contains(c) {
			in = append(in, c)
		}
	}
	for c := range s.many {
		if o.contains(c) {
			in = append(in, c)
		}
	}
	slices.Sort(in)
	return in
}

// some is up to n channels of the set.
func (s *channelSet) some(n int) []wire.Channel {
	if s.many == nil {
		return slices.Clone(s.few[:min(n, len(s.few))])
	}
	some := make([]wire.Channel, 0, min(n, len(s.many)))
	for c := range s.many {
		if len(some) == n {
			break
		}
		some = append(some, c)
	}
	return some
}
