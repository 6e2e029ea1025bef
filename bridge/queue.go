package bridge

import "natstron/bridge/wire"

// queue holds what has been sent and not been routed yet, first in, first out. It
// is two stretches that take turns: one is emptied while the other is filled, so
// what next has returned stays as it is until it is called again.
//
// It belongs to the node's lock.
type queue struct {
	taking, filling stretch
	taken           int // of taking
}

// stretch is a part of a queue.
type stretch struct {
	sendings []sending
	bytes    []byte // the datagrams
}

// A sending is a datagram that waits, or something else to do in its place.
type sending struct {
	do         func(t Turn) // not nil: no datagram
	from       *Participant
	start, end int // in bytes
}

// keepQueue is how many bytes, and how many sendings, an emptied stretch keeps, whatever it
// has needed of them; it keeps more if it has needed a good part.
const keepQueue = 64 << 10

// tooLarge reports whether the room of an emptied stretch is much more than was needed.
func tooLarge(room, needed int) bool { return room > keepQueue && room > 4*needed }

func (q *queue) add(from *Participant, d wire.Datagram) {
	f := &q.filling
	start := len(f.bytes)
	f.bytes = append(f.bytes, d...)
	f.sendings = append(f.sendings, sending{from: from, start: start, end: len(f.bytes)})
}

// then does something when all that waits already has been routed.
func (q *queue) then(do func(t Turn)) {
	q.filling.sendings = append(q.filling.sendings, sending{do: do})
}

// size is how many bytes wait.
func (q *queue) size() int {
	size := len(q.filling.bytes)
	if q.taken < len(q.taking.sendings) {
		size += len(q.taking.bytes) - q.taking.sendings[q.taken].start
	}
	return size
}

func (q *queue) empty() bool {
	return len(q.filling.sendings) == 0 && q.taken == len(q.taking.sendings)
}

// next is what came first; false if nothing waits.
func (q *queue) next() (s sending, d wire.Datagram, ok bool) {
	if q.taken == len(q.taking.sendings) {
		q.taking.reset()
		q.taken = 0
		if len(q.filling.sendings) == 0 {
			return sending{}, nil, false
		}
		q.taking, q.filling = q.filling, q.taking
	}
	s = q.taking.sendings[q.taken]
	q.taken++
	return s, q.taking.bytes[s.start:s.end:s.end], true
}

func (s *stretch) reset() {
	if tooLarge(cap(s.bytes), len(s.bytes)) {
		s.bytes = nil
	}
	if tooLarge(cap(s.sendings), len(s.sendings)) {
		s.sendings = nil
	}
	clear(s.sendings)
	s.sendings, s.bytes = s.sendings[:0], s.bytes[:0]
}
