package stateserver

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/fieldlist"
	"natstron/roles/rolestest/script"
)

// keepers is a NATS server with JetStream and participants, and a node beside it whose
// state servers survive.
func keepers(t testing.TB) *cluster {
	t.Helper()
	hub := bridge.Options{Name: "hub"}
	hub.Embedded.Listen, hub.Embedded.StoreDir = "127.0.0.1:0", t.TempDir()
	c := &cluster{Cluster: script.On(t, townFile(t), script.Start(t, hub)), markers: map[string]*actor{}}
	c.Nodes = map[string]*bridge.Node{"hub": c.Node}
	c.Nodes["one"] = script.Start(t, bridge.Options{Name: "one", External: &bridge.External{URLs: []string{c.Node.URL()}}})
	t.Cleanup(func() {
		for _, r := range c.servers {
			r.Stop(context.Background(), errKilled)
		}
		c.Leave()
	})
	for i, name := range []string{"hub", "one"} {
		c.markers[name] = c.JoinAt(name, "marker of "+name, firstMarker+wire.Channel(i))
	}
	c.Actors = nil
	return c
}

// survivor is a state server that survives.
func (c *cluster) survivor(t rapid.TB, node string, o Options) *Role {
	t.Helper()
	return c.serve(t, c.standby(t, node, o))
}

// serve starts a state server.
func (c *cluster) serve(t rapid.TB, r *Role) *Role {
	t.Helper()
	must(t, r.Start(context.Background()))
	c.servers = append(c.servers, r)
	c.sync()
	return r
}

// standby is a state server that has not started yet.
func (c *cluster) standby(t rapid.TB, node string, o Options) *Role {
	t.Helper()
	o.File, o.Log = c.File, slog.New(slog.NewTextHandler(&c.Log, nil))
	o.Replicas, o.For = 1, time.Minute
	if o.Survive == SurviveOff {
		o.Survive, o.Within = SurviveAnnounced, 20*time.Millisecond
	}
	r, err := New(c.Nodes[node], o)
	must(t, err)
	return r
}

// follow has a standby follow until it is told to end.
func follow(r *Role) (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		r.Follow(ctx)
		close(done)
	}()
	return func() {
		cancel()
		<-done
	}
}

// errKilled is why a state server ends that does not hand over.
var errKilled = errors.New("killed")

// crash ends a state server as the end of its process does: at once, and without a word.
func (c *cluster) crash(r *Role) {
	v := r.space.survival
	v.quit()
	<-v.done
	r.Stop(context.Background(), errKilled)
	c.servers = slices.DeleteFunc(c.servers, func(have *Role) bool { return have == r })
}

// quiet waits until all that was sent has been handled, written, and announced.
func (c *cluster) quiet(t rapid.TB, r *Role) {
	t.Helper()
	for before := -1; before != c.handled(); {
		c.settle()
		before = c.handled()
		r.written(t)
		c.settle()
	}
}

// written waits until all that has changed is written, and announced.
func (r *Role) written(t rapid.TB) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		idle := false
		must(t, r.space.Enter(func() error {
			v := r.space.survival
			idle = len(v.changed) == 0 && len(v.records) == 0 && !v.hold.On() && v.snapshot == nil && !v.busy.Load()
			return nil
		}))
		if idle {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("what has changed is not written")
		}
		time.Sleep(time.Millisecond) // the writer tells nobody
	}
}

// world is all that a space knows of its objects.
func (r *Role) world(t rapid.TB) (world string) {
	t.Helper()
	must(t, r.space.Enter(func() error {
		world = worldOf(r.space.objects)
		return r.space.check()
	}))
	return world
}

