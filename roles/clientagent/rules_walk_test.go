package clientagent

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"natstron/bridge/wire"
	"natstron/roles/rolestest/script"
)

// The grid on which avatars walk. Every cell has one object.
const (
	walkSize         = 100
	walkStart        = wire.Zone(1000)
	walkControl      = wire.Channel(402000)
	walkRoot         = wire.DoID(8000)
	walkGrid         = wire.DoID(9000)
	walkElsewhere    = wire.DoID(9001) // follows
	walkNowhere      = wire.DoID(9002) // shows nothing
	walkFirstObject  = wire.DoID(400_000)
	walkFirstAvatar  = wire.DoID(200_000)
	walkFirstPeer    = wire.DoID(300_000)
	walkPeers        = 5
	walkOwnInterests = 2
)

// walks is a world for all walks of a test.
type walks struct {
	*scenario
	ai   *script.Actor
	next wire.DoID // avatar
}

// startWalks starts an agent and a state server, with a grid.
func startWalks(t testing.TB) *walks {
	w := &walks{scenario: newScenario(), next: walkFirstAvatar}
	o := parkOptions(t)
	o.AvatarClass = "Goose"
	w.Cluster = script.New(t, o.File, "one")
	w.agent = startAgent(t, w.Node, o)
	startServer(t, w.Node, walkControl)
	w.ai = w.Join("ai", 9999)
	w.create(walkRoot, "0:0", `Pond setDepth(1)`)
	w.create(walkGrid, fmt.Sprint(walkRoot, ":1"), `Meadow setParentingRules("Stated", "")`)
	w.create(walkElsewhere, fmt.Sprint(walkRoot, ":1"), `Trail setParentingRules("Follow", "")`)
	w.create(walkNowhere, fmt.Sprint(walkRoot, ":1"), `Pond setDepth(1)`)
	for cell := range walkSize * walkSize {
		w.create(walkFirstObject+wire.DoID(cell), at(walkGrid, walkStart+wire.Zone(cell)), "Gate")
	}
	return w
}

func at(parent wire.DoID, zone wire.Zone) string { return fmt.Sprintf("%d:%d", parent, zone) }

func (w *walks) create(do wire.DoID, at, rest string) {
	w.Say(w.ai, fmt.Sprintf("%d CREATE_OBJECT_WITH_REQUIRED %d %s dclass=%s", walkControl, do, at, rest))
}

func (w *walks) order(to any, format string, args ...any) {
	w.Say(w.ai, fmt.Sprint(to, " ")+fmt.Sprintf(format, args...))
}

// walk is one client, and what must be so.
type walk struct {
	*walks
	t      *rapid.T
	client *scriptClient

	avatar    wire.DoID
	owned     bool
	kept      bool // the client has taken the avatar out of its own sight
	at        wire.Location
	radius    int // of the grid's rule; -1: it is stated
	interests [walkOwnInterests]map[wire.Zone]bool
	peers     map[wire.DoID]wire.Location

	sees map[wire.DoID]bool // by what the client was told
}

// shown are the locations that the client is shown.
func (w *walk) shown() map[wire.Location]bool {
	all := map[wire.Location]bool{}
	for _, zones := range w.interests {
		for z := range zones {
			all[wire.Location{Parent: walkGrid, Zone: z}] = true
		}
	}
	switch cell := int(w.at.Zone) - int(walkStart); {
	case !w.owned:
	case w.at.Parent == walkElsewhere:
		all[w.at] = true
	case w.at.Parent == walkGrid && w.radius >= 0 && cell >= 0 && cell < walkSize*walkSize:
		row, column := cell/walkSize, cell%walkSize
		for r := max(0, row-w.radius); r <= min(walkSize-1, row+w.radius); r++ {
			for c := max(0, column-w.radius); c <= min(walkSize-1, column+w.radius); c++ {
				all[wire.Location{Parent: walkGrid, Zone: walkStart + wire.Zone(r*walkSize+c)}] = true
			}
		}
	}
	return all
}

// want are the objects that the client must see.
func (w *walk) want() map[wire.DoID]bool {
	shown, all := w.shown(), map[wire.DoID]bool{}
	for at := range shown {
		if cell := int(at.Zone) - int(walkStart); at.Parent == walkGrid && cell >= 0 && cell < walkSize*walkSize {
			all[walkFirstObject+wire.DoID(cell)] = true
		}
	}
	if shown[w.at] || w.kept {
		all[w.avatar] = true
		w.kept = w.kept && !shown[w.at]
	}
	for do, at := range w.peers {
		if shown[at] {
			all[do] = true
		}
	}
	return all
}

