package clientagent

import (
	"natstron/bridge/wire"
	"natstron/roles/clientagent/internal/resume"
)

// clientGetResumeToken begins to keep what the client is sent, and gives it a token; an empty
// one, if the agent lets no client come back.
func clientGetResumeToken(s *session, payload []byte) *ejection {
	in := wire.NewReader(payload)
	recovers := in.Len() > 0 && in.Bool()
	if why := notWhole(&in); why != nil {
		return why
	}
	r := s.role
	s.endTicket()
	if r.resumes.keys != nil {
		s.ticket = resume.NewTicket(s.allocated, r.o.Resume.Queue, &r.resumes.memory)
		r.resumes.tickets[s.ticket.Session()] = s
		r.stats.Tokens++
		s.recoverable = recovers && r.o.Resume.Recover && s.class == nil
		s.keeps()
	}
	s.writeToken(r.client.BeginFrame().ClientMsgType(wire.ClientResumeToken))
	return nil
}

// clientAcknowledge forgets what the client has received, and tells it what has arrived.
func clientAcknowledge(s *session, payload []byte) *ejection {
	in := wire.NewReader(payload)
	received := in.Uint32()
	if why := notWhole(&in); why != nil {
		return why
	}
	if s.ticket == nil {
		return nil // it does not know yet that it cannot come back
	}
	if _, confirmed := s.ticket.Given(); confirmed != s.ticket.Token().Number {
		s.keeps()
	}
	if !s.ticket.Confirm(received) {
		return ejectf(wire.EjectGeneric, "The client acknowledges %d messages, and was sent %d.", received, s.ticket.Sent())
	}
	if frame, err := s.role.client.BeginFrame().ClientMsgType(wire.ClientAcknowledge).Uint32(s.ticket.Received).Frame(); err == nil {
		s.write(frame)
	}
	return nil
}

// clientResume lets a client go on with the session that it has a token of.
func clientResume(s *session, payload []byte) *ejection {
	in := wire.NewReader(payload)
	hash, version, signed, received := in.Uint32(), in.Text(), in.Blob(), in.Uint32()
	if why := notWhole(&in); why != nil {
		return why
	}
	r := s.role
	if why := r.wrongProgram(hash, version); why != nil {
		return why
	}
	if r.resumes.keys == nil {
		return ejectf(wire.EjectSessionOver, "Sessions do not wait for their clients here.")
	}
	token, err := r.resumes.keys.Verify(signed)
	if err != nil {
		return ejectf(wire.EjectBadResumeToken, "The token is refused: %v.", err)
	}
	before := r.resumes.tickets[token.Session]
	if e, left := r.turn.LostSession(token.Session); left && before == nil {
		return s.recoverFrom(e, token)
	}
	if before == nil {
		return s.goOnFrom(token, received)
	}
	return before.goOnWith(s, token, received)
}

// goOnWith lets the session go on with the connection of a client that has come back, if it may.
func (s *session) goOnWith(with *session, token resume.Token, received uint32) *ejection {
	if why := s.mayGoOn(token, received); why != nil {
		return why
	}
	s.goOn(with)
	return nil
}

// mayGoOn is what becomes of a client that may not go on with the session; received is how many
// messages it says that it has.
func (s *session) mayGoOn(token resume.Token, received uint32) *ejection {
	switch {
	case !s.ticket.Accepts(token):
		return ejectf(wire.EjectSessionOver, "The token has been used.")
	case !s.ticket.Acknowledge(received):
		return ejectf(wire.EjectBadResumeToken, "The client has received %d messages, and was sent %d.", received, s.ticket.Sent())
	}
	return nil
}

// lookFor looks whether others know of the session: that they have it, or that an agent of theirs
// has left it.
func (r *Role) lookFor(s *session, token resume.Token, received uint32) {
	r.askLostSessions()
	r.enter()
	defer r.leave()
	if s.ended {
		return
	}
	before := r.resumes.tickets[token.Session]
	e, left := r.turn.LostSession(token.Session)
	switch {
	case before != nil:
		s.moving = false
		s.eject(ejectf(wire.EjectSessionAway, "The session is about to go on here."))
	case left:
		s.eject(s.recoverFrom(e, token))
	case r.turn.ClientElsewhere(token.Channel):
		r.startFetch(s, token, received)
	default:
		s.moving = false
		s.eject(ejectf(wire.EjectSessionOver, "The session has ended."))
	}
}

// goOnFrom looks for the client's session at other agents.
func (s *session) goOnFrom(token resume.Token, received uint32) *ejection {
	r := s.role
	for _, other := range r.o.Handovers.others(r) {
		if before := other.resumes.tickets[token.Session]; before != nil {
			return r.takeFrom(other, before, s, token, received)
		}
	}
	if r.turn.Alone() {
		return ejectf(wire.EjectSessionOver, "The session has ended.")
	}
	s.moving = true
	if !r.turn.ClientElsewhere(token.Channel) {
		r.conns.Go(func() { r.lookFor(s, token, received) })
		return nil
	}
	r.startFetch(s, token, received)
	return nil
}
