package bridgetest

import (
	"testing"

	"natstron/bridge/wire"
)

// How long it takes until a new subscription is in force at all of three nodes,
// one after the other, and with 100 sessions that subscribe at the same time.
func BenchmarkEffective(b *testing.B) {
	for _, topology := range Topologies() {
		for _, together := range []int{1, 100} {
			name := topology.Name + "/one"
			if together > 1 {
				name = topology.Name + "/100 together"
			}
			b.Run(name, func(b *testing.B) { benchmarkEffective(b, topology, together) })
		}
	}
}

func benchmarkEffective(b *testing.B, topology Topology, together int) {
	nodes := topology.Start(b, 3, nil)
	r := Join(b, nodes[0], "asker")
	Settle(b, nodes, r)
	acquainted(b, nodes)
	before := nodes[0].Stats().Rounds.Count
	b.ReportAllocs()
	next := wire.Channel(4618 << 32)
	for b.Loop() {
		var all []<-chan struct{}
		first := next
		for range together {
			all = append(all, subscribeAndAsk(b, nodes[0], r, next))
			next++
		}
		for _, c := range all {
			<-c
		}
		for c := first; c < next; c++ {
			r.Unsubscribe(c)
		}
	}
	b.ReportMetric(float64(nodes[0].Stats().Rounds.Count-before)/float64(b.N), "rounds/op")
}
