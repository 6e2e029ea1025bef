package clientagent

import (
	"testing"
	"time"

	"natstron/bridge/wire"
)

// The client is shown what answers, told done, then given what came meanwhile, in
// this order.
func TestInterestOrder(t *testing.T) {
	s := newStage(t)
	c := s.established()
	c.interest(7, 1, 10)
	context, _ := s.asked()
	s.answer(c, context, 101, 10)
	s.toZone(10, wire.StateServerObjectEnterLocationWithRequired, func(w *wire.Writer) { duck(t, w, 103, 10, "late") })
	s.toZone(10, wire.StateServerObjectSetField, func(w *wire.Writer) { w.DoID(101).FieldID(fieldID(t, "Duck", "wet")).Uint8(1) })
	s.toZone(10, wire.StateServerObjectSetField, func(w *wire.Writer) { w.DoID(103).FieldID(fieldID(t, "Duck", "wet")).Uint8(2) })
	s.quiet(c)
	s.answer(c, context, 102, 10)
	s.quiet(c)
	s.count(c, context, 2)
	c.expectDo(wire.ClientEnterObjectRequired, 101)
	c.expectDo(wire.ClientEnterObjectRequired, 102)
	c.done(7, 1)
	c.expectDo(wire.ClientEnterObjectRequired, 103)
	// In the order in which they were sent, for one object; here for both.
	c.expectDo(wire.ClientObjectSetField, 101)
	c.expectDo(wire.ClientObjectSetField, 103)
	s.quiet(c)
}

// When the time is up the client is told done; what answers later is shown then,
// once, and heard of from then on.
func TestInterestTimeout(t *testing.T) {
	s := newStage(t, func(o *Options) { o.InterestTimeout = time.Hour })
	c := s.established()
	c.interest(7, 1, 10)
	context, _ := s.asked()
	s.count(c, context, 3)
	s.answer(c, context, 101, 10)
	s.settled(c)
	s.timeUp()
	c.expectDo(wire.ClientEnterObjectRequired, 101)
	c.done(7, 1)
	s.answer(c, context, 102, 10)
	c.expectDo(wire.ClientEnterObjectRequired, 102)
	s.answer(c, context, 102, 10)
	s.toZone(10, wire.StateServerObjectSetField, func(w *wire.Writer) { w.DoID(102).FieldID(fieldID(t, "Duck", "wet")).Uint8(1) })
	c.expectDo(wire.ClientObjectSetField, 102)
	s.quiet(c)
	if stats := s.agent.Stats(); stats.InterestTimeout != 1 || stats.LateEntries != 2 {
		t.Errorf("stats count %d timeouts and %d late entries, want 1 and 2", stats.InterestTimeout, stats.LateEntries)
	}
}

// timeUp ends the time that interests have.
func (s *stage) timeUp() {
	s.agent.enter()
	for _, op := range s.agent.opening {
		op.deadline = time.Now()
	}
	s.agent.leave()
	s.agent.timeUp()
}

// A late answer for a zone that has been closed since is not shown.
func TestLateAnswerOfClosedZone(t *testing.T) {
	s := newStage(t, func(o *Options) { o.InterestTimeout = 20 * time.Millisecond })
	c := s.established()
	c.interest(7, 1, 10)
	first, _ := s.asked()
	c.done(7, 1)
	c.removeInterest(8, 1)
	c.done(8, 1)
	c.interest(9, 1, 10)
	second, _ := s.asked()
	s.answer(c, first, 101, 10) // it has left since
	s.count(c, second, 0)
	c.done(9, 1)
	s.quiet(c)
}

// An interest in zones that another one is still opening is done when they are.
func TestOverlapWhileOpening(t *testing.T) {
	s := newStage(t)
	c := s.established()
	c.interest(1, 1, 10, 11)
	context, _ := s.asked()
	c.interest(2, 2, 11)
	s.settled(c)
	s.quiet(c)
	s.count(c, context, 1)
	s.answer(c, context, 101, 11)
	c.expectDo(wire.ClientEnterObjectRequired, 101)
	c.done(1, 1)
	c.done(2, 2)
	c.removeInterest(3, 1)
	c.done(3, 1) // the second interest still shows 101
	c.removeInterest(4, 2)
	c.expectDo(wire.ClientObjectLeaving, 101)
	c.done(4, 2)
}

