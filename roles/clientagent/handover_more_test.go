package clientagent

import (
	"context"
	"sync"
	"testing"
	"time"

	"natstron/bridge"
	"natstron/bridge/bridgetest"
	"natstron/bridge/wire"
	game "natstron/clients/go"
	"natstron/roles/rolestest/script"
	"natstron/roles/stateserver"
)

// moving is two agents on nodes of their own, with somebody in the cluster on a third.
type moving struct {
	*stage
	nodes  []*bridge.Node
	agents []*Role
}

func newMoving(t testing.TB, change func(i int, o *Options)) *moving {
	t.Helper()
	nodes := bridgetest.Topologies()[2].Start(t, 3, nil) // external
	bridgetest.Acquaint(t, nodes)
	m := &moving{nodes: nodes, agents: agents(t, nodes[:2], change)}
	m.stage = &stage{t: t, node: nodes[2], agent: m.agents[0]}
	m.actor = m.join(gate.Channel(), office.Channel(), pond.Channel(), 101, 102, 900)
	bridgetest.Acquaint(t, nodes)
	return m
}

// player is a client of the first agent that comes back, and what it has been told.
func (m *moving) player() (*game.Client, wire.Channel, *witness) {
	m.t.Helper()
	var watching sync.WaitGroup
	m.t.Cleanup(watching.Wait) // when the client is closed
	c, channel := m.returning(&frail{}, addresses(m.agents)...)
	p := &witness{seen: map[wire.DoID]wire.Location{}, said: map[wire.DoID]int{}, done: make(chan error, 1)}
	p.changed.L = &p.mu
	watching.Go(func() { p.done <- p.watch(m.t, c) })
	eventually(m.t, "it has a token", c.CanResume)
	m.say(channel, 0)
	p.until(m.t, "it is served", func() bool { return p.letters == 1 })
	return c, channel, p
}

// say tells the client something, which it must be told once.
func (m *moving) say(to wire.Channel, n int) {
	m.t.Helper()
	(&cutWorld{t: m.t, ai: m.actor}).say(to, n)
}

// order orders the client's session something, and waits until that is done.
func (m *moving) tell(channel wire.Channel, kind wire.MsgType, build func(w *wire.Writer)) {
	m.t.Helper()
	m.actor.send(gate.Channel(), kind, channel, build)
	m.actor.send(gate.Channel(), wire.ClientAgentGetTLVs, channel, func(w *wire.Writer) { w.Uint32(1) })
	m.actor.expect(wire.ClientAgentGetTLVsResp)
}

// Draining an agent costs nobody the game: its clients go on at the other one.
func TestDrainHandsEverybodyOver(t *testing.T) {
	const players = 20
	m := newMoving(t, nil)
	var all []*witness
	var channels []wire.Channel
	for range players {
		_, channel, p := m.player()
		all, channels = append(all, p), append(channels, channel)
	}
	m.agents[0].Drain(time.Hour)
	n := 1
	for drained := false; !drained; n++ {
		for _, c := range channels {
			m.say(c, n)
		}
		select {
		case <-m.agents[0].Drained():
			drained = true
		case <-time.After(time.Millisecond):
		case <-t.Context().Done():
			t.Fatal("it does not drain")
		}
	}
	for i, p := range all {
		m.say(channels[i], n)
		p.until(t, "it has been told everything", func() bool { return p.letters == n+1 })
	}
	if stats := m.agents[1].Stats(); stats.Clients != players || stats.TakenOver != players || stats.Waiting != 0 {
		t.Errorf("%d clients, %d taken over, %d wait", stats.Clients, stats.TakenOver, stats.Waiting)
	}
	if stats := m.agents[0].Stats(); stats.HandedOver != players || len(stats.Ejects) != 0 {
		t.Errorf("%d handed over, ejects %v", stats.HandedOver, stats.Ejects)
	}
}

// Where there is no other agent, a draining one asks nobody to connect again.
func TestDrainAlone(t *testing.T) {
	s := newStage(t, func(o *Options) { o.Resume.Within = time.Minute })
	c := s.established()
	c.Send(wire.ClientGetResumeToken, nil)
	c.Expect(wire.ClientResumeToken)
	s.agent.Drain(time.Hour)
	s.quiet(c)
}

