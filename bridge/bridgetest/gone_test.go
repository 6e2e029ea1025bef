package bridgetest

import (
	"slices"
	"testing"
	"time"

	"natstron/bridge"
)

// A node whose connection ends, as that of a killed process does, is dead at once, as
// far as NATS knows; and who joins any other node from then on is served behind its
// post-removes. Here each node is cut off, and the others see it die, in the moment in
// which somebody joins.
func TestBackAtOnce(t *testing.T) {
	apart(t, func(t *testing.T, topology Topology) {
		const grave, nodesInAll = 6000, 4
		var proxies []*proxy
		nodes := topology.Start(t, nodesInAll, func(o *bridge.Options) {
			mortality(t, o)
			o.DeadAfter = patience // nobody dies of silence here
			proxies = append(proxies, through(t, o))
		})
		if topology.Mesh { // only who shares a server can tell: the first node and the last
			nodes = []*bridge.Node{nodes[0], nodes[3]}
			proxies = []*proxy{proxies[0], proxies[3]}
		}
		witness := Join(t, nodes[0], "witness")
		must(t, witness.Subscribe(grave))
		var took []time.Duration
		for round := range uint32(10) {
			dying := Join(t, nodes[1], "dying")
			must(t, dying.AddPostRemove(1, Numbered(t, round, grave)))
			Settle(t, nodes, witness, dying)
			eventually(t, "the others know its post-remove, and can ask NATS for it", func() bool {
				return slices.ContainsFunc(nodes[0].Peers(), func(p bridge.PeerInfo) bool { return p.PostRemoves == 1 && p.Provable })
			})
			go dying.leaveWhenDropped()
			began := time.Now()
			proxies[1].sever()
			back := make(chan *Recorder)
			nodes[0].WhenSettled(func() { back <- Join(t, nodes[0], "back") })
			again := <-back
			again.Say(1000+round, grave)
			if got := NumbersOf(witness.WaitFor(2)); !slices.Equal(got, []uint32{round, 1000 + round}) {
				t.Fatalf("round %d: received %v, want the post-remove, then what came after", round, got)
			}
			took = append(took, time.Since(began))
			proxies[1].mend()
			eventually(t, "the one that was cut off has noticed", func() bool { return nodes[1].Stats().Gaps == uint64(round)+1 })
			rejoin(t, nodes[1]).Leave()
			again.Leave()
			witness.Forget()
		}
		slices.Sort(took)
		t.Logf("served behind the post-removes after %v to %v, in the middle %v", took[0], took[len(took)-1], took[len(took)/2])
		if median := took[len(took)/2]; median > 500*time.Millisecond {
			t.Errorf("it takes %v until the dead are settled", median)
		}
		if got := witness.Got(); len(got) > 0 {
			t.Errorf("then came %v", NumbersOf(got))
		}
	})
}

// A route between servers that breaks for a moment kills nobody.
func TestBrokenRouteKillsNobody(t *testing.T) {
	t.Parallel()
	nodes, route := SlowMesh(t, func(o *bridge.Options) { o.KeepOnGap = false })
	for _, n := range nodes {
		must(t, Join(t, n, "living").AddPostRemove(1, Numbered(t, 1, 6000)))
	}
	witness := Join(t, nodes[1], "witness")
	must(t, witness.Subscribe(6000))
	route.p.sever()
	settled := make(chan struct{})
	nodes[0].WhenSettled(func() { close(settled) })
	<-settled
	route.p.mend()
	eventually(t, "the hole is told on both sides", func() bool {
		return nodes[0].Stats().Holes > 0 && nodes[2].Stats().Holes > 0
	})
	eventually(t, "both are back", func() bool { return nodes[0].Stats().Connected && nodes[2].Stats().Connected })
	if got := dead(nodes); slices.Max(got) > 0 {
		t.Errorf("each node declared so many dead: %v", got)
	}
}
