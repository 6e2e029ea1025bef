//go:build unix

package rolestest

import (
	"syscall"
	"testing"
	"time"

	"natstron/bridge/bridgetest"
)

// BenchmarkWalkers is a step of one of 200 avatars on a grid of 100 × 100 cells, of which
// their clients see 3 × 3: in one process, and with AI, agent and state server in three that
// share a NATS server. The clients move their avatars, all 200 at once. The clients are connected over TCP,
// and what they cost is in the figures, as is the NATS server. ns/op is wall time; the other
// units are CPU time, datagrams that came by in any of the processes, and messages of NATS.
func BenchmarkWalkers(b *testing.B) {
	for _, topology := range bridgetest.Topologies() {
		switch topology.Name {
		case "embedded":
			b.Run("one process", func(b *testing.B) { benchmarkWalkers(b, topology, together) })
		case "external":
			b.Run("three processes", func(b *testing.B) { benchmarkWalkers(b, topology, three) })
		}
	}
}

func benchmarkWalkers(b *testing.B, topology bridgetest.Topology, c cast) {
	const walkers = 200
	f := newField(b, topology, c, walkers)
	said := f.agent.Stats().DatagramsIn
	step := func(w *walker, cell int) {
		f.walk(w, cell)
		said++
	}
	settled := func() {
		for f.agent.Stats().DatagramsIn < said { // there is nobody to wait for
			time.Sleep(50 * time.Microsecond)
		}
		f.settled()
	}
	settled()
	for i, w := range f.all {
		step(w, i/2*gridSize+i%2*gridSize/2)
	}
	settled()
	count := func() (routed, published uint64) {
		seen := map[any]bool{}
		for _, n := range f.nodes {
			if !seen[n] {
				seen[n] = true
				s := n.Stats()
				routed, published = routed+s.Routed, published+s.Copies
			}
		}
		return routed, published
	}
	routed, published := count()
	began := cpu()
	b.ResetTimer()
	for i := range b.N {
		w := f.all[i%walkers]
		column := w.cell % gridSize
		step(w, w.cell-column+(column+1)%gridSize) // from one edge to the other at the end of a row
		if i%walkers == walkers-1 {
			settled()
		}
	}
	settled()
	b.StopTimer()
	used := cpu() - began
	routedAfter, publishedAfter := count()
	b.ReportMetric(float64(used.Microseconds())/float64(b.N), "µs-CPU/op")
	b.ReportMetric(float64(routedAfter-routed)/float64(b.N), "datagrams/op")
	b.ReportMetric(float64(publishedAfter-published)/float64(b.N), "NATS-messages/op")
	for _, w := range f.all {
		w.forget()
	}
}

// cpu is how much of it the process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // it cannot fail
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