// TestSurvives: what a state server had is there when the next process begins, and goes on.
func TestSurvives(t *testing.T) {
	c := keepers(t)
	r := c.survivor(t, "one", Options{Control: 402000})
	maker, watcher := c.Join("maker", 8000), c.Join("watcher", wire.Location{Parent: 5000, Zone: 1}.Channel())
	for _, line := range []string{
		`402000 CREATE_OBJECT_WITH_REQUIRED do_id=5000 location=0:0 dclass=Street setTitle("Elm")`,
		`402000 CREATE_OBJECT_WITH_REQUIRED do_id=6000 location=5000:1 dclass=Pebble setA(1) setB(2) setC(3)`,
		`402000 CREATE_OBJECT_WITH_REQUIRED do_id=6001 location=5000:1 dclass=Pebble setA(1) setB(2) setC(3)`,
		`5000 SET_AI 8000`, `6000 SET_OWNER 8001`, `6000 SET_FIELD 6000 setA(7)`, `6001 DELETE_RAM 6001`,
	} {
		c.Say(maker, line)
	}
	c.quiet(t, r)
	before := r.world(t)
	if !strings.Contains(before, "6000 Pebble at 5000:1 ai 8000") || strings.Contains(before, "6001 Peb") {
		t.Errorf("the world is\n%s", before)
	}
	if n := len(watcher.Take()); n < 4 {
		t.Errorf("the watcher heard %d messages", n)
	}
	c.crash(r)
	r = c.survivor(t, "one", Options{Control: 402000})
	if after := r.world(t); after != before {
		t.Errorf("the world was\n%s\nand is\n%s", before, after)
	}
	if s := r.Stats().Survival; s.Restored != 2 || s.Damaged != 0 {
		t.Errorf("stats: %+v", s)
	}
	maker.Take()
	c.Say(maker, `6000 GET_FIELD 1 6000 setA`)
	c.quiet(t, r)
	if got := maker.Take(); len(got) == 0 {
		t.Error("nobody answers")
	}
}

// TestReplays: whatever happens, the world is the same when it is read back: from the log,
// from a snapshot, and from a snapshot that was made while the world changed, also by one that
// has followed meanwhile.
func TestReplays(t *testing.T) {
	c := keepers(t)
	control := wire.Channel(402000)
	rapid.Check(t, func(t *rapid.T) {
		control += 2
		r := c.survivor(t, "one", Options{Control: control})
		a := c.Join("anyone", 8000)
		defer func() {
			for _, r := range c.servers {
				r.Stop(context.Background(), errKilled)
			}
			a.Leave()
			c.servers, c.Actors = nil, nil
			c.Log.Take()
		}()
		for range rapid.IntRange(1, 4).Draw(t, "lives") {
			next, end := c.standby(t, "one", Options{Control: control}), func() {}
			if rapid.Bool().Draw(t, "follows") {
				end = follow(next)
			}
			for range rapid.IntRange(1, 40).Draw(t, "messages") {
				must(t, a.Send(readdressed(anyMessage(c.File).Draw(t, "message"), control)))
				if rapid.IntRange(0, 9).Draw(t, "snapshot") == 0 {
					must(t, r.space.Enter(func() error {
						v := r.space.survival
						if v.snapshot == nil {
							v.snapshot = &snapshotting{look: snapshotObjects}
							v.something()
						}
						return nil
					}))
				}
			}
			c.quiet(t, r)
			before := r.world(t)
			end()
			c.crash(r)
			r = c.serve(t, next)
			if after := r.world(t); after != before {
				t.Fatalf("the world was\n%s\nand is\n%s", before, after)
			}
			must(t, r.space.Enter(func() error {
				for id, o := range r.space.objects {
					if parent := r.space.objects[o.location.Parent]; parent != nil && (parent.offspring == nil || parent.offspring.zones[id] != o.location.Zone || !o.synced) {
						return fmt.Errorf("object %d does not know its child %d", parent.doID, id)
					}
				}
				return nil
			}))
		}
	})
}

// readdressed is a message of anyMessage to the state server with that channel.
func readdressed(d wire.Datagram, control wire.Channel) wire.Datagram {
	d = slices.Clone(d)
	for i := range d.RecipientCount() {
		if c := d.Recipient(i); c == 402000 || c == 402001 {
			binary.LittleEndian.PutUint64(d[1+8*i:], uint64(control))
		}
	}
	return d
}

