package clientagent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/internal/stream"
	"natstron/roles/clientagent/internal/listen"
	"natstron/roles/clientagent/internal/resume"
	"natstron/roles/clientagent/internal/view"
	"natstron/roles/inspect"
)

// State is how far a client has got (document 11, section 2).
type State uint16

const (
	// StateNew: connected, and has not said hello yet.
	StateNew State = iota
	// StateAnonymous: has said a good hello, and may talk to anonymous UberDOGs.
	StateAnonymous
	// StateEstablished: the cluster has let it in.
	StateEstablished
)

// session is one client. It belongs to the node's turn.
//
// What the client says is handled by clientMessages, what the cluster says by its
// view and by orders. The session is the [view.Session] of its view.
type session struct {
	// What each datagram for the client needs comes first, in as few cache lines as
	// possible: a broadcast to a thousand clients has to fetch it a thousand times.
	*link
	stream  *stream.Stream // of the link
	class   *Session       // nil without a Class
	view    *view.View
	ticket  *resume.Ticket // nil: the client cannot come back
	channel wire.Channel   // the sender of what the client sends
	role    *Role
	state   State
	leaving bool // it is being ejected
	moving  bool // it waits for a session that another agent has
	ended   bool // it has left the cluster

	in, out inspect.Traffic
	waiting time.Time // since when it has no connection, and waits for its client

	participant *bridge.Participant
	allocated   wire.Channel // of the pool
	limits      limiter
	held        held

	opened      map[wire.Channel]struct{}    // by CLIENTAGENT_OPEN_CHANNEL
	sendable    map[wire.DoID][]wire.FieldID // by CLIENTAGENT_SET_FIELDS_SENDABLE
	relocatable map[wire.DoID]relocation     // by CLIENTAGENT_SET_OBJECT_RELOCATABLE

	lent        *bridge.Claim // the range of another agent that its channel is of; nil: it is of the pool
	sentAway    bool          // it was asked to connect to another agent
	recoverable bool          // the client can be brought up to date: another agent could go on if this process died
	unwritten   bool          // its checkpoint may have changed
	checkpoint  []byte        // the state that was told last
	recovering  *recovering   // not nil: the client is to say what it has
}

// use has the session go on with a connection.
func (s *session) use(l *link) { s.link, s.stream = l, l.stream }

// Why a connection does not become a session.
var (
	errStopping = errors.New("the client agent is stopping")
	errFull     = errors.New("all channels are taken")
	errCrowded  = errors.New("there are too many clients of this address")
)

// admit makes a connection a session.
func (r *Role) admit(conn net.Conn, who listen.Peer) (*session, error) {
	r.enter()
	defer r.leave()
	from := networkOf(who.Remote.Addr())
	switch {
	case r.closed:
		return nil, errStopping
	case r.crowded(from):
		return nil, errCrowded
	}
	c, ok := r.o.Pool.takeChannel()
	if !ok {
		return nil, errFull
	}
	s := &session{role: r, allocated: c, channel: c}
	s.use(r.newLink(conn, who))
	s.link.session = s
	s.view = r.views.New(s, rand.Uint32()) // the last client on the channel may still be answered
	t := r.turn
	p, err := t.JoinParty(&r.party, fmt.Sprintf("Client (%s, %d)", who.Remote, c))
	if err == nil {
		s.participant, p.Value = p, s
		err = errors.Join(t.Subscribe(p, c), t.Subscribe(p, wire.BroadcastClients))
	}
	if err != nil {
		if p != nil {
			t.Leave(p)
		}
		r.o.Pool.returnChannel(c)
		return nil, err
	}
	r.sessions[s] = struct{}{}
	r.networks[from]++
	s.limits.start(time.Now())
	if !who.Check {
		r.event(c, "client-connected", "remote_address", who.Remote.String(), "local_address", who.Local.String())
	}
	s.logTraffic("a client connected")
	if r.o.Class != nil {
		s.class = &Session{s: s}
		s.class.asker = r.askers.New(host{s})
		r.o.Class.Connected(s.class)
	}
	return s, nil
}

// Log writes to the log when the turn has ended.
func (s *session) Log(level slog.Level, message string, args ...any) {
	log := s.role.log
	if !log.Enabled(context.Background(), level) {
		return
	}
	args = append(args, "client", uint64(s.allocated), "address", s.peer.Remote)
	s.role.turn.Later(func() { log.Log(context.Background(), level, message, args...) })
}

// logTraffic logs that a client comes or goes: at the level info at most once a second, as
// there may be many, and the others at the level debug.
func (s *session) logTraffic(message string, args ...any) {
	level := slog.LevelDebug
	if s.peer.Check {
		message += ": a proxy's own health check"
	} else if others, ok := s.role.complaints.Due(message, time.Now()); ok {
		level, args = slog.LevelInfo, append(args, others)
	}
	s.Log(level, message, args...)
}

// setState changes how far the client has got.
func (s *session) setState(state State) {
	if state > StateEstablished {
		s.Log(slog.LevelWarn, "ignored a state that does not exist", "state", uint16(state))
		return
	}
	if state == StateEstablished && s.state != StateEstablished {
		s.role.stats.Logins++
	}
	if s.state == StateEstablished && state != StateEstablished {
		s.limits.waiting = time.Now()
	}
	s.state = state
}

// end takes the session off the cluster: it deletes the session objects, and sends
// the post-removes, in this order. The session itself hears nothing of it.
func (s *session) end() {
	r := s.role
	if s.ended {
		return
	}
	s.ended = true
	s.stopRecovering()
	for _, do := range s.view.SessionObjects() {
		r.turn.ClearPostRemoves(s.participant, postRemovesOf(s.allocated, do))
		s.Tell(s.deletion(do))
	}
	s.view.Close()
	r.turn.Leave(s.participant)
	if s.lent == nil {
		r.o.Pool.returnChannel(s.allocated)
	} else {
		r.giveBack(s.lent)
		r.returnChannel(*s.lent, s.allocated)
	}
	delete(r.sessions, s)
	r.checkDrained()
	s.endTicket()
	if s.waiting.IsZero() {
		r.leaveNetwork(networkOf(s.peer.Remote.Addr()))
	}
	if s.class != nil {
		s.class.disconnected()
	}
}
