package bridgetest

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"natstron/bridge"
	"natstron/bridge/wire"
)

// A broken is two nodes with servers between them, and a connection between two of the
// servers that can be broken. Neither node notices that by its own connections.
type broken struct {
	name  string
	start func(t *testing.T) (from, to *bridge.Node, between []*proxy)
}

// between are the connections that NATS makes again without telling its clients.
func between() []broken {
	external := func(t *testing.T, s *server.Server) *bridge.Node {
		return start(t, bridge.Options{External: &bridge.External{URLs: []string{s.ClientURL()}}}, nil)
	}
	return []broken{
		{"a configured route", func(t *testing.T) (*bridge.Node, *bridge.Node, []*proxy) {
			a := routed(t, "", nil)
			p := newProxy(t, a.ClusterAddr().String())
			return external(t, a), external(t, routed(t, p.ln.Addr().String(), nil)), []*proxy{p}
		}},
		{"a discovered route", func(t *testing.T) (*bridge.Node, *bridge.Node, []*proxy) {
			// Each is told by a third one where the other is: behind a proxy.
			seed := routed(t, "", nil).ClusterAddr().String()
			before := []*proxy{newProxy(t, ""), newProxy(t, "")}
			a, b := routed(t, seed, before[0]), routed(t, seed, before[1])
			return external(t, a), external(t, b), before
		}},
		{"a leaf below a leaf", func(t *testing.T) (*bridge.Node, *bridge.Node, []*proxy) {
			o := &server.Options{ServerName: "hub"}
			o.LeafNode.Host, o.LeafNode.Port, o.LeafNode.NoAdvertise = "127.0.0.1", server.RANDOM_PORT, true
			hub := natsServer(t, o)
			p := newProxy(t, fmt.Sprintf("127.0.0.1:%d", o.LeafNode.Port))
			middle := &server.Options{ServerName: "middle"}
			middle.LeafNode.Host, middle.LeafNode.Port, middle.LeafNode.NoAdvertise = "127.0.0.1", server.RANDOM_PORT, true
			middle.LeafNode.ReconnectInterval = 250 * time.Millisecond // as astrond has it
			middle.LeafNode.Remotes = []*server.RemoteLeafOpts{{URLs: []*url.URL{{Scheme: "nats-leaf", Host: p.ln.Addr().String()}}}}
			natsServer(t, middle)
			below := start(t, bridge.Options{Name: "below", Embedded: bridge.Embedded{Listen: "none", Leaf: bridge.Leaf{
				Remotes: []bridge.Remote{{URLs: []string{fmt.Sprintf("nats-leaf://127.0.0.1:%d", middle.LeafNode.Port)}}}}}}, nil)
			return external(t, hub), below, []*proxy{p}
		}},
	}
}

// routed runs a server of a mesh, which finds others by a route. If it is behind a
// proxy, it tells others to come by that.
func routed(t *testing.T, route string, behind *proxy) *server.Server {
	t.Helper()
	o := &server.Options{}
	o.Cluster.Name, o.Cluster.Host, o.Cluster.Port = "mesh", "127.0.0.1", server.RANDOM_PORT
	o.Cluster.NoAdvertise = true // to clients
	if behind != nil {
		o.Cluster.Advertise = behind.ln.Addr().String()
	}
	if route != "" {
		o.Routes = []*url.URL{{Scheme: "nats", Host: route}}
	}
	s := natsServer(t, o)
	if behind != nil {
		behind.set(func() { behind.target = s.ClusterAddr().String() })
	}
	return s
}

// A connection between two servers breaks and is made again as soon as NATS can. What was
// lost meanwhile is told: the receiver has it all, or is dropped.
func TestHolesBetweenServersAreTold(t *testing.T) {
	t.Parallel()
	rounds := 3
	if n, err := strconv.Atoi(os.Getenv("NATSTRON_HOLES")); err == nil {
		rounds = n // to look for breaks that are too short to be told
	}
	for _, way := range between() {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			for round := range rounds {
				t.Run(fmt.Sprint(round), func(t *testing.T) {
					t.Parallel()
					breakBetween(t, way)
				})
			}
		})
	}
}

func breakBetween(t *testing.T, way broken) {
	from, to, between := way.start(t)
	sender, receiver := Join(t, from, "sender"), Join(t, to, "receiver")
	must(t, receiver.Subscribe(5000))
	Settle(t, []*bridge.Node{from, to}, receiver)
	acquainted(t, []*bridge.Node{from, to})
	stop := make(chan struct{})
	var sending sync.WaitGroup
	var sent uint32
	sending.Go(func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
			}
			if sender.Send(Numbered(t, sent, 5000)) != nil {
				return // dropped
			}
			sent++
		}
	})
	receiver.WaitFor(100)
	broke := time.Now()
	for _, p := range between {
		p.sever()
		p.mend()
	}
	var again time.Time
	before := len(receiver.Got())
	receiver.Wait("the end, or what comes when the connection is back", func(got []wire.Datagram, cause error) bool {
		if again.IsZero() && len(got) > before+100 {
			again = time.Now()
		}
		return cause != nil || (!again.IsZero() && time.Since(again) > time.Second)
	})
	told := time.Since(broke)
	close(stop)
	sending.Wait()
	got := NumbersOf(receiver.Got())
	missing := 0
	for i, n := range got {
		if i > 0 {
			missing += int(n - got[i-1] - 1)
		}
	}
	var cause error
	receiver.Wait("", func(_ []wire.Datagram, c error) bool { cause = c; return true })
	t.Logf("%d received, %d missing between them; told %v after the break: %v", len(got), missing, told.Round(time.Millisecond), cause)
	if missing > 0 && (!errors.Is(cause, bridge.ErrBackboneLost) || to.Stats().Holes == 0) {
		t.Errorf("%d missing and nobody told: %v, %d holes counted", missing, cause, to.Stats().Holes)
	}
}