// TestEntriesRefused: damaged entries are refused, and what is behind them is read.
func TestEntriesRefused(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		batches := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 100), 1, 5).Draw(t, "batches")
		var r batchReader
		for i, b := range batches {
			entries := entriesOf(uint64(i), slices.Concat(headRoom[:], b), rapid.IntRange(1, 40).Draw(t, "part"))
			bad := rapid.IntRange(-1, len(entries)-1).Draw(t, "damaged")
			var got []byte
			whole := false
			for n, e := range entries {
				if n == bad {
					e = slices.Clone(e)
					at := rapid.IntRange(0, len(e)-1).Draw(t, "at")
					if rapid.Bool().Draw(t, "cut") {
						e = e[:at]
					} else {
						e[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
					}
				}
				out, err := r.read(e)
				if n == bad && err == nil {
					t.Fatalf("entry %x is read", e)
				}
				if out != nil {
					whole, got = true, out
				}
			}
			if whole != (bad < 0) || whole && !bytes.Equal(got, b) {
				t.Fatalf("batch %d, damaged at %d: read %x, want %x", i, bad, got, b)
			}
		}
	})
}

// TestNothingAnnouncedIsForgotten: a state server ends at any moment, also while much is
// under way. When the next one has begun, who has listened to everything believes what is.
func TestNothingAnnouncedIsForgotten(t *testing.T) {
	c := keepers(t)
	control := wire.Channel(402000)
	rapid.Check(t, func(t *rapid.T) {
		control += 2
		r := c.survivor(t, "one", Options{Control: control})
		sender, watcher := c.Join("sender", 8000), c.Join("watcher", 8002)
		must(t, watcher.SubscribeRange(2<<32, 1<<63))
		defer func() {
			for _, r := range c.servers {
				r.Stop(context.Background(), errKilled)
			}
			sender.Leave()
			watcher.Leave()
			c.servers, c.Actors = nil, nil
			c.Log.Take()
		}()
		c.sync()
		b := belief{}
		for range rapid.IntRange(1, 4).Draw(t, "lives") {
			lines := rapid.SliceOfN(anyOperation(control), 1, 300).Draw(t, "operations")
			end := rapid.Uint64Range(0, 6).Draw(t, "batches")
			for _, line := range lines {
				c.Say(sender, line)
			}
			for deadline := time.Now().Add(50 * time.Millisecond); r.Stats().Survival.Batches < end && time.Now().Before(deadline); {
				runtime.Gosched()
			}
			c.crash(r)
			r = c.survivor(t, "one", Options{Control: control})
			c.quiet(t, r)
			for _, d := range watcher.Take() {
				b.hear(t, c, d)
			}
			if diff := cmp.Diff(r.shown(t).lines(), b.lines()); diff != "" {
				t.Fatalf("what is, and what is believed (+):\n%s", diff)
			}
		}
	})
}

// anyOperation draws what AIs do, about few objects.
func anyOperation(control wire.Channel) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		id := rapid.IntRange(5000, 5005).Draw(t, "object")
		n := rapid.IntRange(0, 100).Draw(t, "value")
		at := rapid.SampledFrom([]string{"5000:1", "5000:2", "5001:1", "4000:1", "0:0"}).Draw(t, "location")
		return rapid.SampledFrom([]string{
			fmt.Sprintf(`%d CREATE_OBJECT_WITH_REQUIRED do_id=%d location=%s dclass=Pebble setA(%d) setB(2) setC(3)`, control, id, at, n),
			fmt.Sprintf(`%d CREATE_OBJECT_WITH_REQUIRED do_id=%d location=%s dclass=Townsman setName("%s") setHealth(1) setSecret(2) setX(3) setY(%d)`,
				control, id, at, strings.Repeat("n", 6*n), n),
			fmt.Sprintf(`%d SET_LOCATION location=%s`, id, at),
			fmt.Sprintf(`%d SET_FIELD %d setA(%d)`, id, id, n),
			fmt.Sprintf(`%d SET_FIELD %d setX(%d)`, id, id, n),
			fmt.Sprintf(`%d SET_FIELD %d setMood("%d")`, id, id, n),
			fmt.Sprintf(`%d SET_FIELD %d setLook(%d, 1)`, id, id, n),
			fmt.Sprintf(`%d DELETE_FIELD_RAM %d setMood`, id, id),
			fmt.Sprintf(`%d DELETE_RAM %d`, id, id),
			fmt.Sprintf(`%d DELETE_ZONE %d:1`, id, id),
			fmt.Sprintf(`%d SET_AI %d`, id, 8100+n%3),
		}).Draw(t, "operation")
	})
}

