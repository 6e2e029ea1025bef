package clientagent

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"natstron/bridge/wire"
	"natstron/roles/clientagent/internal/listen"
)

// Every eject code that the agent sends by itself, and what it takes.
func TestEjects(t *testing.T) {
	text := func(v string) func(w *wire.Writer) { return func(w *wire.Writer) { w.Text(v) } }
	for name, test := range map[string]struct {
		state State
		do    func(s *stage, c *client)
		want  wire.EjectCode
	}{
		"no hello":    {StateNew, func(_ *stage, c *client) { c.send(wire.ClientHeartbeat, nil) }, wire.EjectNoHello},
		"empty":       {StateNew, func(_ *stage, c *client) { c.raw(nil) }, wire.EjectTruncatedDatagram},
		"half a type": {StateAnonymous, func(_ *stage, c *client) { c.raw([]byte{3}) }, wire.EjectTruncatedDatagram},
		"short hello": {StateNew, func(_ *stage, c *client) { c.send(wire.ClientHello, func(w *wire.Writer) { w.Uint32(1) }) }, wire.EjectTruncatedDatagram},
		"long hello": {StateNew, func(_ *stage, c *client) {
			c.send(wire.ClientHello, func(w *wire.Writer) { w.Uint32(1).Text(version).Uint8(0) })
		}, wire.EjectOversizedDatagram},
		"version": {StateNew, func(_ *stage, c *client) {
			c.send(wire.ClientHello, func(w *wire.Writer) { w.Uint32(parkFile(c.t).Hash()).Text("park 2") })
		}, wire.EjectBadVersion},
		"a version too long to be repeated": {StateNew, func(_ *stage, c *client) {
			c.send(wire.ClientHello, func(w *wire.Writer) { w.Uint32(parkFile(c.t).Hash()).Text(string(make([]byte, 60_000))) })
		}, wire.EjectBadVersion},
		"hash": {StateNew, func(_ *stage, c *client) {
			c.send(wire.ClientHello, func(w *wire.Writer) { w.Uint32(1).Text(version) })
		}, wire.EjectBadDCHash},
		"hello twice":           {StateAnonymous, func(_ *stage, c *client) { c.send(wire.ClientHello, nil) }, wire.EjectInvalidMsgType},
		"interest before login": {StateAnonymous, func(_ *stage, c *client) { c.interest(1, 1, 10) }, wire.EjectInvalidMsgType},
		"unknown type":          {StateEstablished, func(_ *stage, c *client) { c.send(4711, nil) }, wire.EjectInvalidMsgType},
		"only servers send it":  {StateEstablished, func(_ *stage, c *client) { c.send(wire.ClientEnterObjectRequired, nil) }, wire.EjectInvalidMsgType},
		"not anonymous":         {StateAnonymous, func(_ *stage, c *client) { c.setField(office, "Gate", "enter", text("x")) }, wire.EjectAnonymousViolation},
		"unknown object":        {StateEstablished, func(_ *stage, c *client) { c.setField(12345, "Gate", "enter", text("x")) }, wire.EjectMissingObject},
		"not clsend":            {StateEstablished, func(_ *stage, c *client) { c.setField(gate, "Gate", "answer", text("x")) }, wire.EjectForbiddenField},
		"another class's field": {StateEstablished, func(_ *stage, c *client) { c.setField(gate, "Duck", "setName", text("xyz")) }, wire.EjectForbiddenField},
		"no such field": {StateEstablished, func(_ *stage, c *client) {
			c.send(wire.ClientObjectSetField, func(w *wire.Writer) { w.DoID(gate).FieldID(60000) })
		}, wire.EjectForbiddenField},
		"short value": {StateEstablished, func(_ *stage, c *client) {
			c.setField(gate, "Gate", "enter", func(w *wire.Writer) { w.Uint16(9).Uint8(1) })
		}, wire.EjectTruncatedDatagram},
		"long value": {StateEstablished, func(_ *stage, c *client) {
			c.setField(gate, "Gate", "enter", func(w *wire.Writer) { w.Text("x").Uint8(1) })
		}, wire.EjectOversizedDatagram},
		"not UTF-8": {StateEstablished, func(_ *stage, c *client) { c.setField(gate, "Gate", "enter", text("x\xff\xfe")) }, wire.EjectFieldConstraint},
		"one byte that is not UTF-8": {StateAnonymous, func(_ *stage, c *client) {
			c.setField(gate, "Gate", "enter", text("\xe9"))
		}, wire.EjectFieldConstraint},
		"not UTF-8 in an array": {StateEstablished, func(_ *stage, c *client) {
			c.setField(gate, "Gate", "words", text("\x01\x00x\x01\x00\x80"))
		}, wire.EjectFieldConstraint},
		"a char that is not ASCII": {StateAnonymous, func(_ *stage, c *client) {
			c.setField(gate, "Gate", "letter", func(w *wire.Writer) { w.Uint8(0xe9) })
		}, wire.EjectFieldConstraint},
		"chars that are not UTF-8": {StateEstablished, func(_ *stage, c *client) {
			c.setField(gate, "Gate", "spell", text("\xff\xfe"))
		}, wire.EjectFieldConstraint},
		"too large for the cluster": {StateEstablished, func(_ *stage, c *client) {
			c.setField(gate, "Gate", "enter", text(string(make([]byte, wire.MaxLength-2-4-2-2))))
		}, wire.EjectOversizedDatagram},
		"string too long": {StateEstablished, func(s *stage, c *client) {
			s.own(c, 101, 10)
			c.setField(101, "Duck", "setName", text("a name that is much too long for a duck"))
		}, wire.EjectFieldConstraint},
		"number out of range": {StateEstablished, func(s *stage, c *client) {
			s.own(c, 101, 10)
			c.setField(101, "Duck", "setMood", func(w *wire.Writer) { w.Uint8(101) })
		}, wire.EjectFieldConstraint},
		"moves what it does not know": {StateEstablished, func(_ *stage, c *client) {
			c.send(wire.ClientObjectLocation, func(w *wire.Writer) { w.DoID(101).DoID(pond).Zone(1) })
		}, wire.EjectMissingObject},
		"moves what it does not own": {StateEstablished, func(s *stage, c *client) {
			s.show(c, 101, 10)
			c.send(wire.ClientObjectLocation, func(w *wire.Writer) { w.DoID(101).DoID(pond).Zone(1) })
		}, wire.EjectForbiddenRelocate},
		"moves what it owns to where no object is": {StateEstablished, func(s *stage, c *client) {
			s.own(c, 101, 10)
			c.send(wire.ClientObjectLocation, func(w *wire.Writer) { w.DoID(101).DoID(wire.DoID(wire.BroadcastClients)).Zone(1) })
		}, wire.EjectForbiddenRelocate},
		"ownsend without owning": {StateEstablished, func(s *stage, c *client) {
			s.show(c, 101, 10)
			c.setField(101, "Duck", "setMood", func(w *wire.Writer) { w.Uint8(1) })
		}, wire.EjectForbiddenField},
		"closes what is not open": {StateEstablished, func(_ *stage, c *client) { c.removeInterest(1, 99) }, wire.EjectGeneric},
		"session object deleted": {StateEstablished, func(s *stage, c *client) {
			s.order(c, wire.ClientAgentAddSessionObject, func(w *wire.Writer) { w.DoID(101) })
			s.own(c, 101, 10)
			s.order(c, wire.StateServerObjectDeleteRAM, func(w *wire.Writer) { w.DoID(101) })
		}, wire.EjectSessionObjectDeleted},
		"session object given away": {StateEstablished, func(s *stage, c *client) {
			s.order(c, wire.ClientAgentAddSessionObject, func(w *wire.Writer) { w.DoID(101) })
			s.own(c, 101, 10)
			s.order(c, wire.StateServerObjectChangingOwner, func(w *wire.Writer) { w.DoID(101).Channel(1).Channel(c.channel) })
		}, wire.EjectSessionObjectDeleted},
		"by the cluster": {StateEstablished, func(s *stage, c *client) {
			s.order(c, wire.ClientAgentEject, func(w *wire.Writer) { w.Uint16(uint16(wire.EjectByAdmin)).Text("go home") })
		}, wire.EjectByAdmin},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			var c *client
			switch test.state {
			case StateNew:
				c = s.dial()
			case StateAnonymous:
				c = s.anonymous()
			default:
				c = s.established()
			}
			test.do(s, c)
			c.expectEject(test.want)
			if n := s.agent.Stats().Ejects[test.want]; n != 1 {
				t.Errorf("stats count %d ejects, want 1", n)
			}
		})
	}
}

