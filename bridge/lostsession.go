package bridge

import (
	"log/slog"
	"maps"
	"slices"
	"time"

	"natstron/bridge/internal/membership"
	"natstron/bridge/wire"
)

// A participant may leave a [Checkpoint] with the other nodes. If its node dies or loses its
// connection, its post-removes are not sent: it is a lost session. All nodes keep its checkpoint
// and post-removes, and what their own participants send to its channels. Another node can take
// the session over: a participant there has the same channels, and gets what was kept. If none
// has taken it in time, the post-removes are sent.
//
// One node at most takes a session. A node that wants to claims the session before all others, and
// waits until they have heard that; then it has heard of all others that claim it, because
// each of them said so before it answered. The claimant whose origin comes first has it. Nodes in
// parts of a network that are cut off from each other do not hear each other's claims.

// A Checkpoint says how a participant goes on at another node.
type Checkpoint = membership.Checkpoint

// A LostSession is that of a participant with a checkpoint whose node is dead, or has lost its
// connection.
type LostSession struct {
	Checkpoint
	Origin      string        // of that node
	PostRemoves []PostRemove  // in order
	Left        time.Duration // how long it may still be taken
}

func lostSessionOf(l membership.LostSession) LostSession {
	all := make([]PostRemove, len(l.PostRemoves))
	for i, pr := range l.PostRemoves {
		all[i] = PostRemove{Sender: pr.Sender, Datagram: pr.Datagram}
	}
	return LostSession{Checkpoint: l.Checkpoint, Origin: l.Origin, PostRemoves: all, Left: l.Left}
}

// lostSession is one that is kept here.
type lostSession struct {
	membership.LostSession
	since     time.Time // when its node died
	until     time.Time // when it may be taken no longer
	timer     *time.Timer
	claimants []string // the origins of the nodes that want it
	kept      []wire.Datagram
	bytes     int // of kept
}

// Bounds of what is kept.
const (
	// maxLostSessions is how many are kept. Of more, the post-removes are sent at once.
	maxLostSessions = 100_000
	// maxKept is how many bytes are kept for one. If that is not enough, it ends.
	maxKept = 256 << 10
)

// sessionID names a lost session: the node that has taken a session may lose it again.
type sessionID struct {
	key    uint64
	origin string
}

// lostSessions are those that are kept here, and what has become of others. They belong to the
// node's lock.
type lostSessions struct {
	all      map[uint64]*lostSession
	channels map[wire.Channel]*lostSession
	over     map[sessionID]outcome
}

// outcome is what has become of a lost session.
type outcome struct {
	by string // the origin of the node that has taken it; empty: none
	at time.Time
}

// SetCheckpoint tells the other nodes a checkpoint of p, instead of the one before. It is told to the other nodes with
// the next datagrams. An error says that they cannot be told.
func (t Turn) SetCheckpoint(p *Participant, c Checkpoint) error {
	n := t.n
	before := p.checkpoint
	if p.left || p.cutOff {
		return ErrCutOff
	}
	c.For = min(c.For, membership.MaxWait)
	added, effects, err := n.members.AddCheckpoint(p.id, c, time.Now())
	if err != nil {
		return err
	}
	p.own()
	p.checkpoint = &added
	n.perform(effects)
	if before != nil {
		n.perform(n.members.ForgetPostRemoves([]uint64{before.Seq}))
	}
	return nil
}

// ClearCheckpoint takes p's checkpoint back.
func (t Turn) ClearCheckpoint(p *Participant) {
	if c := p.checkpoint; c != nil {
		p.checkpoint = nil
		t.n.perform(t.n.members.ForgetPostRemoves([]uint64{c.Seq}))
	}
}

// loseSession makes that of a participant with a checkpoint a lost session: this node has lost
// its connection.
func (n *Node) loseSession(p *Participant) {
	if p.checkpoint == nil || n.stopping {
		return
	}
	seqs := []uint64{p.checkpoint.Seq}
	for _, pr := range p.postRemoves {
		seqs = append(seqs, pr.Seq)
		n.unkeep(pr)
	}
	n.keepSession(membership.LostSession{Checkpoint: *p.checkpoint.Checkpoint, Origin: n.members.Origin(), PostRemoves: p.postRemoves, Left: p.checkpoint.Checkpoint.For})
	n.perform(n.members.ForgetPostRemoves(seqs))
	p.checkpoint, p.postRemoves, p.postRemoveBytes = nil, nil, 0
}

