package clientagent

import (
	"fmt"
	"log/slog"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/internal/secret"
	"natstron/internal/stream"
	"natstron/roles/clientagent/internal/resume"
)

// resumes is what an agent has for clients that come back. It belongs to the node's turn.
type resumes struct {
	keys    *resume.Keys
	tickets map[uint64]*session // by the number of the session in its tokens
	waiting int                 // how many of the sessions wait
	coming  int                 // how many are being taken over
	memory  resume.Memory

	out       map[uint64]*outgoing                // answers to other agents, by the session's number
	unwritten []*session                          // whose checkpoints may have changed in this turn
	left      map[wire.Channel]bridge.LostSession // channels of the pool whose sessions an earlier process has left
	lent      map[wire.Channel]struct{}           // channels of the pool that clients of other agents have
	borrowed  map[bridge.Claim]int                // ranges of other agents, and how many sessions have channels of them
}

// initResumes reads the keys.
func (r *Role) initResumes() error {
	o := &r.o.Resume
	r.resumes = resumes{
		tickets: map[uint64]*session{}, memory: resume.Memory{Limit: o.Memory},
		out: map[uint64]*outgoing{}, lent: map[wire.Channel]struct{}{}, left: map[wire.Channel]bridge.LostSession{}, borrowed: map[bridge.Claim]int{},
	}
	if o.Within == 0 {
		return nil
	}
	secrets := o.Keys
	for _, file := range o.KeyFiles {
		s, err := secret.Read("", file)
		if err != nil {
			return fmt.Errorf("%s: %w", r.o.Label, err)
		}
		secrets = append(secrets, s)
	}
	if len(secrets) == 0 {
		r.resumes.keys = resume.RandomKeys()
		return nil
	}
	var err error
	if r.resumes.keys, err = resume.NewKeys(secrets...); err != nil {
		return fmt.Errorf("%s: resume: %w", r.o.Label, err)
	}
	return nil
}

// keep keeps a frame for the client, in case that it does not arrive.
func (s *session) keep(frame []byte) {
	if s.ticket.Add(frame) {
		return
	}
	r := s.role
	r.stats.Void++
	if !s.waiting.IsZero() {
		s.expire("too much would have to be kept for it")
		return
	}
	s.Log(slog.LevelInfo, "the client cannot come back: too much is kept that it has not acknowledged", "bytes", r.o.Resume.Queue)
	s.endTicket()
	s.writeToken(new(wire.Writer).BeginFrame().ClientMsgType(wire.ClientResumeToken)) // the frame may be in r.client
}

// endTicket forgets that the client may come back.
func (s *session) endTicket() {
	if s.ticket == nil {
		return
	}
	if !s.waiting.IsZero() {
		s.role.resumes.waiting--
	}
	s.ticket.End()
	delete(s.role.resumes.tickets, s.ticket.Session())
	s.ticket, s.recoverable, s.checkpoint = nil, false, nil
	s.role.turn.ClearCheckpoint(s.participant)
}

// acknowledgements is how often a client that reads acknowledges before too much is kept for
// it.
const acknowledgements = 8

// writeToken completes a message with the present token and its conditions, or with an empty
// one, and sends it. It is not kept.
func (s *session) writeToken(w *wire.Writer) {
	o := &s.role.o.Resume
	if s.ticket == nil {
		w.Uint32(0).Uint32(0).Blob(nil)
	} else {
		w.Uint32(uint32(o.Within.Milliseconds())).Uint32(uint32(o.Queue / acknowledgements)).Blob(s.role.resumes.keys.Sign(s.ticket.Token()))
	}
	if frame, err := w.Frame(); err == nil {
		s.write(frame)
	}
}

// wait keeps the session without its connection, which is lost, if its client may come back
// and there is a place. It reports whether it does.
func (s *session) wait(cause string) bool {
	r := s.role
	if s.ticket == nil || s.ended || s.leaving || !s.waiting.IsZero() || r.resumes.waiting >= r.o.Resume.Sessions {
		return false
	}
	s.leave(cause)
	return true
}

// leave has the session wait without its connection, if it does not already.
func (s *session) leave(cause string) {
	r := s.role
	if !s.waiting.IsZero() {
		return
	}
	s.leaveLink()
	s.waiting = time.Now()
	r.resumes.waiting++
	r.stats.Waits++
	r.event(s.allocated, "client-waiting", "remote_address", s.peer.Remote.String(), "local_address", s.peer.Local.String(), "reason", cause)
	s.logTraffic("a client's connection is lost; its session waits for it", "cause", cause)
}

// leaveLink ends the connection without the session, which keeps its addresses.
func (s *session) leaveLink() {
	l := s.link
	l.session = nil
	l.cut()
	s.role.leaveNetwork(networkOf(l.peer.Remote.Addr()))
	s.use(&link{owner: l.owner, peer: l.peer, stream: new(stream.Stream)}) // the connection has buffers
}

// checkWait ends a session that has waited long enough.
func (s *session) checkWait(now time.Time) {
	if within := s.role.o.Resume.Within; now.Sub(s.waiting) >= within {
		s.expire(fmt.Sprintf("the client did not come back within %v", within))
	}
}

// expire ends a session that waits.
func (s *session) expire(reason string) {
	s.role.stats.Expired++
	s.role.stats.Lost++
	s.noteLost(reason)
	s.logTraffic("a client is gone", "cause", reason)
	s.end()
}

// goOn lets the session go on with the connection of a client that has come back, which was
// another session until now.
func (s *session) goOn(with *session) {
	r := s.role
	s.goOnAt(with, "client-resumed")
	s.ticket.Renew()
	s.keeps()
	s.writeToken(r.client.BeginFrame().ClientMsgType(wire.ClientResumed).Uint32(s.ticket.Received))
	if missed := s.ticket.Frames(); len(missed) > 0 {
		s.write(missed)
	}
}

// goOnAt gives the session the connection, and tells the event logger.
func (s *session) goOnAt(with *session, event string) {
	r := s.role
	if s.waiting.IsZero() {
		s.leaveLink() // the client has lost it before the agent
	} else {
		r.resumes.waiting--
		s.waiting = time.Time{}
	}
	l := with.link
	with.end()
	s.use(l)
	l.session = s
	r.networks[networkOf(l.peer.Remote.Addr())]++
	s.sentAway = false
	s.limits.reconnected(&r.o.Limits, time.Now())
	r.stats.Resumed++
	r.event(s.allocated, event, "remote_address", l.peer.Remote.String(), "local_address", l.peer.Local.String(), "connected_as", fmt.Sprint(with.allocated))
	s.logTraffic("a client has come back", "connected_as", uint64(with.allocated))
}
