package e2e

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"natstron/bridge/wire"
)

// A game goes on while one process after another is killed: sessions, values, nothing lost.

// The variables that ask for the long form of TestFaults.
const (
	faultRounds  = "NATSTRON_FAULTS"         // how many rounds of each fault
	faultServers = "NATSTRON_FAULTS_NATS"    // how many NATS servers; default 1
	faultPlayers = "NATSTRON_FAULTS_CLIENTS" // default 200
	faultRate    = "NATSTRON_FAULTS_UPDATES" // a second; default 2000
	faultOnly    = "NATSTRON_FAULTS_ONLY"    // the faults whose names have this in them
)

func faultNumber(t testing.TB, variable string, otherwise int) int {
	n, err := strconv.Atoi(cmp.Or(os.Getenv(variable), strconv.Itoa(otherwise)))
	must(t, err)
	return n
}

// A fault is something that befalls the cluster. It returns what was hit.
type fault struct {
	name string
	hit  func(c *faultCluster, round int) (*member, syscall.Signal)
}

var faults = []fault{
	{"kill -9 of the state server", func(c *faultCluster, _ int) (*member, syscall.Signal) { return servingOf(c.state), syscall.SIGKILL }},
	{"SIGTERM of the state server", func(c *faultCluster, _ int) (*member, syscall.Signal) { return servingOf(c.state), syscall.SIGTERM }},
	{"kill -9 of a client agent", func(c *faultCluster, n int) (*member, syscall.Signal) { return c.agents[n%2], syscall.SIGKILL }},
	{"SIGTERM of a client agent", func(c *faultCluster, n int) (*member, syscall.Signal) { return c.agents[n%2], syscall.SIGTERM }},
	{"kill -9 of the database-state server", func(c *faultCluster, _ int) (*member, syscall.Signal) { return servingOf(c.stored), syscall.SIGKILL }},
	{"SIGTERM of the database-state server", func(c *faultCluster, _ int) (*member, syscall.Signal) { return servingOf(c.stored), syscall.SIGTERM }},
	{"kill -9 of a NATS server", func(c *faultCluster, n int) (*member, syscall.Signal) { return c.nats[n%len(c.nats)], syscall.SIGKILL }},
	{"SIGTERM of a NATS server", func(c *faultCluster, n int) (*member, syscall.Signal) { return c.nats[n%len(c.nats)], syscall.SIGTERM }},
}

// TestFaults plays a game on a cluster of real processes, which are killed or told to end, one
// after the other. When all have come to rest, no client sees an object that is not there, sees
// one twice, misses one, or has another value than the state server; no value was told behind a
// newer one; nothing that a client was told is forgotten; and the database has the values of the
// objects that are stored there.
//
// The long form measures how long clients heard nothing:
//
//	NATSTRON_FAULTS=20 NATSTRON_FAULTS_NATS=3 go test ./e2e -run TestFaults -v -timeout 2h
func TestFaults(t *testing.T) {
	rounds := faultNumber(t, faultRounds, 0)
	clients, updates, these := faultNumber(t, faultPlayers, 200), faultNumber(t, faultRate, 2000), faults
	if rounds == 0 {
		if testing.Short() {
			t.Skip("starts a cluster of processes")
		}
		t.Parallel()
		rounds, clients, updates, these = 1, 20, 200, faults[:6]
	}
	g := startFaultGame(t, startFaultCluster(t, faultNumber(t, faultServers, 1)), clients, updates)
	var table []string
	for _, f := range these {
		if strings.Contains(f.name, os.Getenv(faultOnly)) {
			table = append(table, g.play(t, f, rounds))
		}
	}
	t.Logf("%d clients, %d updates a second, %d NATS servers, %d rounds each\n| fault | pause p50 | max | updates lost on their way | sessions that ended | AIs disconnected | processes that ended |\n| --- | --- | --- | --- | --- | --- | --- |\n%s",
		clients, updates, len(g.cluster.nats), rounds, strings.Join(table, "\n"))
}

