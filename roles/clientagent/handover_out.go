package clientagent

import (
	"bytes"
	"encoding/gob"
	"maps"
	"slices"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/roles/clientagent/internal/resume"
	"natstron/roles/clientagent/internal/view"
	"natstron/roles/inspect"
)

// movedSession is a session on its way to another agent.
type movedSession struct {
	Allocated, Channel wire.Channel
	State              State
	Opened             []wire.Channel
	Sendable           map[wire.DoID][]wire.FieldID
	Relocatable        map[wire.DoID]movedRelocation
	Connected          time.Time
	In, Out            inspect.Traffic
	View               view.Moved
	Ticket             resume.Moved
	PostRemoves        []bridge.PostRemove
	Homes              map[wire.DoID]string // the processes of the objects that it was told of
	Recoverable        bool                 // see [Resume.Recover]
	Class              []byte               // what the class has to know
	LentLo, LentHi     wire.Channel         // the range that its channel was taken from
	Handled            bridge.Positions     // what it has heard
}

// preparation is what another agent needs before it takes a session over.
type preparation struct {
	Channels    []wire.Channel
	PostRemoves []bridge.PostRemove
	// Session is not nil in the answer to a commit, if the session has no other channels than
	// the asker knows.
	Session *movedSession
}

// outgoing is the answer that another agent has still to ask for the parts of.
type outgoing struct {
	asker    uint64
	origin   string
	data     []byte
	channels map[wire.Channel]struct{} // that the asker hears
	moved    *movedSession             // not nil: the session is the asker's now
	lent     *bridge.Claim             // of the session; the asker has claimed it when it says that it has taken it
	until    time.Time
	asked    time.Time     // when it was asked last
	arrived  chan struct{} // see [Role.barrier]; nil: it has not been asked for yet
}

// parts is how many parts the answer has.
func (o *outgoing) parts() int { return max(1, (len(o.data)+partSize-1)/partSize) }

// outgoingFor is how long an answer is kept.
const outgoingFor = 30 * time.Second

// handOver is what the agent says to a step; nil if it has nothing to do with it.
func (r *Role) handOver(q handoverRequest) *handoverAnswer {
	if q.Step == stepCommit && !r.barrier(q) {
		return nil
	}
	r.enter()
	defer r.leave()
	switch q.Step {
	case stepPrepare:
		return r.prepare(q)
	case stepCommit:
		return r.commit(q)
	case stepPart:
		if out := r.resumes.out[q.Session]; out != nil && out.asker == q.Asker {
			return out.part(q.Part)
		}
	case stepTaken:
		if out := r.resumes.out[q.Session]; out != nil && out.asker == q.Asker {
			r.forget(q.Session)
			r.checkDrained()
			return &handoverAnswer{}
		}
	case stepLent:
		return r.listLent(q)
	case stepOver:
		if r.lentIsOver(q.Lo) {
			return &handoverAnswer{}
		}
	}
	return nil
}

func (o *outgoing) part(n int) *handoverAnswer {
	parts := o.parts()
	if n < 0 || n >= parts {
		return nil
	}
	return &handoverAnswer{Parts: parts, Data: o.data[n*partSize : min((n+1)*partSize, len(o.data))]}
}

// prepare tells which channels a session has. The client has left its connection here.
func (r *Role) prepare(q handoverRequest) *handoverAnswer {
	s, out := r.resumes.tickets[q.Session], r.resumes.out[q.Session]
	switch {
	case s == nil && out != nil && out.moved != nil && out.asker != q.Asker:
		return &handoverAnswer{Code: wire.EjectSessionAway, Reason: "The session is about to go on at another client agent."}
	case s == nil:
		return nil
	}
	token := s.ticket.Token()
	token.Number = q.Number
	if why := s.letGo(token, q.Received, q.Class); why != nil {
		return &handoverAnswer{Code: why.code, Reason: why.reason}
	}
	return r.answerPrepared(s, q)
}

// letGo has the session wait for another agent, with that class, to take it over, if the client may
// go on there.
func (s *session) letGo(token resume.Token, received uint32, class string) *ejection {
	switch ever, now := s.moves(); {
	case !ever || class != s.role.classType():
		return ejectf(wire.EjectSessionAway, "The session can go on only at the client agent that has it.")
	case !now:
		return errBusy
	}
	if why := s.mayGoOn(token, received); why != nil {
		return why
	}
	s.leave("the client goes on at another client agent")
	return nil
}

var errBusy = ejectf(wire.EjectSessionAway, "The session waits for an answer, and cannot move meanwhile.")

// answerPrepared keeps an answer with the channels of a session, and is its first part.
func (r *Role) answerPrepared(s *session, q handoverRequest) *handoverAnswer {
	p := preparation{Channels: s.channels(), PostRemoves: r.turn.PostRemoves(s.participant)}
	out := r.send(q, p)
	out.channels = map[wire.Channel]struct{}{}
	for _, c := range p.Channels {
		out.channels[c] = struct{}{}
	}
	return out.part(0)
}

// send keeps an answer for the agent that asks.
func (r *Role) send(q handoverRequest, p preparation) *outgoing {
	var b bytes.Buffer
	_ = gob.NewEncoder(&b).Encode(p) // it has nothing that gob cannot do
	out := &outgoing{asker: q.Asker, origin: q.Origin, data: b.Bytes(), moved: p.Session, until: time.Now().Add(outgoingFor), asked: time.Now()}
	r.resumes.out[q.Session] = out
	return out
}

