package rolestest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"natstron/bridge"
	"natstron/bridge/bridgetest"
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/roles/clientagent"
	"natstron/roles/rolestest/script"
	"natstron/roles/stateserver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience bounds every wait; nothing waits that long unless it fails.
const patience = 30 * time.Second

var pond = sync.OnceValues(func() (*dc.File, error) { return dc.ParseFiles("testdata/pond.dc") })

func pondFile(t testing.TB) *dc.File {
	t.Helper()
	f, err := pond()
	must(t, err)
	return f
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// What all worlds of a stage share.
const (
	gate          wire.DoID    = 5000 // an UberDOG, which everybody may speak to
	office        wire.DoID    = 5001 // another one, where the AIs are
	firstControl  wire.Channel = 402_000
	secondControl wire.Channel = 403_000
	firstPlace    wire.Channel = 100_000 // of clients
	lastPlace     wire.Channel = 199_999
	version                    = "pond 1"
)

// cast says which node has which part.
type cast struct {
	name                              string
	sender, agent, first, second, ais int
}

// nodes is how many nodes a cast needs.
func (c cast) nodes() int { return max(c.sender, c.agent, c.first, c.second, c.ais) + 1 }

var (
	together = cast{name: "together"}
	apart    = cast{"apart", 0, 1, 2, 3, 4}
	// shuffled is apart, with the slow connections elsewhere.
	shuffled   = cast{"shuffled", 1, 3, 0, 4, 2}
	withAgent  = cast{"sender with agent", 0, 0, 1, 2, 3}
	withServer = cast{"sender with a state server", 0, 1, 0, 2, 3}
	oneServer  = cast{"one state server", 0, 1, 2, 2, 3}
	withAIs    = cast{"AIs with a state server", 0, 1, 2, 3, 3}
	withClient = cast{"agent with a state server", 0, 1, 2, 1, 3}
)

// stage is nodes with two state servers and a client agent.
type stage struct {
	t       testing.TB
	nodes   []*bridge.Node
	cast    cast
	agent   *clientagent.Role
	gate    *bridgetest.Recorder
	office  *bridgetest.Recorder
	pingers []*bridgetest.Recorder
	round   uint32
	kept    bool // the state servers survive
}

// kept is processes whose state servers survive. The first has the NATS server.
var kept = bridgetest.Topology{Name: "kept", Start: func(t testing.TB, n int, tweak func(*bridge.Options)) []*bridge.Node {
	var nodes []*bridge.Node
	for i := range n {
		o := bridge.Options{Name: fmt.Sprint("node ", i), DeadAfter: patience}
		if i == 0 {
			o.Embedded.Listen, o.Embedded.StoreDir = "127.0.0.1:0", t.TempDir()
		} else {
			o.External = &bridge.External{URLs: []string{nodes[0].URL()}}
		}
		tweak(&o)
		nodes = append(nodes, script.Start(t, o))
	}
	return nodes
}}

// newStage starts it. With ranges, the state servers say which doIds they serve.
func newStage(t testing.TB, topology bridgetest.Topology, c cast, ranges bool, change ...func(*clientagent.Options)) *stage {
	t.Helper()
	s := &stage{t: t, cast: c, kept: topology.Name == kept.Name}
	s.nodes = topology.Start(t, c.nodes(), func(o *bridge.Options) { o.OrderTimeout = patience })
	server := func(node int, control wire.Channel, doIDs wire.DoIDRange) {
		o := stateserver.Options{Control: control, File: pondFile(t)}
		if s.kept {
			o.SurviveOptions = stateserver.SurviveOptions{Survive: stateserver.SurviveAnnounced, Replicas: 1, For: patience}
		}
		if ranges {
			o.Ranges = []wire.DoIDRange{doIDs}
		}
		role, err := stateserver.New(s.nodes[node], o)
		must(t, err)
		script.Serve(t, role)
	}
	server(c.first, firstControl, wire.DoIDRange{Min: firstDoID, Max: firstDoID + doIDs - 1})
	server(c.second, secondControl, wire.DoIDRange{Min: secondDoID, Max: secondDoID + doIDs - 1})
	var err error
	o := clientagent.Options{
		File: pondFile(t), Version: version, Pool: clientagent.NewChannelPool(firstPlace, lastPlace),
		Uberdogs:  []clientagent.Uberdog{{ID: gate, Class: "Gate", Anonymous: true}, {ID: office, Class: "Gate"}},
		Listeners: []clientagent.Listener{{Bind: "127.0.0.1:0"}},
		Relocate:  true, Interests: clientagent.InterestsEnabled, InterestTimeout: patience,
	}
	for _, change := range change {
		change(&o)
	}
	s.agent, err = clientagent.New(s.nodes[c.agent], o)
	must(t, err)
	script.Serve(t, s.agent)
	s.gate = bridgetest.Join(t, s.nodes[c.agent], "gate")
	must(t, s.gate.Subscribe(gate.Channel()))
	s.office = bridgetest.Join(t, s.nodes[c.ais], "office")
	must(t, s.office.Subscribe(office.Channel()))
	seen := map[*bridge.Node]bool{}
	for _, n := range s.nodes {
		if !seen[n] {
			seen[n] = true
			p := bridgetest.Join(t, n, "pinger")
			must(t, p.Subscribe(pingers+wire.Channel(len(s.pingers))))
			s.pingers = append(s.pingers, p)
		}
	}
	bridgetest.Acquaint(t, s.nodes)
	return s
}

// pingers is the channel of the first pinger.
const pingers wire.Channel = 800_000_000

// hops is over how many processes one thing leads to the next, at most.
const hops = 5

// quiet returns when what was sent before has had all its effects: each node has
// heard each other one as often as one thing can lead to the next.
func (s *stage) quiet() {
	s.t.Helper()
	for range hops {
		for _, n := range s.nodes {
			for n.Holding() {
				time.Sleep(time.Millisecond) // nobody is told of its end
			}
		}
		s.round++
		for i, from := range s.pingers {
			for j := range s.pingers {
				if i != j {
					from.Say(s.round, pingers+wire.Channel(j))
				}
			}
		}
		for _, p := range s.pingers {
			p.WaitFor(len(s.pingers) - 1)
			p.Forget()
		}
	}
}

// settled returns when no participant's datagrams wait for its earlier ones any more, and
// what was sent has had all its effects. There is nobody to wait for.
func (s *stage) settled() {
	s.t.Helper()
	waits := func(n *bridge.Node) bool { return n.Stats().Waiting > 0 }
	for slices.ContainsFunc(s.nodes, waits) {
		time.Sleep(50 * time.Microsecond)
	}
	s.quiet()
}
