package rolestest

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"natstron/bridge/bridgetest"
)

// pairs is every order, followed by every order and every probe.
func pairs() (all []*sequence) {
	for _, first := range orders() {
		for _, second := range append(orders(), probes()...) {
			all = append(all, &sequence{steps: []step{first, second}})
		}
	}
	return all
}

func some(all []*sequence, part int, seed uint64) []*sequence {
	r := rand.New(rand.NewPCG(seed, 1))
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all[:len(all)/part]
}

func TestPairs(t *testing.T) {
	all := pairs()
	measure(t, all)
	t.Logf("%d pairs", len(all))
	for _, topology := range append(bridgetest.Topologies(), bridgetest.FarTopologies()...) {
		for _, c := range []cast{apart} {
			t.Run(topology.Name+"/"+c.name, func(t *testing.T) {
				s := newStage(t, topology, c, false)
				wrong := compare(t, s, some(all, parts(), 1))
				t.Logf("%d wrong", wrong)
			})
		}
	}
}

func parts() int {
	n, _ := strconv.Atoi(os.Getenv("ORDER_PARTS"))
	return max(n, 1)
}