// move has the client go on at the other agent.
func (m *moving) move(from, to int) {
	m.t.Helper()
	before := m.agents[to].Stats().Resumed
	m.agents[from].each(func(s *session) { s.cutOff("the test cuts it") })
	eventually(m.t, "the client is at the other agent", func() bool { return m.agents[to].Stats().Resumed == before+1 })
	if stats := m.agents[from].Stats(); stats.Clients != 0 || stats.Waiting != 0 {
		m.t.Errorf("%d clients are left, %d of them wait", stats.Clients, stats.Waiting)
	}
}

// What a session leaves behind goes with it, and is sent once, when it ends there. So do its
// own fields and channels.
func TestHandoverOfEverything(t *testing.T) {
	m := newMoving(t, nil)
	c, channel, p := m.player()
	m.tell(channel, wire.ClientAgentAddPostRemove, func(w *wire.Writer) {
		var d wire.Writer
		d.Header(7, 7777, 900)
		datagram, _ := d.Datagram()
		w.Blob(datagram)
	})
	m.tell(channel, wire.ClientAgentAddSessionObject, func(w *wire.Writer) { w.DoID(101) })
	m.tell(channel, wire.ClientAgentOpenChannel, func(w *wire.Writer) { w.Channel(555) })
	m.tell(channel, wire.ClientAgentDeclareObject, func(w *wire.Writer) { w.DoID(102).DClassID(classID(t, "Duck")) })
	m.tell(channel, wire.ClientAgentSetFieldsSendable, func(w *wire.Writer) {
		w.DoID(102).Uint16(1).FieldID(fieldID(t, "Duck", "setMood"))
	})
	m.tell(channel, wire.ClientAgentSetClientID, func(w *wire.Writer) { w.Channel(777_000) })
	m.move(0, 1)
	m.move(1, 0)
	m.move(0, 1)
	m.say(777_000, 1)
	m.say(555, 2)
	m.say(channel, 3)
	p.until(t, "it hears on all channels", func() bool { return p.letters == 4 })
	must(t, c.Send(wire.ClientObjectSetField, func(w *wire.Writer) { w.DoID(102).FieldID(fieldID(t, "Duck", "setMood")).Uint8(7) }))
	if sender, _ := m.actor.expect(wire.StateServerObjectSetField); sender != 777_000 {
		t.Errorf("it sends as %d", sender)
	}
	must(t, c.Close())
	m.actor.expect(wire.StateServerObjectDeleteRAM)
	m.actor.expect(7777)
	m.actor.send(1, 8888, 900, nil)
	// What an actor sends does not come back to it; another one says that this is all.
	other := m.join()
	other.send(1, 8888, 900, nil)
	m.actor.expect(8888)
}

// What is kept for a client may need many messages between the agents.
func TestHandoverInParts(t *testing.T) {
	const letters, size = 400, 2000
	m := newMoving(t, nil)
	c, token := m.token()
	c.Conn.Close()
	eventually(t, "the session waits", func() bool { return m.agents[0].Stats().Waiting == 1 })
	for i := range letters {
		m.actor.send(1, wire.ClientAgentSendDatagram, firstClient, func(b *wire.Writer) {
			var w wire.Writer
			frame, _ := w.BeginFrame().ClientMsgType(letter).Uint32(uint32(i)).Raw(make([]byte, size)).Frame()
			b.Blob(frame[wire.FrameHeader:])
		})
	}
	eventually(t, "all is kept", func() bool { return m.agents[0].Stats().Kept > letters*size })
	c = (&stage{t: t, agent: m.agents[1]}).dial()
	c.Send(wire.ClientResume, func(w *wire.Writer) { w.Uint32(parkFile(t).Hash()).Text(version).Blob(token).Uint32(0) })
	c.Expect(wire.ClientResumed)
	for i := range uint32(letters) {
		if r := c.Expect(letter); r.Uint32() != i || r.Len() != size {
			t.Fatalf("letter %d is another one", i)
		}
	}
	if kept := m.agents[0].Stats().Kept; kept != 0 {
		t.Errorf("%d bytes are still kept at the first agent", kept)
	}
}