// A client agent is killed while a database-state server is away, and the state server of the
// objects' parent has begun again and does not know them: the agent's clients go on at another one,
// and are not told that the objects are gone which cannot answer.
func TestRecoverWhileServerIsAway(t *testing.T) {
	t.Parallel()
	c := startFaultCluster(t, 1)
	g := startFaultGame(t, c, 20, 200)
	for _, p := range slices.Concat(c.stored, c.state) {
		c.end(p, syscall.SIGKILL)
	}
	c.state[0].daemon = c.state[0].begin()
	c.state[0].daemon.waitFor("ready took")
	c.end(c.agents[0], syscall.SIGKILL)
	heard := map[*faultPlayer]time.Time{}
	poll(t, func() bool { // until clients have come back, and hear of what can answer
		n := 0
		for _, p := range g.clients {
			p.mu.Lock()
			if times, _ := p.client.Recovered(); times > 0 && heard[p].IsZero() {
				heard[p] = p.last
			}
			if at := heard[p]; !at.IsZero() && p.last.After(at) {
				n++
			}
			p.mu.Unlock()
		}
		return n >= len(g.clients)/4
	}, func() string { return "clients to go on" })
	g.settle(t, "when the server is back")
}

// startFaultGame has AIs make a world, and clients play in it: half of the updates are of each.
func startFaultGame(t testing.TB, c *faultCluster, clients, updates int) *faultGame {
	const ais, thingsOfZone = 4, 4
	g := &faultGame{
		cluster: c, stop: make(chan struct{}), zones: max(1, clients/10), deleted: map[wire.DoID]time.Time{}, undone: map[wire.DoID]bool{}, failed: map[wire.DoID]bool{}, told: map[string]int{},
		every: time.Second * time.Duration(clients) / time.Duration(updates/2),
	}
	t.Cleanup(func() { close(g.stop); g.closeAIs(); g.done.Wait() })
	for i := range ais {
		a := &faultAI{
			g: g, channel: wire.Channel(8000 + i), gate: i == 0, seq: map[wire.DoID]uint32{}, answers: map[uint32]chan wire.Message{},
			every: time.Second * time.Duration((thingsOfZone+1)*g.zones) / time.Duration(updates/2),
		}
		must(t, a.connect())
		if i == 0 {
			must(t, a.create(faultTown, wire.Location{}, townClass))
		}
		g.ais = append(g.ais, a)
	}
	for z := range g.zones {
		for i := range thingsOfZone {
			a := g.ais[i%ais]
			do := faultThings + wire.DoID(z*thingsOfZone+i)
			a.things = append(a.things, do)
			must(t, g.ais[0].create(do, wire.Location{Parent: faultTown, Zone: wire.Zone(z + 1)}, thingClass))
		}
	}
	for _, a := range g.ais {
		g.done.Go(a.run)
	}
	for z := range g.zones {
		pet, err := g.ais[0].newPet(wire.Location{Parent: faultTown, Zone: wire.Zone(z + 1)})
		must(t, err)
		a := g.ais[z%ais]
		a.things, g.pets = append(a.things, pet), append(g.pets, pet)
	}
	for _, a := range g.ais {
		g.done.Go(a.work)
	}
	for i := range clients {
		p := &faultPlayer{g: g, id: i, seen: map[wire.DoID]uint32{}, most: map[wire.DoID]uint32{}}
		g.clients = append(g.clients, p)
		g.done.Go(p.run)
	}
	g.settle(t, "the start")
	return g
}

func (g *faultGame) closeAIs() {
	for _, a := range g.ais {
		a.mu.Lock()
		if a.conn != nil {
			_ = a.conn.Close()
		}
		a.mu.Unlock()
	}
}

