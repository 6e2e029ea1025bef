package routing

import (
	"iter"
	"slices"

	"natstron/bridge/wire"
)

// Channels is the single channels of one participant. Most have exactly one: a
// state server has a participant for each object.
type Channels struct {
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

// Len is how many there are.
func (s *Channels) Len() int { return s.count }

// Has reports whether c is in the set.
func (s *Channels) Has(c wire.Channel) bool {
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
func (s *Channels) add(c wire.Channel) {
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

func (s *Channels) remove(c wire.Channel) {
	if !s.Has(c) {
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

// All visits the channels, in no order.
func (s *Channels) All() iter.Seq[wire.Channel] {
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

// Within is the set's channels in o, in order.
func (s *Channels) Within(o Span) []wire.Channel {
	var in []wire.Channel
	for c := range s.All() {
		if o.Contains(c) {
			in = append(in, c)
		}
	}
	slices.Sort(in)
	return in
}

// Some is up to n channels of the set.
func (s *Channels) Some(n int) []wire.Channel {
	some := make([]wire.Channel, 0, min(n, s.count))
	for c := range s.All() {
		if len(some) == cap(some) {
			break
		}
		some = append(some, c)
	}
	return some
}