// An agent that drains is not done before the other one says that it has its last session.
func TestDrainedWithTheLastPart(t *testing.T) {
	m := newMoving(t, nil)
	c, token := m.token()
	c.Conn.Close()
	eventually(t, "the session waits", func() bool { return m.agents[0].Stats().Waiting == 1 })
	for range 60 {
		m.actor.send(1, wire.ClientAgentSendDatagram, firstClient, func(b *wire.Writer) { b.Blob(make([]byte, 2000)) })
	}
	eventually(t, "all is kept", func() bool { return m.agents[0].Stats().Kept > 60*2000 })
	m.agents[0].Drain(time.Hour)
	read, err := m.agents[1].resumes.keys.Verify(token)
	must(t, err)
	q := handoverRequest{Step: stepPrepare, Session: read.Session, Number: read.Number, Asker: 1}
	if a := m.agents[0].handOver(q); a == nil || a.Code != 0 {
		t.Fatalf("it is not prepared: %+v", a)
	}
	q.Step = stepCommit
	a := m.agents[0].handOver(q)
	for q.Step, q.Part = stepPart, 1; q.Part < a.Parts; q.Part++ {
		m.agents[0].handOver(q)
	}
	if q.Part < 3 {
		t.Errorf("only %d parts", q.Part)
	}
	if isDrained(m.agents[0]) {
		t.Fatal("it is drained, and nobody has said that it has the session")
	}
	q.Step = stepTaken
	m.agents[0].handOver(q)
	<-m.agents[0].Drained()
}

