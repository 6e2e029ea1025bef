package bridgetest

import (
	"sync"
	"testing"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
)

// leaving is three nodes, and a fourth one that is cut off: a participant there has a checkpoint
// and a post-remove to a channel that somebody on each of the others hears.
func leaving(t *testing.T, topology Topology, key uint64, within time.Duration) (survivors []*bridge.Node, listeners []*Recorder, e bridge.LostSession) {
	const undone, channel = 6000, 1_000_000_007
	var proxies []*proxy
	nodes := topology.Start(t, 4, func(o *bridge.Options) {
		mortality(t, o)
		proxies = append(proxies, through(t, o))
	})
	for _, n := range nodes[:3] {
		r := Join(t, n, "listener")
		must(t, r.Subscribe(undone))
		listeners = append(listeners, r)
	}
	dying := Join(t, nodes[3], "dying")
	must(t, dying.AddPostRemove(1, Numbered(t, 42, undone)))
	turn := nodes[3].Begin()
	must(t, turn.SetCheckpoint(dying.Participant, bridge.Checkpoint{Key: key, Channels: []wire.Channel{channel}, State: []byte("before"), For: within}))
	must(t, turn.SetCheckpoint(dying.Participant, bridge.Checkpoint{Key: key, Channels: []wire.Channel{channel}, State: []byte("state"), For: within}))
	turn.End()
	for _, n := range nodes[:3] {
		eventually(t, "the checkpoint is known", func() bool { return n.Stats().PeerPostRemoveBytes == nodes[3].Stats().PostRemoveBytes })
	}
	proxies[3].sever()
	dying.Wait("the word", func(_ []wire.Datagram, cause error) bool { return cause != nil })
	dying.Leave()
	for _, n := range nodes[:3] {
		eventually(t, "the lost session is kept", func() bool {
			turn := n.Begin()
			defer turn.End()
			var there bool
			e, there = turn.LostSession(key)
			return there
		})
	}
	if string(e.State) != "state" || len(e.PostRemoves) != 1 {
		t.Errorf("the lost session has %q and %d post-removes", e.State, len(e.PostRemoves))
	}
	return nodes[:3], listeners, e
}

// Of three nodes that want a lost session at the same time, one has it. What participants have
// sent to its channel meanwhile comes to that one, once, in order; the post-removes are not sent.
func TestOneNodeTakesALostSession(t *testing.T) {
	apart(t, func(t *testing.T, topology Topology) {
		nodes, listeners, e := leaving(t, topology, 7, time.Minute)
		for i, r := range listeners {
			for k := range uint32(3) {
				must(t, r.Send(Numbered(t, uint32(100*i)+k, e.Channels[0])))
			}
		}
		var mu sync.Mutex
		var claimants []*Recorder
		var done sync.WaitGroup
		for _, n := range nodes {
			done.Add(1)
			r := Join(t, n, "claimant")
			turn := n.Begin()
			turn.ClaimSession(e, func(turn bridge.Turn, ours bool) {
				defer done.Done()
				if !ours {
					return
				}
				mu.Lock()
				claimants = append(claimants, r)
				mu.Unlock()
				must(t, turn.Subscribe(r.Participant, e.Channels[0]))
				inForce := func() {
					turn := n.Begin()
					defer turn.End()
					turn.TakeSession(e)
				}
				if turn.Effective(inForce, e.Channels[0]) {
					turn.TakeSession(e)
				}
			})
			turn.End()
		}
		done.Wait()
		if len(claimants) != 1 {
			t.Fatalf("%d claimants", len(claimants))
		}
		claimants[0].WaitFor(9)
		last := map[uint32]uint32{}
		for _, d := range claimants[0].Got() {
			n := NumberOf(d)
			if from := n / 100; n%100 != last[from] {
				t.Errorf("%d comes as number %d of its sender", n, last[from])
			} else {
				last[from]++
			}
		}
		acquainted(t, nodes)
		for i, n := range nodes {
			if kept := n.Stats().LostSessionsKept; kept != 0 {
				t.Errorf("node %d keeps %d lost sessions", i, kept)
			}
			if got := listeners[i].Got(); len(got) != 0 {
				t.Errorf("node %d: %d post-removes were sent", i, len(got))
			}
		}
	})
}

// A lost session that nobody takes ends when its time is up: its post-removes are sent, once.
func TestNobodyTakesALostSession(t *testing.T) {
	apart(t, func(t *testing.T, topology Topology) {
		began := time.Now()
		nodes, listeners, _ := leaving(t, topology, 8, time.Second)
		for _, r := range listeners {
			r.WaitFor(1)
		}
		if took := time.Since(began); took < time.Second {
			t.Errorf("they were sent after %v", took)
		}
		acquainted(t, nodes)
		for _, r := range listeners {
			if got := r.Got(); len(got) != 1 || NumberOf(got[0]) != 42 {
				t.Errorf("%d datagrams came", len(got))
			}
		}
	})
}

// A session that is told to end while it waits ends at once.
func TestLostSessionIsEjected(t *testing.T) {
	apart(t, func(t *testing.T, topology Topology) {
		_, listeners, e := leaving(t, topology, 9, time.Minute)
		var w wire.Writer
		d, err := w.Header(1, wire.ClientAgentEject, e.Channels[0]).Uint16(1).Text("go").Datagram()
		must(t, err)
		must(t, listeners[0].Send(d))
		for _, r := range listeners {
			r.WaitFor(1)
		}
	})
}
