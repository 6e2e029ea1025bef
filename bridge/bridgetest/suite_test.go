package bridgetest

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestGuarantees(t *testing.T) {
	for _, topology := range Topologies() {
		t.Run(topology.Name, func(t *testing.T) {
			t.Parallel()
			Run(t, topology)
		})
	}
}
