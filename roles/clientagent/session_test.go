package clientagent

import (
	"encoding/binary"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"natstron/bridge/wire"
	"natstron/internal/msgtext"
	"natstron/roles/clientagent/internal/listen"
)

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
		if got, gotOK := p.takeChannel(); got != want || gotOK != ok {
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
	p.returnChannel(wire.MaxChannel)
	p.returnChannel(wire.MaxChannel - 1)
	left(2)
	take(wire.MaxChannel, true)
	take(wire.MaxChannel-1, true)
	take(0, false)
}

// With all channels taken a client is told so.
func TestCapacity(t *testing.T) {
	s := newStage(t, func(o *Options) { o.Pool = NewChannelPool(firstClient, firstClient) })
	first := s.anonymous()
	s.dial().ExpectEject(wire.EjectGeneric)
	first.Conn.Close()
	s.until(t, 0)
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
	c.ExpectEject(wire.EjectMaintenance)
}

// An answer to a client that is gone is none to the next one on its channel.
func TestAnswerForTheLastOnTheChannel(t *testing.T) {
	s := newStage(t, func(o *Options) { o.Pool = NewChannelPool(firstClient, firstClient) })
	first := s.established()
	first.interest(1, 1, 10)
	old, _ := s.asked()
	first.Conn.Close()
	s.until(t, 0)
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
	must(t, err)
	s.agent.conns.Add(1)
	stuck.read.Serve()
	c := s.established()
	s.actor.send(gate.Channel(), wire.ClientAgentDrop, stuck.allocated, nil)
	s.settled(c)
}

// That clients come and go is told at the level info, in few lines however many they are; who
// speaks the protocol of a message director is told where to connect.
func TestComingAndGoingIsTold(t *testing.T) {
	log := new(msgtext.Log)
	s := newStage(t, func(o *Options) { o.Log = slog.New(slog.NewTextHandler(log, nil)) })
	began := time.Now()
	for range 20 {
		c := s.dial()
		c.hello()
		c.Conn.Close()
	}
	s.until(t, 0)
	most := 2 * (int(time.Since(began)/time.Second) + 2)
	if n := strings.Count(log.String(), "a client connected") + strings.Count(log.String(), "a client is gone"); n < 1 || n > most {
		t.Errorf("%d lines, want 1 to %d:\n%s", n, most, log.String())
	}
	for _, first := range []func(w *wire.Writer){
		func(w *wire.Writer) { w.Control(wire.ControlAddChannel).Channel(5000) },
		func(w *wire.Writer) { w.Header(5000, wire.StateServerObjectSetField, 6000).Uint8(1) },
	} {
		var w wire.Writer
		first(&w)
		d, err := w.Datagram()
		if err != nil {
			t.Fatal(err)
		}
		c := s.dial()
		_, err = c.Conn.Write(append(binary.LittleEndian.AppendUint16(nil, uint16(len(d))), d...))
		must(t, err)
		c.ExpectEject(wire.EjectNoHello)
	}
	s.settledAgent()
	if n := strings.Count(log.String(), "AIs and UberDOGs connect to messagedirector.bind"); n != 2 {
		t.Errorf("%d of 2 lines tell where to connect:\n%s", n, log.String())
	}
}
