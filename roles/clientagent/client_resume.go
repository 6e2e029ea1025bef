package clientagent

import (
	"natstron/bridge/wire"
	"natstron/roles/clientagent/internal/resume"
)

// clientGetResumeToken begins to keep what the client is sent, and gives it a token; an empty
// one, if the agent lets no client come back.
func clientGetResumeToken(s *session, payload []byte) *ejection {
	in := wire.NewReader(payload)
	if why := notWhole(&in); why != nil {
		return why
	}
	r := s.role
	s.endTicket()
	if r.resumes.keys != nil {
		s.ticket = resume.NewTicket(s.allocated, r.o.Resume.Queue, &r.resumes.memory)
		r.resumes.tickets[s.ticket.Session()] = s
		r.stats.Tokens++
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
	switch {
	case before == nil:
		return ejectf(wire.EjectSessionOver, "The session has ended.")
	case !before.ticket.Accepts(token):
		return ejectf(wire.EjectSessionOver, "The token has been used.")
	case !before.ticket.Acknowledge(received):
		return ejectf(wire.EjectBadResumeToken, "The client has received %d messages, and was sent %d.", received, before.ticket.Sent())
	}
	before.goOn(s)
	return nil
}
