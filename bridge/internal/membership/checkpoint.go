package membership

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"natstron/bridge/internal/identity"
	"natstron/bridge/wire"
)

// A checkpoint is kept by all other nodes, like a post-remove, for a participant that can go on
// at another node if its own dies. Then its post-removes are not sent: they and the checkpoint
// are a [LostSession], until a node has taken it, or its time is up. On NATS the notes are called
// "will" and "estate", as they were when processes began to send them.

// A Checkpoint says how a participant goes on at another node.
type Checkpoint struct {
	Key      uint64         // of what goes on: the session
	Channels []wire.Channel // what is sent to them is kept meanwhile
	State    []byte         // for the node that takes the session
	For      time.Duration  // how long it waits
}

// Bounds of a checkpoint.
const (
	maxCheckpointChannels = 4
	maxCheckpoint         = 64 << 10 // bytes of its state
	// MaxWait is the longest that a lost session waits, whatever another node says.
	MaxWait = 2 * time.Hour
)

// ErrCheckpoint says that a checkpoint is too long for the other nodes to be told of it.
var ErrCheckpoint = fmt.Errorf("the state of a session is %w", wire.ErrTooLong)

// checkpointNote is a checkpoint on its way.
type checkpointNote struct {
	Key      uint64   `json:"key,string"`
	Channels []string `json:"channels"`
	State    []byte   `json:"state"`
	For      int64    `json:"for_ms"`
}

func (c *Checkpoint) note() *checkpointNote {
	if c == nil {
		return nil
	}
	n := &checkpointNote{Key: c.Key, State: c.State, For: c.For.Milliseconds()}
	for _, channel := range c.Channels {
		n.Channels = append(n.Channels, fmt.Sprint(uint64(channel)))
	}
	return n
}

// checkpoint is what a note says; nil if it makes no sense.
func (n *checkpointNote) checkpoint() *Checkpoint {
	if len(n.Channels) > maxCheckpointChannels || len(n.State) > maxCheckpoint || n.For <= 0 {
		return nil
	}
	c := &Checkpoint{Key: n.Key, State: n.State, For: min(time.Duration(min(n.For, MaxWait.Milliseconds()))*time.Millisecond, MaxWait)}
	for _, text := range n.Channels {
		channel, err := wire.ParseChannel(text)
		if err != nil {
			return nil
		}
		c.Channels = append(c.Channels, channel)
	}
	return c
}

// size is what a post-remove or a checkpoint counts as, in bytes.
func (pr PostRemove) size() int {
	if pr.Checkpoint != nil {
		return PostRemoveSize + len(pr.Checkpoint.State)
	}
	return SizeOf(pr.Datagram)
}

// AddCheckpoint tells the others a checkpoint of a participant of this node. It is forgotten as
// a post-remove is.
func (m *Members) AddCheckpoint(participant uint64, c Checkpoint, now time.Time) (PostRemove, []Effect, error) {
	m.now = now
	size := base64.StdEncoding.EncodedLen(len(c.State)) + 2*noteFrame
	switch {
	case len(c.State) > maxCheckpoint || len(c.Channels) > maxCheckpointChannels, m.payload > 0 && int64(size) > m.payload:
		return PostRemove{}, nil, ErrCheckpoint
	case m.own.bytes+PostRemoveSize+len(c.State) > m.config.MaxPostRemoveBytes:
		return PostRemove{}, nil, ErrNoRoom
	}
	m.lastPostRemove++
	pr := PostRemove{Origin: m.origin, Seq: m.lastPostRemove, Participant: participant, Added: now, Checkpoint: &c}
	m.own.add(pr)
	m.tell(KindPostRemove, postRemoveNote{Add: noteOf(pr, m.origin, now)})
	return pr, m.take(), nil
}

// A LostSession is that of a participant with a checkpoint whose node is dead, or has lost its
// connection.
type LostSession struct {
	Checkpoint
	Origin      string // of that node
	PostRemoves []PostRemove
	Left        time.Duration // how long it may still be taken
}

// lostSessions divides what a dead node has told into lost sessions, and the post-removes that are
// to be sent at once.
func lostSessions(origin string, all []PostRemove) (kept []LostSession, rest []PostRemove) {
	checkpoints := map[uint64]*Checkpoint{} // by participant; the last one counts
	for _, pr := range all {
		if pr.Checkpoint != nil {
			checkpoints[pr.Participant] = pr.Checkpoint
		}
	}
	if len(checkpoints) == 0 {
		return nil, all
	}
	of := map[uint64][]PostRemove{}
	for _, pr := range all {
		switch {
		case pr.Checkpoint != nil:
		case checkpoints[pr.Participant] != nil:
			of[pr.Participant] = append(of[pr.Participant], pr)
		default:
			rest = append(rest, pr)
		}
	}
	for participant, c := range checkpoints {
		kept = append(kept, LostSession{Checkpoint: *c, Origin: origin, PostRemoves: of[participant], Left: c.For})
	}
	slices.SortFunc(kept, func(a, b LostSession) int { return int(int32(uint32(a.Key) - uint32(b.Key))) })
	return kept, rest
}

