package clientagent

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"natstron/bridge/wire"
)

// belief is what a game client takes the world for.
type belief struct {
	mu      sync.Mutex
	changed sync.Cond
	seen    map[wire.DoID]wire.Location
	done    uint32 // the highest context that was done
	wrong   string // the first thing that a game client could not make sense of
	closed  bool
}

// watch keeps a belief up to date until the connection ends.
func (c *client) watch() *belief {
	v := &belief{seen: map[wire.DoID]wire.Location{}}
	v.changed.L = &v.mu
	go func() {
		for {
			kind, r, err := c.receive()
			v.mu.Lock()
			if err != nil {
				v.closed = true
			} else {
				v.apply(kind, &r)
			}
			v.changed.Broadcast()
			v.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return v
}

func (v *belief) apply(kind wire.ClientMsgType, r *wire.Reader) {
	complain := func(format string, args ...any) {
		if v.wrong == "" {
			v.wrong = fmt.Sprintf(format, args...)
		}
	}
	switch kind {
	case wire.ClientDoneInterestResp:
		v.done = max(v.done, r.Uint32()) // one that waited comes after one that did not
	case wire.ClientEnterObjectRequired, wire.ClientEnterObjectRequiredOther:
		do, at := r.DoID(), r.Location()
		if _, ok := v.seen[do]; ok {
			complain("%d enters twice", do)
		}
		v.seen[do] = at
	case wire.ClientObjectLeaving:
		do := r.DoID()
		if _, ok := v.seen[do]; !ok {
			complain("%d leaves, and was not there", do)
		}
		delete(v.seen, do)
	case wire.ClientObjectLocation:
		do, at := r.DoID(), r.Location()
		if _, ok := v.seen[do]; !ok {
			complain("%d moves, and is not there", do)
		}
		v.seen[do] = at
	case wire.ClientObjectSetField:
		if do := r.DoID(); v.seen[do] == (wire.Location{}) {
			complain("%d is updated, and is not there", do)
		}
	default:
		complain("%v came", kind)
	}
}

// until waits for a belief, and reports whether it came.
func (v *belief) until(want func() bool) bool {
	timeout := time.AfterFunc(patience, func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.closed = true
		v.changed.Broadcast()
	})
	defer timeout.Stop()
	v.mu.Lock()
	defer v.mu.Unlock()
	for !v.closed && v.wrong == "" && !want() {
		v.changed.Wait()
	}
	return v.wrong == "" && want()
}

// With a state server, objects that come, move and go, and clients whose interests
// overlap, change and close, all at once: whatever the order, no client is shown
// an object twice, and in the end each sees what is in its zones, and nothing else.
func TestWorld(t *testing.T) {
	rounds := 12
	if testing.Short() {
		rounds = 2
	}
	for seed := range uint64(rounds) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { testWorld(t, rand.New(rand.NewPCG(seed, 1))) })
	}
}

func testWorld(t *testing.T, random *rand.Rand) {
	const (
		control        = wire.Channel(402000)
		clients, zones = 3, 6
	)
	o := parkOptions(t)
	o.InterestTimeout = 200 * time.Millisecond // an object that moves away does not answer
	if random.IntN(2) == 0 {
		o.InterestTimeout = time.Millisecond // most answers come late
	}
	node := startNode(t)
	startServer(t, node, control)
	s := &stage{t: t, node: node, agent: startAgent(t, node, o)}
	s.actor = s.join(gate.Channel(), 900)
	create := func(do wire.DoID, at wire.Location, class string, required func(w *wire.Writer)) {
		s.actor.send(1, wire.StateServerCreateObjectWithRequired, control, func(w *wire.Writer) {
			required(w.DoID(do).Location(at).DClassID(classID(t, class)))
		})
	}
	create(pond, wire.Location{}, "Pond", func(w *wire.Writer) { w.Uint8(3) })

	world := map[wire.DoID]wire.Location{}
	zone := func() wire.Location {
		return wire.Location{Parent: pond, Zone: wire.Zone(1 + random.IntN(zones))}
	}
	var all []*client
	var views []*belief
	interests := make([]map[uint16]map[wire.Zone]bool, clients)
	for i := range clients {
		c := s.established()
		all, views = append(all, c), append(views, c.watch())
		interests[i] = map[uint16]map[wire.Zone]bool{}
	}
	context := make([]uint32, clients)
	nextDo := wire.DoID(10_000)
	for range 400 {
		switch random.IntN(8) {
		case 0, 1:
			nextDo++
			at := zone()
			create(nextDo, at, "Duck", func(w *wire.Writer) { w.Text("duck") })
			world[nextDo] = at
			s.actor.send(900, wire.StateServerObjectGetLocation, nextDo.Channel(), func(w *wire.Writer) { w.Uint32(1) })
			s.actor.expect(wire.StateServerObjectGetLocationResp)
		case 2, 3, 4:
			for do := range world {
				at := zone()
				s.actor.send(1, wire.StateServerObjectSetLocation, do.Channel(), func(w *wire.Writer) { w.Location(at) })
				world[do] = at
				break
			}
		case 5:
			for do := range world {
				s.actor.send(1, wire.StateServerObjectDeleteRAM, do.Channel(), func(w *wire.Writer) { w.DoID(do) })
				delete(world, do)
				break
			}
		default:
			i := random.IntN(clients)
			id := uint16(random.IntN(3))
			context[i]++
			if _, open := interests[i][id]; open && random.IntN(3) == 0 {
				delete(interests[i], id)
				all[i].removeInterest(context[i], id)
				continue
			}
			set := map[wire.Zone]bool{}
			var list []wire.Zone
			for range 1 + random.IntN(3) {
				z := zone().Zone
				set[z] = true
				list = append(list, z)
			}
			interests[i][id] = set
			all[i].interest(context[i], id, list...)
		}
	}
	for i, v := range views {
		want := map[wire.DoID]wire.Location{}
		for do, at := range world {
			for _, set := range interests[i] {
				if set[at.Zone] {
					want[do] = at
				}
			}
		}
		if !v.until(func() bool { return maps.Equal(v.seen, want) }) {
			v.mu.Lock()
			t.Errorf("client %d: wrong: %q; what it sees (-want +got):\n%s", i, v.wrong, cmp.Diff(want, v.seen))
			v.mu.Unlock()
		}
	}
	for i, c := range all { // what comes after that is nothing that surprises
		context[i]++
		c.interest(context[i], 99)
		if v := views[i]; !v.until(func() bool { return v.done == context[i] }) {
			v.mu.Lock()
			t.Errorf("client %d: wrong: %q", i, v.wrong)
			v.mu.Unlock()
		}
	}
}