// show opens an interest in which the client sees an object.
func (s *stage) show(c *client, do wire.DoID, zone wire.Zone) {
	s.t.Helper()
	c.interest(1, 1, zone)
	context, _ := s.asked()
	s.count(c, context, 1)
	s.answer(c, context, do, zone)
	c.expectDo(wire.ClientEnterObjectRequired, do)
	c.done(1, 1)
}

// What permissions forbid.
func TestPermissions(t *testing.T) {
	s := newStage(t, func(o *Options) { o.Interests, o.Relocate = InterestsDisabled, false })
	for _, send := range []func(c *client){
		func(c *client) { c.interest(1, 1, 10) },
		func(c *client) { c.removeInterest(1, 1) },
	} {
		c := s.established()
		send(c)
		c.expectEject(wire.EjectForbiddenInterest)
	}
	c := s.established()
	s.own(c, 101, 10)
	c.send(wire.ClientObjectLocation, func(w *wire.Writer) { w.DoID(101).DoID(pond).Zone(1) })
	c.expectEject(wire.EjectForbiddenRelocate)
}

func TestInterestsVisibleOnly(t *testing.T) {
	s := newStage(t, func(o *Options) { o.Interests = InterestsVisible })
	c := s.established()
	s.order(c, wire.ClientAgentDeclareObject, func(w *wire.Writer) { w.DoID(pond).DClassID(classID(t, "Pond")) })
	s.settled(c)
	c.interest(1, 1, 10)
	context, _ := s.asked()
	s.count(c, context, 0)
	c.done(1, 1)
	s.order(c, wire.ClientAgentUndeclareObject, func(w *wire.Writer) { w.DoID(pond) })
	s.settled(c)
	c.interest(2, 2, 10)
	c.expectEject(wire.EjectForbiddenInterest)
}