// check waits until the client has been told of one thing that happened: each object that
// is new to it enters once, each that it must not see any more leaves once, and no other
// one does either.
func (w *walk) check(did string) {
	w.t.Helper()
	want, touched := w.want(), map[wire.DoID]bool{}
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Microsecond) { // there may be nothing to wait for
		w.listen(did, touched)
		sizes, _ := w.client.session.view.Sizes(0)
		if maps.Equal(w.sees, want) && sizes.Zones == len(w.shown()) {
			return
		}
		if time.Now().After(deadline) {
			missing := slices.DeleteFunc(slices.Sorted(maps.Keys(want)), func(do wire.DoID) bool { return w.sees[do] })
			more := slices.DeleteFunc(slices.Sorted(maps.Keys(w.sees)), func(do wire.DoID) bool { return want[do] })
			w.t.Fatalf("%s, at %v with radius %d: it does not see %v, and sees %v; %d zones are open, want %d",
				did, w.at, w.radius, missing, more, sizes.Zones, len(w.shown()))
		}
	}
}

// listen takes in what the client was told. No object is touched twice because of one
// thing.
func (w *walk) listen(did string, touched map[wire.DoID]bool) {
	w.t.Helper()
	w.agent.enter() // what is under way is done
	defer w.agent.leave()
	w.client.conn.mu.Lock()
	told := bytes.Clone(w.client.conn.b.Bytes())
	w.client.conn.b.Reset()
	w.client.conn.mu.Unlock()
	for r := wire.NewReader(told); r.Len() > 0; {
		m := wire.NewReader(r.Blob())
		switch kind := m.ClientMsgType(); kind {
		case wire.ClientEnterObjectRequired, wire.ClientObjectLeaving:
			do, enters := m.DoID(), kind == wire.ClientEnterObjectRequired
			if w.sees[do] == enters || touched[do] {
				w.t.Fatalf("%s: %v of %d, which it saw: %v, and which it was told of already: %v", did, kind, do, w.sees[do], touched[do])
			}
			touched[do], w.sees[do] = true, enters
			if !enters {
				delete(w.sees, do)
			}
		case wire.ClientEject:
			w.t.Fatalf("%s: ejected with %d: %s", did, m.Uint16(), m.Text())
		}
	}
}

func (w *walk) setRule(radius int) {
	w.radius = radius
	rule := `"Stated", ""`
	if radius >= 0 {
		rule = fmt.Sprintf(`"Cartesian", "%d:%d:%d"`, walkStart, walkSize, radius)
	}
	w.order(walkGrid, `SET_FIELD %d Meadow.setParentingRules(%s)`, walkGrid, rule)
}

func (w *walk) move(to wire.Location, byClient bool) {
	if to != w.at {
		w.at, w.kept = to, byClient && w.owned && w.sees[w.avatar]
	}
	if byClient && w.owned {
		w.client.say(w.T, w.message(fmt.Sprintf("CLIENT_OBJECT_LOCATION %d %v", w.avatar, to)))
	} else {
		w.order(w.avatar, "SET_LOCATION %v", to)
	}
}

