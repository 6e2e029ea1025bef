package bots

import (
	"errors"
	"fmt"
	"hash/maphash"
	"time"

	"natstron/bridge/wire"
	client "natstron/clients/go"
	"natstron/dc"
)

// logIn does the steps of the login.
func (b *bot) logIn() error {
	for i := range b.o.Script.Login {
		s := &b.o.Script.Login[i]
		var err error
		switch {
		case s.Wait != nil:
			w := s.Wait
			b.awaited = w.field
			err = b.wait(w.Within, fmt.Sprintf("%s %s %s", [...]string{"to own an object", "to see an object", "for a field"}[w.For], w.Class, w.Field), w.met)
		case s.Interest != nil:
			if err = b.do(s); err == nil {
				id := s.Interest.ID
				err = b.wait(s.Interest.Within, fmt.Sprintf("for interest %d", id), func(_ *bot, e event) bool { return e.what == waitDone && e.id == id })
			}
		default:
			err = b.do(s)
		}
		if err != nil {
			return err
		}
	}
	if b.o.Script.Resume {
		return b.c.KeepSession()
	}
	return nil
}

// met reports whether what the bot waits for is there, or has just come.
func (w *Wait) met(b *bot, e event) bool {
	switch w.For {
	case waitOwner:
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, o := range b.owned {
			if w.class == nil || o.class.Inherits(w.class) {
				return true
			}
		}
		return false
	case waitField:
		return e.what == waitField && e.field == w.field
	}
	return e.what == w.For && (w.class == nil || e.class.Inherits(w.class))
}

// wait reads until something has come.
func (b *bot) wait(within time.Duration, forWhat string, met func(*bot, event) bool) error {
	late := time.AfterFunc(within, func() { _ = b.c.Close() })
	defer late.Stop()
	for e := nothing; !met(b, e); {
		var err error
		if e, err = b.receive(); err != nil {
			if errors.Is(err, client.ErrClosed) || !late.Stop() {
				return fmt.Errorf("waited %v in vain %s", within, forWhat)
			}
			return err
		}
	}
	return nil
}

// play starts the timers of what the bot does from now on.
func (b *bot) play() {
	for i := range b.o.Script.Play {
		s := &b.o.Script.Play[i]
		b.repeat(*s.pace(), func() error { return b.do(s) })
	}
	if every := b.o.Script.Heartbeat; every > 0 {
		b.repeat(Pace{Every: every}, func() error { return b.c.Send(wire.ClientHeartbeat, nil) })
	}
}

// repeat does something again and again. An error ends it: the reader finds out why.
func (b *bot) repeat(p Pace, do func() error) {
	first := b.upTo(p.Every)
	b.mu.Lock()
	defer b.mu.Unlock()
	var t *time.Timer // under mu
	t = time.AfterFunc(first, func() {
		if b.stopped.Load() || do() != nil {
			return
		}
		next := p.Every + b.upTo(p.Think)
		b.mu.Lock()
		defer b.mu.Unlock()
		if !b.ended {
			t.Reset(next)
		}
	})
	b.timers = append(b.timers, t)
}

// upTo is a random time up to d.
func (b *bot) upTo(d time.Duration) time.Duration {
	b.out.Lock()
	defer b.out.Unlock()
	return time.Duration(b.random.Int64N(int64(d) + 1))
}

// do does a step once.
func (b *bot) do(s *Step) error {
	b.out.Lock()
	defer b.out.Unlock()
	switch {
	case s.Update != nil:
		return b.update(s.Update)
	case s.Interest != nil:
		return b.open(s.Interest)
	}
	return b.move(s.Move)
}

// own is the objects of a class that the bot owns.
func (b *bot) own(class *dc.Class) (all []ownObject) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, o := range b.owned {
		if class == nil || o.class.Inherits(class) {
			all = append(all, o)
		}
	}
	return all
}

func (b *bot) update(u *Update) error {
	if u.Object != 0 {
		packed, err := b.value(u, u.field, u.Object)
		if err != nil {
			return err
		}
		return b.send(u.Object, u.field, packed)
	}
	for _, o := range b.own(u.class) {
		f := u.field
		if f == nil {
			may := b.sendable[o.class]
			if len(may) == 0 {
				continue
			}
			f = may[b.random.IntN(len(may))]
		}
		if err := b.updateOwn(u, o, f); err != nil {
			return err
		}
	}
	return nil
}

// updateOwn sends an update of an object of the bot's, and notes it. A random value is another one
// than those before, if there are enough of them.
func (b *bot) updateOwn(u *Update, o ownObject, f *dc.Field) error {
	id := wire.FieldID(f.ID())
	var packed []byte
	var key uint64
	for try := 0; try < 8; try++ {
		var err error
		if packed, err = b.value(u, f, o.do); err != nil {
			return err
		}
		if key = maphash.Bytes(b.ledger.seed, packed); u.Value != "" || o.fresh(id, key) {
			break
		}
	}
	if f.Has(dc.Broadcast) && b.sequence(f.ID()) == nil {
		o.sends(id, key, b.now())
	}
	return b.send(o.do, f, packed)
}

