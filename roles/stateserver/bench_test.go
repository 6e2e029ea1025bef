package stateserver

import (
	"fmt"
	"runtime"
	"testing"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/roles/rolestest/script"
)

// What the benchmarks measure is all that a message costs in the process: from
// the sender's call into the node to the last delivery.

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
	c.Say(p.maker, `402000 CREATE_OBJECT_WITH_REQUIRED do_id=50000000 location=0:0 dclass=Street setTitle("Elm")`)
	p.maker.Inbox.Take()
	class, _ := c.File.ClassByName("Pebble")
	id, _ := class.ID()
	p.class = wire.DClassID(id)
	return p
}

// make makes n pebbles in a zone of the street.
func (p *pebbles) make(b testing.TB, n int, zone wire.Zone) {
	b.Helper()
	p.c.Bursts(n, func(turn bridge.Turn) {
		p.w.Reset()
		d, err := p.w.Header(8000, wire.StateServerCreateObjectWithRequired, 402000).
			DoID(p.next).Location(wire.Location{Parent: streetID, Zone: zone}).DClassID(p.class).
			Uint32(1).Uint16(2).Uint8(3).Datagram()
		must(b, err)
		must(b, turn.Send(p.maker.Participant, d))
		p.next++
	}, func() { p.maker.Inbox.Take() })
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

// BenchmarkGenerate is BenchmarkCreate with doIds of the state server's choice, each of them
// another one.
func BenchmarkGenerate(b *testing.B) {
	b.ReportAllocs()
	p := newPebbles(b)
	p.r.space.given = newDoIDs(wire.DoIDRange{Min: 200_000_000, Max: 299_999_999})
	seen := make(map[wire.DoID]bool, b.N)
	b.ResetTimer()
	p.c.Bursts(b.N, func(turn bridge.Turn) {
		p.w.Reset()
		d, err := p.w.Header(8000, wire.StateServerGenerateObjectWithRequired, 402000).
			Uint32(1).Location(wire.Location{Parent: streetID, Zone: 1}).DClassID(p.class).
			Uint32(1).Uint16(2).Uint8(3).Datagram()
		must(b, err)
		must(b, turn.Send(p.maker.Participant, d))
	}, func() {
		for _, got := range p.maker.Inbox.Take() {
			if m, err := got.Datagram.Message(); err == nil && m.Type == wire.StateServerGenerateObjectResp {
				m.Payload.Uint32()
				seen[m.Payload.DoID()] = true
			}
		}
	})
	b.StopTimer()
	if len(seen) != b.N || seen[0] {
		b.Fatalf("%d doIds for %d objects", len(seen), b.N)
	}
}

// BenchmarkSetField is an update that is told to one watcher of the zone.
func BenchmarkSetField(b *testing.B) {
	b.ReportAllocs()
	p := newPebbles(b)
	p.make(b, 1, 1)
	watcher := p.c.Join("watcher", wire.Location{Parent: streetID, Zone: 1}.Channel())
	d := p.c.Parse(8000, "100000000 SET_FIELD 100000000 setA(7)")
	told := 0
	b.ResetTimer()
	p.c.Bursts(b.N, func(turn bridge.Turn) { must(b, turn.Send(p.maker.Participant, d)) }, func() {
		p.maker.Inbox.Take()
		told += len(watcher.Inbox.Take())
	})
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
			d := p.c.Parse(8000, "50000000 GET_ZONE_OBJECTS 1 50000000:1")
			runtime.GC() // of the making, not of the asking
			for b.Loop() {
				must(b, p.maker.Send(d))
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

func memoryPerObject(b testing.TB, n int) float64 {
	p := newPebbles(b)
	used := script.PerObject(n, func(n int, zone wire.Zone) { p.make(b, n, zone) })
	if got := len(p.r.space.objects) - 1; got != n {
		b.Fatalf("there are %d objects", got)
	}
	return used
}

// TestMemory holds the limit of 1 KB for an object with three small fields.
func TestMemory(t *testing.T) {
	if used := memoryPerObject(t, 20_000); used > 1024 {
		t.Errorf("an object takes %.0f bytes", used)
	}
}
