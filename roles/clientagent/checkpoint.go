package clientagent

import (
	"bytes"
	"encoding/gob"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/roles/clientagent/internal/resume"
	"natstron/roles/clientagent/internal/view"
)

// A session whose client can be brought up to date leaves a [bridge.Checkpoint]: if this process
// dies, or loses the backbone, another agent goes on with it. The checkpoint has what the session is, but
// not what its client was sent, nor the objects that it sees: the client says which it has.

// keptSession is the state of a checkpoint.
type keptSession struct {
	Allocated, Channel wire.Channel
	State              State
	Opened             []wire.Channel
	Sendable           map[wire.DoID][]wire.FieldID
	Relocatable        map[wire.DoID]movedRelocation
	Connected          time.Time
	View               view.Moved
	Token              resume.Token // the last one that was given
	Confirmed          uint32       // the number of the last one that the client is known to have
	LentLo, LentHi     wire.Channel
}

// keeps notes that what a session is may have changed: its checkpoint is written before the turn
// ends.
func (s *session) keeps() {
	if s.recoverable && !s.unwritten {
		s.unwritten = true
		s.role.resumes.unwritten = append(s.role.resumes.unwritten, s)
	}
}

// writeCheckpoints tells the checkpoints of sessions that may have changed.
func (r *Role) writeCheckpoints() {
	if len(r.resumes.unwritten) == 0 {
		return
	}
	for _, s := range r.resumes.unwritten {
		s.unwritten = false
		if !s.ended && s.recoverable {
			s.writeCheckpoint()
		}
	}
	r.resumes.unwritten = r.resumes.unwritten[:0]
}

// locations are the channels of places, rather than of one object, client or AI.
const locations = 1 << 32

func (s *session) writeCheckpoint() {
	r := s.role
	if slices.ContainsFunc(slices.Collect(maps.Keys(s.opened)), func(c wire.Channel) bool { return c >= locations }) {
		s.dropCheckpoint("it hears a place without an interest")
		return
	}
	k := keptSession{
		Allocated: s.allocated, Channel: s.channel, State: s.state, Opened: slices.Sorted(maps.Keys(s.opened)), Sendable: s.sendable,
		Connected: s.limits.connected, View: s.view.Keep(), LentLo: r.o.Pool.first, LentHi: r.o.Pool.last,
	}
	if s.lent != nil {
		k.LentLo, k.LentHi = s.lent.Lo, s.lent.Hi
	}
	k.Token, k.Confirmed = s.ticket.Given()
	for do, relocation := range s.relocatable {
		if k.Relocatable == nil {
			k.Relocatable = map[wire.DoID]movedRelocation{}
		}
		k.Relocatable[do] = relocation.moved()
	}
	var b bytes.Buffer
	_ = gob.NewEncoder(&b).Encode(k) // it has nothing that gob cannot do
	if bytes.Equal(b.Bytes(), s.checkpoint) {
		return
	}
	channels := []wire.Channel{s.allocated}
	if s.channel != s.allocated {
		channels = append(channels, s.channel)
	}
	err := r.turn.SetCheckpoint(s.participant, bridge.Checkpoint{Key: s.ticket.Session(), Channels: channels, State: b.Bytes(), For: r.o.Resume.Within})
	if err != nil {
		s.dropCheckpoint(err.Error())
		return
	}
	s.checkpoint = b.Bytes()
	r.stats.Checkpoints++
}

// dropCheckpoint says that another agent could not go on with the session.
func (s *session) dropCheckpoint(why string) {
	s.role.turn.ClearCheckpoint(s.participant)
	if s.checkpoint != nil {
		s.Log(slog.LevelInfo, "a session would end with this process", "cause", why)
	}
	s.checkpoint = nil
}

// abandon ends the session here because this process has lost the backbone: another agent, or
// this one when it is back, may go on with it. It reports whether one may.
func (s *session) abandon(cause error) bool {
	if s.checkpoint == nil || s.ended || !errors.Is(cause, bridge.ErrBackboneLost) {
		return false
	}
	r := s.role
	s.ended = true
	s.view.Close()
	r.turn.Leave(s.participant)
	switch e, waits := r.turn.LostSession(s.ticket.Session()); {
	case s.lent != nil:
		r.giveBack(s.lent)
	case waits:
		r.resumes.left[s.allocated] = e
	default:
		r.o.Pool.returnChannel(s.allocated)
	}
	delete(r.sessions, s)
	if s.waiting.IsZero() {
		r.leaveNetwork(networkOf(s.peer.Remote.Addr()))
		s.link.cut()
	}
	s.endTicket()
	s.logTraffic("the backbone was lost; a session waits for its client, who may come back to any agent")
	r.checkDrained()
	return true
}

// spareLeft leaves out channels of sessions of an earlier process with the same range, which
// wait for an agent.
func (r *Role) spareLeft() {
	r.askLostSessions()
	r.enter()
	defer r.leave()
	for _, e := range r.turn.LostSessions(r.o.Pool.first, r.o.Pool.last) {
		if r.o.Pool.spare(e.Channels[0]) {
			r.resumes.left[e.Channels[0]] = e
		}
	}
}

// askLostSessions returns when this process knows what is left of sessions, as the others do.
func (r *Role) askLostSessions() {
	heard := make(chan struct{})
	r.enter()
	r.turn.AskLostSessions(func() { close(heard) })
	r.leave()
	select {
	case <-heard:
	case <-time.After(handoverPatience):
	}
}

// checkLeft frees the channels of sessions that are over, or notes that another agent has
// them.
func (r *Role) checkLeft() {
	r.enter()
	defer r.leave()
	for c, e := range r.resumes.left {
		over, elsewhere, here := r.turn.Outcome(e)
		if !over {
			continue
		}
		delete(r.resumes.left, c)
		switch {
		case elsewhere:
			r.resumes.lent[c] = struct{}{}
		case !here: // else the session has it
			r.o.Pool.returnChannel(c)
		}
	}
}
