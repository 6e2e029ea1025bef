package bots

import (
	"hash/maphash"
	"time"

	"natstron/bridge/wire"
	"natstron/dc"
)

// sight is an object that a bot sees.
type sight struct {
	object *object // nil: the ledger did not have it
	at     wire.Location
	fields []fieldSight
}

// fieldSight is how far a bot has seen the updates of a field.
type fieldSight struct {
	field wire.FieldID
	// last is the number of the last update seen. While it is soft, it is the last one that the
	// value at the entrance may have in it: updates up to it may still come, or not.
	last uint64
	soft bool
	seen uint64 // bit i: the one i before last was seen
}

// maxSight bounds the objects that a bot holds in memory, whatever the server says.
const maxSight = 200_000

// field returns how far a field was seen, or nil.
func (s *sight) field(f wire.FieldID) *fieldSight {
	for i := range s.fields {
		if s.fields[i].field == f {
			return &s.fields[i]
		}
	}
	return nil
}

func (s *sight) needField(f wire.FieldID) *fieldSight {
	if seen := s.field(f); seen != nil {
		return seen
	}
	s.fields = append(s.fields, fieldSight{field: f, soft: true})
	return &s.fields[len(s.fields)-1]
}

// step takes note of an update that is by steps later than the last one, and counts what is wrong.
func (s *fieldSight) step(by int64, t *tally) {
	switch {
	case by > 0 || s.soft:
		if by > 1 {
			t.lost.Add(by - 1)
		}
		if by >= 64 || s.soft {
			s.seen = 0
		} else {
			s.seen <<= uint(by)
		}
		s.seen |= 1
		s.last += uint64(by)
		s.soft = false
	case by > -64 && s.seen&(1<<uint(-by)) == 0:
		s.seen |= 1 << uint(-by)
		t.reordered.Add(1)
		t.lost.Add(-1) // it had been counted
	default:
		t.doubled.Add(1)
	}
}

// enters takes note of an object that comes into sight. values are those at its entrance.
func (b *bot) enters(do wire.DoID, at wire.Location, values []dc.FieldValue) {
	if b.sight[do] != nil {
		b.doubled.Add(1)
	}
	s := &sight{object: b.ledger.get(do), at: at}
	for _, v := range values {
		if q := b.sequence(v.Field.ID()); q != nil {
			if s.object == nil {
				s.object = b.ledger.add(do)
			}
			n := q.n.read(v.Packed)
			s.fields = append(s.fields, fieldSight{field: wire.FieldID(v.Field.ID()), last: n, soft: true})
			s.object.numbered(wire.FieldID(v.Field.ID()), n, q.n.size*8, b.now())
		}
	}
	if o := s.object; o != nil {
		o.mu.Lock()
		for _, st := range o.streams {
			if b.sequence(uint16(st.field)) == nil {
				s.fields = append(s.fields, fieldSight{field: st.field, last: st.next - 1, soft: true})
			}
		}
		o.mu.Unlock()
	}
	b.sight[do] = s
}

// updated takes note of an update.
func (b *bot) updated(do wire.DoID, f *dc.Field, value []byte) {
	s, id := b.sight[do], wire.FieldID(f.ID())
	if s == nil {
		if !b.owns(do) && b.ledger.get(do) != nil {
			b.strays.Add(1)
		} else {
			b.others.Add(1)
		}
		return
	}
	if q := b.sequence(uint16(id)); q != nil {
		b.counted(do, s, q, value)
		return
	}
	if s.object == nil {
		if s.object = b.ledger.get(do); s.object == nil {
			b.others.Add(1)
			return
		}
	}
	o, now := s.object, b.now()
	key := maphash.Bytes(b.ledger.seed, value)
	o.mu.Lock()
	st := o.stream(id)
	var n uint64
	var at int64
	ok := false
	if st != nil && !st.unclear {
		seen := s.needField(id)
		if n, at, ok = st.find(key, seen.last); ok {
			seen.step(int64(n-seen.last), &b.tally)
		}
	}
	o.mu.Unlock()
	if !ok {
		b.others.Add(1)
		return
	}
	b.seen.Add(1)
	b.latency.Observe(time.Duration(now - at))
}

// counted takes note of an update of a sequence.
func (b *bot) counted(do wire.DoID, s *sight, q *Sequence, value []byte) {
	n, bits, now, id := q.n.read(value), q.n.size*8, b.now(), wire.FieldID(q.field.ID())
	if s.object == nil {
		s.object = b.ledger.add(do)
	}
	s.object.numbered(id, n, bits, now)
	seen := s.field(id)
	if seen == nil {
		s.fields = append(s.fields, fieldSight{field: id, last: n, seen: 1})
	} else {
		seen.step(ahead(n, seen.last, bits), &b.tally)
		seen.last &= 1<<bits - 1
	}
	b.seen.Add(1)
	if q.Time != "" {
		b.latency.Observe(time.Since(time.UnixMicro(int64(q.at.read(value)))))
	}
}

// judge counts what is wrong with what the bot sees in the end: what has settled is what came, or
// should have come, before a time.
func (b *bot) judge(before time.Time, places map[wire.Location][]*object) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended {
		return
	}
	due := int64(before.Sub(b.began))
	covered, changing := map[wire.Location]bool{}, false
	for _, in := range b.interests {
		changing = changing || in.since.After(before)
		for _, z := range in.zones {
			covered[wire.Location{Parent: in.parent, Zone: z}] = true
		}
	}
	for do, s := range b.sight {
		o := s.object
		if o == nil {
			if o = b.ledger.get(do); o == nil {
				continue
			}
		}
		o.mu.Lock()
		settled := o.owner != nil && o.owner != b && !o.moved.After(before)
		if settled && (o.gone || !changing && !covered[o.at]) {
			b.ghosts.Add(1)
		} else {
			b.stale.Add(b.behind(s, o, due))
		}
		o.mu.Unlock()
	}
	if changing {
		return
	}
	for at := range covered {
		for _, o := range places[at] {
			if o.owner != b && b.sight[o.do] == nil {
				b.missing.Add(1)
			}
		}
	}
}

// behind is how many fields of an object the bot does not see as they are.
func (b *bot) behind(s *sight, o *object, due int64) (n int64) {
	for _, st := range o.streams {
		last := st.due(due)
		if st.unclear || last == 0 || o.owner == b {
			continue
		}
		seen := s.field(st.field)
		if q := b.sequence(uint16(st.field)); q != nil {
			if seen != nil && ahead(st.entry(last).key, seen.last, q.n.size*8) > 0 {
				n++
			}
			continue
		}
		if seen == nil || seen.last < last {
			n++
		}
	}
	return n
}
