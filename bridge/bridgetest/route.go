package bridgetest

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"natstron/bridge"
)

// Route is the way from the first server of a mesh to the last one. It can be
// made to take long, as any route of a mesh may, while all others are quick.
type Route struct{ p *proxy }

// Hold keeps what the first server tells the last one, until Release lets it go
// on. What the last one tells the first is not held.
func (r *Route) Hold() { r.p.set(func() { r.p.frozen[fromTarget] = true }) }

// Release lets go on what was held.
func (r *Route) Release() { r.p.thaw() }

// SlowMesh is three nodes, each on a server of its own in a routed mesh, and the
// route from the first to the last of them. They know each other when it returns.
func SlowMesh(t testing.TB, tweak func(*bridge.Options)) ([]*bridge.Node, *Route) {
	t.Helper()
	var nodes []*bridge.Node
	var route *Route
	var first string
	for i := range clusterSize {
		o := &server.Options{ServerName: fmt.Sprint("server-", i)}
		o.Cluster.Name, o.Cluster.Host, o.Cluster.Port = "slow-mesh", "127.0.0.1", server.RANDOM_PORT
		// Each connects to the first one, and hears of the others from it.
		if i > 0 {
			o.Routes = []*url.URL{{Scheme: "nats", Host: first}}
		}
		if i == clusterSize-1 {
			route = &Route{newProxy(t, first)}
			o.Routes[0].Host = route.p.ln.Addr().String()
		}
		s := natsServer(t, o)
		if i == 0 {
			first = s.ClusterAddr().String()
		}
		nodes = append(nodes, start(t, bridge.Options{
			Name: fmt.Sprint("node ", i), External: &bridge.External{URLs: []string{s.ClientURL()}},
		}, tweak))
	}
	for _, n := range nodes {
		r := Join(t, n, "newcomer")
		Settle(t, nodes, r)
		r.Leave()
	}
	acquainted(t, nodes)
	return nodes, route
}