// keepSessions has the lost sessions of a peer kept, and returns how many there are, and its
// other post-removes.
func (m *Members) keepSessions(p *Peer) (count int, rest []PostRemove) {
	kept, rest := lostSessions(p.origin, p.postRemoves.ordered())
	for _, l := range kept {
		m.add(KeepSession{l})
	}
	return len(kept), rest
}

// WithoutRenewed leaves out post-removes whose sender has left the same ones again since a
// time.
func (m *Members) WithoutRenewed(all []PostRemove, since time.Time) []PostRemove {
	return m.withoutRenewed(slices.Clone(all), since)
}

// SessionStep is what a node says of a lost session.
type SessionStep string

const (
	SessionAsk     SessionStep = "ask"   // to one: which ones are there?
	SessionHeld    SessionStep = "held"  // to the asker: there is this one
	SessionClaim   SessionStep = "claim" // the teller wants to take it
	SessionRelease SessionStep = "give"  // it does not want to any more
	SessionTaken   SessionStep = "taken" // the teller has taken it, and has told its own checkpoint
	SessionEnd     SessionStep = "end"   // it is over: the post-removes are to be sent
)

// A sessionNote tells a step. Key and Origin say of which lost session.
type sessionNote struct {
	Step       SessionStep     `json:"step"`
	Key        uint64          `json:"key,string"`
	Origin     string          `json:"origin"`
	Checkpoint *checkpointNote `json:"will,omitempty"` // and below, if it is held
	Left       int64           `json:"left_ms,omitempty"`
	Removals   []*addNote      `json:"removals,omitempty"`
}

// TellSession tells a step to all nodes.
func (m *Members) TellSession(step SessionStep, key uint64, origin string) []Effect {
	m.tell(KindSession, sessionNote{Step: step, Key: key, Origin: origin})
	return m.take()
}

// AskLostSessions asks another node for the lost sessions that it keeps: the one that has been
// there for longest.
func (m *Members) AskLostSessions(now time.Time) []Effect {
	m.now = now
	var eldest *Peer
	for _, p := range m.peers {
		if p.probed.answered && p.met == m.origin && (eldest == nil || p.since.Before(eldest.since)) {
			eldest = p
		}
	}
	if eldest != nil {
		m.tellTo(eldest.origin, KindHeld, sessionNote{Step: SessionAsk, Origin: m.origin})
	}
	return m.take()
}

// maxRemovals is how many post-removes of one lost session a newcomer is told, as far as they fit.
const maxRemovals = 100

// TellHeld tells a node of a lost session.
func (m *Members) TellHeld(to string, l LostSession, now time.Time) []Effect {
	m.now = now
	note := sessionNote{Step: SessionHeld, Key: l.Key, Origin: l.Origin, Checkpoint: l.note(), Left: l.Left.Milliseconds()}
	size := len(l.State)
	for _, pr := range l.PostRemoves {
		size += pr.size()
		note.Removals = append(note.Removals, noteOf(pr, "", now))
	}
	if size*4/3+2*noteFrame < int(min(maxHeldNote, m.payload)) && len(note.Removals) <= maxRemovals {
		m.tellTo(to, KindHeld, note)
	}
	return m.take()
}

// hearSession hands a step over to the node.
func (m *Members) hearSession(p *Peer, note sessionNote) {
	if identity.IsOrigin(note.Origin) {
		m.add(HeardSession{From: p.origin, Step: note.Step, Key: note.Key, Origin: strings.Clone(note.Origin)})
	}
}

// hearHeld takes what another node says to this one alone: a question for all lost sessions, or one
// of them.
func (m *Members) hearHeld(note sessionNote) error {
	if !identity.IsOrigin(note.Origin) {
		return errOrigin
	}
	if note.Step == SessionAsk {
		if m.hellos.AllowN(m.now, 1) {
			m.add(TellSessions{To: strings.Clone(note.Origin)})
		}
		return nil
	}
	h := HeardSession{Step: note.Step, Key: note.Key, Origin: strings.Clone(note.Origin)}
	if note.Step == SessionHeld {
		if note.Checkpoint == nil || note.Checkpoint.checkpoint() == nil || note.Left <= 0 || len(note.Removals) > maxRemovals {
			return nil
		}
		h.LostSession = LostSession{Checkpoint: *note.Checkpoint.checkpoint(), Origin: h.Origin, Left: time.Duration(min(note.Left, MaxWait.Milliseconds())) * time.Millisecond}
		h.LostSession.Key = note.Key
		for _, a := range note.Removals {
			d := wire.Datagram(a.Datagram)
			if len(d) > MaxPostRemove || d.Check() != nil || !identity.IsOrigin(a.Origin) {
				return nil
			}
			h.LostSession.PostRemoves = append(h.LostSession.PostRemoves, PostRemove{Origin: a.Origin, Seq: a.Seq, Participant: a.Participant, Sender: a.Sender, Datagram: d, Added: m.now})
		}
	}
	m.add(h)
	return nil
}
