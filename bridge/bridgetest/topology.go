package bridgetest

import (
	"context"
	"fmt"
	"net/url"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"natstron/bridge"
	"natstron/bridge/arrival"
	"natstron/bridge/watch"
	"natstron/internal/race"
)

// Topology is a way to join nodes.
type Topology struct {
	Name string
	// Mesh says that the servers form a routed mesh: there NATS keeps neither
	// cause before effect between nodes, nor does a third party's answer always
	// find a new subscription. See the comment of package bridge.
	Mesh bool
	// Start starts n nodes; they end with the test. tweak changes the options
	// of each. Where a topology has only one node, it is there n times.
	Start func(t testing.TB, n int, tweak func(*bridge.Options)) []*bridge.Node
}

// Topologies are the ways that the documents name.
func Topologies() []Topology {
	return []Topology{
		{Name: "embedded", Start: embedded},
		{Name: "observed", Start: observed},
		{Name: "external", Start: external},
		{Name: "leaves", Start: leaves},
		{Name: "cluster", Mesh: true, Start: cluster},
	}
}

func start(t testing.TB, o bridge.Options, tweak func(*bridge.Options)) *bridge.Node {
	t.Helper()
	o.DeadAfter = patience // nobody is to die because the machine is busy
	if tweak != nil {
		tweak(&o)
	}
	var loop *arrival.Loop
	if o.External != nil { // as a daemon has it
		o.Sockets = func(n *bridge.Node) (_ bridge.Sockets, err error) {
			loop, err = arrival.Start(n)
			return loop, err
		}
	}
	node, err := bridge.Start(context.Background(), o)
	if loop != nil {
		t.Cleanup(loop.Close)
	}
	must(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		node.Stop(ctx)
	})
	return node
}

// embedded is one process, alone with its server: nothing is published.
func embedded(t testing.TB, n int, tweak func(*bridge.Options)) []*bridge.Node {
	node := start(t, bridge.Options{Name: "alone", Embedded: bridge.Embedded{Listen: "none"}}, tweak)
	nodes := make([]*bridge.Node, n)
	for i := range nodes {
		nodes[i] = node
	}
	return nodes
}

// observed is one process whose traffic an observer watches: everything is
// published, and routed here all the same.
func observed(t testing.TB, n int, tweak func(*bridge.Options)) []*bridge.Node {
	node := start(t, bridge.Options{Name: "observed", Embedded: bridge.Embedded{Listen: "127.0.0.1:0"}}, tweak)
	observer, err := watch.Observe(context.Background(), watch.Options{Server: bridge.External{URLs: []string{node.URL()}}})
	must(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = observer.Run(ctx, func(watch.Observed) {}) // ends with its server
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		observer.Close()
	})
	nodes := make([]*bridge.Node, n)
	for i := range nodes {
		nodes[i] = node
	}
	return nodes
}

// natsServer runs a NATS server that is nobody's own.
func natsServer(t testing.TB, o *server.Options) *server.Server {
	t.Helper()
	o.Host, o.Port, o.NoSigs, o.NoLog = "127.0.0.1", server.RANDOM_PORT, true, true
	o.NoFastProducerStall = true
	s, err := server.NewServer(o)
	must(t, err)
	s.Start()
	if !s.ReadyForConnections(patience) {
		t.Fatal("the NATS server did not start")
	}
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	return s
}

// external is processes on one NATS server.
func external(t testing.TB, n int, tweak func(*bridge.Options)) []*bridge.Node {
	s := natsServer(t, &server.Options{})
	nodes := make([]*bridge.Node, n)
	for i := range nodes {
		nodes[i] = start(t, bridge.Options{
			Name: fmt.Sprint("node ", i), External: &bridge.External{URLs: []string{s.ClientURL()}},
		}, tweak)
	}
	return nodes
}

// startHub starts a server for leaf nodes, and returns where they find it.
func startHub(t testing.TB) (url string) {
	t.Helper()
	o := &server.Options{}
	o.LeafNode.Host, o.LeafNode.Port = "127.0.0.1", server.RANDOM_PORT
	o.LeafNode.NoAdvertise = true // or leaves find a way past what tests put between
	if race.Enabled {
		o.LeafNode.Compression.Mode = server.CompressionOff // it makes a round trip take a second
	}
	natsServer(t, o)
	return fmt.Sprintf("nats-leaf://127.0.0.1:%d", o.LeafNode.Port)
}

// leaves is processes whose own servers hang under a hub.
func leaves(t testing.TB, n int, tweak func(*bridge.Options)) []*bridge.Node {
	hub := startHub(t)
	nodes := make([]*bridge.Node, n)
	for i := range nodes {
		nodes[i] = start(t, bridge.Options{Name: fmt.Sprint("leaf ", i), Embedded: bridge.Embedded{
			Listen: "none", Leaf: bridge.Leaf{Remotes: []bridge.Remote{{URLs: []string{hub}}}},
		}}, tweak)
	}
	return nodes
}

// clusterSize is how many servers form the mesh.
const clusterSize = 3

// cluster is processes on different servers of a routed mesh.
func cluster(t testing.TB, n int, tweak func(*bridge.Options)) []*bridge.Node {
	t.Helper()
	var servers []*server.Server
	var routes []*url.URL
	for i := range clusterSize {
		o := &server.Options{ServerName: fmt.Sprint("server-", i), Routes: routes}
		o.Cluster.Name, o.Cluster.Host, o.Cluster.Port = "mesh", "127.0.0.1", server.RANDOM_PORT
		s := natsServer(t, o)
		servers = append(servers, s)
		routes = append(routes, &url.URL{Scheme: "nats", Host: s.ClusterAddr().String()})
	}
	nodes := make([]*bridge.Node, n)
	for i := range nodes {
		nodes[i] = start(t, bridge.Options{
			Name: fmt.Sprint("node ", i), External: &bridge.External{URLs: []string{servers[i%clusterSize].ClientURL()}},
		}, tweak)
	}
	return nodes
}
