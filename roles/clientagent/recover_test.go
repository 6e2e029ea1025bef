package clientagent

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats-server/v2/server"

	"natstron/bridge"
	"natstron/bridge/bridgetest"
	"natstron/bridge/wire"
)

// cable is a connection to NATS that can be cut.
type cable struct {
	address string
	mu      sync.Mutex
	cut     bool
	open    []net.Conn
}

func newCable(t testing.TB, target string) *cable {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	c := &cable{address: l.Addr().String()}
	t.Cleanup(func() { _ = l.Close(); c.set(true) })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", target)
			c.mu.Lock()
			if err != nil || c.cut {
				_ = near.Close()
			} else {
				c.open = append(c.open, near, far)
				go func() { _, _ = io.Copy(near, far); _ = near.Close() }()
				go func() { _, _ = io.Copy(far, near); _ = far.Close() }()
			}
			c.mu.Unlock()
		}
	}()
	return c
}

func (c *cable) set(cut bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut = cut
	for _, conn := range c.open {
		_ = conn.Close()
	}
	c.open = nil
}

// newMortal is two agents, of which the first can lose the backbone, with somebody in the cluster
// on a third node.
func newMortal(t testing.TB, change func(i int, o *Options)) (*moving, *cable) {
	t.Helper()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true})
	must(t, err)
	s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(patience) {
		t.Fatal("the NATS server did not start")
	}
	first := newCable(t, strings.TrimPrefix(s.ClientURL(), "nats://"))
	var nodes []*bridge.Node
	for i, url := range []string{"nats://" + first.address, s.ClientURL(), s.ClientURL()} {
		node, err := bridge.Start(context.Background(), bridge.Options{
			Name: fmt.Sprint("node ", i), External: &bridge.External{URLs: []string{url}}, DeadAfter: 5 * time.Second, Heartbeat: 50 * time.Millisecond,
		})
		must(t, err)
		t.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			node.Stop(ctx)
		})
		nodes = append(nodes, node)
	}
	bridgetest.Acquaint(t, nodes)
	m := &moving{nodes: nodes, agents: agents(t, nodes[:2], change)}
	m.stage = &stage{t: t, node: nodes[2], agent: m.agents[0]}
	m.actor = m.join(gate.Channel(), office.Channel(), 101, 102, 900)
	bridgetest.Acquaint(t, nodes)
	return m, first
}

// An agent loses the backbone, and is gone for the others: its client goes on at another one,
// with the same channel, interests and post-removes. It has what the world has, though that
// has changed meanwhile, and hears what was sent to it. Its own post-removes are not sent.
func TestRecover(t *testing.T) {
	const control, zones = wire.Channel(402000), 4
	for seed := range uint64(3) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 21))
			events := &eventLog{t: t}
			m, first := newMortal(t, func(i int, o *Options) {
				if i == 1 {
					o.Event = events.take
				}
			})
			startServer(t, m.nodes[2], control)
			w := &cutWorld{t: t, random: random, ai: m.join(900, 901), control: control, zones: zones, at: map[wire.DoID]wire.Location{}}
			w.create(pond, wire.Location{}, "Pond", func(w *wire.Writer) { w.Uint8(3) })
			c, channel, p := m.player()
			p.bears = true
			const avatar, fled wire.DoID = 9_998, 9_999
			for _, do := range []wire.DoID{avatar, fled} {
				w.create(do, wire.Location{Parent: pond, Zone: 9}, "Duck", func(b *wire.Writer) { b.Text("0000") })
				w.ai.send(1, wire.StateServerObjectSetOwner, do.Channel(), func(b *wire.Writer) { b.Channel(channel) })
			}
			p.until(t, "it has its avatars", func() bool { return len(p.owned) == 2 })
			m.tell(channel, wire.ClientAgentAddPostRemove, func(w *wire.Writer) {
				var d wire.Writer
				d.Header(7, 7777, 900)
				datagram, _ := d.Datagram()
				w.Blob(datagram)
			})
			must(t, c.Send(wire.ClientAddInterestMultiple, func(b *wire.Writer) {
				b.Uint32(1).Uint16(1).DoID(pond).Uint16(zones)
				for z := range zones {
					b.Zone(wire.Zone(z + 1))
				}
			}))
			p.until(t, "the interest is open", func() bool { return p.open })
			for range 100 {
				w.step()
			}
			first.set(true)
			for range 50 {
				w.step()
			}
			eventually(t, "the session waits", func() bool { return m.nodes[2].Stats().LostSessions == 1 })
			m.say(channel, 1)
			w.ai.send(1, wire.StateServerObjectDeleteRAM, fled.Channel(), func(b *wire.Writer) { b.DoID(fled) })
			for range 100 {
				w.step()
			}
			eventually(t, "the client goes on", func() bool { return m.agents[1].Stats().Recovered == 1 })
			for range 100 {
				w.step()
			}
			m.say(channel, 2)
			p.until(t, "it hears what was said to it", func() bool { return p.letters == 3 })
			p.until(t, "it has what there is", func() bool { return len(compareSeen(w, p)) == 0 })
			p.until(t, "it has one avatar", func() bool { return len(p.owned) == 1 && p.owned[avatar] })
			m.agents[1].each(func(s *session) {
				if !s.view.Owns(avatar) || s.view.Owns(fled) {
					t.Errorf("it owns the avatar: %v, the one that is gone: %v", s.view.Owns(avatar), s.view.Owns(fled))
				}
			})
			events.mu.Lock()
			recovered := slices.ContainsFunc(events.events, func(e map[string]string) bool {
				return e["type"] == "client-recovered" && e["sender"] == fmt.Sprintf("Client:%d", channel)
			})
			events.mu.Unlock()
			if !recovered {
				t.Errorf("the event logger is told %v", events.events)
			}
			if times, _ := c.Recovered(); times != 1 {
				t.Errorf("it has recovered %d times", times)
			}
			first.set(false)
			eventually(t, "the first agent is back", func() bool { return m.nodes[0].Stats().Connected })
			must(t, c.Close())
			m.actor.expect(7777)
			m.actor.send(1, 8888, 900, nil)
			other := m.join()
			other.send(1, 8888, 900, nil)
			m.actor.expect(8888)
		})
	}
}

// compareSeen is how what the client sees differs from the world.
func compareSeen(w *cutWorld, p *witness) string {
	want := map[wire.DoID]wire.Location{}
	maps.Copy(want, w.at)
	diff := cmp.Diff(want, p.seen)
	for do := range want {
		if p.said[do] != w.said[do] {
			diff += fmt.Sprintf("object %d has said %d, the client heard %d\n", do, w.said[do], p.said[do])
		}
	}
	return diff
}
