package bridgetest

import (
	"errors"
	"testing"
	"time"

	"natstron/bridge"
)

// Two processes come to serve the same while NATS is parted. When the parts are joined, the
// one that has served for less time is told to give way, and the other one is not.
func TestPartitionHeals(t *testing.T) {
	t.Parallel()
	holding := bridge.Greeting{Holdings: []bridge.Holding{{Kind: bridge.HoldsControl, Lo: 4001, Hi: 4001, Key: "control"}}}
	for _, way := range between() {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			first, second, routes := way.start(t)
			for _, p := range routes {
				p.sever()
			}
			must(t, first.Reserve(t.Context(), holding))
			eventually(t, "the other part to be dead", func() bool { return len(second.Peers()) == 0 })
			must(t, second.Reserve(t.Context(), holding))
			for _, p := range routes {
				p.mend()
			}
			select {
			case err := <-second.GivesWay():
				if !errors.Is(err, bridge.ErrGivesWay) {
					t.Error(err)
				}
			case err := <-first.GivesWay():
				t.Errorf("the first one gives way: %v", err)
			case <-time.After(patience):
				t.Errorf("nobody gives way; they know %v, %v", first.Peers(), second.Peers())
			}
			if c := first.Clashes(); len(c) != 1 || c[0].Waits {
				t.Errorf("the first one is told %v", c)
			}
		})
	}
}
