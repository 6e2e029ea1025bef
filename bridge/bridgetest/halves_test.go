package bridgetest

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"natstron/bridge"
	"natstron/bridge/wire"
)

// kinds are the ways in which a node connects to one of several servers, by the
// server's address for that.
var kinds = map[string]struct {
	port func(m *mortal) int
	node func(addresses ...string) bridge.Options
}{
	"external": {
		func(m *mortal) int { return m.options.Port },
		func(addresses ...string) bridge.Options {
			e := &bridge.External{}
			for _, a := range addresses {
				e.URLs = append(e.URLs, "nats://"+a)
			}
			return bridge.Options{External: e}
		},
	},
	"leaf": {
		func(m *mortal) int { return m.options.LeafNode.Port },
		func(addresses ...string) bridge.Options {
			var r bridge.Remote
			for _, a := range addresses {
				r.URLs = append(r.URLs, "nats-leaf://"+a)
			}
			return bridge.Options{Embedded: bridge.Embedded{Listen: "none", Leaf: bridge.Leaf{Remotes: []bridge.Remote{r}}}}
		},
	},
}

// named starts a node whose log is shown if the test fails.
func named(t *testing.T, name string, o bridge.Options) *bridge.Node {
	t.Helper()
	o.Name = name
	return start(t, o, func(o *bridge.Options) {
		o.Log = slog.New(slog.NewTextHandler(t.Output(), nil)).With("node", o.Name)
	})
}

// A server dies, and all go to its standby, which is not connected with it. When it is
// back, those that start find it first; but that is not where the others are.
func TestNewcomerFindsTheOthers(t *testing.T) {
	t.Parallel()
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, second := newMortal(t), newMortal(t)
			join := func(name string) *bridge.Node {
				return named(t, name, kind.node(local(kind.port(first)), local(kind.port(second))))
			}
			nodes := []*bridge.Node{join("old 1"), join("old 2")}
			first.die()
			for _, n := range nodes {
				eventually(t, "all have noticed", func() bool { return n.Stats().Gaps > 0 && n.Stats().Connected })
				rejoin(t, n).Leave()
			}
			acquainted(t, nodes)
			first.rise()
			nodes = append(nodes, join("newcomer"))
			newcomer := Join(t, nodes[2], "newcomer") // it may serve at once
			Settle(t, nodes, newcomer, Join(t, nodes[0], "old"))
			if gaps := nodes[0].Stats().Gaps; gaps != 1 {
				t.Errorf("the others lost the backbone %d times, want once", gaps)
			}
		})
	}
}

func local(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

// Halves that serve already, each on a server that the other one did not reach, find each
// other when they can. The larger one stays where it is.
func TestHalvesMeet(t *testing.T) {
	t.Parallel()
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, second := newMortal(t), newMortal(t)
			toFirst, toSecond := newProxy(t, local(kind.port(first))), newProxy(t, local(kind.port(second)))
			toFirst.sever()
			toSecond.sever()
			here := kind.node(local(kind.port(first)), toSecond.ln.Addr().String())
			there := kind.node(local(kind.port(second)), toFirst.ln.Addr().String())
			nodes := []*bridge.Node{named(t, "here 1", here), named(t, "here 2", here), named(t, "there", there)}
			if nodes[0].Stats().Peers != 1 || nodes[2].Stats().Peers != 0 {
				t.Fatal("these are no halves")
			}
			lost := Join(t, nodes[2], "on the smaller half")
			toFirst.mend()
			toSecond.mend()
			lost.Wait("the word that it is to move", func(_ []wire.Datagram, cause error) bool { return errors.Is(cause, bridge.ErrBackboneLost) })
			eventually(t, "all serve where they hear each other", func() bool {
				return !slices.ContainsFunc(nodes, func(n *bridge.Node) bool { return !hearsAll(n, 2) })
			})
			var all []*Recorder
			for _, n := range nodes {
				all = append(all, rejoin(t, n))
			}
			Settle(t, nodes, all...)
			if a, b := nodes[0].Stats().Gaps, nodes[1].Stats().Gaps; a != 0 || b != 0 {
				t.Errorf("the larger half lost the backbone: %d and %d times", a, b)
			}
		})
	}
}

// hearsAll reports whether a node has just heard so many others.
func hearsAll(n *bridge.Node, others int) bool {
	for _, p := range n.Peers() {
		if time.Since(p.Heard) < time.Second {
			others--
		}
	}
	return others == 0 && n.Stats().Connected
}

// Where the servers are connected with each other, it does not matter which one a node
// is on: nobody moves.
func TestConnectedServersAreOne(t *testing.T) {
	t.Parallel()
	var urls []string
	var routes []*url.URL
	for i := range 2 {
		o := &server.Options{ServerName: fmt.Sprint("server-", i), Routes: routes}
		o.Cluster.Name, o.Cluster.Host, o.Cluster.Port = "pair", "127.0.0.1", server.RANDOM_PORT
		s := natsServer(t, o)
		urls = append(urls, s.ClientURL())
		routes = append(routes, &url.URL{Scheme: "nats", Host: s.ClusterAddr().String()})
	}
	var nodes []*bridge.Node
	for i := range 4 {
		mine := slices.Clone(urls)
		if i%2 == 1 {
			slices.Reverse(mine)
		}
		nodes = append(nodes, start(t, bridge.Options{Name: fmt.Sprint("node ", i), External: &bridge.External{URLs: mine}}, nil))
	}
	Settle(t, nodes, Join(t, nodes[0], "a"), Join(t, nodes[3], "b"))
	for i, n := range nodes {
		if s := n.Stats(); s.Gaps > 0 || s.Peers != 3 {
			t.Errorf("node %d: %d gaps, %d peers", i, s.Gaps, s.Peers)
		}
	}
}
