package clientagent

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"natstron/bridge"
	"natstron/bridge/bridgetest"
	"natstron/bridge/wire"
)

const testKey = "a key of the tests"

// agents are client agents that hand sessions to each other, one on each node; those on the same
// node are of one process.
func agents(t testing.TB, nodes []*bridge.Node, change func(i int, o *Options)) (all []*Role) {
	t.Helper()
	processes := map[*bridge.Node]*Handovers{}
	for i, node := range nodes {
		if processes[node] == nil {
			processes[node] = new(Handovers)
		}
		o := parkOptions(t)
		first := firstClient + wire.Channel(i)*1_000_000 // ranges of their own on NATS
		o.Pool = NewChannelPool(first, first+9999)
		o.Resume = Resume{Within: patience, Recover: true, Queue: 1 << 20, Keys: []string{testKey}}
		o.Handovers = processes[node]
		o.Label = fmt.Sprint("agent ", i)
		if change != nil {
			change(i, &o)
		}
		all = append(all, startAgent(t, node, o))
	}
	return all
}

func addresses(agents []*Role) (all []string) {
	for _, a := range agents {
		all = append(all, a.Addrs()[0].String())
	}
	return all
}

// A client that comes back to another agent each time, over every topology, with connections
// that are lost at any byte: it is told everything once, in order, and what it sends arrives
// once, in order.
func TestResumeElsewhere(t *testing.T) {
	for _, topology := range bridgetest.Topologies() {
		t.Run(topology.Name, func(t *testing.T) {
			rounds := 3
			if testing.Short() {
				rounds = 1
			}
			for seed := range uint64(rounds) {
				t.Run(fmt.Sprint(seed), func(t *testing.T) { testElsewhere(t, topology, rand.New(rand.NewPCG(seed, 9))) })
			}
		})
	}
}

func testElsewhere(t *testing.T, topology bridgetest.Topology, random *rand.Rand) {
	const control, zones, steps = wire.Channel(402000), 4, 600
	nodes := topology.Start(t, 4, nil)
	if nodes[0] != nodes[1] {
		bridgetest.Acquaint(t, nodes)
	}
	startServer(t, nodes[0], control)
	all := agents(t, nodes[1:], nil)
	if nodes[0] != nodes[1] {
		bridgetest.Acquaint(t, nodes)
	}
	s := &stage{t: t, node: nodes[1], agent: all[0]}
	s.actor = s.join(gate.Channel(), 900)
	world := &stage{t: t, node: nodes[0]}
	w := &cutWorld{t: t, random: random, ai: world.join(900, 901), control: control, zones: zones, at: map[wire.DoID]wire.Location{}}
	w.create(pond, wire.Location{}, "Pond", func(w *wire.Writer) { w.Uint8(3) })
	f := &frail{random: rand.New(rand.NewPCG(random.Uint64(), 1))}
	c, channel := s.returning(f, addresses(all)...)
	playThrough(t, w, s, f, c, channel, steps)
	var sum Stats
	for _, a := range all {
		stats := a.Stats()
		sum.TakenOver += stats.TakenOver
		sum.HandedOver += stats.HandedOver
		sum.Clients += stats.Clients
		sum.Waiting += stats.Waiting
		sum.Void += stats.Void
	}
	if sum.TakenOver == 0 || sum.TakenOver != sum.HandedOver || sum.Clients != 1 || sum.Waiting != 0 || sum.Void != 0 {
		t.Errorf("%d taken over, %d handed over, %d clients, %d wait, %d void", sum.TakenOver, sum.HandedOver, sum.Clients, sum.Waiting, sum.Void)
	}
	t.Logf("%d taken over", sum.TakenOver)
}