// A belief is what somebody who hears everything believes of the objects, from what was
// announced: by object, its location and its public values. There is one for each zone, so
// that one who is not told of a move goes on believing.
type belief map[wire.DoID]seen

type seen struct {
	at     wire.Location
	values map[wire.FieldID]string
}

// hear takes in what is said at a location.
func (b belief) hear(t rapid.TB, c *cluster, d wire.Datagram) {
	t.Helper()
	m, err := d.Message()
	must(t, err)
	r := &m.Payload
	switch m.Type {
	case wire.StateServerObjectEnterLocationWithRequired, wire.StateServerObjectEnterLocationWithRequiredOther:
		id, at := r.DoID(), r.Location()
		class, err := ReadClass(c.File, r)
		must(t, err)
		if _, known := b[id]; known {
			return // as client agents and AIs do
		}
		s := seen{at, map[wire.FieldID]string{}}
		for _, f := range class.RequiredFields() {
			if f.HasAny(dc.Broadcast | dc.Clrecv) {
				value, err := fieldlist.Value(r, f)
				must(t, err)
				s.values[wire.FieldID(f.ID())] = string(value)
			}
		}
		if m.Type == wire.StateServerObjectEnterLocationWithRequiredOther {
			for range r.Uint16() {
				v, err := fieldlist.Next(r, func(id wire.FieldID) (*dc.Field, error) { return fieldOf(class, id) })
				must(t, err)
				s.values[wire.FieldID(v.Field.ID())] = string(v.Packed)
			}
		}
		b[id] = s
	case wire.StateServerObjectSetField:
		id, f := r.DoID(), r.FieldID()
		s, known := b[id]
		if field, ok := c.File.FieldByID(uint16(f)); known && ok {
			value := r.Rest()
			if field.IsMolecular() {
				_ = field.Split(value, func(atomic *dc.Field, part []byte) error {
					s.values[wire.FieldID(atomic.ID())] = string(part)
					return nil
				})
			} else if Kept(field) {
				s.values[f] = string(value)
			}
		}
	case wire.StateServerObjectDeleteFieldRAM:
		id, f := r.DoID(), r.FieldID()
		if s, known := b[id]; known {
			delete(s.values, f)
		}
	case wire.StateServerObjectChangingLocation:
		id, to := r.DoID(), r.Location()
		if s, known := b[id]; known {
			s.at = to
			b[id] = s
			if to.Parent == wire.InvalidDoID {
				delete(b, id)
			}
		}
	case wire.StateServerObjectDeleteRAM:
		delete(b, r.DoID())
	}
}

// lines is what is believed, or what a world shows of itself, to be compared.
func (b belief) lines() (all []string) {
	for _, id := range slices.Sorted(maps.Keys(b)) {
		text := fmt.Sprintf("%d at %v", id, b[id].at)
		for _, f := range slices.Sorted(maps.Keys(b[id].values)) {
			text += fmt.Sprintf(" %d=%x", f, b[id].values[f])
		}
		all = append(all, text)
	}
	return all
}

// shown is the belief of somebody who has missed nothing.
func (r *Role) shown(t rapid.TB) belief {
	t.Helper()
	b := belief{}
	must(t, r.space.Enter(func() error {
		for id, o := range r.space.objects {
			if o.location.Parent == wire.InvalidDoID {
				continue
			}
			s := seen{o.location, map[wire.FieldID]string{}}
			for f, packed := range o.values.All {
				if field, _ := o.class.Field(uint16(f)); field.HasAny(dc.Broadcast | dc.Clrecv) {
					s.values[f] = string(packed)
				}
			}
			b[id] = s
		}
		return nil
	}))
	return b
}