// keepSession keeps a lost session, unless it is over.
func (n *Node) keepSession(l membership.LostSession) {
	_, over := n.lost.over[sessionID{l.Key, l.Origin}]
	before := n.lost.all[l.Key]
	if over || before != nil && before.Origin == l.Origin {
		return
	}
	now := time.Now()
	have := &lostSession{LostSession: l, since: now.Add(l.Left - l.For), until: now.Add(l.Left)}
	if before != nil { // a node had taken it, of which nobody here has heard, and which is gone
		n.forgetSession(before, outcome{by: l.Origin})
		have.kept, have.bytes = before.kept, before.bytes
	}
	if n.lost.all == nil {
		n.lost.all, n.lost.channels = map[uint64]*lostSession{}, map[wire.Channel]*lostSession{}
	}
	if len(n.lost.all) >= maxLostSessions {
		n.sendInOrder(l.PostRemoves, nil, nil)
		n.complain("lost sessions", "too many sessions wait for another client agent: one ends", "sessions", len(n.lost.all))
		return
	}
	n.lost.all[l.Key] = have
	for _, c := range l.Channels {
		n.lost.channels[c] = have
	}
	n.stats.LostSessions++
	// The others have noticed within DeadAfter: nobody takes what another one gives up.
	have.timer = time.AfterFunc(l.Left+2*n.options.DeadAfter, func() {
		t := n.Begin()
		defer t.End()
		if n.lost.all[l.Key] == have {
			n.endSession(have)
		}
	})
}

// forgetSession removes a lost session, and remembers what has become of it.
func (n *Node) forgetSession(l *lostSession, how outcome) {
	l.timer.Stop()
	delete(n.lost.all, l.Key)
	for _, c := range l.Channels {
		if n.lost.channels[c] == l {
			delete(n.lost.channels, c)
		}
	}
	n.noteOver(sessionID{l.Key, l.Origin}, how)
}

// noteOver remembers what has become of a lost session, for a while.
func (n *Node) noteOver(id sessionID, how outcome) {
	if n.lost.over == nil {
		n.lost.over = map[sessionID]outcome{}
	}
	how.at = time.Now()
	if len(n.lost.over) >= maxLostSessions {
		maps.DeleteFunc(n.lost.over, func(_ sessionID, o outcome) bool { return how.at.Sub(o.at) > time.Minute })
	}
	if len(n.lost.over) < maxLostSessions {
		n.lost.over[id] = how
	}
}

// endSession sends the post-removes of a lost session that nobody has taken.
func (n *Node) endSession(l *lostSession) {
	n.forgetSession(l, outcome{})
	n.stats.LostSessionsEnded++
	n.sendInOrder(n.members.WithoutRenewed(l.PostRemoves, l.since), nil, nil)
	Turn{n}.Settle()
}

// keepForLost keeps a datagram of this node for those of its recipients that are channels of
// lost sessions, and returns what goes to the others; nil if there are none.
func (n *Node) keepForLost(d wire.Datagram) wire.Datagram {
	var others []wire.Channel
	for i := range d.RecipientCount() {
		c := d.Recipient(i)
		l := n.lost.channels[c]
		if l == nil {
			others = append(others, c)
			continue
		}
		switch kind := d.Type(); {
		case kind == wire.ClientAgentEject || kind == wire.ClientAgentDrop:
			n.endEverywhere(l, "it was told to end")
		case l.bytes+len(d) > maxKept:
			n.endEverywhere(l, "more was sent to it than is kept")
		default:
			if copied := addressed(d, c); copied != nil {
				l.kept = append(l.kept, copied)
				l.bytes += len(copied)
			}
		}
	}
	switch len(others) {
	case d.RecipientCount():
		return d
	case 0:
		return nil
	}
	return addressed(d, others...)
}

// addressed is a copy of a datagram for other recipients; nil if it makes no sense.
func addressed(d wire.Datagram, to ...wire.Channel) wire.Datagram {
	m, err := d.Message()
	if err != nil {
		return nil
	}
	var w wire.Writer
	other, err := w.Header(m.Sender, m.Type, to...).Raw(m.Payload.Rest()).Datagram()
	if err != nil {
		return nil
	}
	return other
}

// endEverywhere ends a lost session here and everywhere.
func (n *Node) endEverywhere(l *lostSession, why string) {
	n.logLater(slog.LevelInfo, "a session that waits for another client agent is over", "cause", why, "session", l.Key)
	n.perform(n.members.TellSession(membership.SessionEnd, l.Key, l.Origin))
	n.endSession(l)
}

// heardSession takes what another node says of a lost session.
func (n *Node) heardSession(h membership.HeardSession) {
	id := sessionID{h.Key, h.Origin}
	l := n.lost.all[h.Key]
	if l != nil && l.Origin != h.Origin {
		l = nil
	}
	switch how, over := n.lost.over[id]; {
	case h.Step == membership.SessionHeld:
		n.keepSession(h.LostSession)
	case h.Step == membership.SessionClaim && over && how.by == n.members.Origin():
		n.perform(n.members.TellSession(membership.SessionTaken, h.Key, h.Origin))
	case l == nil:
		if !over && (h.Step == membership.SessionTaken || h.Step == membership.SessionEnd) {
			n.noteOver(id, outcome{by: h.From})
		}
	case h.Step == membership.SessionClaim:
		l.claimants = append(l.claimants, h.From)
	case h.Step == membership.SessionRelease:
		l.claimants = slices.DeleteFunc(l.claimants, func(have string) bool { return have == h.From })
	case h.Step == membership.SessionTaken:
		n.sendKept(l, h.From)
	case h.Step == membership.SessionEnd:
		n.endSession(l)
	}
}