// An object that the client was told of at one agent is gone for it at the other one when the
// process of its state server ends.
func TestHandoverAndDeath(t *testing.T) {
	const control = wire.Channel(402000)
	m := newMoving(t, nil)
	server, err := stateserver.New(m.nodes[2], stateserver.Options{Control: control, File: parkFile(t)})
	must(t, err)
	must(t, server.Start(t.Context()))
	go func() { _ = server.Run(t.Context()) }() // it ends with its node
	c, _, p := m.player()
	ai := m.join(901)
	w := &cutWorld{t: t, ai: ai, control: control}
	w.create(pond, wire.Location{}, "Pond", func(b *wire.Writer) { b.Uint8(3) })
	w.create(10_001, wire.Location{Parent: pond, Zone: 1}, "Duck", func(b *wire.Writer) { b.Text("0000") })
	must(t, c.Send(wire.ClientAddInterest, func(b *wire.Writer) { b.Uint32(1).Uint16(1).Location(wire.Location{Parent: pond, Zone: 1}) }))
	p.until(t, "it sees the duck", func() bool { return p.open && len(p.seen) == 1 })
	m.move(0, 1)
	to := m.agents[1]
	to.enter()
	home, nobody := to.turn.Home(10_001), to.turn.Adopt(10_002, "nobody", wire.Location{}, 0)
	to.leave()
	if home != m.nodes[2].Origin() || nobody {
		t.Errorf("the duck's process is %q, not %q; an object of no process is adopted: %v", home, m.nodes[2].Origin(), nobody)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	m.nodes[2].Stop(ctx) // at once
	p.until(t, "the duck is gone", func() bool { return len(p.seen) == 0 })
}

// plainClass is a client class that does nothing.
type plainClass struct{}

func (plainClass) Connected(*Session)                     {}
func (plainClass) FromClient(_ *Session, m []byte) []byte { return m }
func (plainClass) ToClient(_ *Session, m []byte) []byte   { return m }
func (plainClass) Disconnected(*Session)                  {}

// refused connects with a token to an agent, which must refuse it.
func refused(t *testing.T, a *Role, token []byte, code wire.EjectCode) {
	t.Helper()
	c := (&stage{t: t, agent: a}).dial()
	c.Send(wire.ClientResume, func(w *wire.Writer) { w.Uint32(parkFile(t).Hash()).Text(version).Blob(token).Uint32(0) })
	c.ExpectEject(code)
}

// token is that of a client that has connected to an agent without its help.
func (m *moving) token() (*client, []byte) {
	m.t.Helper()
	c := m.established()
	c.Send(wire.ClientGetResumeToken, nil)
	r := c.Expect(wire.ClientResumeToken)
	r.Bytes(8)
	return c, append([]byte(nil), r.Blob()...)
}

// Agents refuse tokens of agents with other keys; tokens of sessions that nobody has, or that
// ended; and, while the first agent keeps its sessions to itself, tell clients to try again.
func TestForeignTokens(t *testing.T) {
	m := newMoving(t, func(i int, o *Options) {
		if i == 1 {
			o.Resume.Keys = []string{"quite another key"}
		}
	})
	c, token := m.token()
	refused(t, m.agents[1], token, wire.EjectBadResumeToken)
	c.Send(wire.ClientDisconnect, nil)
	eventually(t, "the session has ended", func() bool { return m.agents[0].Stats().Clients == 0 })
	refused(t, m.agents[0], token, wire.EjectSessionOver)

	m = newMoving(t, func(i int, o *Options) {
		if i == 0 {
			o.Class = plainClass{}
		}
	})
	_, token = m.token()
	refused(t, m.agents[1], token, wire.EjectSessionAway)
}

// Two connections with one token at two agents at the same time: never both go on.
func TestTwoAtOnce(t *testing.T) {
	for range 3 {
		m := newMoving(t, nil)
		_, token := m.token()
		results := make(chan wire.ClientMsgType, 2)
		for _, a := range m.agents {
			c := (&stage{t: t, agent: a}).dial()
			c.Send(wire.ClientResume, func(w *wire.Writer) { w.Uint32(parkFile(t).Hash()).Text(version).Blob(token).Uint32(0) })
			go func() {
				kind, _, err := c.Receive()
				if err == nil && kind == wire.ClientResumed {
					// Of the two, one may be cut again; it does not hear what is said next.
					if kind, _, err = c.Receive(); err == nil && kind == letter {
						results <- kind
						return
					}
				}
				results <- 0
			}()
		}
		eventually(t, "one of them goes on", func() bool {
			return m.agents[0].Stats().Resumed+m.agents[1].Stats().Resumed > 0
		})
		var went []wire.ClientMsgType
		deadline := time.After(patience)
		for len(went) < 2 {
			m.say(firstClient, 1)
			select {
			case kind := <-results:
				went = append(went, kind)
			case <-time.After(time.Millisecond):
			case <-deadline:
				t.Fatalf("nothing came of %d of the connections", 2-len(went))
			}
		}
		if clients := m.agents[0].Stats().Clients + m.agents[1].Stats().Clients; clients != 1 {
			t.Fatalf("there are %d sessions", clients)
		}
	}
}

// A channel whose client goes on elsewhere is nobody else's, also when the agent has begun
// again; when the client is gone, it is given again.
func TestLentChannels(t *testing.T) {
	t.Parallel()
	m := newMoving(t, func(i int, o *Options) {
		o.Pool = NewChannelPool(firstClient+wire.Channel(100*i), firstClient+wire.Channel(100*i)+1)
	})
	o := parkOptions(t)
	o.Pool = NewChannelPool(firstClient+500, firstClient+501)
	o.Resume = m.agents[0].o.Resume
	first, err := New(m.nodes[2], o)
	must(t, err)
	end := script.Serve(t, first)
	m.agents[0], m.agent = first, first
	c, channel, p := m.player()
	if channel != firstClient+500 {
		t.Fatalf("the client has channel %d", channel)
	}
	m.move(0, 1)
	end()

	o.Pool = NewChannelPool(firstClient+500, firstClient+501)
	bridgetest.Acquaint(t, m.nodes)
	again := startAgent(t, m.nodes[2], o)
	m.agent = again
	if other := m.anonymous(); other.channel != firstClient+501 {
		t.Errorf("a new client has channel %d, which is another one's", other.channel)
	}
	m.dial().ExpectEject(wire.EjectGeneric) // all are taken
	m.say(channel, 1)
	p.until(t, "it is still served", func() bool { return p.letters == 2 })
	must(t, c.Close())
	eventually(t, "the channel is given back", func() bool { return again.Stats().FreeChannels == 1 })
	if other := m.anonymous(); other.channel != channel {
		t.Errorf("the next client has channel %d", other.channel)
	}
}

// A session does not end while another agent is about to take it over, though that takes longer
// than the session waits for its client, who has come back.
func TestHandoverInABusyCluster(t *testing.T) {
	m := newMoving(t, func(_ int, o *Options) { o.Resume.Within = time.Second })
	c, channel, p := m.player()
	m.onStep(stepPrepare, func(int) bool {
		m.agents[0].each(func(s *session) { s.check(time.Now().Add(2 * time.Second)) }) // so late it is
		return true
	})
	m.move(0, 1)
	m.say(channel, 1)
	p.until(t, "it is told the rest", func() bool { return p.letters == 2 })
	must(t, c.Close())
}
