//go:build unix

package stateserver

import (
	"context"
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/roles/rolestest/script"
)

// modes are what a state server may keep, for benchmarks.
var modes = []struct {
	name string
	mode Survive
}{{"off", SurviveOff}, {"relaxed", SurviveRelaxed}, {"announced", SurviveAnnounced}}

// keptPebbles is newPebbles on a node with JetStream.
func keptPebbles(b testing.TB, mode Survive, control wire.Channel) *pebbles {
	b.Helper()
	o := bridge.Options{Name: "one"}
	o.Embedded.Listen, o.Embedded.StoreDir = "none", b.TempDir()
	c := &cluster{Cluster: script.On(b, townFile(b), script.Start(b, o))}
	r, err := New(c.Node, Options{Control: control, File: c.File, SurviveOptions: SurviveOptions{Survive: mode, Within: time.Second, Replicas: 1}})
	must(b, err)
	must(b, r.Start(b.Context()))
	b.Cleanup(func() { r.Stop(context.Background(), nil) })
	p := &pebbles{c: c, r: r, next: 100_000_000}
	p.maker = c.Join("maker", 8000)
	c.Say(p.maker, fmt.Sprintf(`%d CREATE_OBJECT_WITH_REQUIRED do_id=50000000 location=0:0 dclass=Street setTitle("Elm")`, control))
	class, _ := c.File.ClassByName("Pebble")
	id, _ := class.ID()
	p.class = wire.DClassID(id)
	return p
}

// settled waits until all is written and announced.
func (p *pebbles) settled(b *testing.B) {
	if v := p.r.space.survival; v != nil {
		if v.options.Survive == SurviveRelaxed {
			b.StopTimer() // it waits on purpose
		}
		p.r.written(b)
	}
}

// cpu reports the processor time of the whole process, which counts on a busy machine: the
// NATS server, the writer and the collector included.
func cpu(b *testing.B) (end func()) {
	began := processorTime(b)
	return func() { b.ReportMetric(float64(processorTime(b)-began)/float64(b.N), "cpu-ns/op") }
}

func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	must(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkSurviveSetField is BenchmarkSetField with what is kept.
func BenchmarkSurviveSetField(b *testing.B) {
	for _, m := range modes {
		b.Run(m.name, func(b *testing.B) {
			b.ReportAllocs()
			p := keptPebbles(b, m.mode, 402000)
			p.make(b, 1000, 1)
			watcher := p.c.Join("watcher", wire.Location{Parent: streetID, Zone: 1}.Channel())
			var all []wire.Datagram
			for i := range 1000 {
				all = append(all, p.c.Parse(8000, fmt.Sprintf("%d SET_FIELD %d setA(7)", 100_000_000+i, 100_000_000+i)))
			}
			p.settled(b)
			b.StartTimer()
			watcher.Inbox.Take()
			told, i := 0, 0
			b.ResetTimer()
			defer cpu(b)()
			p.c.Bursts(b.N, func(turn bridge.Turn) {
				must(b, turn.Send(p.maker.Participant, all[i%len(all)]))
				i++
			}, func() {
				p.maker.Inbox.Take()
				told += len(watcher.Inbox.Take())
			})
			p.settled(b)
			b.StopTimer()
			if told += len(watcher.Inbox.Take()); told != b.N {
				b.Fatalf("told %d times, want %d", told, b.N)
			}
		})
	}
}

// BenchmarkSurviveCreate is BenchmarkCreate with what is kept.
func BenchmarkSurviveCreate(b *testing.B) {
	for _, m := range modes {
		b.Run(m.name, func(b *testing.B) {
			b.ReportAllocs()
			p := keptPebbles(b, m.mode, 402000)
			before := heap()
			b.ResetTimer()
			report := cpu(b)
			p.make(b, b.N, 1)
			p.settled(b)
			b.StopTimer()
			report()
			b.ReportMetric(float64(int64(heap()-before))/float64(b.N), "heap-B/object")
		})
	}
}

// heap is how much of it is used.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkSurviveMillion says what a million objects take to be written as a snapshot, to
// be read back, and to be taken over by a standby that has followed.
func BenchmarkSurviveMillion(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			if n > 100_000 && testing.Short() {
				b.Skip("takes long")
			}
			for range b.N {
				p := keptPebbles(b, SurviveRelaxed, 402000)
				for made := 0; made < n; made += 1000 {
					p.make(b, 1000, wire.Zone(1+made/1000))
				}
				p.settled(b)
				began := time.Now()
				must(b, p.r.space.Enter(func() error {
					v := p.r.space.survival
					if v.snapshot == nil {
						v.snapshot = &snapshotting{}
						v.something()
					}
					return nil
				}))
				p.settled(b)
				b.ReportMetric(time.Since(began).Seconds(), "s/snapshot")
				b.ReportMetric(float64(p.r.Stats().Survival.SnapshotBytes)/float64(n), "B/object")
				r := p.r
				for _, how := range []string{"s/restore", "s/takeover"} {
					next, err := New(p.c.Node, Options{Control: 402000, File: p.c.File, SurviveOptions: p.r.options.SurviveOptions})
					must(b, err)
					if how == "s/takeover" {
						end := follow(next)
						for next.Stats().Survival.Restored < n+1 {
							time.Sleep(10 * time.Millisecond)
						}
						end()
					}
					p.c.crash(r)
					began, used := time.Now(), processorTime(b)
					must(b, next.Start(b.Context()))
					b.ReportMetric(time.Since(began).Seconds(), how)
					b.ReportMetric((processorTime(b) - used).Seconds(), "cpu-"+how)
					if got := next.Stats().Objects(); got != n+1 {
						b.Fatalf("%d objects are there", got)
					}
					r = next
				}
				p.c.crash(r)
			}
		})
	}
}
