package bridgetest

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"natstron/bridge"
)

// FarTopologies join nodes over connections of which some take much longer than
// others: whatever relies on luck to come first does not come first here. Each of
// them exists in several forms, which differ in which connections are slow.
func FarTopologies() (all []Topology) {
	for slow := range 3 {
		all = append(all,
			Topology{Name: fmt.Sprint("far from one server ", slow), Start: farExternal(slow)},
			Topology{Name: fmt.Sprint("far leaves ", slow), Start: farLeaves(slow)},
			Topology{Name: fmt.Sprint("far mesh ", slow), Mesh: true, Start: farMesh(slow)})
	}
	return all
}

// far is how long a slow connection takes.
const far = 2 * time.Millisecond

// farNode reports whether the connection of a node is a slow one.
func farNode(slow, node int) bool { return node%3 == slow }

// startFar starts nodes, each behind a proxy.
func startFar(t testing.TB, n, slow int, tweak func(*bridge.Options), options func(node int) bridge.Options) []*bridge.Node {
	nodes := make([]*bridge.Node, n)
	for i := range nodes {
		o := options(i)
		p := through(t, &o)
		nodes[i] = start(t, o, tweak)
		if farNode(slow, i) {
			p.set(func() { p.delay = far })
		}
	}
	return nodes
}

func farExternal(slow int) func(t testing.TB, n int, tweak func(*bridge.Options)) []*bridge.Node {
	return func(t testing.TB, n int, tweak func(*bridge.Options)) []*bridge.Node {
		s := natsServer(t, &server.Options{})
		return startFar(t, n, slow, tweak, func(node int) bridge.Options {
			return bridge.Options{Name: fmt.Sprint("node ", node), External: &bridge.External{URLs: []string{s.ClientURL()}}}
		})
	}
}

func farLeaves(slow int) func(t testing.TB, n int, tweak func(*bridge.Options)) []*bridge.Node {
	return func(t testing.TB, n int, tweak func(*bridge.Options)) []*bridge.Node {
		hub := startHub(t)
		return startFar(t, n, slow, tweak, func(node int) bridge.Options {
			return bridge.Options{Name: fmt.Sprint("leaf ", node), Embedded: bridge.Embedded{
				Listen: "none", Leaf: bridge.Leaf{Remotes: []bridge.Remote{{URLs: []string{hub}}}},
			}}
		})
	}
}

// farMesh is three servers, of which two have a slow route between them.
func farMesh(slow int) func(t testing.TB, n int, tweak func(*bridge.Options)) []*bridge.Node {
	return func(t testing.TB, n int, tweak func(*bridge.Options)) []*bridge.Node {
		var servers []*server.Server
		var p *proxy
		for i := range clusterSize {
			o := &server.Options{ServerName: fmt.Sprint("server-", i)}
			o.Cluster.Name, o.Cluster.Host, o.Cluster.Port = "far-mesh", "127.0.0.1", server.RANDOM_PORT
			// Each connects to the first one, and hears of the others from it.
			if i > 0 {
				at := servers[0].ClusterAddr().String()
				if i == clusterSize-1 {
					p = newProxy(t, at)
					at = p.ln.Addr().String()
				}
				o.Routes = []*url.URL{{Scheme: "nats", Host: at}}
			}
			servers = append(servers, natsServer(t, o))
		}
		// The slow route lies between the first and the last server. Which nodes are
		// on these is what slow says.
		nodes := make([]*bridge.Node, n)
		for i := range nodes {
			nodes[i] = start(t, bridge.Options{
				Name:     fmt.Sprint("node ", i),
				External: &bridge.External{URLs: []string{servers[(i+slow)%clusterSize].ClientURL()}},
			}, tweak)
		}
		acquainted(t, nodes)
		p.set(func() { p.delay = far })
		return nodes
	}
}

// Acquaint returns when all nodes know each other, what each has subscribed to so
// far, and what each has told the others.
func Acquaint(t testing.TB, nodes []*bridge.Node) {
	t.Helper()
	acquainted(t, nodes)
	seen := map[*bridge.Node]bool{}
	for _, n := range nodes {
		if !seen[n] {
			seen[n] = true
			r := Join(t, n, "newcomer")
			Settle(t, nodes, r)
			r.Leave()
		}
	}
}