// What a client sends late, to an object that it used to see, is ignored.
func TestLateUpdates(t *testing.T) {
	s := newStage(t)
	c := s.established()
	s.show(c, 101, 10)
	s.moves(101, 10, 99)
	c.expectDo(wire.ClientObjectLeaving, 101)
	c.setField(101, "Duck", "feed", func(w *wire.Writer) { w.Blob([]byte("bread")) })
	c.send(wire.ClientObjectLocation, func(w *wire.Writer) { w.DoID(101).DoID(pond).Zone(1) })
	s.quiet(c)
}

// A session's end deletes its session objects and sends its post-removes, once,
// in this order.
func TestEnd(t *testing.T) {
	for name, end := range map[string]func(s *stage, c *client){
		"hung up":      func(_ *stage, c *client) { c.conn.Close() },
		"disconnected": func(_ *stage, c *client) { c.send(wire.ClientDisconnect, nil) },
		"dropped":      func(s *stage, c *client) { s.order(c, wire.ClientAgentDrop, nil) },
		"ejected":      func(_ *stage, c *client) { c.send(4711, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			c := s.established()
			watcher := s.join(101, 102, 900_001)
			var left wire.Writer
			left.Header(77, 7777, 900_001)
			goodbye, _ := left.Datagram()
			s.order(c, wire.ClientAgentAddPostRemove, func(w *wire.Writer) { w.Blob(goodbye) })
			for _, do := range []wire.DoID{102, 101, 103} {
				s.order(c, wire.ClientAgentAddSessionObject, func(w *wire.Writer) { w.DoID(do) })
			}
			s.order(c, wire.ClientAgentRemoveSessionObject, func(w *wire.Writer) { w.DoID(103) })
			s.settled(c)
			end(s, c)
			for _, do := range []wire.DoID{101, 102} {
				sender, r := watcher.expect(wire.StateServerObjectDeleteRAM)
				if got := r.DoID(); got != do || sender != c.channel {
					t.Errorf("%d deletes %d, want %d and %d", sender, got, c.channel, do)
				}
			}
			watcher.expect(7777)
			s.actor.send(1, 7778, 900_001, nil)
			watcher.expect(7778) // and nothing before it
		})
	}
}

