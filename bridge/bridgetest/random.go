package bridgetest

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"natstron/bridge/wire"
)

// model is what a participant should receive, by the plainest rule there is: a
// set of channels, and the numbers of all datagrams that meet it.
type model struct {
	has  map[wire.Channel]bool // of universe
	got  []uint32
	left bool
}

// universe is few channels, so that subscriptions overlap.
func universe() []wire.Channel {
	var all []wire.Channel
	for i := range wire.Channel(6) {
		all = append(all, 5000+i, 999_998+i, 402_000_000+i*400_000, 4618<<32+i, (4618+i)<<32)
	}
	return all
}

// random does what comes: subscribes, unsubscribes, sends, leaves, on several
// nodes; what everybody received is held against the model. After each round of
// changes all nodes know of them, so the model knows what each datagram meets.
func random(t *testing.T, topology Topology, churn bool) {
	const participants, phases, sends = 6, 6, 60
	channels := universe()
	nodes := begin(t, topology, 3, churn, channels...)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 2))
	var recorders []*Recorder
	models := make([]model, participants)
	for i := range models {
		recorders = append(recorders, Join(t, nodes[i%len(nodes)], "participant"))
		models[i].has = map[wire.Channel]bool{}
	}
	number := uint32(0)
	for range phases {
		for i := range models {
			if !models[i].left {
				change(t, r, channels, recorders[i], &models[i])
			}
		}
		// Everything on its way has arrived when the records are as the model
		// says; only then may Settle empty them.
		var living []*Recorder
		for i := range models {
			if !models[i].left {
				living = append(living, recorders[i])
			}
		}
		Settle(t, nodes, living...)
		for range sends {
			from := r.IntN(participants)
			if models[from].left {
				continue
			}
			to := make([]wire.Channel, 1+r.IntN(5))
			for i := range to {
				to[i] = channels[r.IntN(len(channels))]
			}
			number++
			recorders[from].Say(number, to...)
			for i := range models {
				if i != from && slices.ContainsFunc(to, func(c wire.Channel) bool { return models[i].has[c] }) {
					models[i].got = append(models[i].got, number)
				}
			}
		}
		for i, m := range models {
			got := NumbersOf(recorders[i].WaitFor(len(m.got)))
			// Different senders have no order between them.
			slices.Sort(got)
			if !slices.Equal(m.got, got) {
				t.Fatalf("participant %d received (-want +got):\n%s", i, cmp.Diff(m.got, got))
			}
			models[i].got = nil
			recorders[i].Forget()
		}
		if i := r.IntN(participants); r.IntN(3) == 0 {
			recorders[i].Leave()
			models[i] = model{left: true}
		}
	}
}

// change does a few things to a participant's subscriptions, and to the model.
func change(t *testing.T, r *rand.Rand, channels []wire.Channel, p *Recorder, m *model) {
	t.Helper()
	sorted := slices.Sorted(slices.Values(channels))
	for range 4 {
		c := channels[r.IntN(len(channels))]
		lo := sorted[r.IntN(len(sorted))]
		hi := sorted[r.IntN(len(sorted))]
		switch r.IntN(4) {
		case 0:
			must(t, p.Subscribe(c))
			m.has[c] = true
		case 1:
			// Removing a channel within a range does nothing, so the model only
			// removes by ranges of one.
			_ = p.UnsubscribeRange(c, c) // there is no limit
			delete(m.has, c)
		case 2:
			must(t, p.SubscribeRange(lo, hi))
			for _, in := range sorted {
				if lo <= in && in <= hi {
					m.has[in] = true
				}
			}
		case 3:
			_ = p.UnsubscribeRange(lo, hi)
			maps.DeleteFunc(m.has, func(in wire.Channel, _ bool) bool { return lo <= in && in <= hi })
		}
	}
}
