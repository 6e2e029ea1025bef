package bench

import (
	"cmp"
	"slices"
	"time"

	"natstron/bridge/wire"
	"natstron/roles/ask"
	"natstron/roles/gamerole"
)

// worldRoles are the roles of the world's own processes.
func worldRoles() gamerole.Types {
	return gamerole.Types{"gate": gamerole.TypeOf(newGate), "things": gamerole.TypeOf(newThings)}
}

const (
	place     wire.DoID = 10000
	firstZone wire.Zone = 1
)

// InWorld are the keys that both have.
type InWorld struct {
	Control      wire.Channel   `key:"control,required" doc:"The role's own channel."`
	StateServers []wire.Channel `key:"stateservers,required" each:"channel" doc:"The state servers, which take new objects in turns, several each."`
	Zones        int            `key:"zones,required" min:"1" max:"1000000" doc:"How many zones there are, from 1."`
}

// Channel is the role's own channel.
func (o *InWorld) Channel() wire.Channel { return o.Control }

func (o *InWorld) at(n int) wire.Location {
	return wire.Location{Parent: place, Zone: firstZone + wire.Zone(n%o.Zones)}
}

// gateOptions are the keys of the gate.
type gateOptions struct {
	InWorld `key:",inline"`
}

// gate is the UberDOG that lets clients in: each gets an avatar. What it tells client agents takes
// effect before what it tells state servers after that, for which the node waits, so it lets in all
// that are waiting together; and those that come together get their avatars from one state server.
type gate struct {
	*gamerole.Role
	*gateOptions
	batches int
	waiting []newcomer
}

// newcomer is a client whose avatar is there.
type newcomer struct {
	client wire.Channel
	avatar wire.DoID
}

// gather is how long the gate waits for more newcomers.
const gather = time.Millisecond

func newGate(r *gamerole.Role, o *gateOptions) (gamerole.Game, error) {
	g := &gate{Role: r, gateOptions: o}
	object, err := r.Object("Gate", wire.DoID(o.Control))
	if err != nil {
		return nil, err
	}
	return g, object.Handle("enter", g.enter)
}

func (g *gate) Start(ready func(error)) { ready(nil) }
func (g *gate) Stop()                   {}

// enter is Gate.enter. Errors are logged.
func (g *gate) enter(client wire.Channel, bot uint32) {
	at := g.at(int(bot))
	g.Ask(ask.Generate(g.StateServers[g.batches%len(g.StateServers)], "Walker", at, ask.Values{}, func(do wire.DoID, err error) {
		if err != nil {
			_ = g.Tell(ask.Client(client).Eject(wire.EjectGeneric, "no avatar: "+err.Error()))
			return
		}
		if g.waiting = append(g.waiting, newcomer{client, do}); len(g.waiting) == 1 {
			g.Ask(ask.After(gather, func(error) { g.letIn() }))
		}
	}))
}

// letIn lets all in that are waiting, those of each client agent and of each state server together.
func (g *gate) letIn() {
	g.batches++
	slices.SortFunc(g.waiting, func(a, b newcomer) int { return cmp.Compare(a.client, b.client) })
	for _, n := range g.waiting {
		c := ask.Client(n.client)
		_ = g.Tell(c.LetIn()) // errors are logged
		_ = g.Tell(c.AddSessionObject(n.avatar))
	}
	slices.SortFunc(g.waiting, func(a, b newcomer) int { return cmp.Compare(a.avatar, b.avatar) })
	for _, n := range g.waiting {
		_ = g.Tell(ask.SetOwner(n.avatar, n.client))
	}
	g.waiting = nil
}

// thingsOptions are the keys of an AI.
type thingsOptions struct {
	InWorld `key:",inline"`
	First   int `key:"first" max:"1000000000" doc:"The number of the first one among the things of all AIs."`
	Count   int `key:"count" max:"100000000" doc:"How many there are."`
	Rate    int `key:"rate" max:"100000000" doc:"How many updates of them there are in a second, all together."`
}

// things is an AI: it creates things, and updates them in turns.
type things struct {
	*gamerole.Role
	*thingsOptions
	all     []*gamerole.Object
	numbers []uint32
	asked   int
	next    int
	began   time.Time
	sent    int
	more    string
	ready   func(error)
}

func newThings(r *gamerole.Role, o *thingsOptions) (gamerole.Game, error) {
	return &things{Role: r, thingsOptions: o, more: "0123456789abcdef"}, nil
}

// window is how many objects an AI asks for at once, of one state server after the other: between
// two of them the node waits for the first. tick is how often it updates some.
const (
	window = 500
	tick   = 10 * time.Millisecond
)

func (t *things) Start(ready func(error)) {
	t.ready = ready
	if t.Count == 0 {
		ready(nil)
	}
	for range min(window, t.Count) {
		t.create()
	}
}

func (t *things) Stop() {}

func (t *things) create() {
	n, servers := t.First+t.asked, len(t.StateServers)
	inARow := max(1, min(window, t.Count/servers))
	server := t.StateServers[t.asked/inARow%servers]
	t.asked++
	t.Create(server, "Thing", t.at(n), ask.Values{"setState": t.state(0)}, func(o *gamerole.Object, err error) {
		if err != nil {
			t.ready(err)
			return
		}
		t.all, t.numbers = append(t.all, o), append(t.numbers, 0)
		switch {
		case t.asked < t.Count:
			t.create()
		case len(t.all) == t.Count:
			t.ready(nil)
			if t.Rate > 0 {
				t.began = time.Now()
				t.later()
			}
		}
	})
}

func (t *things) state(number uint32) []any {
	return []any{number, uint64(time.Now().UnixMicro()), t.more}
}

func (t *things) later() {
	t.Ask(ask.After(tick, func(error) {
		due := int(time.Since(t.began).Seconds() * float64(t.Rate))
		for ; t.sent < due; t.sent++ {
			i := t.next % len(t.all)
			t.next++
			t.numbers[i]++
			_ = t.all[i].Set("setState", t.state(t.numbers[i])...) // an error is logged
		}
		t.later()
	}))
}
