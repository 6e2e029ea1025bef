package membership

import (
	"log/slog"
	"time"
)

// An Effect is something that a node does because of a step: one of the types below.
// Effects are performed in their order, before the next step.
type Effect any

type (
	// Send tells a note to the other nodes, in JSON, on the subject of a kind with To as
	// the last token: this node's origin for all, another's for that one alone. Where
	// Answer is not empty, NATS answers there if nobody gets it: on KindPong, this
	// node's origin, and Answer.
	Send struct {
		Kind, To string
		Note     any
		Answer   string
	}
	// Ping asks NATS whether a node is there, and, if Wanted says so, the node itself.
	Ping struct {
		To     string
		Wanted bool
		Answer string
	}
	// AskServer asks the NATS server of this node for an answer that comes behind all that it
	// has sent before: then [Members.ServerAnswered] is called.
	AskServer struct{ Round uint64 }
	// Log writes a line when the turn has ended.
	Log struct {
		Level   slog.Level
		Message string
		Args    []any
	}
	// Publish publishes a post-remove that is known here.
	Publish struct{ PostRemove PostRemove }
	// SendPostRemoves routes the post-removes of a node that is dead, here and on the backbone.
	// [Members.PostRemovesSent] follows behind them.
	SendPostRemoves struct {
		Origin      string
		PostRemoves []PostRemove
	}
	// KeepSession keeps a lost session. HeardSession is what another node says of one;
	// TellSessions has those that are here told to a newcomer.
	KeepSession  struct{ LostSession }
	HeardSession struct {
		From        string
		Step        SessionStep
		Key         uint64
		Origin      string
		LostSession LostSession // if it is held there
		By          string      // the origin of the node that has taken it, if it is over; empty: none
	}
	TellSessions struct{ To string }
	// EndObjects tells participants of the end of the objects of a peer that is gone.
	EndObjects struct{ Peer *Peer }
	// Pause says that a peer has not been heard on the present link, or is about to end, and
	// which objects outlive it; Serves, which of those it serves.
	Pause struct {
		Peer      *Peer
		Survivors []Claim
	}
	Serves struct {
		Peer      *Peer
		Survivors []Claim
	}
	// MoveObjects says that a peer's objects are another one's: it has a new origin.
	MoveObjects struct{ From, To *Peer }
	// Verify asks for [Members.Disconnected] if this node's own connections are well.
	Verify struct{ Peer *Peer }
	// Lose ends the link. With Drain, what is queued is written before.
	Lose struct {
		Cause error
		Drain bool
	}
	// Release routes datagrams that need not wait for other processes any longer.
	Release struct{}
	// CallWaiting calls what [Members.TakeCalls] returns, when the turn has ended.
	CallWaiting struct{}
	// SettleLater asks for [Members.SettleNow] after a time.
	SettleLater struct{ Pause time.Duration }
	// Joined says that the node may serve participants.
	Joined struct{}
	// Reserved says that this process may serve what it greeted with.
	Reserved struct{}
	// GiveWay says that the process must end.
	GiveWay struct{ Cause error }
)

// take is the effects of a step.
func (m *Members) take() []Effect {
	if len(m.effects) == 0 {
		return nil
	}
	effects := m.effects
	m.effects = nil
	return effects
}

// Reuse takes back the memory of effects that have been performed.
func (m *Members) Reuse(effects []Effect) {
	if m.effects == nil {
		clear(effects)
		m.effects = effects[:0]
	}
}

func (m *Members) add(e Effect) { m.effects = append(m.effects, e) }

// tell tells a note to all nodes, tellTo to one. A node that has said goodbye says nothing
// more: the others would take it for a new one.
func (m *Members) tell(kind string, note any) {
	m.spoke = true
	m.tellTo(m.origin, kind, note)
}

func (m *Members) tellTo(origin, kind string, note any) {
	if !m.left {
		m.add(Send{Kind: kind, To: origin, Note: note})
	}
}

func (m *Members) log(level slog.Level, message string, args ...any) {
	m.add(Log{level, message, args})
}

func (m *Members) warn(message string, args ...any) { m.log(slog.LevelWarn, message, args...) }

// complain logs a warning, unless the same was logged within the last second.
func (m *Members) complain(kind, message string, args ...any) {
	if others, ok := m.complaints.Due(kind, m.now); ok {
		m.warn(message, append(args, others)...)
	}
}

// logPeer logs what becomes of another node. Anyone can invent nodes, so there is a
// limit.
func (m *Members) logPeer(level slog.Level, message string, p *Peer, args ...any) {
	if m.peerLog.AllowN(m.now, 1) {
		m.log(level, message, append([]any{"node", p.name, "origin", p.origin}, args...)...)
	} else {
		m.complain("nodes", "more nodes come and go than are logged", "nodes", len(m.peers))
	}
}

// A Call is a function that waited. If it is a Step, it is made by [Members.Continue]. A Quick
// one waits for nothing.
type Call struct {
	Do    func()
	Step  bool
	Quick bool
}

// callSoon makes calls, in their order, when the turn has ended.
func (m *Members) callSoon(calls ...Call) {
	m.calls = append(m.calls, calls...)
	if len(m.calls) > 0 && !m.calling {
		m.calling = true
		m.add(CallWaiting{})
	}
}

// TakeCalls is the calls to make now, without the node's lock. After a CallWaiting it is
// asked until there are none.
func (m *Members) TakeCalls() []Call {
	calls := m.calls
	m.calls, m.calling = nil, len(calls) > 0
	return calls
}

// Continue makes a call that is a step.
func (m *Members) Continue(c Call, now time.Time) []Effect {
	m.now = now
	c.Do()
	return m.take()
}