// Closing an interest that is still opening ends both.
func TestCloseWhileOpening(t *testing.T) {
	s := newStage(t)
	c := s.established()
	c.interest(1, 1, 10)
	context, _ := s.asked()
	s.answer(c, context, 101, 10)
	s.settled(c)
	c.removeInterest(2, 1)
	c.done(1, 1)
	c.done(2, 1)
	s.answer(c, context, 102, 10)
	s.count(c, context, 2)
	s.quiet(c)
}

// What the client moves itself is where it moved it: closing the zone that it left
// does not take it away.
func TestOwnRelocation(t *testing.T) {
	for name, answered := range map[string]bool{"before the answer": false, "after the answer": true} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			c := s.established()
			s.own(c, 101, 10)
			c.interest(1, 1, 10)
			context, _ := s.asked()
			s.count(c, context, 1)
			s.answer(c, context, 101, 10)
			c.expectDo(wire.ClientEnterObjectRequired, 101)
			c.done(1, 1)
			c.interest(2, 2, 11)
			context, _ = s.asked()
			s.count(c, context, 0)
			c.done(2, 2)

			c.send(wire.ClientObjectLocation, func(w *wire.Writer) { w.DoID(101).DoID(pond).Zone(11) })
			moved := func() {
				s.actor.send(c.channel, wire.StateServerObjectChangingLocation, c.channel, func(w *wire.Writer) {
					w.DoID(101).DoID(pond).Zone(11).DoID(pond).Zone(10)
				})
			}
			if answered {
				moved()
				s.settled(c)
			}
			c.removeInterest(3, 1)
			c.done(3, 1)
			if !answered {
				moved()
			}
			s.quiet(c)
			c.removeInterest(4, 2)
			c.expectDo(wire.ClientObjectLeaving, 101)
			c.done(4, 2)
		})
	}
}

// What the client moves out of its own sight leaves.
func TestOwnRelocationOutOfSight(t *testing.T) {
	s := newStage(t)
	c := s.established()
	s.own(c, 101, 10)
	c.interest(1, 1, 10)
	context, _ := s.asked()
	s.count(c, context, 1)
	s.answer(c, context, 101, 10)
	c.expectDo(wire.ClientEnterObjectRequired, 101)
	c.done(1, 1)
	s.actor.send(c.channel, wire.StateServerObjectChangingLocation, c.channel, func(w *wire.Writer) {
		w.DoID(101).DoID(pond).Zone(99).DoID(pond).Zone(10)
	})
	c.expectDo(wire.ClientObjectLeaving, 101)
	s.quiet(c)
}

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

// What has waited in an interest is no news of a zone that was opened meanwhile:
// that zone was asked for its objects later.
func TestWaitedDatagramsAreOld(t *testing.T) {
	open := func(s *stage, c *client, number uint16, zones ...wire.Zone) {
		c.interest(uint32(number), number, zones...)
		context, _ := s.asked()
		s.count(c, context, 0)
		c.done(uint32(number), number)
	}
	t.Run("a move", func(t *testing.T) {
		s := newStage(t)
		c := s.established()
		c.interest(1, 1, 10)
		context, _ := s.asked()
		s.answer(c, context, 101, 10)
		s.moves(101, 10, 11) // and away from there before it is opened
		open(s, c, 2, 11)
		s.count(c, context, 1)
		c.expectDo(wire.ClientEnterObjectRequired, 101)
		c.done(1, 1)
		c.expectDo(wire.ClientObjectLeaving, 101)
		s.quiet(c)
	})
	t.Run("an entrance", func(t *testing.T) {
		s := newStage(t)
		c := s.established()
		c.interest(1, 1, 10, 11)
		context, _ := s.asked()
		s.toZone(10, wire.StateServerObjectEnterLocationWithRequired, func(w *wire.Writer) { duck(t, w, 103, 10, "duck") })
		s.settled(c)
		c.interest(3, 1, 11) // closes 10, which it leaves before 10 is opened again
		open(s, c, 2, 10)
		s.count(c, context, 0)
		c.done(1, 1)
		c.done(3, 1)
		s.quiet(c)
	})
}