// actions are what may happen, by name.
func (w *walk) actions() map[string]func(*rapid.T) {
	zone := func(t *rapid.T) wire.Zone {
		return walkStart + wire.Zone(rapid.IntRange(0, walkSize*walkSize-1).Draw(t, "cell"))
	}
	near := func(t *rapid.T) wire.Zone { // of the avatar, also beyond the grid's edges
		z := int(w.at.Zone) + rapid.IntRange(-2, 2).Draw(t, "rows")*walkSize + rapid.IntRange(-2, 2).Draw(t, "columns")
		return wire.Zone(max(z, 0))
	}
	step := func(t *rapid.T) {
		w.move(wire.Location{Parent: walkGrid, Zone: near(t)}, rapid.Bool().Draw(t, "by the client"))
		w.check("a step")
	}
	return map[string]func(*rapid.T){
		"step": step, "step on": step, "and on": step, "and on and on": step,
		"jump": func(t *rapid.T) {
			w.move(wire.Location{Parent: walkGrid, Zone: zone(t)}, false)
			w.check("a jump")
		},
		"another parent": func(t *rapid.T) {
			w.move(wire.Location{Parent: rapid.SampledFrom([]wire.DoID{walkElsewhere, walkNowhere}).Draw(t, "parent"), Zone: 7}, false)
			w.check("another parent")
		},
		"another rule": func(t *rapid.T) {
			w.setRule(rapid.IntRange(-1, 3).Draw(t, "radius"))
			w.check("another rule")
		},
		"owner": func(t *rapid.T) {
			w.owned, w.kept = !w.owned, false
			owner := wire.Channel(0)
			if w.owned {
				owner = w.client.session.allocated
			}
			w.order(w.avatar, "SET_OWNER %d", owner)
			w.check("another owner")
		},
		"a peer": func(t *rapid.T) {
			do := walkFirstPeer + wire.DoID(rapid.IntRange(0, walkPeers-1).Draw(t, "peer"))
			w.peers[do] = wire.Location{Parent: walkGrid, Zone: near(t)}
			w.order(do, "SET_LOCATION %v", w.peers[do])
			w.check("a peer moves")
		},
		"an interest": func(t *rapid.T) {
			i := rapid.IntRange(0, walkOwnInterests-1).Draw(t, "interest")
			if w.interests[i] != nil && rapid.Bool().Draw(t, "close") {
				w.interests[i] = nil
				w.client.say(w.T, w.message(fmt.Sprintf("CLIENT_REMOVE_INTEREST 1 %d", i)))
			} else {
				w.interests[i] = map[wire.Zone]bool{near(t): true, near(t): true}
				line := fmt.Sprintf("CLIENT_ADD_INTEREST_MULTIPLE 1 %d %d", i, walkGrid)
				for z := range w.interests[i] {
					line += fmt.Sprint(" ", z)
				}
				w.client.say(w.T, w.message(line))
			}
			w.check("an interest")
		},
	}
}

// Whatever an avatar and those around it do on a grid of 100 × 100 cells, whatever becomes
// of the rule, and whichever interests the client opens itself: each object that comes into
// view enters once, each that goes out of view leaves once, and no other one flickers. In
// the end nothing is left open.
func TestWalk(t *testing.T) {
	w := startWalks(t)
	for i := range walkPeers {
		w.create(walkFirstPeer+wire.DoID(i), at(walkGrid, 1), "Gate")
	}
	rapid.Check(t, func(t *rapid.T) {
		w.next++
		c := &walk{walks: w, t: t, avatar: w.next, at: wire.Location{Parent: walkGrid, Zone: walkStart},
			owned: true, sees: map[wire.DoID]bool{}, peers: map[wire.DoID]wire.Location{}}
		name := fmt.Sprint("client ", w.next)
		w.connect(name, "")
		c.client = w.client(name)
		before := w.channels(c.client)
		for i := range walkPeers {
			do := walkFirstPeer + wire.DoID(i)
			c.peers[do] = wire.Location{Parent: walkGrid, Zone: 1}
			w.order(do, "SET_LOCATION %v", c.peers[do])
		}
		c.setRule(1)
		w.create(c.avatar, c.at.String(), `Goose setName("walker")`)
		w.order(c.avatar, "SET_OWNER %d", c.client.session.allocated)
		defer func() { // also if it fails, as others follow
			w.order(c.avatar, "DELETE_RAM %d", c.avatar)
			_ = c.client.conn.Close()
			eventually(w.T, "the session has ended", func() bool { return w.ended(c.client) })
			w.clients = nil
		}()
		c.check("the start")
		t.Repeat(c.actions())

		for i := range c.interests {
			if c.interests[i] != nil {
				c.interests[i] = nil
				c.client.say(w.T, w.message(fmt.Sprintf("CLIENT_REMOVE_INTEREST 1 %d", i)))
			}
		}
		w.order(c.avatar, "DELETE_RAM %d", c.avatar)
		c.owned, c.kept, c.at = false, false, wire.Location{}
		c.check("the end")
		if after := w.channels(c.client); after != before {
			t.Fatalf("the session has %d channels, and had %d", after, before)
		}
		if n := w.agent.views.Rules.Len(); n != 0 {
			t.Fatalf("%d parents are watched", n)
		}
	})
}

// channels is how many a session has.
func (w *walks) channels(c *scriptClient) int {
	w.agent.enter()
	defer w.agent.leave()
	return w.agent.turn.Info(c.session.participant).Channels
}
