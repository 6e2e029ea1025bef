package membership

import (
	"log/slog"
	"slices"
	"time"

	"natstron/bridge/wire"
)

// causeOfDeath is why a peer counts as dead.
type causeOfDeath string

const (
	causeSilence      causeOfDeath = "nothing was heard of it"
	causeDisconnected causeOfDeath = "its connection to NATS has ended"
	causeTold         causeOfDeath = "another node found it dead"
)

// findDead declares every node dead that has not been heard of for too long. A datagram is
// a sign of life like a heartbeat, which may wait behind many of them.
func (m *Members) findDead() {
	for _, p := range slices.Clone(m.peers) {
		if seq := p.sender.Last(); seq != p.seq {
			p.seq, p.heard = seq, m.now
		}
		if m.now.Sub(p.heard) > m.config.DeadAfter {
			m.declareDead(p, causeSilence, true)
		}
	}
	m.forgetDeaths()
}

// declareDead has the post-removes of a dead node sent. All survivors do so, under
// identities that make it once. silent says that its silence is the only sign.
func (m *Members) declareDead(p *Peer, cause causeOfDeath, silent bool) {
	sessions, all := m.keepSessions(p)
	kept := len(p.postRemoves.bySeq) - len(all)
	if silent {
		all = m.withoutRenewed(all, p.heard)
	}
	left := len(p.postRemoves.bySeq)
	args := []any{"cause", cause, "silent", m.now.Sub(p.heard).Round(time.Millisecond), "post_removes", len(all), "made_anew_elsewhere", left - kept - len(all)}
	if sessions > 0 {
		args = append(args, "sessions_that_wait", sessions)
	}
	m.logPeer(slog.LevelWarn, "node is dead: sending its post-removes", p, args...)
	m.drop(p.origin)
	m.stats.DeadNodes++
	m.add(SendPostRemoves{p.origin, all})
	// One that left nothing and never answered may be an invention: nothing is kept of it.
	if p.probed.answered || left > 0 {
		m.die(p.origin, silent)
	}
}

// PostRemovesSent goes on when the post-removes of a dead node have been routed.
func (m *Members) PostRemovesSent(origin string, now time.Time) []Effect {
	m.now = now
	m.isDead(origin)
	m.changed()
	return m.take()
}

// A purpose is what a post-remove undoes, as far as one can tell: the same sender left the
// same datagram.
type purpose struct {
	sender   wire.Channel
	datagram string
}

func (pr PostRemove) purpose() purpose { return purpose{pr.Sender, string(pr.Datagram)} }

// withoutRenewed leaves out of the post-removes of a node, last heard at a time, those that
// a participant of a living node has left as well since: its sender is back, and what they
// would undo now is its new work.
func (m *Members) withoutRenewed(all []PostRemove, heard time.Time) []PostRemove {
	if len(all) == 0 {
		return nil
	}
	old := map[purpose]bool{}
	for _, pr := range all {
		old[pr.purpose()] = true
	}
	renewed := map[purpose]bool{}
	note := func(s postRemoves) {
		for _, pr := range s.bySeq {
			if pr.Checkpoint == nil && pr.Added.After(heard) && old[pr.purpose()] {
				renewed[pr.purpose()] = true
			}
		}
	}
	note(m.own)
	for _, p := range m.peers {
		if p.heard.After(heard) {
			note(p.postRemoves)
		}
	}
	return slices.DeleteFunc(all, func(pr PostRemove) bool { return renewed[pr.purpose()] })
}

// hearDead ends this node's present life if it is the one that was declared dead: its
// post-removes are out, so it must not go on as if they were not. If it is another one, it
// is dead here, too, so that all survivors send its post-removes at the same time.
func (m *Members) hearDead(note deadNote) error {
	if note.Origin == m.origin || (m.kept && slices.Contains(m.was, note.Origin)) {
		m.add(Lose{Cause: ErrDeclaredDead})
		return nil
	}
	if p := m.find(note.Origin); p != nil {
		m.declareDead(p, causeTold, note.Silent)
	}
	delete(m.joining.settled, note.Origin)
	m.checkJoining()
	return nil
}

// Disconnected declares a peer dead that NATS has no subscriber for, where that is proof.
func (m *Members) Disconnected(p *Peer, now time.Time) []Effect {
	m.now = now
	if !p.gone {
		m.declareDead(p, causeDisconnected, false)
	}
	return m.take()
}
