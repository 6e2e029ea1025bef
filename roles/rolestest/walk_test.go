package rolestest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"natstron/bridge/bridgetest"
	"natstron/bridge/wire"
	"natstron/roles/clientagent"
)

// A grid of 100 × 100 cells, which shows each avatar the cells around its own. There is an
// object in every cell.
const (
	gridSize  = 100
	gridStart = wire.Zone(1000)
	root      = wire.DoID(firstDoID)
	grid      = wire.DoID(firstDoID + 1)
	gridFirst = wire.DoID(firstDoID + 1000) // the object in the first cell
	walkFirst = wire.DoID(secondDoID)       // the first avatar
)

// three is AIs, an agent and a state server, each in a process of its own.
var three = cast{"three", 0, 1, 2, 2, 0}

// walker is a client with an avatar on the grid.
type walker struct {
	*client
	do   wire.DoID
	cell int // -1: it has no avatar any more
	read int // of what the client was told
	sees map[wire.DoID]bool
}

// want are the objects that the client must see, others' avatars among them.
func (w *walker) want(all []*walker) map[wire.DoID]bool {
	want := map[wire.DoID]bool{}
	if w.cell < 0 {
		return want
	}
	row, column := w.cell/gridSize, w.cell%gridSize
	near := func(cell int) bool {
		r, c := cell/gridSize-row, cell%gridSize-column
		return cell >= 0 && -1 <= r && r <= 1 && -1 <= c && c <= 1
	}
	for r := max(0, row-1); r <= min(gridSize-1, row+1); r++ {
		for c := max(0, column-1); c <= min(gridSize-1, column+1); c++ {
			want[gridFirst+wire.DoID(r*gridSize+c)] = true
		}
	}
	for _, other := range all {
		if near(other.cell) {
			want[other.do] = true
		}
	}
	return want
}

// until waits until the client sees what it must. No object may enter twice, or leave
// twice. Those of the grid change at most once: touched says which of them did, nil that it
// does not matter.
func (w *walker) until(t *testing.T, want map[wire.DoID]bool, touched map[wire.DoID]bool) {
	t.Helper()
	timeout := time.AfterFunc(patience, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.ended = true
		w.changed.Broadcast()
	})
	defer timeout.Stop()
	w.mu.Lock()
	defer w.mu.Unlock()
	for {
		for ; w.read < len(w.told); w.read++ {
			var kind string
			var do wire.DoID
			_, _ = fmt.Sscan(w.told[w.read], &kind, &do) // some have no doId
			enters := kind == wire.ClientEnterObjectRequired.String()
			switch {
			case kind == wire.ClientEject.String():
				t.Fatal(w.told[w.read])
			case !enters && kind != wire.ClientObjectLeaving.String():
				continue
			case w.sees[do] == enters:
				t.Fatalf("%s, and it saw it: %v", w.told[w.read], w.sees[do])
			case touched[do] && do < walkFirst:
				t.Fatalf("%s, within one step after another one", w.told[w.read])
			}
			if touched != nil {
				touched[do] = true
			}
			if w.sees[do] = enters; !enters {
				delete(w.sees, do)
			}
		}
		if maps.Equal(w.sees, want) {
			return
		}
		if w.ended {
			t.Fatalf("at cell %d it sees %v, want %v", w.cell, slices.Sorted(maps.Keys(w.sees)), slices.Sorted(maps.Keys(want)))
		}
		w.changed.Wait()
	}
}

// Avatars walk over a grid, moved by AIs or by their clients: in one process, and with AIs,
// agent and state server in three of them, whichever way they are joined. Step by step, each
// client is told of each neighbour once. In a rush some neighbours are passed by; in the end
// each client sees its neighbours, and nothing else. The parent's rule changes, and is what it
// was again. Nothing is left open.
func TestWalkers(t *testing.T) {
	topologies := bridgetest.Topologies()
	t.Run("one process", func(t *testing.T) { testWalkers(t, topologies[0], together) })
	for _, topology := range topologies {
		t.Run("three processes "+topology.Name, func(t *testing.T) { testWalkers(t, topology, three) })
	}
}

// field is a stage with a grid, and somebody who moves avatars on it.
type field struct {
	*stage
	ai  *bridgetest.Recorder
	all []*walker
}

