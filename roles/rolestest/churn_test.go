package rolestest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"natstron/bridge/bridgetest"
	"natstron/bridge/wire"
	"natstron/roles/clientagent"
)

// Clients open and close interests while the objects there come, move and go. The objects
// are on another state server than their parent, so it counts some that have left already.
// No interest waits for them: its time is longer than the test has patience. In the end each
// client sees what is there. In a mesh an agent may hear of a move before the parent does
// that it asks then; such an interest waits until its time is up.
func TestInterestsWhileObjectsMove(t *testing.T) {
	for _, topology := range bridgetest.Topologies() {
		if topology.Mesh {
			continue
		}
		for _, c := range []cast{together, apart, withServer} {
			t.Run(topology.Name+" "+c.name, func(t *testing.T) { testChurn(t, topology, c) })
		}
	}
}

// churn is objects that move, and who moves them.
type churn struct {
	*stage
	ai     *bridgetest.Recorder
	random *rand.Rand
	at     map[wire.DoID]wire.Location
}

const (
	churnParent = wire.DoID(firstDoID + 1)
	elsewhere   = wire.DoID(firstDoID + 2)
	churnFirst  = wire.DoID(secondDoID + 1)
	churning    = 12 // objects
	churnZones  = 4
)

func testChurn(t *testing.T, topology bridgetest.Topology, c cast) {
	const clients, rounds, burst = 3, 60, 6
	s := newStage(t, topology, c, false, func(o *clientagent.Options) { o.InterestTimeout = 2 * patience })
	f := &churn{stage: s, random: rand.New(rand.NewPCG(1, 2)), at: map[wire.DoID]wire.Location{}}
	f.ai = bridgetest.Join(t, s.nodes[c.ais], "ai")
	for _, do := range []wire.DoID{churnParent, elsewhere} {
		f.send(create("Pond", firstControl, do, wire.Location{}, 1))
	}
	for i := range churning {
		f.create(churnFirst+wire.DoID(i), f.zone())
	}
	var all []*client
	for range clients {
		all = append(all, s.connect())
	}
	open := make([][]wire.Zone, clients)
	for round := range rounds {
		for range burst {
			f.change()
		}
		before := make([]int, clients)
		for i, c := range all {
			open[i] = []wire.Zone{1 + wire.Zone(f.random.IntN(churnZones)), 1 + wire.Zone(f.random.IntN(churnZones))}
			c.mu.Lock()
			before[i] = len(c.told)
			c.mu.Unlock()
			_, err := c.conn.Write(frame(t, nil, func(p *wire.Writer) {
				p.ClientMsgType(wire.ClientAddInterestMultiple).Uint32(uint32(round)).Uint16(1).DoID(churnParent).
					Uint16(2).Zone(open[i][0]).Zone(open[i][1])
			}))
			must(t, err)
		}
		for range burst {
			f.change()
		}
		for i, c := range all {
			done := fmt.Sprintf("%v %d 1", wire.ClientDoneInterestResp, round)
			if told, ok := c.until(done, before[i]); !ok {
				t.Fatalf("the interest of client %d in %v is not done in round %d: it is told %q", i, open[i], round, told)
			}
		}
	}
	s.settled()
	for i, c := range all {
		want := map[wire.DoID]bool{}
		for do, at := range f.at {
			if at.Parent == churnParent && slices.Contains(open[i], at.Zone) {
				want[do] = true
			}
		}
		(&walker{client: c, cell: 0, sees: map[wire.DoID]bool{}}).until(t, want, nil)
	}
}

func (f *churn) zone() wire.Location {
	return wire.Location{Parent: churnParent, Zone: 1 + wire.Zone(f.random.IntN(churnZones))}
}

func (f *churn) send(s step) {
	f.t.Helper()
	must(f.t, f.ai.Send(s.datagram(nil, 0)))
}

func (f *churn) create(do wire.DoID, at wire.Location) {
	f.at[do] = at
	f.send(create("Duck", secondControl, do, at, 0))
}

// change moves an object to another zone or away, or deletes it and creates it again.
func (f *churn) change() {
	do := churnFirst + wire.DoID(f.random.IntN(churning))
	toObject := func(kind wire.MsgType, build func(p *wire.Writer)) { f.send(toDo(kind, do, build)) }
	switch at, there := f.at[do]; {
	case !there:
		f.create(do, f.zone())
	case f.random.IntN(6) == 0:
		delete(f.at, do)
		toObject(wire.StateServerObjectDeleteRAM, func(p *wire.Writer) { p.DoID(do) })
	default:
		to := f.zone()
		if f.random.IntN(6) == 0 {
			to.Parent = elsewhere
		}
		if to != at {
			f.at[do] = to
			toObject(wire.StateServerObjectSetLocation, func(p *wire.Writer) { p.Location(to) })
		}
	}
}
