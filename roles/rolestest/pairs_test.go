package rolestest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"testing"

	"natstron/bridge/bridgetest"
	"natstron/internal/race"
)

// pairs is every order, followed by every order and every probe, in an order of
// chance that is always the same.
func pairs() (all []*sequence) {
	for _, first := range orders() {
		for _, second := range append(orders(), probes()...) {
			all = append(all, &sequence{steps: []step{first, second}})
		}
	}
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	return all
}

// setting is a way to join processes, who is in which, and whether the state servers
// say what they serve.
type setting struct {
	topology bridgetest.Topology
	cast     cast
	ranges   bool
}

func (s setting) String() string {
	name := s.topology.Name + "/" + s.cast.name
	if s.ranges {
		name += ", ranges"
	}
	return name
}

// settings is the ways in which order is tested.
func settings() (all []setting) {
	casts := []cast{apart, shuffled, withAgent, withServer, oneServer, withAIs, withClient}
	for i, topology := range bridgetest.Topologies() {
		for j, c := range casts {
			all = append(all, setting{topology, c, (i+j)%2 == 0})
			if i < 2 {
				break // there is only one node
			}
		}
	}
	for i, c := range []cast{together, apart, withServer, withAgent} {
		all = append(all, setting{kept, c, i%2 == 0})
	}
	for i, topology := range bridgetest.FarTopologies() {
		all = append(all, setting{topology, casts[i%len(casts)], i%2 == 0})
	}
	return all
}

// everything has all pairs tested in all settings, which takes many minutes.
const everything = "NATSTRON_ORDER_ALL"

// Every order, followed by every other and by everything that tells whether it has
// taken effect, is heard as in one process. All pairs are tested in some setting, and
// each setting with some of the pairs.
func TestPairs(t *testing.T) {
	in := settings()
	for i, setting := range in {
		t.Run(fmt.Sprint(setting), func(t *testing.T) {
			t.Parallel()
			mine := pairs()
			if os.Getenv(everything) == "" {
				mine = mine[i*len(mine)/len(in) : (i+1)*len(mine)/len(in)]
			}
			if race.Enabled || testing.Short() {
				mine = mine[:len(mine)/6]
			}
			setting.test(t, mine)
		})
	}
}

// test plays sequences in one process, and then as the setting says.
func (s setting) test(t *testing.T, all []*sequence) {
	measure(t, all)
	compare(t, newStage(t, s.topology, s.cast, s.ranges), all)
}
