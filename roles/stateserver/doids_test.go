package stateserver

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"natstron/bridge/wire"
)

// TestDoIDs holds doIDs against the rules, for small ranges across the edges of pages: a
// doId is given only if no object has it and none had it within the last minute, and none is
// refused while there is one.
func TestDoIDs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 200).Draw(t, "size")
		r := wire.DoIDRange{Min: wire.DoID(rapid.IntRange(2*pageSize-200, 2*pageSize).Draw(t, "min"))}
		if rapid.Bool().Draw(t, "the last doIds") {
			r.Min = wire.MaxDoID - wire.DoID(size) + 1
		}
		r.Max = r.Min + wire.DoID(size) - 1
		live, ended := map[wire.DoID]bool{}, map[wire.DoID]time.Time{}
		now := time.Unix(1e9, 0)
		d := newDoIDs(r)
		d.now = func() time.Time { return now }
		usable := func(id wire.DoID) bool {
			end, before := ended[id]
			return !live[id] && (!before || now.Sub(end) >= rest)
		}
		begin := func(id wire.DoID) {
			live[id] = true
			d.use(id)
		}
		any := func(t *rapid.T) wire.DoID { return r.Min + wire.DoID(rapid.IntRange(0, size-1).Draw(t, "id")) }
		var last wire.DoID
		t.Repeat(map[string]func(*rapid.T){
			"give": func(t *rapid.T) {
				id, ok := d.next()
				if !ok {
					for id := r.Min; ; id++ {
						if usable(id) {
							t.Fatalf("nothing to give, though %d is free", id)
						}
						if id == r.Max {
							return
						}
					}
				}
				if !r.Contains(id) || !usable(id) {
					t.Fatalf("gives %d of %v: live %v, ended %v ago", id, r, live[id], now.Sub(ended[id]))
				}
				for between := last; last != 0 && between != id; { // those it passes are not free
					if between++; between > r.Max || between < r.Min {
						between = r.Min
					}
					if between != id && usable(between) {
						t.Fatalf("gives %d after %d, though %d is free", id, last, between)
					}
				}
				d.gave(id)
				last = id
				begin(id)
			},
			"another's choice": func(t *rapid.T) {
				if id := any(t); !live[id] {
					delete(ended, id)
					begin(id)
				}
			},
			"end": func(t *rapid.T) {
				if id := any(t); live[id] {
					delete(live, id)
					ended[id] = now
					d.release(id)
				}
			},
			"time": func(t *rapid.T) { now = now.Add(time.Duration(rapid.IntRange(0, 90).Draw(t, "seconds")) * time.Second) },
		})
	})
}

// The state server must not stand still in front of a million doIds in a row that are taken,
// nor keep a mark of each that was.
func TestDoIDsOfManyObjects(t *testing.T) {
	const taken = 1_000_000
	r := wire.DoIDRange{Min: 1000, Max: wire.MaxDoID}
	d := newDoIDs(r)
	now := time.Unix(1e9, 0)
	d.now = func() time.Time { return now }
	for id := r.Min; id < r.Min+taken; id++ {
		d.use(id)
	}
	d.at = r.Min
	began := time.Now()
	if id, ok := d.next(); !ok || id != r.Min+taken {
		t.Errorf("gives %d, %v", id, ok)
	}
	if took := time.Since(began); took > 50*time.Millisecond { // some 250 steps
		t.Errorf("it took %v", took)
	}
	for id := r.Min; id < r.Min+taken; id++ {
		d.release(id)
	}
	now = now.Add(rest)
	for range taken / wakeAtOnce {
		d.next()
	}
	if len(d.pages) != 0 || len(d.resting) != 0 || uint64(d.free.Load()) != d.size() {
		t.Errorf("%d pages, %d resting, %d free of %d", len(d.pages), len(d.resting), d.free.Load(), d.size())
	}
}