// sendKept sends what was kept for a session to the node that has taken it.
func (n *Node) sendKept(l *lostSession, by string) {
	n.forgetSession(l, outcome{by: by})
	for _, d := range l.kept {
		n.waiting.then(func(t Turn) {
			n.audience = n.publish(d, n.nextIdentity(nil))
			t.route(nil, d)
		})
	}
	Turn{n}.Settle()
}

// tellSessions tells a newcomer of all lost sessions.
func (n *Node) tellSessions(to string) {
	now := time.Now()
	for _, l := range n.lost.all {
		told := l.LostSession
		if told.Left = l.until.Sub(now); told.Left > 0 {
			n.perform(n.members.TellHeld(to, told, now))
		}
	}
}

// LostSession is the lost session with that key, if it may still be taken.
func (t Turn) LostSession(key uint64) (l LostSession, there bool) {
	have := t.n.lost.all[key]
	if have == nil || !time.Now().Before(have.until) {
		return LostSession{}, false
	}
	return lostSessionOf(have.LostSession), true
}

// LostSessions are those whose first channel lies from lo to hi.
func (t Turn) LostSessions(lo, hi wire.Channel) (all []LostSession) {
	for _, l := range t.n.lost.all {
		if len(l.Channels) > 0 && lo <= l.Channels[0] && l.Channels[0] <= hi {
			all = append(all, lostSessionOf(l.LostSession))
		}
	}
	return all
}

// Outcome says what has become of a lost session: whether it is over, and whether another node,
// or this one, has taken it.
func (t Turn) Outcome(l LostSession) (over, elsewhere, here bool) {
	how, over := t.n.lost.over[sessionID{l.Key, l.Origin}]
	have := t.n.lost.all[l.Key]
	over = over || have == nil || have.Origin != l.Origin
	here = over && how.by == t.n.members.Origin()
	return over, over && how.by != "" && !here, here
}

// ClaimSession asks for a lost session. It calls then once, in a turn of its own: with whether
// this node has it. If so, [Turn.TakeSession] or [Turn.ReleaseSession] is to follow.
func (t Turn) ClaimSession(l LostSession, then func(t Turn, ours bool)) {
	n := t.n
	have := n.lost.all[l.Key]
	if have == nil || have.Origin != l.Origin {
		then(t, false)
		return
	}
	self := n.members.Origin()
	have.claimants = append(have.claimants, self)
	n.perform(n.members.TellSession(membership.SessionClaim, l.Key, l.Origin))
	n.perform(n.members.WhenHeard(func() {
		go func() {
			t := n.Begin()
			defer t.End()
			have.claimants = slices.DeleteFunc(have.claimants, func(claimant string) bool {
				return claimant != n.members.Origin() && !n.members.Exists(func(p *membership.Peer) bool { return p.Origin() == claimant })
			})
			there := n.lost.all[l.Key] == have && n.members.Origin() == self && n.outbox.IsOpen()
			ours := there && slices.Contains(have.claimants, self) && slices.Min(have.claimants) == self
			if there && !ours {
				t.ReleaseSession(l)
			}
			then(t, ours)
		}()
	}, time.Now()))
}

// TakeSession ends the wait for a session that this node has: a participant here has its
// channels, and has left its post-removes.
func (t Turn) TakeSession(l LostSession) {
	n := t.n
	if have := n.lost.all[l.Key]; have != nil && have.Origin == l.Origin {
		n.perform(n.members.TellSession(membership.SessionTaken, l.Key, l.Origin))
		n.stats.LostSessionsTaken++
		n.sendKept(have, n.members.Origin())
	}
}

// ReleaseSession takes ClaimSession back.
func (t Turn) ReleaseSession(l LostSession) {
	n := t.n
	if have := n.lost.all[l.Key]; have != nil && have.Origin == l.Origin {
		self := n.members.Origin()
		have.claimants = slices.DeleteFunc(have.claimants, func(claimant string) bool { return claimant == self })
		n.perform(n.members.TellSession(membership.SessionRelease, l.Key, l.Origin))
	}
}

// Alone reports whether no other node is known.
func (t Turn) Alone() bool { return !t.n.members.Any() }

// AskLostSessions asks another node for the lost sessions that it keeps, and calls then when it
// has told them: a process that has just started does not know any.
func (t Turn) AskLostSessions(then func()) {
	t.n.perform(t.n.members.AskLostSessions(time.Now()))
	t.WhenHeard(then)
}

// WhenHeard calls then, without a lock, when all other nodes have heard what this one has said so
// far, and what they had sent before has arrived; those that do not answer are not waited for.
func (t Turn) WhenHeard(then func()) {
	n := t.n
	n.perform(n.members.WhenHeard(func() { n.after = append(n.after, then) }, time.Now()))
}

// WhenAnswered calls then, in a turn of its own, when everything that p has sent has had its
// effects in all processes: what would be answered at once has been, also by a process that was busy
// for long. Only the dead are not waited for.
func (t Turn) WhenAnswered(p *Participant, then func(t Turn)) {
	t.behind(p, func(t Turn) {
		n := t.n
		n.perform(n.members.WhenSurelyHeard(func() {
			go func() {
				t := n.Begin()
				defer t.End()
				then(t)
			}()
		}, time.Now()))
	})
}
