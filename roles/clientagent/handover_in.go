package clientagent

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/roles/clientagent/internal/resume"
)

// incoming is a session on its way from another agent: a participant that hears what the
// session hears, and keeps it.
type incoming struct {
	role        *Role
	participant *bridge.Participant
	session     *session // not nil: it is this agent's
	kept        []keptDatagram
	bytes       int
	handled     bridge.Positions // by the agent before; what is still on its way here is not to be handled again
	failed      error            // it cannot hear, or keep, any more
}

type keptDatagram struct {
	wire.Datagram
	bridge.Arrival
}

// hear handles what is sent to the session, or keeps it.
func (in *incoming) keep(t bridge.Turn, d wire.Datagram) {
	if in.bytes += len(d); in.bytes > in.role.o.Resume.Queue {
		in.failed = fmt.Errorf("more than %d bytes came during the handover", in.role.o.Resume.Queue)
		in.kept = nil
	}
	if in.failed == nil {
		in.kept = append(in.kept, keptDatagram{slices.Clone(d), t.Arrival()})
	}
}

func (r *Role) startFetch(with *session, token resume.Token, received uint32) {
	r.resumes.coming++
	r.conns.Go(func() { r.fetch(with, token, received) })
}

// fetch takes a session over that another process has, and lets a client go on with it.
func (r *Role) fetch(with *session, token resume.Token, received uint32) {
	why := r.takeOver(with, token, received)
	r.enter()
	defer r.leave()
	r.resumes.coming--
	r.checkDrained()
	if why == nil {
		return
	}
	if e, left := r.turn.LostSession(token.Session); left && !with.ended && r.resumes.tickets[token.Session] == nil { // the agent has died meanwhile
		with.eject(with.recoverFrom(e, token))
		return
	}
	with.moving = false
	if before := r.resumes.tickets[token.Session]; before != nil && !with.ended {
		why = before.goOnWith(with, token, received) // another connection of the client has brought it here
	}
	with.eject(why)
}

// commits is how often a session is asked for whose channels change meanwhile.
const commits = 10

func (r *Role) takeOver(with *session, token resume.Token, received uint32) *ejection {
	q := handoverRequest{
		Step: stepPrepare, Session: token.Session, Number: token.Number, Received: received, Asker: rand.Uint64(), Origin: r.origin(), Class: r.classType(),
	}
	from := &holder{Role: r, session: token.Session}
	in := &incoming{role: r}
	taken := false
	defer func() {
		if !taken {
			in.giveUp(from)
		}
	}()
	for range commits {
		p, why := from.askPrepared(q)
		switch {
		case why != nil:
			return why
		case p.Session != nil:
			taken = true
			r.conns.Go(func() { from.took(q) })
			r.enter()
			defer r.leave()
			return r.adopt(with, in, p.Session)
		}
		from.asked = false // it has the session
		if why := in.prepare(p); why != nil {
			return why
		}
		q.Step = stepCommit
	}
	return ejectf(wire.EjectSessionAway, "The session does not come to rest.")
}

func (h *holder) askPrepared(q handoverRequest) (p preparation, why *ejection) {
	data, why := h.ask(q)
	if why == nil && gob.NewDecoder(bytes.NewReader(data)).Decode(&p) != nil {
		why = ejectf(wire.EjectSessionAway, "The client agent that has the session is of another version.")
	}
	return p, why
}

// prepare subscribes to the session's channels, leaves its post-removes, and waits until all
// that is sent to it comes here, too.
func (in *incoming) prepare(p preparation) *ejection {
	r := in.role
	arrived := make(chan struct{})
	r.enter()
	effective, err := in.subscribe(p, arrived)
	r.leave()
	if err != nil {
		return ejectf(wire.EjectSessionAway, "The client agent cannot take the session over: %v.", err)
	}
	if !effective {
		select {
		case <-arrived:
		case <-time.After(handoverPatience):
			return ejectf(wire.EjectSessionAway, "The cluster does not answer.")
		}
	}
	return nil
}

