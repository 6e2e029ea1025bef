package stateserver

import (
	"fmt"
	"runtime"
	"testing"

	"natstron/bridge/wire"
	"natstron/internal/msgtext"
	"natstron/roles/rolestest/script"
)

// What the benchmarks measure is all that a message costs in the process: from
// the sender's call into the node to the last delivery. They send in bursts of
// the size that a connection's read brings.
const burst = 256

// pebbles are a state server, a street, and somebody who makes pebbles in it.
type pebbles struct {
	c     *cluster
	r     *Role
	maker *actor
	class wire.DClassID
	next  wire.DoID
	w     wire.Writer
}

const streetID wire.DoID = 50_000_000

func newPebbles(b testing.TB) *pebbles {
	b.Helper()
	c := newCluster(b, "one")
	p := &pebbles{c: c, r: c.server("one", 402000), next: 100_000_000}
	p.maker = c.Join("maker", 8000)
	p.send(b, `402000 CREATE_OBJECT_WITH_REQUIRED do_id=50000000 location=0:0 dclass=Street setTitle("Elm")`)
	class, _ := c.File.ClassByName("Pebble")
	id, _ := class.ID()
	p.class = wire.DClassID(id)
	return p
}

func (p *pebbles) send(b testing.TB, line string) {
	b.Helper()
	p.c.Say(p.maker, line)
	p.handle()
}

// handle lets the server work until it has nothing to do.
func (p *pebbles) handle() {
	p.maker.Inbox.Take()
}

// make makes n pebbles in a zone of the street.
func (p *pebbles) make(b testing.TB, n int, zone wire.Zone) {
	b.Helper()
	node := p.c.Node
	for n > 0 {
		turn := node.Begin()
		for range min(n, burst) {
			p.w.Reset()
			d, err := p.w.Header(8000, wire.StateServerCreateObjectWithRequired, 402000).
				DoID(p.next).Location(wire.Location{Parent: streetID, Zone: zone}).DClassID(p.class).
				Uint32(1).Uint16(2).Uint8(3).Datagram()
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
		p.handle()
	}
}

// BenchmarkCreate is the whole life of a creation: the object, its entry, its
// parent's answers.
func BenchmarkCreate(b *testing.B) {
	b.ReportAllocs()
	p := newPebbles(b)
	b.ResetTimer()
	p.make(b, b.N, 1)
	b.StopTimer()
	if n := len(p.r.space.objects); n != b.N+1 {
		b.Fatalf("there are %d objects, want %d", n, b.N+1)
	}
}

// BenchmarkSetField is an update that is told to one watcher of the zone.
func BenchmarkSetField(b *testing.B) {
	b.ReportAllocs()
	p := newPebbles(b)
	p.make(b, 1, 1)
	watcher := p.c.Join("watcher", wire.Location{Parent: streetID, Zone: 1}.Channel())
	d, err := msgtext.Parse(p.c.File, 8000, "100000000 SET_FIELD 100000000 setA(7)")
	if err != nil {
		b.Fatal(err)
	}
	node := p.c.Node
	told := 0
	b.ResetTimer()
	for n := b.N; n > 0; n -= burst {
		turn := node.Begin()
		for range min(n, burst) {
			if err := turn.Send(p.maker.Participant, d); err != nil {
				b.Fatal(err)
			}
		}
		turn.End()
		p.handle()
		told += len(watcher.Inbox.Take())
	}
	b.StopTimer()
	if told != b.N {
		b.Fatalf("told %d times, want %d", told, b.N)
	}
}

// BenchmarkZone asks for the objects of a zone of 1,000, beside others.
func BenchmarkZone(b *testing.B) {
	for _, beside := range []int{0, 9_000, 990_000} {
		b.Run(fmt.Sprintf("1000 beside %d", beside), func(b *testing.B) {
			if beside > 100_000 && testing.Short() {
				b.Skip("takes long to set up")
			}
			b.ReportAllocs()
			p := newPebbles(b)
			p.make(b, 1000, 1)
			for made := 0; made < beside; made += 1000 {
				p.make(b, 1000, wire.Zone(2+made/1000))
			}
			d, err := msgtext.Parse(p.c.File, 8000, "50000000 GET_ZONE_OBJECTS 1 50000000:1")
			if err != nil {
				b.Fatal(err)
			}
			runtime.GC() // of the making, not of the asking
			for b.Loop() {
				if err := p.maker.Send(d); err != nil {
					b.Fatal(err)
				}
				if n := len(p.maker.Inbox.Take()); n != 1001 {
					b.Fatalf("%d answers", n)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/object")
		})
	}
}

// BenchmarkMemory says what an object with three small fields takes, all in.
func BenchmarkMemory(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			if n > 100_000 && testing.Short() {
				b.Skip("takes long")
			}
			for range b.N {
				b.ReportMetric(memoryPerObject(b, n), "B/object")
			}
		})
	}
}

// memoryPerObject makes n objects, 1,000 to a zone, and says how much of the
// heap each takes: itself, its participant, its place in all the maps.
func memoryPerObject(b testing.TB, n int) float64 {
	p := newPebbles(b)
	before := script.Heap()
	for made := 0; made < n; made += 1000 {
		p.make(b, 1000, wire.Zone(1+made/1000))
	}
	used := script.Heap() - before
	if got := len(p.r.space.objects); got != n+1 {
		b.Fatalf("there are %d objects", got)
	}
	runtime.KeepAlive(p)
	return float64(used) / float64(n)
}

// TestMemory holds the limit of 1 KB for an object with three small fields.
func TestMemory(t *testing.T) {
	if used := memoryPerObject(t, 20_000); used > 1024 {
		t.Errorf("an object takes %.0f bytes", used)
	}
}
