package clientagent

import (
	"testing"
	"time"

	"natstron/bridge"
	"natstron/bridge/bridgetest"
	"natstron/bridge/wire"
	"natstron/roles/rolestest/script"
	"natstron/roles/stateserver"
)

// startServer is a state server that runs until the test ends.
func startServer(t testing.TB, node *bridge.Node, control wire.Channel) {
	t.Helper()
	server, err := stateserver.New(node, stateserver.Options{Control: control, File: parkFile(t)})
	must(t, err)
	script.Serve(t, server)
}

// In a routed mesh, a parent and its child on nodes of their own: what the child
// says reaches the client's node over a route that is slow to bring the
// subscription there. A client whose interest is done gets it nevertheless.
func TestInterestInASlowMesh(t *testing.T) {
	t.Parallel()
	const (
		parents, children = wire.Channel(402000), wire.Channel(403000)
		bird, zone        = wire.DoID(10_001), wire.Zone(6)
	)
	nodes, route := bridgetest.SlowMesh(t, nil)
	known := func() { // what every node has subscribed to so far
		for _, n := range nodes {
			r := bridgetest.Join(t, n, "newcomer")
			bridgetest.Settle(t, nodes, r)
			r.Leave()
		}
	}
	startServer(t, nodes[1], parents)
	startServer(t, nodes[2], children)
	s := &stage{t: t, node: nodes[0], agent: startAgent(t, nodes[0], parkOptions(t))}
	s.actor = s.join(gate.Channel())
	c := s.established()

	create := func(a *actor, speaker, server wire.Channel, do wire.DoID, at wire.Location, class string, required func(w *wire.Writer)) {
		a.send(1, wire.StateServerCreateObjectWithRequired, server, func(w *wire.Writer) {
			required(w.DoID(do).Location(at).DClassID(classID(t, class)))
		})
		a.send(speaker, wire.StateServerObjectGetLocation, do.Channel(), func(w *wire.Writer) { w.Uint32(1) })
		a.expect(wire.StateServerObjectGetLocationResp)
	}
	create((&stage{t: t, node: nodes[1]}).join(900), 900, parents, pond, wire.Location{}, "Pond", func(w *wire.Writer) { w.Uint8(3) })
	known()
	ai := (&stage{t: t, node: nodes[2]}).join(901)
	create(ai, 901, children, bird, wire.Location{Parent: pond, Zone: zone}, "Duck", func(w *wire.Writer) { w.Text("duck") })
	known()
	for count := uint32(0); count == 0; { // until the pond has acknowledged its child
		ai.send(901, wire.StateServerObjectGetChildCount, pond.Channel(), func(w *wire.Writer) { w.Uint32(1).DoID(pond) })
		_, r := ai.expect(wire.StateServerObjectGetChildCountResp)
		_, count = r.Uint32(), r.Uint32()
	}

	route.Hold()
	release := time.AfterFunc(300*time.Millisecond, route.Release) // after the interest is done, were nobody to wait
	defer release.Stop()
	c.interest(1, 1, zone)
	c.expectDo(wire.ClientEnterObjectRequired, bird)
	c.done(1, 1)
	ai.send(901, wire.StateServerObjectSetField, bird.Channel(), func(w *wire.Writer) {
		w.DoID(bird).FieldID(fieldID(t, "Duck", "setName")).Text("swan")
	})
	r := c.expectDo(wire.ClientObjectSetField, bird)
	if field, name := r.FieldID(), r.Text(); field != fieldID(t, "Duck", "setName") || name != "swan" {
		t.Errorf("field %d is set to %q", field, name)
	}
	if nodes[0].Stats().Rounds.Count == 0 {
		t.Error("no round to the other nodes: nobody waited for the subscription")
	}
}