// newField starts it, with as many walkers.
func newField(t testing.TB, topology bridgetest.Topology, c cast, walkers int) *field {
	f := &field{stage: newStage(t, topology, c, false, func(o *clientagent.Options) { o.AvatarClass = "Goose" })}
	f.ai = bridgetest.Join(t, f.nodes[c.ais], "ai")
	f.create(root, wire.Location{}, "Pond", func(w *wire.Writer) { w.Uint8(1) })
	f.create(grid, wire.Location{Parent: root, Zone: 1}, "Meadow", func(w *wire.Writer) { w.Text("Cartesian").Text("1000:100:1") })
	for cell := range gridSize * gridSize {
		f.create(gridFirst+wire.DoID(cell), cellAt(cell), "Gate", func(*wire.Writer) {})
	}
	for i := range walkers {
		w := &walker{client: f.connect(), do: walkFirst + wire.DoID(i), cell: i, sees: map[wire.DoID]bool{}}
		f.create(w.do, cellAt(w.cell), "Goose", func(w *wire.Writer) { w.Text("walker") })
		f.send(wire.StateServerObjectSetOwner, w.do.Channel(), func(p *wire.Writer) { p.Channel(w.channel) })
		f.all = append(f.all, w)
	}
	f.settled()
	return f
}

func cellAt(cell int) wire.Location {
	return wire.Location{Parent: grid, Zone: gridStart + wire.Zone(cell)}
}

func (f *field) send(kind wire.MsgType, to wire.Channel, build func(w *wire.Writer)) {
	f.t.Helper()
	var w wire.Writer
	w.Header(9999, kind, to)
	build(&w)
	d, err := w.Datagram()
	must(f.t, err)
	must(f.t, f.ai.Send(d))
}

func (f *field) create(do wire.DoID, at wire.Location, class string, required func(w *wire.Writer)) {
	f.t.Helper()
	dclass, _ := pondFile(f.t).ClassByName(class)
	id, _ := dclass.ID()
	f.send(wire.StateServerCreateObjectWithRequired, firstControl, func(w *wire.Writer) {
		required(w.DoID(do).Location(at).DClassID(wire.DClassID(id)))
	})
}

// move has the AI move an avatar.
func (f *field) move(w *walker, cell int) {
	f.t.Helper()
	w.cell = cell
	f.send(wire.StateServerObjectSetLocation, w.do.Channel(), func(p *wire.Writer) { p.Location(cellAt(cell)) })
}

// walk has the client move its avatar.
func (f *field) walk(w *walker, cell int) {
	f.t.Helper()
	w.cell = cell
	_, err := w.conn.Write(frame(f.t, nil, func(p *wire.Writer) {
		p.ClientMsgType(wire.ClientObjectLocation).DoID(w.do).Location(cellAt(cell))
	}))
	must(f.t, err)
}

// check waits until all clients see what they must; once, that each object of the grid
// changes at most once.
func (f *field) check(t *testing.T, once bool) {
	t.Helper()
	for _, w := range f.all {
		var touched map[wire.DoID]bool
		if once {
			touched = map[wire.DoID]bool{}
		}
		w.until(t, w.want(f.all), touched)
	}
}

func testWalkers(t *testing.T, topology bridgetest.Topology, c cast) {
	const walkers, steps, rush = 5, 20, 40
	f := newField(t, topology, c, walkers)
	random := rand.New(rand.NewPCG(1, 2))
	step := func(w *walker) {
		row := min(max(w.cell/gridSize+random.IntN(3)-1, 0), gridSize-1)
		column := min(max(w.cell%gridSize+random.IntN(3)-1, 0), gridSize-1)
		cell := row*gridSize + column
		switch {
		case cell == w.cell: // nobody could tell when it has arrived, and what another sender sends might pass it
		case random.IntN(2) == 0:
			f.move(w, cell)
		default:
			f.walk(w, cell)
		}
	}
	f.check(t, true)
	for range steps {
		for _, w := range f.all {
			step(w)
		}
		f.check(t, true)
	}
	for range rush {
		for _, w := range f.all {
			row, column := w.cell/gridSize, w.cell%gridSize
			f.move(w, min(row+1, gridSize-1)*gridSize+min(column+random.IntN(2), gridSize-1))
		}
	}
	f.check(t, false)
	rule := func(kind, text string) {
		f.send(wire.StateServerObjectSetField, grid.Channel(), func(w *wire.Writer) {
			w.DoID(grid).FieldID(fieldID(t, "Meadow", "setParentingRules")).Text(kind).Text(text)
		})
	}
	rule("Stated", "")
	for _, w := range f.all {
		w.until(t, map[wire.DoID]bool{}, nil)
	}
	rule("Cartesian", "1000:100:1")
	f.check(t, true)
	for _, w := range f.all {
		f.send(wire.StateServerObjectDeleteRAM, w.do.Channel(), func(p *wire.Writer) { p.DoID(w.do) })
		w.cell = -1
	}
	f.check(t, false)
	for _, w := range f.all {
		for _, session := range f.agent.Inspect(w.channel) {
			if session.Zones != 0 {
				t.Errorf("%d zones are left open", session.Zones)
			}
		}
	}
}
