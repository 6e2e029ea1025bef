package clientagent

import (
	"bytes"
	"testing"

	"natstron/bridge/wire"
)

// What the cluster says of objects, and what the client is told of it: the same
// payload under another type.
func TestFromCluster(t *testing.T) {
	s := newStage(t)
	c := s.established()
	s.show(c, 101, 10)
	at := wire.Location{Parent: pond, Zone: 10}
	enters := func(do wire.DoID) func(w *wire.Writer) {
		return func(w *wire.Writer) { duck(t, w, do, 10, "duck") }
	}
	other := func(do wire.DoID) func(w *wire.Writer) {
		return func(w *wire.Writer) {
			duck(t, w, do, 10, "duck")
			w.Uint16(1).FieldID(fieldID(t, "Duck", "wet")).Uint8(1)
		}
	}
	for _, step := range []struct {
		kind  wire.MsgType
		to    wire.Channel
		build func(w *wire.Writer)
		want  wire.ClientMsgType
		same  bool // the payload is
	}{
		{wire.StateServerObjectEnterLocationWithRequired, at.Channel(), enters(102), wire.ClientEnterObjectRequired, true},
		{wire.StateServerObjectEnterLocationWithRequiredOther, at.Channel(), other(103), wire.ClientEnterObjectRequiredOther, true},
		{wire.StateServerObjectEnterOwnerWithRequired, c.channel, enters(104), wire.ClientEnterObjectRequiredOwner, true},
		{wire.StateServerObjectEnterOwnerWithRequiredOther, c.channel, other(105), wire.ClientEnterObjectRequiredOtherOwner, true},
		{wire.StateServerObjectSetField, at.Channel(), func(w *wire.Writer) { w.DoID(102).FieldID(fieldID(t, "Duck", "wet")).Uint8(2) }, wire.ClientObjectSetField, true},
		{wire.StateServerObjectSetFields, at.Channel(), func(w *wire.Writer) {
			w.DoID(103).Uint16(1).FieldID(fieldID(t, "Duck", "wet")).Uint8(2)
		}, wire.ClientObjectSetFields, true},
		{wire.StateServerObjectSetField, c.channel, func(w *wire.Writer) { w.DoID(104).FieldID(fieldID(t, "Duck", "setMood")).Uint8(2) }, wire.ClientObjectSetField, true},
		{wire.StateServerObjectSetField, c.channel, func(w *wire.Writer) { w.DoID(gate).FieldID(fieldID(t, "Gate", "answer")).Text("come in") }, wire.ClientObjectSetField, true},
		{wire.StateServerObjectChangingOwner, c.channel, func(w *wire.Writer) { w.DoID(104).Channel(1).Channel(c.channel) }, wire.ClientObjectLeavingOwner, false},
		{wire.StateServerObjectDeleteRAM, at.Channel(), func(w *wire.Writer) { w.DoID(102) }, wire.ClientObjectLeaving, true},
		{wire.StateServerObjectDeleteRAM, c.channel, func(w *wire.Writer) { w.DoID(105) }, wire.ClientObjectLeavingOwner, true},
	} {
		var w wire.Writer
		step.build(&w)
		payload := w.Raw(nil)
		s.actor.send(900, step.kind, step.to, step.build)
		r := c.expect(step.want)
		want, err := payload.Datagram()
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Rest(); step.same && !bytes.Equal(got, want) {
			t.Errorf("%v: the client is told %x, want %x", step.kind, got, want)
		}
	}
	// What makes no sense is counted, and goes nowhere.
	for _, kind := range []wire.MsgType{wire.StateServerObjectSetField, wire.ClientAgentSetState, wire.ClientAgentDeclareObject, wire.StateServerCreateObjectWithRequired} {
		s.order(c, kind, func(w *wire.Writer) { w.Uint8(1) })
	}
	s.order(c, wire.ClientAgentDeclareObject, func(w *wire.Writer) { w.DoID(106).DClassID(999) })
	s.order(c, wire.StateServerObjectSetField, func(w *wire.Writer) { w.DoID(999).FieldID(0).Uint8(1) }) // of an object that nobody showed
	s.quiet(c)
	if n := s.agent.Stats().Malformed; n != 5 {
		t.Errorf("%d messages were refused, want 5", n)
	}
}

// Post-removes that were taken back are not sent, nor is the end of an object
// that is none of the session's any more.
func TestClearPostRemoves(t *testing.T) {
	s := newStage(t)
	c := s.established()
	watcher := s.join(101, 102, 900_001)
	var left wire.Writer
	goodbye, err := left.Header(77, 7777, 900_001).Datagram()
	if err != nil {
		t.Fatal(err)
	}
	s.order(c, wire.ClientAgentAddPostRemove, func(w *wire.Writer) { w.Blob(goodbye) })
	s.order(c, wire.ClientAgentAddSessionObject, func(w *wire.Writer) { w.DoID(101) })
	s.order(c, wire.ClientAgentAddSessionObject, func(w *wire.Writer) { w.DoID(102) })
	s.order(c, wire.ClientAgentClearPostRemoves, nil)
	s.order(c, wire.ClientAgentRemoveSessionObject, func(w *wire.Writer) { w.DoID(102) })
	s.settled(c)
	c.conn.Close()
	watcher.expect(wire.StateServerObjectDeleteRAM)
	s.settledAgent()
	s.actor.send(1, 7778, 900_001, nil)
	watcher.expect(7778) // and nothing before it
}

// The cluster opens an interest of several zones: the client is told which, and
// whoever asked, when it is open.
func TestServerInterestMultiple(t *testing.T) {
	s := newStage(t)
	c := s.established()
	s.order(c, wire.ClientAgentAddInterestMultiple, func(w *wire.Writer) {
		w.Uint16(7).DoID(pond).Uint16(3).Zone(12).Zone(11).Zone(12)
	})
	context, zones := s.asked()
	if len(zones) != 2 {
		t.Errorf("asked for the zones %v", zones)
	}
	r := c.expect(wire.ClientAddInterestMultiple)
	if own, id, parent, n := r.Uint32(), r.Uint16(), r.DoID(), r.Uint16(); id != 7 || parent != pond || n != 2 || r.Zone() != 11 || r.Zone() != 12 || r.Done() != nil {
		t.Errorf("the client is told of interest %d under %d with %d zones (context %d)", id, parent, n, own)
	}
	s.count(c, context, 0)
	c.expect(wire.ClientDoneInterestResp)
	if _, r := s.actor.expect(wire.ClientAgentDoneInterestResp); r.Channel() != c.channel || r.Uint16() != 7 {
		t.Error("whoever asked is told of another interest")
	}
}
