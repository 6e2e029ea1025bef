package dbss

import (
	"fmt"
	"runtime"
	"testing"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/roles/rolestest/script"
)

// What the benchmarks measure is all that a message costs in the process, but for the
// database, which answers everything with the same values: from the sender's call into
// the node to the last delivery. They send in bursts of the size that a connection's
// read brings.
const burst = 256

// pebbles are a database-state server, a database that has every pebble there can be,
// and somebody who activates them.
type pebbles struct {
	c        *cluster
	r        *Role
	maker    *actor
	database *actor
	class    wire.DClassID
	next     wire.DoID
	w        wire.Writer
}

func newPebbles(b testing.TB) *pebbles {
	b.Helper()
	c := newCluster(b)
	p := &pebbles{c: c, next: 100_000_000}
	p.r = c.server(Options{Ranges: []wire.DoIDRange{{Min: 100_000_000, Max: 399_999_999}}})
	p.maker = c.Join("maker", 8000)
	p.database = c.Join("database", databaseChannel)
	class, _ := c.File.ClassByName("Pebble")
	id, _ := class.ID()
	p.class = wire.DClassID(id)
	return p
}

// handle lets all work until there is nothing to do.
func (p *pebbles) handle(b testing.TB) {
	b.Helper()
	for busy := true; busy; {
		busy = false
		if asked := p.database.Inbox.Take(); len(asked) > 0 {
			busy = true
			p.answer(b, asked)
		}
	}
	p.maker.Inbox.Take()
}

func (p *pebbles) answer(b testing.TB, asked []bridge.Delivery) {
	b.Helper()
	turn := p.c.Node.Begin()
	defer turn.End()
	for _, d := range asked {
		m, _ := d.Datagram.Message()
		if m.Type != wire.DBServerObjectGetAll {
			continue
		}
		p.w.Reset()
		answer, err := p.w.Header(databaseChannel, wire.DBServerObjectGetAllResp, m.Sender).
			Uint32(m.Payload.Uint32()).Bool(true).DClassID(p.class).
			Uint16(3).FieldID(p.field(0)).Uint32(1).FieldID(p.field(1)).Uint16(2).FieldID(p.field(2)).Uint8(3).Datagram()
		if err != nil {
			b.Fatal(err)
		}
		if err := turn.Send(p.database.Participant, answer); err != nil {
			b.Fatal(err)
		}
	}
}

func (p *pebbles) field(i int) wire.FieldID {
	class, _ := p.c.File.ClassByID(uint16(p.class))
	return wire.FieldID(class.Fields()[i].ID())
}

// activate activates n pebbles in a zone, under a parent that is elsewhere.
func (p *pebbles) activate(b testing.TB, n int, zone wire.Zone) {
	b.Helper()
	for n > 0 {
		turn := p.c.Node.Begin()
		for range min(n, burst) {
			p.w.Reset()
			d, err := p.w.Header(8000, wire.DBSSObjectActivateWithDefaults, p.next.Channel()).
				DoID(p.next).Location(wire.Location{Parent: 5000, Zone: zone}).Datagram()
			if err != nil {
				b.Fatal(err)
			}
			if err := turn.Send(p.maker.Participant, d); err != nil {
				b.Fatal(err)
			}
			p.next++
		}
		turn.End()
		n -= min(n, burst)
		p.handle(b)
	}
}

// BenchmarkActivate is the whole activation: the question to the database, its answer,
// the object, its entry.
func BenchmarkActivate(b *testing.B) {
	b.ReportAllocs()
	p := newPebbles(b)
	b.ResetTimer()
	p.activate(b, b.N, 1)
	b.StopTimer()
	if n := p.r.Stats().Objects(); n != b.N {
		b.Fatalf("there are %d objects, want %d", n, b.N)
	}
}

// BenchmarkSetField is an update of an active object that is written to the database,
// and told to one watcher of the zone; or one that is not written.
func BenchmarkSetField(b *testing.B) {
	for _, test := range []struct{ name, value string }{{"db", "setName(\"Flo\")"}, {"not db", "setHealth(7)"}} {
		b.Run(test.name, func(b *testing.B) {
			b.ReportAllocs()
			c := newCluster(b)
			c.server(Options{Ranges: []wire.DoIDRange{{Min: 9000, Max: 9999}}})
			database, maker := c.Join("database", databaseChannel), c.Join("maker", 8000)
			watcher := c.Join("watcher", wire.Location{Parent: 5000, Zone: 1}.Channel())
			send := func(from *actor, line string) wire.Datagram {
				return c.Say(from, line)
			}
			send(maker, "9001 ACTIVATE_WITH_DEFAULTS 9001 5000:1")
			send(database, "9001 DBSERVER_OBJECT_GET_ALL_RESP 1 1 dclass=Citizen setCoins(7)")
			d := send(maker, "9001 SET_FIELD 9001 "+test.value)
			watcher.Inbox.Take()
			database.Inbox.Take()
			told, written := 0, 0
			b.ResetTimer()
			for n := b.N; n > 0; n -= burst {
				turn := c.Node.Begin()
				for range min(n, burst) {
					if err := turn.Send(maker.Participant, d); err != nil {
						b.Fatal(err)
					}
				}
				turn.End()
				told += len(watcher.Inbox.Take())
				written += len(database.Inbox.Take())
			}
			b.StopTimer()
			if want := map[string]int{"db": b.N}[test.name]; told != b.N || written != want {
				b.Fatalf("told %d times, written %d times, want %d and %d", told, written, b.N, want)
			}
		})
	}
}

// BenchmarkMemory says what an active object with three small fields takes, all in.
func BenchmarkMemory(b *testing.B) {
	for _, n := range []int{100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for range b.N {
				b.ReportMetric(memoryPerObject(b, n), "B/object")
			}
		})
	}
}

// memoryPerObject activates n objects, 1,000 to a zone, and says how much of the heap
// each takes: itself, its participant, its place in all the maps.
func memoryPerObject(b testing.TB, n int) float64 {
	p := newPebbles(b)
	before := script.Heap()
	for made := 0; made < n; made += 1000 {
		p.activate(b, 1000, wire.Zone(1+made/1000))
	}
	used := script.Heap() - before
	if got := p.r.Stats().Objects(); got != n {
		b.Fatalf("there are %d objects", got)
	}
	runtime.KeepAlive(p)
	return float64(used) / float64(n)
}

// TestMemory holds the limit of 1 KB for an active object with three small fields.
func TestMemory(t *testing.T) {
	if used := memoryPerObject(t, 20_000); used > 1024 {
		t.Errorf("an object takes %.0f bytes", used)
	}
}
