package rolestest

import (
	"fmt"
	"os"
	"testing"

	"pgregory.net/rapid"

	"natstron/internal/race"
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
	case race.Enabled || testing.Short():
		n = 4
	}
	for i, setting := range settings() {
		if i%2 == 1 && os.Getenv(everything) == "" {
			continue // what is one topology's luck is another one's
		}
		t.Run(fmt.Sprint(setting), func(t *testing.T) {
			t.Parallel()
			setting.test(t, sequences(i*n, n))
		})
	}
}

// What a client says in one write takes effect in this order, too: all pairs, and the
// end behind them.
func TestClients(t *testing.T) {
	for i, setting := range settings() {
		if i%4 != 0 && os.Getenv(everything) == "" {
			continue
		}
		t.Run(fmt.Sprint(setting), func(t *testing.T) {
			t.Parallel()
			var all []*sequence
			for _, first := range clientSteps() {
				for _, second := range clientSteps() {
					all = append(all, &sequence{steps: []step{first, second}, byClient: true})
				}
			}
			if race.Enabled || testing.Short() {
				all = all[:10]
			}
			setting.test(t, all)
		})
	}
}