func (in *incoming) subscribe(p preparation, arrived chan struct{}) (effective bool, err error) {
	r := in.role
	t := r.turn
	if in.participant == nil {
		if r.closed {
			return false, errStopping
		}
		if in.participant, err = t.JoinParty(&r.party, "Client on its way"); err != nil {
			return false, err
		}
		in.participant.Value = in
		if err := t.Subscribe(in.participant, wire.BroadcastClients); err != nil {
			return false, err
		}
	}
	for _, c := range p.Channels {
		if err := t.Subscribe(in.participant, c); err != nil {
			return false, err
		}
	}
	if err := in.leavePostRemoves(p.PostRemoves); err != nil {
		return false, err
	}
	if arrived == nil {
		return true, nil
	}
	return t.Effective(func() { close(arrived) }, append(p.Channels, wire.BroadcastClients)...), nil
}

// leavePostRemoves makes post-removes those of the participant.
func (in *incoming) leavePostRemoves(all []bridge.PostRemove) error {
	t := in.role.turn
	before := t.PostRemoves(in.participant)
	if slices.EqualFunc(all, before, func(a, b bridge.PostRemove) bool {
		return a.Sender == b.Sender && bytes.Equal(a.Datagram, b.Datagram)
	}) {
		return nil
	}
	for _, pr := range before {
		t.ClearPostRemoves(in.participant, pr.Sender)
	}
	for _, pr := range all {
		if err := t.AddPostRemove(in.participant, pr.Sender, pr.Datagram); err != nil {
			return err
		}
	}
	return nil
}

// giveUp leaves the session where it is. If the process that had it is gone, and may have given
// it up before, it is over.
func (in *incoming) giveUp(from *holder) {
	r := in.role
	r.enter()
	defer r.leave()
	_, left := r.turn.LostSession(from.session)
	if from.asked && from.gone && !left && in.participant != nil {
		r.turn.Leave(in.participant) // with its post-removes
		return
	}
	in.giveUpNow()
}

func (in *incoming) giveUpNow() {
	r := in.role
	if in.participant == nil {
		return
	}
	for _, pr := range r.turn.PostRemoves(in.participant) {
		r.turn.ClearPostRemoves(in.participant, pr.Sender)
	}
	r.turn.Leave(in.participant)
}

// takeFrom takes a session over that another agent of this process has, in one turn.
func (r *Role) takeFrom(other *Role, before, with *session, token resume.Token, received uint32) *ejection {
	other.turn = r.turn
	if r.closed {
		return ejectf(wire.EjectSessionAway, "The client agent is stopping.")
	}
	if why := before.letGo(token, received, r.classType()); why != nil {
		return why
	}
	before.view.Settle()
	if before.ended {
		return ejectf(wire.EjectSessionOver, "The session has ended.")
	}
	p := preparation{Channels: before.channels()}
	m := other.move(before)
	if before.lent != nil {
		other.giveBack(before.lent)
	}
	other.checkDrained()
	in := &incoming{role: r}
	if _, in.failed = in.subscribe(p, nil); in.participant == nil {
		return ejectf(wire.EjectSessionOver, "The session could not be taken over: %v.", in.failed)
	}
	return r.adopt(with, in, m)
}

