package clientagent

import (
	"bytes"
	"encoding/gob"
	"errors"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/roles/clientagent/internal/resume"
	"natstron/roles/clientagent/internal/view"
)

// recovering is a connection whose client goes on with a lost session.
type recovering struct {
	lost   bridge.LostSession
	kept   keptSession
	in     *incoming
	number uint32 // of the token that the client is given
	have   view.Have
}

// recoverPatience is how long objects have to say what they are like, when their state servers are
// there. Those that do not are
// gone.
const recoverPatience = 10 * time.Second

// maxHave is how many objects a client can say that it has.
const maxHave = 100_000

// recoverFrom lets the client go on with a session of an agent that has died. It is told
// CLIENT_RECOVERED when this agent has the session, alone.
func (s *session) recoverFrom(e bridge.LostSession, token resume.Token) *ejection {
	r := s.role
	c := &recovering{lost: e, in: &incoming{role: r}}
	if r.o.Class != nil {
		return ejectf(wire.EjectSessionOver, "Sessions of other client agents cannot go on here.")
	}
	if gob.NewDecoder(bytes.NewReader(e.State)).Decode(&c.kept) != nil || len(e.Channels) == 0 {
		return ejectf(wire.EjectSessionOver, "The session was left by a client agent of another version.")
	}
	last := c.kept.Token
	if token.Channel != last.Channel || token.Session != last.Session || token.Number-c.kept.Confirmed > 1<<31 {
		return ejectf(wire.EjectSessionOver, "The token has been used.")
	}
	c.number = max(token.Number, last.Number) + 1
	s.moving = true
	r.turn.ClaimSession(e, func(t bridge.Turn, ours bool) {
		r.turn = t
		defer r.runDeferred()
		switch {
		case s.ended && ours:
			t.ReleaseSession(e)
		case s.ended:
		case !ours:
			s.moving = false
			s.eject(ejectf(wire.EjectSessionAway, "Another client agent goes on with the session."))
		default:
			s.hearFor(c)
		}
	})
	return nil
}

// hearFor subscribes to the session's channels, and tells the client when nothing that is
// sent to them is missed any more.
func (s *session) hearFor(c *recovering) {
	r := s.role
	s.recovering = c // from now on it is given up with the connection
	told := func() {
		if s.ended {
			return
		}
		s.moving = false
		o := &r.o.Resume
		token := c.kept.Token
		token.Number = c.number
		w := r.client.BeginFrame().ClientMsgType(wire.ClientRecovered).Uint32(uint32(o.Within.Milliseconds())).Uint32(uint32(o.Queue / acknowledgements)).
			Blob(r.resumes.keys.Sign(token))
		if frame, err := w.Frame(); err == nil {
			s.write(frame)
		}
	}
	arrived := make(chan struct{})
	effective, err := c.in.subscribe(preparation{Channels: c.kept.channels()}, arrived)
	switch {
	case err != nil:
		s.eject(ejectf(wire.EjectSessionAway, "The client agent cannot take the session over: %v.", err))
	case effective:
		told()
	default:
		r.conns.Go(func() {
			select {
			case <-arrived:
			case <-time.After(handoverPatience): // of the cluster: what is missed is asked for
			}
			r.enter()
			defer r.leave()
			told()
		})
	}
}

func (k *keptSession) channels() []wire.Channel {
	all := append([]wire.Channel{k.Allocated}, k.Opened...)
	if k.Channel != k.Allocated {
		all = append(all, k.Channel)
	}
	return all
}

// clientHave takes what the client has, in one or more parts, and lets it go on.
func clientHave(s *session, payload []byte) *ejection {
	in := wire.NewReader(payload)
	last := in.Bool()
	c := s.recovering
	var have view.Have
	list := func() (all []wire.DoID) {
		for n := in.Uint16(); n > 0 && in.Err() == nil; n-- {
			all = append(all, in.DoID())
		}
		return all
	}
	have.Visible, have.Owned = list(), list()
	for n := in.Uint16(); n > 0 && in.Err() == nil; n-- {
		have.Waiting = append(have.Waiting, view.Answer{Context: in.Uint32(), Interest: in.Uint16()})
	}
	if why := notWhole(&in); why != nil {
		return why
	}
	if c == nil {
		return ejectf(wire.EjectInvalidMsgType, "The client has not been told CLIENT_RECOVERED.")
	}
	c.have.Visible = append(c.have.Visible, have.Visible...)
	c.have.Owned = append(c.have.Owned, have.Owned...)
	c.have.Waiting = append(c.have.Waiting, have.Waiting...)
	switch {
	case len(c.have.Visible)+len(c.have.Owned)+len(c.have.Waiting) > maxHave:
		return ejectf(wire.EjectOversizedDatagram, "The client has more than %d objects.", maxHave)
	case !last:
		return nil
	}
	s.recovering = nil
	if err := s.recovered(c); err != nil {
		return ejectf(wire.EjectSessionOver, "The session could not be taken up: %v.", err)
	}
	return nil
}

// recovered makes the session that was left one of this agent, and brings its client up to
// date.
func (s *session) recovered(c *recovering) error {
	r, k := s.role, &c.kept
	e, there := r.turn.LostSession(c.lost.Key)
	if !there || e.Origin != c.lost.Origin {
		c.in.giveUpNow()
		return errors.New("it has waited for too long")
	}
	token := k.Token
	token.Number = c.number
	m := movedSession{
		Allocated: k.Allocated, Channel: k.Channel, State: k.State, Opened: k.Opened, Sendable: k.Sendable, Relocatable: k.Relocatable,
		Connected: k.Connected, PostRemoves: e.PostRemoves, LentLo: k.LentLo, LentHi: k.LentHi,
		Ticket: resume.Moved{Last: token, Confirmed: k.Confirmed},
	}
	n, err := r.restore(s.link, c.in, &m)
	if err != nil {
		r.turn.ReleaseSession(e)
		c.in.giveUpNow()
		return err
	}
	n.recoverable = true
	r.turn.TakeSession(e)
	delete(r.resumes.left, n.allocated)
	r.stats.Recovered++
	n.goOnAt(s, "client-recovered")
	c.in.session = n
	if err := n.view.Recover(k.View, c.have, func() bool { return r.turn.ServersAway() }, func(then func()) {
		r.turn.WhenAnswered(n.participant, func(t bridge.Turn) {
			r.turn = t
			then()
			r.runDeferred()
		})
	}, n.whenPatienceEnds); err != nil {
		n.eject(ejectf(wire.EjectSessionOver, "The session could not be taken up: %v.", err))
		return nil
	}
	for _, d := range c.in.kept {
		n.handleDatagram(d.Datagram)
	}
	c.in.kept = nil
	n.keeps()
	return nil
}

// whenPatienceEnds calls then after recoverPatience in which no state server was away at the end.
func (s *session) whenPatienceEnds(then func()) {
	time.AfterFunc(recoverPatience, func() {
		r := s.role
		r.enter()
		defer r.leave()
		if r.turn.ServersAway() && !s.ended {
			s.whenPatienceEnds(then)
		} else {
			then()
		}
	})
}

// stopRecovering leaves the session to others: the connection has ended.
func (s *session) stopRecovering() {
	if c := s.recovering; c != nil {
		s.recovering = nil
		s.role.turn.ReleaseSession(c.lost)
		c.in.giveUpNow()
	}
}
