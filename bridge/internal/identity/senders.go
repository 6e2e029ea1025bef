package identity

import "strings"

// Bounds of what a process remembers of origins, which anyone can invent.
const (
	MaxSenders = 40_000
	maxRemoved = 4_000_000
	// maxLeap is more than a node sends between two heartbeats.
	maxLeap = 1 << 32
)

// Senders remembers which datagrams have come from each origin. T is what its owner
// keeps of an origin besides.
type Senders[T any] struct {
	byOrigin   map[string]*Sender[T]
	keep       func(T) bool // says whether a sender must not be forgotten
	generation uint32       // counts the calls of Age

	// The post-removes of each origin, in two generations.
	removed, removedBefore map[string]map[uint64]struct{}
	removals               int // of removed
}

// A Sender is how far the datagrams of an origin have come.
type Sender[T any] struct {
	Info T
	last uint64 // that was taken
	told uint64 // by the node itself, in its last heartbeat
	used uint32 // the generation in which the last one was taken
}

// NewSenders returns an empty memory. keep says whether what is known of an origin must
// outlive [Senders.Age]; nil: never.
func NewSenders[T any](keep func(T) bool) *Senders[T] {
	return &Senders[T]{byOrigin: map[string]*Sender[T]{}, keep: keep, removed: map[string]map[uint64]struct{}{}}
}

// Len is how many origins are remembered.
func (s *Senders[T]) Len() int { return len(s.byOrigin) + len(s.removed) }

// Find is the sender with an origin; nil if nothing is known of it.
func (s *Senders[T]) Find(origin string) *Sender[T] { return s.byOrigin[origin] }

// Get is Find, but adds a sender that is not known; nil if there are too many.
func (s *Senders[T]) Get(origin string) *Sender[T] {
	if q := s.byOrigin[origin]; q != nil || len(s.byOrigin) >= MaxSenders {
		return q
	}
	return s.Add(origin)
}

// Add is Find, but adds a sender that is not known, however many there are.
func (s *Senders[T]) Add(origin string) *Sender[T] {
	q := s.byOrigin[origin]
	if q == nil {
		q = &Sender[T]{used: s.generation}
		s.byOrigin[strings.Clone(origin)] = q
	}
	return q
}

// Forget drops what is known of an origin.
func (s *Senders[T]) Forget(origin string) { delete(s.byOrigin, origin) }

// Verdict is what an identity says of a datagram.
type Verdict uint8

const (
	Fresh Verdict = iota
	Copy          // it was here already
	Leap          // its node cannot have come so far
)

// Take says what the datagram with a seq is, and remembers it. A nil sender has no
// memory: each copy counts.
func (s *Senders[T]) Take(q *Sender[T], seq uint64) Verdict {
	if q == nil {
		return Fresh
	}
	q.used = s.generation
	switch most := max(q.last, q.told); {
	case seq <= q.last:
		return Copy
	case q.told > 0 && seq > most && seq-most > maxLeap:
		return Leap
	}
	q.last = seq
	return Fresh
}

// Last is the seq of the last datagram that was taken; 0 if none was.
func (q *Sender[T]) Last() uint64 { return q.last }

// Restart forgets the datagrams of a sender, but not what else is known of it.
func (q *Sender[T]) Restart() { q.last, q.told = 0, 0 }

// Told takes what a node says of its last datagram. All that it sent before is here: so
// a later one that was taken already came from another program. Its seq is returned, and it
// does not stand for those that come.
func (q *Sender[T]) Told(seq uint64) (forged uint64) {
	if q.last > seq {
		forged, q.last = q.last, seq
	}
	q.told = max(seq, 1)
	return forged
}

// Fresh reports whether id comes for the first time, and remembers it.
func (s *Senders[T]) Fresh(id Identity) bool {
	if strings.HasSuffix(id.Origin, PostRemoveSuffix) {
		return s.FreshPostRemove(id)
	}
	return s.Take(s.Get(id.Origin), id.Seq) == Fresh
}

// FreshPostRemove is Fresh for the identity of a post-remove.
func (s *Senders[T]) FreshPostRemove(id Identity) bool {
	seen := s.removed[id.Origin]
	if _, ok := seen[id.Seq]; ok {
		return false
	}
	if _, ok := s.removedBefore[id.Origin][id.Seq]; ok {
		return false
	}
	if seen == nil {
		seen = map[uint64]struct{}{}
		s.removed[strings.Clone(id.Origin)] = seen
	}
	seen[id.Seq] = struct{}{}
	if s.removals++; s.removals > maxRemoved {
		s.ageRemoved()
	}
	return true
}

// Age forgets what was not used since the call before.
func (s *Senders[T]) Age() {
	s.generation++
	for origin, q := range s.byOrigin {
		if q.used+1 < s.generation && (s.keep == nil || !s.keep(q.Info)) {
			delete(s.byOrigin, origin)
		}
	}
	s.ageRemoved()
}

func (s *Senders[T]) ageRemoved() {
	s.removedBefore, s.removed = s.removed, map[string]map[uint64]struct{}{}
	s.removals = 0
}
