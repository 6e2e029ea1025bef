package clientagent

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"natstron/bridge/wire"
)

// The original games give each session channels of its account and its avatar, above those of
// doIds, where places are, too.
const (
	puppet  = wire.Channel(1001<<32 | 7)
	account = wire.Channel(1003<<32 | 7)
)

func (m *moving) open(channel wire.Channel, all ...wire.Channel) {
	m.t.Helper()
	for _, c := range all {
		m.tell(channel, wire.ClientAgentOpenChannel, func(w *wire.Writer) { w.Channel(c) })
	}
}

// What is sent to channels that a session has opened comes to it once and in order, also while
// it waits for another agent and goes on there; and to others that have opened them at once.
func TestRecoverOpenedChannels(t *testing.T) {
	for _, shared := range []wire.Channel{puppet, 4711} {
		t.Run(fmt.Sprint(shared), func(t *testing.T) {
			m, first := newMortal(t, nil)
			c, channel, p := m.player()
			m.agents[0], m.agents[1] = m.agents[1], m.agents[0]
			other, otherChannel, q := m.player()
			m.agents[0], m.agents[1] = m.agents[1], m.agents[0]
			m.open(channel, account, shared)
			m.open(otherChannel, shared)
			first.set(true)
			eventually(t, "the session waits", func() bool { return m.nodes[2].Stats().LostSessions == 1 })
			n := 1
			say := func() {
				m.say(shared, n)
				n++
			}
			for range 50 {
				say()
			}
			q.until(t, "the other client hears it at once", func() bool { return q.letters == n })
			for m.agents[1].Stats().Recovered == 0 && !t.Failed() {
				say()
				time.Sleep(100 * time.Microsecond) // the backbone has to keep up
			}
			for range 500 {
				say()
			}
			p.until(t, "it hears everything", func() bool { return p.letters == n })
			q.until(t, "so does the other client", func() bool { return q.letters == n })
			m.say(channel, n)
			p.until(t, "its own channel works", func() bool { return p.letters == n+1 })
			m.actor.send(gate.Channel(), wire.ClientAgentEject, account, func(w *wire.Writer) { w.Uint16(100).Text("again") })
			eventually(t, "its account's channel works", func() bool { return m.agents[1].Stats().Clients == 1 })
			must(t, c.Close())
			must(t, other.Close())
		})
	}
}

// An ejection that is sent to the channel of its account ends a session that waits.
func TestEjectByOpenedChannel(t *testing.T) {
	m, first := newMortal(t, func(i int, o *Options) {
		if i == 1 {
			o.Listeners = []Listener{{Bind: "127.0.0.1:0"}}
		}
	})
	c, channel, _ := m.player()
	m.open(channel, account)
	m.leavePostRemove(channel)
	m.agents[1].each(func(*session) {})
	first.set(true)
	eventually(t, "the session waits", func() bool { return m.nodes[2].Stats().LostSessions == 1 })
	m.actor.send(gate.Channel(), wire.ClientAgentEject, account, func(w *wire.Writer) { w.Uint16(100).Text("again") })
	m.actor.expect(7777)
	eventually(t, "no session waits", func() bool {
		return m.nodes[1].Stats().LostSessionsKept == 0 && m.nodes[2].Stats().LostSessionsKept == 0
	})
	must(t, c.Close())
}

// A client that hears a place without an interest has what the place has, when its session goes
// on at another agent.
func TestRecoverOpenedPlace(t *testing.T) {
	m, first := newMortal(t, nil)
	const control = wire.Channel(402000)
	startServer(t, m.nodes[2], control)
	w := &cutWorld{t: t, random: rand.New(rand.NewPCG(1, 1)), ai: m.join(900, 901), control: control, at: map[wire.DoID]wire.Location{}}
	w.create(pond, wire.Location{}, "Pond", func(w *wire.Writer) { w.Uint8(3) })
	c, channel, p := m.player()
	p.bears = true
	at := wire.Location{Parent: pond, Zone: 8}
	m.open(channel, puppet, account, at.Channel())
	duck := func(do wire.DoID) { w.create(do, at, "Duck", func(b *wire.Writer) { b.Text("0000") }) }
	set := func(do wire.DoID, n int) {
		w.ai.send(1, wire.StateServerObjectSetField, do.Channel(), func(b *wire.Writer) {
			b.DoID(do).FieldID(fieldID(t, "Duck", "setName")).Text(fmt.Sprintf("%04d", n))
		})
	}
	const stays, goes, comes, later wire.DoID = 9001, 9002, 9003, 9004
	duck(stays)
	duck(goes)
	p.until(t, "it sees what comes", func() bool { return len(p.seen) == 2 })
	first.set(true)
	eventually(t, "the session waits", func() bool { return m.nodes[2].Stats().LostSessions == 1 })
	set(stays, 1)
	w.ai.send(1, wire.StateServerObjectDeleteRAM, goes.Channel(), func(b *wire.Writer) { b.DoID(goes) })
	duck(comes)
	eventually(t, "the client goes on", func() bool { return m.agents[1].Stats().Recovered == 1 })
	duck(later)
	set(stays, 2)
	p.until(t, "it has what there is", func() bool {
		_, gone := p.seen[goes]
		return !gone && len(p.seen) == 3 && p.said[stays] == 2
	})
	for _, do := range []wire.DoID{stays, comes, later} {
		if p.seen[do] != at {
			t.Errorf("it sees %v", p.seen)
		}
	}
	must(t, c.Close())
}