// channels are what the session hears.
func (s *session) channels() []wire.Channel {
	all := append([]wire.Channel{s.allocated, s.channel}, slices.Collect(maps.Keys(s.opened))...)
	for _, at := range s.view.Locations() {
		all = append(all, at.Channel())
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// barrier returns when everything has arrived that was sent to a session before those who
// sent it knew that the asker hears it, too. It reports whether there is such a session. If that
// takes too long, the asker asks again, and waits for the same.
func (r *Role) barrier(q handoverRequest) bool {
	r.enter()
	s, out := r.resumes.tickets[q.Session], r.resumes.out[q.Session]
	known := out != nil && out.asker == q.Asker
	if s == nil || !known || s.waiting.IsZero() {
		r.leave()
		return known
	}
	out.asked = time.Now()
	if out.arrived == nil {
		arrived := make(chan struct{})
		out.arrived = arrived
		// Also one NATS server may still have something for this agent alone that was sent before it
		// knew that the asker hears it, too.
		r.turn.WhenHeard(func() { close(arrived) })
	}
	arrived := out.arrived
	r.leave()
	select {
	case <-arrived:
		return true
	case <-time.After(handoverPatience):
		return false
	}
}

// isAwaited reports whether another agent is about to take a session over.
func (r *Role) isAwaited(session uint64, now time.Time) bool {
	out := r.resumes.out[session]
	return out != nil && now.Sub(out.asked) < effectivePatience+handoverPatience && r.turn.Knows(out.origin)
}

// commit hands a session over, if the asker hears all of its channels; otherwise it tells the
// channels again.
func (r *Role) commit(q handoverRequest) *handoverAnswer {
	s, out := r.resumes.tickets[q.Session], r.resumes.out[q.Session]
	switch {
	case out == nil || out.asker != q.Asker:
		return nil
	case out.moved != nil:
		return out.part(0) // the answer was lost
	case s == nil || s.waiting.IsZero():
		return &handoverAnswer{Code: wire.EjectSessionOver, Reason: "The session has ended, or goes on elsewhere."}
	}
	s.view.Settle()
	r.settle()
	if s.ended {
		return &handoverAnswer{Code: wire.EjectSessionOver, Reason: "The session has ended."}
	}
	if _, now := s.moves(); !now {
		return &handoverAnswer{Code: errBusy.code, Reason: errBusy.reason}
	}
	for _, c := range s.channels() {
		if _, heard := out.channels[c]; !heard {
			return r.answerPrepared(s, q)
		}
	}
	out = r.send(q, preparation{Session: r.move(s)})
	out.lent = s.lent
	return out.part(0)
}

// move takes a session off this agent. Nothing of it ends.
func (r *Role) move(s *session) *movedSession {
	t := r.turn
	m := &movedSession{
		Recoverable: s.recoverable, Class: s.moveClass(),
		Allocated: s.allocated, Channel: s.channel, State: s.state, Opened: slices.Collect(maps.Keys(s.opened)), Sendable: s.sendable,
		Relocatable: map[wire.DoID]movedRelocation{},
		Connected:   s.limits.connected, In: s.in, Out: s.out, View: s.view.Move(), Ticket: s.ticket.Move(),
		PostRemoves: t.PostRemoves(s.participant), Homes: map[wire.DoID]string{}, Handled: t.Positions(),
	}
	for do, r := range s.relocatable {
		m.Relocatable[do] = r.moved()
	}
	for _, o := range m.View.Objects {
		if o.Shown() {
			m.Homes[o.DoID] = t.Home(o.DoID)
		}
	}
	for _, pr := range m.PostRemoves {
		t.ClearPostRemoves(s.participant, pr.Sender)
	}
	if from := s.lent; from != nil {
		m.LentLo, m.LentHi = from.Lo, from.Hi
	} else {
		m.LentLo, m.LentHi = r.o.Pool.first, r.o.Pool.last
		r.resumes.lent[s.allocated] = struct{}{}
	}
	s.ended = true
	t.Leave(s.participant)
	s.endTicket()
	delete(r.sessions, s)
	s.view.Close()
	r.stats.HandedOver++
	r.event(s.allocated, "client-moved")
	s.logTraffic("a client goes on at another client agent")
	return m
}

// forgetOutgoing forgets the answers that nobody has asked for. A session that was given up and
// not taken is over.
func (r *Role) forgetOutgoing(now time.Time) {
	r.enter()
	defer r.leave()
	for session, out := range r.resumes.out {
		alive := r.turn.Knows(out.origin)
		if now.Before(out.until) && (alive || out.moved == nil) {
			continue
		}
		r.forget(session)
		if out.moved != nil {
			r.stats.Expired++
			r.turn.Later(func() {
				r.log.Warn("a session was handed over, and the client agent that asked for it has not taken it", "client", uint64(out.moved.Allocated))
			})
			r.endMoved(out.moved, alive)
		}
	}
	r.checkDrained()
}

// forget forgets the answer with a session.
func (r *Role) forget(session uint64) {
	if from := r.resumes.out[session].lent; from != nil {
		r.giveBack(from)
	}
	delete(r.resumes.out, session)
}

// endMoved ends a session that has left this agent and has not come to another one. Of an asker
// that is dead the other processes send the post-removes.
func (r *Role) endMoved(m *movedSession, send bool) {
	if in := (&incoming{role: r}); send {
		var err error
		if in.participant, err = r.turn.JoinParty(&r.party, "Client on its way"); err == nil {
			in.participant.Value = in
			_ = in.leavePostRemoves(m.PostRemoves) // what does not fit was let go of in this place
			r.turn.Leave(in.participant)
		}
	}
	if !r.lentIsOver(m.Allocated) {
		r.returnChannel(bridge.Claim{Lo: m.LentLo, Hi: m.LentHi}, m.Allocated)
	}
}