// adopt makes a session that was handed over one of this agent, and lets the client go on with
// it. If that cannot be, the session ends here.
func (r *Role) adopt(with *session, in *incoming, m *movedSession) *ejection {
	s, err := r.restore(with.link, in, m)
	if err == nil && !s.ended {
		err = s.view.Restore(m.View)
	}
	if err != nil {
		r.turn.Later(func() {
			r.log.Warn("a session that another client agent handed over cannot go on", "client", uint64(m.Allocated), "error", err)
		})
		if s != nil {
			s.end()
		} else {
			r.turn.Leave(in.participant)
			r.returnChannel(bridge.Claim{Lo: m.LentLo, Hi: m.LentHi}, m.Allocated)
		}
		return ejectf(wire.EjectSessionOver, "The session could not be taken over: %v.", err)
	}
	if !with.ended {
		s.goOn(with)
	}
	in.session, in.handled = s, m.Handled
	for _, d := range in.kept {
		if in.fresh(d.Arrival) {
			s.handleDatagram(d.Datagram)
		}
	}
	in.kept = nil
	for _, do := range s.lostObjects(m) {
		s.hearGone(do)
	}
	return nil
}

// fresh reports whether the agent before has not handled a datagram. In a mesh it may come
// here long after it came there.
func (in *incoming) fresh(a bridge.Arrival) bool {
	switch {
	case in.handled == nil:
		return true
	case in.handled.Include(a):
		return false
	}
	delete(in.handled, a.Origin) // what it sends from now on is fresh
	if len(in.handled) == 0 {
		in.handled = nil
	}
	return true
}

// handleDatagram handles a datagram that was sent to the session before.
func (s *session) handleDatagram(d wire.Datagram) {
	if s.ended {
		return
	}
	if read, err := s.role.views.Read(d); err == nil {
		s.fromCluster(read)
	}
}

// restore is the session, which waits for its client.
func (r *Role) restore(l *link, in *incoming, m *movedSession) (*session, error) {
	if in.failed != nil {
		return nil, in.failed
	}
	if r.stopping {
		return nil, errStopping
	}
	s := &session{
		role: r, participant: in.participant, state: m.State, allocated: m.Allocated, channel: m.Channel, in: m.In, out: m.Out,
		sendable: m.Sendable, waiting: time.Now(),
	}
	s.use(l)
	for _, c := range m.Opened {
		if s.opened == nil {
			s.opened = map[wire.Channel]struct{}{}
		}
		s.opened[c] = struct{}{}
	}
	for do, r := range m.Relocatable {
		s.setRelocatable(do, r.restored())
	}
	s.limits.start(time.Now())
	s.limits.connected = m.Connected
	if s.ticket = resume.Restore(m.Ticket, r.o.Resume.Queue, &r.resumes.memory); s.ticket == nil {
		return nil, fmt.Errorf("%d bytes are kept for it, more than there is room for", len(m.Ticket.Frames))
	}
	if err := in.leavePostRemoves(m.PostRemoves); err != nil {
		return nil, err
	}
	r.turn.SetName(in.participant, fmt.Sprintf("Client (%d)", m.Allocated))
	s.lent = r.borrow(m.LentLo, m.LentHi)
	r.sessions[s] = struct{}{}
	r.resumes.tickets[s.ticket.Session()] = s
	r.resumes.waiting++
	r.stats.TakenOver++
	s.view = r.views.New(s, rand.Uint32())
	s.recoverable = m.Recoverable && r.o.Resume.Recover
	s.keeps()
	return s, s.restoreClass(m.Class)
}

// lostObjects notes which processes have the objects that the client knows, and returns those of
// processes that are gone.
func (s *session) lostObjects(m *movedSession) (all []wire.DoID) {
	for _, o := range m.View.Objects {
		home, told := m.Homes[o.DoID]
		if !told {
			continue
		}
		owner := wire.InvalidChannel
		if o.Owned() {
			owner = s.channel
		}
		if !s.role.turn.Adopt(o.DoID, home, o.At, owner) {
			all = append(all, o.DoID)
		}
	}
	return all
}

// hearGone is what the object would have told the client.
func (s *session) hearGone(do wire.DoID) {
	var w wire.Writer
	if d, err := w.Header(do.Channel(), wire.StateServerObjectDeleteRAM, s.channel).DoID(do).Datagram(); err == nil {
		s.handleDatagram(d)
	}
}