// settle waits until all clients are in the game, has everybody be quiet, and compares what they
// see with what there is.
func (g *faultGame) settle(t testing.TB, after string) (ended []string) {
	t.Helper()
	const patience = 60 * time.Second
	deadline := time.Now().Add(patience)
	wait := func(enough func() bool) bool {
		for {
			ended = append(ended, g.cluster.revive()...)
			if enough() {
				return true
			}
			if time.Now().After(deadline) {
				return false
			}
			<-time.After(20 * time.Millisecond)
		}
	}
	all := func() bool {
		for _, p := range g.clients {
			p.mu.Lock()
			in := p.in
			p.mu.Unlock()
			if !in {
				return false
			}
		}
		return servingOf(g.cluster.state) != nil && servingOf(g.cluster.stored) != nil && g.cluster.open()
	}
	if !wait(all) {
		t.Errorf("%s: not all clients are in the game", after)
	}
	g.quiet.Store(true)
	defer g.quiet.Store(false)
	problem := ""
	if !wait(func() bool { problem = g.compare(); return problem == "" }) {
		t.Errorf("%s:\n%s", after, problem)
	}
	g.faults.Range(func(key, _ any) bool {
		t.Errorf("%s: %v", after, key)
		g.faults.Delete(key)
		return true
	})
	if t.Failed() {
		g.mu.Lock()
		defer g.mu.Unlock()
		t.Logf("clients were told: %v", g.told)
		t.FailNow()
	}
	return ended
}

// calm is for how long the game is played before and behind a fault.
const calm = 500 * time.Millisecond

// play has a fault happen again and again, and returns its row of the table.
func (g *faultGame) play(t testing.TB, f fault, rounds int) string {
	var pauses []time.Duration
	var lost uint32
	var hurt []string
	g.told = map[string]int{}
	sessions, losses := g.sessions(), g.losses()
	for round := range rounds {
		<-time.After(calm)
		for _, p := range g.clients {
			p.begin()
		}
		hit, signal := f.hit(g.cluster, round)
		if hit == nil {
			t.Fatalf("%s: round %d: there is no process to hit", f.name, round)
		}
		g.mu.Lock()
		g.hit = time.Now()
		g.mu.Unlock()
		g.cluster.end(hit, signal)
		g.cluster.revive()
		<-time.After(calm)
		ended := g.settle(t, fmt.Sprintf("%s, round %d", f.name, round))
		for _, name := range ended {
			if !slices.Contains(hurt, name) {
				hurt = append(hurt, name)
			}
		}
		zones := make([]uint32, g.zones)
		for _, p := range g.clients {
			p.mu.Lock()
			pauses = append(pauses, p.pause)
			zones[p.id%g.zones] = max(zones[p.id%g.zones], p.missed)
			p.mu.Unlock()
		}
		for _, n := range zones {
			lost += n
		}
		t.Logf("%s, round %d: the longest pause %v, %d sessions ended", f.name, round, slices.Max(pauses[len(pauses)-len(g.clients):]).Round(time.Millisecond), g.sessions()-sessions)
	}
	slices.Sort(pauses)
	row := fmt.Sprintf("| %s | %v | %v | %d | %d | %d | %s |", f.name, pauses[len(pauses)/2].Round(time.Millisecond), pauses[len(pauses)-1].Round(time.Millisecond),
		lost, g.sessions()-sessions, g.losses()-losses, strings.Join(hurt, ", "))
	g.mu.Lock()
	t.Logf("%s: %d deletions were lost on their way", f.name, len(g.undone))
	clear(g.undone)
	g.mu.Unlock()
	for why, n := range g.told {
		t.Logf("%s: %d clients were told: %s", f.name, n, why)
	}
	return row
}

func (g *faultGame) sessions() (n int) {
	for _, p := range g.clients {
		p.mu.Lock()
		n += p.comes
		p.mu.Unlock()
	}
	return n
}

func (g *faultGame) losses() (n int) {
	for _, a := range g.ais {
		a.mu.Lock()
		n += a.losses
		a.mu.Unlock()
	}
	return n
}
