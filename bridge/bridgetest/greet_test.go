package bridgetest

import (
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"natstron/bridge"
)

// Two processes come to serve the same while NATS is parted. When the parts are joined, the
// one that has served for less time is told to give way, and the other one is not.
func TestPartitionHeals(t *testing.T) {
	t.Parallel()
	a := routed(t, "", nil)
	route := newProxy(t, a.ClusterAddr().String())
	route.sever()
	serves := func(s *server.Server) *bridge.Node {
		n := start(t, bridge.Options{External: &bridge.External{URLs: []string{s.ClientURL()}}}, nil)
		must(t, n.Reserve(t.Context(), bridge.Greeting{Holdings: []bridge.Holding{{Kind: bridge.HoldsControl, Lo: 4001, Hi: 4001, Key: "control"}}}))
		return n
	}
	first := serves(a)
	second := serves(routed(t, route.ln.Addr().String(), nil))
	route.mend()
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
	eventually(t, "the first one to know", func() bool { c := first.Clashes(); return len(c) == 1 && !c[0].Waits })
}
