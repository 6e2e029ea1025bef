package rolestest

import (
	"fmt"
	"os"
	"testing"

	"pgregory.net/rapid"
)

// sequences draws longer sequences.
func sequences(first, n int) (all []*sequence) {
	any := rapid.SampledFrom(append(orders(), probes()...))
	steps := rapid.SliceOfN(any, 3, 9)
	for seed := range n {
		all = append(all, &sequence{steps: steps.Example(first + seed)})
	}
	return all
}

// Longer sequences, by chance, are heard as in one process, too.
func TestSequences(t *testing.T) {
	n := 20
	switch {
	case os.Getenv(everything) != "":
		n = 150
	case raceEnabled || testing.Short():
		n = 4
	}
	for i, setting := range settings() {
		if i%2 == 1 && os.Getenv(everything) == "" {
			continue // what is one topology's luck is another one's
		}
		t.Run(fmt.Sprint(setting), func(t *testing.T) {
			all := sequences(i*n, n)
			measure(t, all)
			compare(t, newStage(t, setting.topology, setting.cast, setting.ranges), all)
		})
	}
}