// A dropped client gets no word.
func TestDrop(t *testing.T) {
	s := newStage(t)
	c := s.established()
	s.order(c, wire.ClientAgentDrop, nil)
	if kind, _, err := c.receive(); err == nil || errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v, %v; want the end", kind, err)
	}
}

func TestNetworkAddress(t *testing.T) {
	s := newStage(t)
	c := s.established()
	s.order(c, wire.ClientAgentGetNetworkAddress, func(w *wire.Writer) { w.Uint32(9) })
	_, r := s.actor.expect(wire.ClientAgentGetNetworkAddressResp)
	want := netip.MustParseAddrPort(c.conn.LocalAddr().String())
	if context, ip, port := r.Uint32(), r.Text(), r.Uint16(); context != 9 || ip != want.Addr().String() || port != want.Port() {
		t.Errorf("the client is %s %d, want %s", ip, port, want)
	}
}

// A closed channel is closed at once: what is sent behind the order to close it is
// not heard.
func TestCloseChannel(t *testing.T) {
	s := newStage(t)
	c := s.established()
	s.order(c, wire.ClientAgentOpenChannel, func(w *wire.Writer) { w.Channel(66778899) })
	s.settled(c)
	s.order(c, wire.ClientAgentCloseChannel, func(w *wire.Writer) { w.Channel(c.channel) })
	s.order(c, wire.ClientAgentEject, func(w *wire.Writer) { w.Uint16(1).Text("not heard") })
	s.actor.send(gate.Channel(), wire.ClientAgentEject, 66778899, func(w *wire.Writer) { w.Uint16(4321).Text("heard") })
	c.expectEject(4321)
}

// The sender that a client is given is its channel, the one before is not any
// more, and the first one always is.
func TestSetClientID(t *testing.T) {
	s := newStage(t)
	c := s.established()
	first := c.channel
	for _, id := range []wire.Channel{555566667777, 777766665555} {
		c.channel = first
		s.order(c, wire.ClientAgentSetClientID, func(w *wire.Writer) { w.Channel(id) })
		s.settled(c)
		c.channel = id
		s.settled(c)
	}
	s.actor.send(1, wire.ClientAgentEject, 555566667777, func(w *wire.Writer) { w.Uint16(1).Text("not heard") })
	s.quiet(c)
	s.actor.send(1, wire.ClientAgentEject, wire.BroadcastClients, func(w *wire.Writer) { w.Uint16(4321).Text("all of you") })
	c.expectEject(4321)
}

func TestSendable(t *testing.T) {
	s := newStage(t)
	c := s.established()
	s.show(c, 101, 10)
	duck := s.join(101)
	sendable := func(fields ...wire.FieldID) {
		s.order(c, wire.ClientAgentSetFieldsSendable, func(w *wire.Writer) {
			w.DoID(101).Uint16(uint16(len(fields)))
			for _, f := range fields {
				w.FieldID(f)
			}
		})
		s.settled(c)
	}
	sendable(fieldID(t, "Duck", "setMood"))
	c.setField(101, "Duck", "setMood", func(w *wire.Writer) { w.Uint8(50) })
	duck.expect(wire.StateServerObjectSetField)
	sendable()
	c.setField(101, "Duck", "setMood", func(w *wire.Writer) { w.Uint8(50) })
	c.expectEject(wire.EjectForbiddenField)
}

// A client does not get the echo of what it sent.
func TestNoEcho(t *testing.T) {
	s := newStage(t)
	c := s.established()
	s.show(c, 101, 10)
	s.actor.send(c.channel, wire.StateServerObjectSetField, wire.Location{Parent: pond, Zone: 10}.Channel(), func(w *wire.Writer) {
		w.DoID(101).FieldID(fieldID(t, "Duck", "setName")).Text("echo")
	})
	s.quiet(c)
}

// UTF-8 is text; with AnyText everything is.
func TestText(t *testing.T) {
	said := func(t *testing.T, s *stage, c *client, field, packed string) {
		t.Helper()
		c.setField(gate, "Gate", field, func(w *wire.Writer) { w.Raw([]byte(packed)) })
		_, r := s.actor.expect(wire.StateServerObjectSetField)
		r.DoID()
		r.FieldID()
		if got := r.Rest(); string(got) != packed {
			t.Errorf("%s: %q arrived, want %q", field, got, packed)
		}
	}
	s := newStage(t)
	c := s.anonymous()
	said(t, s, c, "enter", "\x05\x00čoí")
	said(t, s, c, "letter", "c")
	said(t, s, c, "spell", "\x02\x00č")
	said(t, s, c, "words", "\x07\x00\x01\x00c\x02\x00í")
	s = newStage(t, func(o *Options) { o.AnyText = true })
	c = s.anonymous()
	said(t, s, c, "enter", "\x01\x00\xe9")
	said(t, s, c, "letter", "\xe9")
	said(t, s, c, "spell", "\x02\x00\xff\xfe")
}

