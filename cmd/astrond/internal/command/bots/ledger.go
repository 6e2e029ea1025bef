package bots

import (
	"hash/maphash"
	"sync"
	"time"

	"natstron/bridge/wire"
)

// ledger is what the bots of a process know together: of the objects that one of them owns, or that
// have a sequence, where they are and what was sent. A bot that sees an object holds what it sees
// against it. Safe for use by several goroutines.
type ledger struct {
	objects sync.Map // wire.DoID → *object
	seed    maphash.Seed
}

// object is one of them.
type object struct {
	do wire.DoID

	mu      sync.Mutex
	owner   *bot // nil: no bot of this process
	at      wire.Location
	moved   time.Time // when it came there, or when its owner went
	gone    bool      // its owner has gone, and it with it
	streams []*stream
}

// stream is the updates of one field of an object, in the order in which they were sent.
type stream struct {
	field wire.FieldID
	// unclear says that a value came twice within what ring holds: updates cannot be told apart.
	unclear bool
	next    uint64 // the number of the next one; the first is 1
	ring    []sent // number n is at n modulo the length, a power of two
}

// sent is an update: its value, hashed, or its number in a sequence.
type sent struct {
	key uint64
	at  int64 // when, in nanoseconds of the fleet's clock
}

// A ring grows while its oldest update is younger than ringTime, up to maxRing.
const (
	minRing  = 16
	maxRing  = 4096
	ringTime = 10 * time.Second
	// lookBack is how many of the updates before a value must not have it.
	lookBack = 64
)

// get returns the object, or nil if the ledger does not have it.
func (l *ledger) get(do wire.DoID) *object {
	if o, ok := l.objects.Load(do); ok {
		return o.(*object)
	}
	return nil
}

// add returns the object, which is there from now on.
func (l *ledger) add(do wire.DoID) *object {
	if o := l.get(do); o != nil {
		return o
	}
	o, _ := l.objects.LoadOrStore(do, &object{do: do})
	return o.(*object)
}

// own notes that a bot owns an object, which is new to it.
func (l *ledger) own(do wire.DoID, by *bot, at wire.Location) *object {
	o := l.add(do)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.owner, o.at, o.moved, o.gone = by, at, time.Now(), false
	return o
}

// place is where the object is.
func (o *object) place() wire.Location {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.at
}

// stream returns the stream of a field, or nil. The lock must be held.
func (o *object) stream(f wire.FieldID) *stream {
	for _, s := range o.streams {
		if s.field == f {
			return s
		}
	}
	return nil
}

func (o *object) needStream(f wire.FieldID) *stream {
	s := o.stream(f)
	if s == nil {
		s = &stream{field: f, next: 1, ring: make([]sent, minRing)}
		o.streams = append(o.streams, s)
	}
	return s
}

func (s *stream) entry(n uint64) *sent { return &s.ring[n&uint64(len(s.ring)-1)] }

// oldest is the number of the oldest update that the ring holds.
func (s *stream) oldest() uint64 {
	if s.next > uint64(len(s.ring)) {
		return s.next - uint64(len(s.ring))
	}
	return 1
}

// append adds an update.
func (s *stream) append(key uint64, now int64) {
	if size := uint64(len(s.ring)); s.next > size && size < maxRing && now-s.entry(s.next).at < int64(ringTime) {
		larger := stream{ring: make([]sent, 2*size)}
		for n := s.oldest(); n < s.next; n++ {
			*larger.entry(n) = *s.entry(n)
		}
		s.ring = larger.ring
	}
	*s.entry(s.next) = sent{key, now}
	s.next++
}

// had reports whether one of the last updates has the key.
func (s *stream) had(key uint64) bool {
	for n := s.next - 1; n >= s.oldest() && n+lookBack >= s.next; n-- {
		if s.entry(n).key == key {
			return true
		}
	}
	return false
}

// find is the number of the update with a key: the one after last if it has it, else the nearest.
func (s *stream) find(key, last uint64) (n uint64, at int64, ok bool) {
	oldest := s.oldest()
	for n := max(last+1, oldest); n < s.next; n++ {
		if e := s.entry(n); e.key == key {
			return n, e.at, true
		}
	}
	for n := min(last, s.next-1); n >= oldest; n-- {
		if e := s.entry(n); e.key == key {
			return n, e.at, true
		}
	}
	return 0, 0, false
}

// due is the number of the last update that is older than a time; 0 if the ring holds no such one
// any more.
func (s *stream) due(before int64) uint64 {
	for n := s.next - 1; n >= s.oldest() && n > 0; n-- {
		if s.entry(n).at <= before {
			return n
		}
	}
	return 0
}

// fresh reports whether a value differs from those that were sent just before it.
func (o *object) fresh(f wire.FieldID, key uint64) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	s := o.stream(f)
	return s == nil || !s.had(key)
}

// sends notes an update, before it is sent.
func (o *object) sends(f wire.FieldID, key uint64, now int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	s := o.needStream(f)
	s.unclear = s.unclear || s.had(key)
	s.append(key, now)
}

// numbered notes that somebody has seen an update with that number of a sequence, if it is the
// highest so far.
func (o *object) numbered(f wire.FieldID, n uint64, bits int, now int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	s := o.needStream(f)
	if s.next == 1 || ahead(n, s.entry(s.next-1).key, bits) > 0 {
		s.append(n, now)
	}
}

// ahead is how much later one number of a sequence is than another one. Numbers wrap.
func ahead(n, than uint64, bits int) int64 {
	return int64((n-than)<<(64-bits)) >> (64 - bits)
}
