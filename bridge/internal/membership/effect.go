package membership

import (
	"log/slog"
	"time"
)

// An Effect is something that a node does because of a step. Effects are performed in
// their order, before the next step.
type Effect interface{ effect() }

type (
	// Send tells something to the other nodes, on the subject of a kind with To as the
	// last token: this node's origin for all, another's for that one alone. Note is
	// encoded as JSON. Where Answer is not empty, it is the end of the subject where
	// NATS answers if nobody gets it: KindPong, this node's origin, and Answer.
	Send struct {
		Kind, To string
		Note     any
		Answer   string
	}
	// Ping asks NATS whether a node is there, and, if Wanted says so, the node itself.
	// For Answer see Send.
	Ping struct {
		To     string
		Wanted bool
		Answer string
	}
	// Log writes a line, when the turn has ended: a log that blocks must not stop the
	// traffic.
	Log struct {
		Level   slog.Level
		Message string
		Args    []any
	}
	// Publish publishes a post-remove that is known here.
	Publish struct{ PostRemove PostRemove }
	// Bury routes the post-removes of a node that is dead, here and on the backbone.
	// [Members.Buried] follows behind them.
	Bury struct {
		Origin      string
		PostRemoves []PostRemove
	}
	// Orphan tells participants of the end of the objects of a peer that is gone.
	Orphan struct{ Peer *Peer }
	// Inherit says that a peer's objects are another one's: it has a new origin.
	Inherit struct{ From, To *Peer }
	// Verify looks whether this node's own connections are well. If so,
	// [Members.Disconnected] follows, or else the link is lost.
	Verify struct{ Peer *Peer }
	// Lose ends the link. Drain writes what is queued before.
	Lose struct {
		Cause error
		Drain bool
	}
	// Release routes datagrams that waited for other processes, as far as they need
	// not wait any longer.
	Release struct{}
	// CallWaiting calls what [Members.TakeCalls] returns, when the turn has ended.
	CallWaiting struct{}
	// SettleLater calls [Members.SettleNow] after a time.
	SettleLater struct{ Pause time.Duration }
	// Joined says that the node may serve participants.
	Joined struct{}
)

func (Send) effect()        {}
func (Ping) effect()        {}
func (Log) effect()         {}
func (Publish) effect()     {}
func (Bury) effect()        {}
func (Orphan) effect()      {}
func (Inherit) effect()     {}
func (Verify) effect()      {}
func (Lose) effect()        {}
func (Release) effect()     {}
func (CallWaiting) effect() {}
func (SettleLater) effect() {}
func (Joined) effect()      {}

// take is the effects of a step.
func (m *Members) take() []Effect {
	effects := m.effects
	m.effects = nil
	return effects
}

func (m *Members) add(e Effect) { m.effects = append(m.effects, e) }

// tell tells a note to all nodes, tellTo to one. A node that has said goodbye says nothing
// more: the others would take it for a new one.
func (m *Members) tell(kind string, note any) { m.tellTo(m.origin, kind, note) }

func (m *Members) tellTo(origin, kind string, note any) {
	if !m.left {
		m.add(Send{Kind: kind, To: origin, Note: note})
	}
}

func (m *Members) log(level slog.Level, message string, args ...any) {
	m.add(Log{level, message, args})
}

// complain logs a warning, unless the same was logged within the last second.
func (m *Members) complain(kind, message string, args ...any) {
	if others, ok := m.complaints.Due(kind, m.now); ok {
		m.log(slog.LevelWarn, message, append(args, others)...)
	}
}

// logPeer logs what becomes of another node. Anybody who can publish can invent nodes, so
// there is a limit.
func (m *Members) logPeer(level slog.Level, message string, p *Peer, args ...any) {
	if m.peerLog.AllowN(m.now, 1) {
		m.log(level, message, append([]any{"node", p.name, "origin", p.origin}, args...)...)
		return
	}
	m.complain("nodes", "more nodes come and go than are logged", "nodes", len(m.peers))
}

// A Call is a function that waited.
type Call struct {
	do     func()
	inside bool // it is a step: it must be called within a turn
}

// callSoon calls functions, in their order, when the turn has ended.
func (m *Members) callSoon(calls ...Call) {
	m.calls = append(m.calls, calls...)
	if len(m.calls) > 0 && !m.calling {
		m.calling = true
		m.add(CallWaiting{})
	}
}

// TakeCalls is what is to be called now, without the node's lock.
// Whoever performs a CallWaiting asks until nothing is returned.
func (m *Members) TakeCalls() []Call {
	calls := m.calls
	m.calls, m.calling = nil, len(calls) > 0
	return calls
}

// IsStep says whether a call must be made within a turn, by [Members.Continue].
func (c Call) IsStep() bool { return c.inside }

// Do makes a call that is not a step.
func (c Call) Do() { c.do() }

// Continue makes a call that is a step.
func (m *Members) Continue(c Call, now time.Time) []Effect {
	m.now = now
	c.do()
	return m.take()
}

func (m *Members) warn(message string, args ...any) { m.log(slog.LevelWarn, message, args...) }