// Channels are given in order, then those that were given back, oldest first; and
// two agents with one range share it.
func TestChannelPool(t *testing.T) {
	var pools ChannelPools
	p := pools.Get(wire.MaxChannel-1, wire.MaxChannel)
	if p != pools.Get(wire.MaxChannel-1, wire.MaxChannel) || p == pools.Get(1000, 1001) {
		t.Error("the pools are not those of their ranges")
	}
	take := func(want wire.Channel, ok bool) {
		t.Helper()
		if got, gotOK := p.take(); got != want || gotOK != ok {
			t.Errorf("%d, %v is given; want %d, %v", got, gotOK, want, ok)
		}
	}
	left := func(want uint64) {
		t.Helper()
		if got := p.left(); got != want {
			t.Errorf("%d channels are left, want %d", got, want)
		}
	}
	left(2)
	take(wire.MaxChannel-1, true)
	left(1)
	take(wire.MaxChannel, true)
	left(0)
	take(0, false)
	p.put(wire.MaxChannel)
	p.put(wire.MaxChannel - 1)
	left(2)
	take(wire.MaxChannel, true)
	take(wire.MaxChannel-1, true)
	take(0, false)
}

// With all channels taken a client is told so.
func TestCapacity(t *testing.T) {
	s := newStage(t, func(o *Options) { o.Channels = NewChannelPool(firstPlace, firstPlace) })
	first := s.anonymous()
	s.dial().expectEject(wire.EjectGeneric)
	first.conn.Close()
	deadline := time.Now().Add(patience)
	for s.agent.Stats().Clients > 0 && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond) // there is nobody to ask but the agent
	}
	s.anonymous()
}

// An agent that stops tells its clients.
func TestStop(t *testing.T) {
	o := parkOptions(t)
	node := startNode(t)
	s := &stage{t: t, node: node, agent: startAgent(t, node, o)}
	c := s.dial()
	c.hello()
	s.agent.ejectAll()
	c.expectEject(wire.EjectMaintenance)
}

// An answer to a client that is gone is none to the next one on its channel.
func TestAnswerForTheLastOnTheChannel(t *testing.T) {
	s := newStage(t, func(o *Options) { o.Channels = NewChannelPool(firstPlace, firstPlace) })
	first := s.established()
	first.interest(1, 1, 10)
	old, _ := s.asked()
	first.conn.Close()
	deadline := time.Now().Add(patience)
	for s.agent.Stats().Clients > 0 && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond) // there is nobody to ask but the agent
	}
	c := s.established()
	c.interest(2, 2, 11)
	context, _ := s.asked()
	s.count(c, context, 1)
	s.answer(c, old, 101, 10)
	s.answer(c, context, 102, 11)
	c.expectDo(wire.ClientEnterObjectRequired, 102)
	c.done(2, 2)
}

// reluctant is a connection that takes its time to close, as TLS and WebSocket do
// when the other side does not read.
type reluctant struct {
	net.Conn
	release chan struct{}
}

func (c *reluctant) Close() error {
	<-c.release
	return c.Conn.Close()
}

// Nobody waits for the connection of somebody who is dropped.
func TestDropWaitsForNobody(t *testing.T) {
	s := newStage(t)
	ours, theirs := net.Pipe()
	defer theirs.Close()
	conn := &reluctant{ours, make(chan struct{})}
	defer close(conn.release)
	stuck, err := s.agent.admit(conn, listen.Peer{})
	if err != nil {
		t.Fatal(err)
	}
	s.agent.conns.Add(1)
	stuck.read.Serve()
	c := s.established()
	s.actor.send(gate.Channel(), wire.ClientAgentDrop, stuck.allocated, nil)
	s.settled(c)
}