// value is what the script says, or a random one.
func (b *bot) value(u *Update, f *dc.Field, do wire.DoID) ([]byte, error) {
	switch {
	case u.packed != nil:
		return u.packed, nil
	case u.value != nil:
		return u.fill(filling{Bot: b.number, Count: b.count, Run: b.word, Object: do, Answer: b.answer})
	}
	return f.AppendRandom(nil, b.random)
}

func (b *bot) send(do wire.DoID, f *dc.Field, packed []byte) error {
	b.count++
	b.updates.Add(1)
	return b.c.Send(wire.ClientObjectSetField, func(w *wire.Writer) { w.DoID(do).FieldID(wire.FieldID(f.ID())).Raw(packed) })
}

// open opens an interest.
func (b *bot) open(i *Interest) error {
	all := count(i.Zones)
	var zones []wire.Zone
	if i.around != nil {
		for _, o := range b.own(i.around) {
			zones = i.Grid.around(i.Zones[0], o.place().Zone)
		}
		if len(zones) == 0 {
			return fmt.Errorf("it has no %s to open an interest around", i.Around)
		}
	} else if i.Pick == 0 || uint64(i.Pick) >= all {
		for n := range all {
			zones = append(zones, zone(i.Zones, n))
		}
	} else {
		drawn := map[uint64]bool{}
		for len(drawn) < i.Pick {
			if n := b.random.Uint64N(all); !drawn[n] {
				drawn[n] = true
				zones = append(zones, zone(i.Zones, n))
			}
		}
	}
	return b.ask(i.ID, i.Parent, zones)
}

// ask asks for an interest.
func (b *bot) ask(id uint16, parent wire.DoID, zones []wire.Zone) error {
	b.interestsAsked++
	context := b.interestsAsked
	b.mu.Lock()
	b.setInterest(interest{id: id, parent: parent, zones: zones, since: time.Now(), asked: context})
	b.mu.Unlock()
	b.tally.interests.Add(1)
	if len(zones) == 1 {
		return b.c.Send(wire.ClientAddInterest, func(w *wire.Writer) { w.Uint32(context).Uint16(id).DoID(parent).Zone(zones[0]) })
	}
	return b.c.Send(wire.ClientAddInterestMultiple, func(w *wire.Writer) {
		w.Uint32(context).Uint16(id).DoID(parent).Uint16(uint16(len(zones)))
		for _, z := range zones {
			w.Zone(z)
		}
	})
}

// move moves the bot's objects, each by a step of its own, and with sight the interest to the last
// one's.
func (b *bot) move(m *Move) error {
	for _, o := range b.own(m.class) {
		to := wire.Location{Parent: m.Parent, Zone: zone(m.Zones, b.random.Uint64N(count(m.Zones)))}
		if m.Width > 0 {
			to.Zone = m.beside(m.Zones[0], o.place().Zone, b.random.IntN(3)-1, b.random.IntN(3)-1)
		}
		o.goes(to)
		b.moves.Add(1)
		if err := b.c.Send(wire.ClientObjectLocation, func(w *wire.Writer) { w.DoID(o.do).Location(to) }); err != nil {
			return err
		}
		if m.Sight > 0 {
			if err := b.ask(m.ID, m.Parent, m.around(m.Zones[0], to.Zone)); err != nil {
				return err
			}
		}
	}
	return nil
}

// beside is the zone so many columns and rows away, or the same one if that is outside.
func (g Grid) beside(all wire.ZoneRange, at wire.Zone, columns, rows int) wire.Zone {
	n := 0
	if at >= all.Min && at <= all.Max {
		n = int(at - all.Min)
	}
	x, y := n%g.Width+columns, n/g.Width+rows
	if to := y*g.Width + x; x >= 0 && x < g.Width && y >= 0 && to <= int(all.Max-all.Min) {
		return all.Min + wire.Zone(to)
	}
	return all.Min + wire.Zone(n)
}

// around is the zones that one sees from a zone.
func (g Grid) around(all wire.ZoneRange, at wire.Zone) (zones []wire.Zone) {
	seen := map[wire.Zone]bool{}
	for rows := -g.Sight; rows <= g.Sight; rows++ {
		for columns := -g.Sight; columns <= g.Sight; columns++ {
			if z := g.beside(all, at, columns, rows); !seen[z] {
				seen[z] = true
				zones = append(zones, z)
			}
		}
	}
	return zones
}
