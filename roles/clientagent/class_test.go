package clientagent

import (
	"sync/atomic"
	"testing"

	"natstron/bridge/wire"
)

// probe is a class that records, changes and acts.
type probe struct{ connected, disconnected atomic.Int32 }

func (p *probe) Connected(s *Session) {
	p.connected.Add(1)
	s.Value = "mine"
}

func (p *probe) Disconnected(*Session) { p.disconnected.Add(1) }

func (p *probe) FromClient(s *Session, message []byte) []byte {
	r := wire.NewReader(message)
	switch r.ClientMsgType() {
	case 5001: // let me in
		s.SetState(StateEstablished)
		s.SendClient([]byte{0x89, 0x13})
		return nil
	case 5002: // an avatar without an UberDOG
		s.Declare(101, wire.DClassID(r.Uint16()))
		s.AddSessionObject(101)
		s.AddInterest(1, pond, 10)
		return nil
	case 5008:
		var w wire.Writer
		d, _ := w.Channel(900_002).Datagram()
		s.Order(wire.ClientAgentOpenChannel, d)
		s.Order(wire.ClientAgentOpenChannel, d[:3])
		s.Order(wire.ClientAgentGetTLVs, []byte{1, 2, 3, 4})
		return nil
	case 5003:
		if !s.RemoteAddr().Addr().IsLoopback() || len(s.TLVs()) > 0 {
			return nil
		}
		s.Eject(4321, "as you wish")
		return nil
	case 5004:
		var w wire.Writer
		d, _ := w.Header(s.Channel(), 4004, gate.Channel()).Datagram()
		_ = s.Send(d)
		return nil
	}
	return message
}

func (p *probe) ToClient(s *Session, message []byte) []byte {
	r := wire.NewReader(message)
	switch r.ClientMsgType() {
	case 5005:
		return nil // not for clients
	case 5006:
		return []byte{0x8f, 0x13, 1}
	case wire.ClientEject:
		s.Eject(1, "once is enough")
	}
	return message
}

// A class sees both ways, changes and swallows messages, and acts by itself.
func TestClass(t *testing.T) {
	p := new(probe)
	s := newStage(t, func(o *Options) { o.Class = p })
	c := s.anonymous()
	c.send(5001, nil)
	c.expect(5001)
	c.send(5002, func(w *wire.Writer) { w.DClassID(classID(t, "Duck")) })
	c.expect(wire.ClientAddInterest)
	context, _ := s.asked()
	s.count(c, context, 0)
	c.done(1, 1)
	duck := s.join(101)
	c.setField(101, "Duck", "feed", func(w *wire.Writer) { w.Blob([]byte("bread")) })
	duck.expect(wire.StateServerObjectSetField)
	c.send(5004, nil)
	s.actor.expect(4004)
	for _, message := range [][]byte{{0x8d, 0x13}, {0x8e, 0x13}} {
		s.order(c, wire.ClientAgentSendDatagram, func(w *wire.Writer) { w.Blob(message) })
	}
	c.expect(5007) // for 5006, and nothing for 5005
	s.settled(c)
	c.send(5008, nil)
	c.send(5004, nil)
	s.actor.expect(4004) // and no answer to nobody's question
	s.actor.send(1, wire.ClientAgentSendDatagram, 900_002, func(w *wire.Writer) { w.Blob([]byte{0xff, 0xff}) })
	c.expect(0xffff)
	if n := s.agent.Stats().Malformed; n != 1 {
		t.Errorf("%d orders were refused, want one", n)
	}
	c.send(5003, nil)
	c.expectEject(4321)
	duck.expect(wire.StateServerObjectDeleteRAM)
	if p.connected.Load() != 1 || p.disconnected.Load() != 1 {
		t.Errorf("%d came, %d went", p.connected.Load(), p.disconnected.Load())
	}
}

// clinging is a class that opens an interest again while it is being closed, and
// acts on a session that has ended.
type clinging struct{ again bool }

func (*clinging) Connected(*Session) {}

func (*clinging) FromClient(_ *Session, message []byte) []byte { return message }

func (k *clinging) ToClient(s *Session, message []byte) []byte {
	r := wire.NewReader(message)
	if r.ClientMsgType() == wire.ClientObjectLeaving && !k.again {
		k.again = true
		s.SendClient([]byte{0x8d, 0x13})
		s.AddInterest(1, pond, 10)
	}
	return message
}

func (*clinging) Disconnected(s *Session) {
	s.SetState(StateEstablished)
	s.Eject(1, "gone")
	s.AddInterest(2, pond, 11)
	s.AddSessionObject(103)
	var w wire.Writer
	d, _ := w.Header(s.Channel(), 4004, gate.Channel()).Datagram()
	_ = s.Send(d)
}

// What a class does in the middle of something is done after it.
func TestClassMeanwhile(t *testing.T) {
	s := newStage(t, func(o *Options) { o.Class = new(clinging) })
	c := s.established()
	s.show(c, 101, 10)
	c.removeInterest(2, 1)
	c.expect(5005)
	c.expectDo(wire.ClientObjectLeaving, 101)
	c.done(2, 1)
	c.expect(wire.ClientAddInterest)
	context, _ := s.asked()
	s.count(c, context, 1)
	s.answer(c, context, 101, 10)
	c.expectDo(wire.ClientEnterObjectRequired, 101)
	c.expect(wire.ClientDoneInterestResp)
	c.send(wire.ClientDisconnect, nil)
	s.actor.expect(4004)
	s.settledAgent()
}
