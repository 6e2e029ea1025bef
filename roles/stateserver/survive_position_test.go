package stateserver

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/internal/msgtext"
)

// recordedLog is all that was written to a log. What was forgotten before it was read has no data.
type recordedLog struct {
	journal *bridge.Journal
	entries []bridge.Entry
}

// read reads what was written since the last time.
func (l *recordedLog) read(t rapid.TB) {
	t.Helper()
	before := l.journal.Last()
	var fresh []bridge.Entry
	must(t, l.journal.Read(context.Background(), func(e bridge.Entry) error {
		fresh = append(fresh, bridge.Entry{Data: slices.Clone(e.Data), At: e.At})
		return nil
	}))
	l.entries = append(l.entries, make([]bridge.Entry, int(l.journal.Last()-before)-len(fresh))...)
	l.entries = append(l.entries, fresh...)
}

// has reports whether an entry has a record of that kind as its first or last one.
func has(e bridge.Entry, first bool, kind byte) bool {
	b, err := new(batchReader).read(e.Data)
	return err == nil && len(b) > 0 && (first && b[0] == kind || !first && b[len(b)-1] == kind)
}

// readsBack is the world of a process that finds these entries.
func (c *cluster) readsBack(t rapid.TB, entries []bridge.Entry) string {
	t.Helper()
	var log msgtext.Log
	s := NewSpace(nil, SpaceOptions{
		File: c.File, MaxObjects: 1000, Log: slog.New(slog.NewTextHandler(&log, nil)), Survival: SurviveOptions{Survive: SurviveAnnounced},
	})
	r := newRestoring(s)
	for i, e := range entries {
		e.First = i == 0
		must(t, r.readEntry(e))
	}
	if r.damaged > 0 {
		t.Fatalf("%d entries cannot be read: %s", r.damaged, log.String())
	}
	return worldOf(r.objects)
}

// TestEveryPosition: a state server that is killed behind any entry of its log goes on with the
// world of that moment: nothing that was deleted before comes back, nothing is there twice or not
// at all. It is so from the beginning of the log, and from that of each snapshot that was
// complete then, as what was before it may be forgotten, also if it was made while the world changed.
func TestEveryPosition(t *testing.T) {
	c := keepers(t)
	control := wire.Channel(402000)
	rapid.Check(t, func(t *rapid.T) {
		control += 2
		r := c.survivor(t, "one", Options{Control: control})
		a := c.Join("anyone", 8000)
		j, err := c.Nodes["one"].OpenJournal(context.Background(), r.log(), 1)
		must(t, err)
		log := recordedLog{journal: j}
		defer func() {
			j.Close()
			for _, r := range c.servers {
				r.Stop(context.Background(), errKilled)
			}
			a.Leave()
			c.servers, c.Actors = nil, nil
			c.Log.Take()
		}()
		v := r.space.survival
		written := func() (position int) {
			c.quiet(t, r)
			log.read(t)
			return len(log.entries)
		}
		type moment struct {
			position int
			world    string
		}
		moments := []moment{{written(), r.world(t)}}
		for range rapid.IntRange(1, 6).Draw(t, "moments") {
			lines := rapid.SliceOfN(anyOperation(control), 1, 8).Draw(t, "operations")
			snapshot := rapid.IntRange(0, len(lines)*2).Draw(t, "snapshot before")
			for i, line := range lines {
				if i == snapshot { // it is made while the world changes
					must(t, r.space.Enter(func() error {
						if v.snapshot == nil {
							v.snapshot = &snapshotting{look: 1}
							v.something()
						}
						return nil
					}))
				}
				c.Say(a, line)
				if rapid.Bool().Draw(t, "batch") {
					before := r.Stats().Survival.Batches
					for deadline := time.Now().Add(10 * time.Millisecond); r.Stats().Survival.Batches == before && time.Now().Before(deadline); {
						runtime.Gosched()
					}
				}
			}
			moments = append(moments, moment{written(), r.world(t)})
		}
		for i, m := range moments {
			from := 0
			if i > 0 {
				from = moments[i-1].position + 1
			}
			for position := from; position <= m.position; position++ {
				world, known := m.world, position == m.position
				for begin := range position {
					entries := log.entries[begin:position]
					forgotten := slices.ContainsFunc(entries, func(e bridge.Entry) bool { return e.Data == nil })
					snapshot := has(entries[0], true, recordBegin) &&
						slices.ContainsFunc(entries, func(e bridge.Entry) bool { return has(e, false, recordEnd) })
					if forgotten || begin > 0 && !snapshot {
						continue
					}
					switch got := c.readsBack(t, entries); {
					case !known: // all that can be read must agree
						world, known = got, true
					case got != world:
						t.Fatalf("killed behind entry %d of %d, read from %d: the world was\n%s\nand is\n%s", position, m.position, begin, world, got)
					}
				}
			}
		}
	})
}

// worldOf is all that is known of objects.
func worldOf(objects map[wire.DoID]*Object) string {
	var all []string
	for _, id := range slices.Sorted(maps.Keys(objects)) {
		o := objects[id]
		all = append(all, fmt.Sprintf("%d %s at %v ai %d %v owner %d values %x static %v",
			id, o.class.Name(), o.location, o.ai, o.explicitAI, o.owner, o.values.b, o.static))
	}
	return strings.Join(all, "\n")
}
