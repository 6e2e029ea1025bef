package clientagent

import (
	"testing"

	"natstron/bridge/wire"
)

// Whoever asked for an interest from within the cluster is told when it is done.
func TestServerInterest(t *testing.T) {
	s := newStage(t)
	c := s.established()
	s.order(c, wire.ClientAgentAddInterest, func(w *wire.Writer) { w.Uint16(3).DoID(pond).Zone(10) })
	told := c.expect(wire.ClientAddInterest)
	clientContext := told.Uint32()
	context, _ := s.asked()
	s.count(c, context, 0)
	s.actor.expect(wire.ClientAgentDoneInterestResp)
	c.done(clientContext, 3)
	s.order(c, wire.ClientAgentRemoveInterest, func(w *wire.Writer) { w.Uint16(3) })
	told = c.expect(wire.ClientRemoveInterest)
	clientContext = told.Uint32()
	s.actor.expect(wire.ClientAgentDoneInterestResp)
	c.done(clientContext, 3)
}

// A client cannot make itself hear what is not for it by an interest whose
// location is another channel: that of an object or of another client.
func TestInterestUnderReservedParent(t *testing.T) {
	s := newStage(t)
	for _, parent := range []wire.DoID{0, 1, 2, 999} {
		c := s.established()
		c.send(wire.ClientAddInterest, func(w *wire.Writer) { w.Uint32(1).Uint16(1).DoID(parent).Zone(wire.Zone(c.channel)) })
		c.expectEject(wire.EjectForbiddenInterest)
	}
}

func TestInterestLimits(t *testing.T) {
	s := newStage(t, func(o *Options) { o.Limits.InterestZones, o.Limits.PendingInterests = 3, 2 })
	c := s.established()
	c.interest(1, 1, 10, 11, 12)
	s.asked()
	c.interest(2, 1, 10, 11, 13) // altered: still three
	s.asked()
	c.interest(3, 2, 10, 14)
	c.expectEject(wire.EjectForbiddenInterest)

	c = s.established()
	c.interest(1, 1, 10)
	c.interest(2, 2, 11)
	c.interest(3, 3, 12)
	c.expectEject(wire.EjectForbiddenInterest)
}

// Each interest remembers its zones: a client cannot name the same few in ever more
// of them.
func TestNamedZonesAreLimited(t *testing.T) {
	const zones = 2
	s := newStage(t, func(o *Options) { o.Limits.InterestZones = zones })
	c := s.established()
	c.interest(1, 1, 10, 11)
	context, _ := s.asked()
	s.count(c, context, 0)
	c.done(1, 1)
	fits := uint16(zones * namedZones / (zones + 1)) // each counts for itself, too
	for range 2 {
		for id := uint16(2); id <= fits; id++ {
			c.interest(uint32(id), id, 10, 11)
			c.done(uint32(id), id)
		}
		c.removeInterest(1, fits)
		c.done(1, fits)
	}
	c.interest(2, fits, 10, 11)
	c.done(2, fits)
	c.interest(3, fits+1, 10, 11)
	c.expectEject(wire.EjectForbiddenInterest)
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
