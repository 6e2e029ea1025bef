package membership

import (
	"slices"
	"time"
)

// settling has participants that come back served after what the dead have left.
//
// A participant whose process was killed connects again at once. What it then does must
// not be undone by the post-removes of the dead process. So before a node serves a
// newcomer, it pings all others that may have post-removes, and waits until each has
// answered or is known to be dead. One on the same NATS server that has none is not pinged.
// What it told before it died may still be on its way, so the node asks its server for an
// answer, too, which comes behind all that. Between servers there is no such proof. All that
// come at the same time share a round.
//
// A node that answers nothing (it is frozen, cut off, or very busy) is waited for during
// settleFor only; one that NATS says is gone, but may come back with its participants,
// until it is back or dead.
type settling struct {
	asking  bool // a round is under way, or about to begin
	pause   bool // it begins a moment later: rounds are not to follow each other at once
	began   time.Time
	first   uint64 // the number of the round's first ping
	waiting []*Peer
	behind  bool   // the server has not answered yet
	rounds  uint64 // counts what the server was asked

	now  []Call // what to call when the round has ended
	next []Call // what to call when the one after it has
}

const (
	// settleFor bounds a round.
	settleFor = 200 * time.Millisecond
	// settleEvery is the least time from one round to the next.
	settleEvery = 5 * time.Millisecond
)

// WhenSettled reports whether there is no node to wait for; otherwise then is called, without
// the node's lock. It must not wait.
func (m *Members) WhenSettled(then func(), now time.Time) (settled bool, effects []Effect) {
	m.now = now
	settled = m.settled(Call{Do: then, Quick: true})
	return settled, m.take()
}

func (m *Members) settled(then Call) bool {
	s := &m.settling
	switch {
	case !m.online || len(m.peers) == 0:
		return true
	case s.asking && !s.pause:
		s.next = append(s.next, then)
		return false
	}
	s.now = append(s.now, then)
	if !s.pause {
		m.beginSettling()
	}
	return false
}

// beginSettling pings all that may have died and left something.
func (m *Members) beginSettling() {
	s := &m.settling
	s.first = m.pings + 1
	s.waiting = nil
	if s.behind = slices.ContainsFunc(m.peers, m.leavesNothing) && !m.config.Facts().Alone && !m.left; s.behind {
		s.rounds++
		m.add(AskServer{s.rounds})
	}
	wait := func(p *Peer) {
		s.waiting = append(s.waiting, p)
		m.ping(p.origin, true)
	}
	asks := func(p *Peer) bool { return !m.leavesNothing(p) && p.met == m.origin && !m.strange(p) }
	for _, p := range m.peers {
		if asks(p) && p.probed.answered {
			wait(p)
		}
	}
	m.some(strangersAtOnce, func(p *Peer) bool { return asks(p) && !p.probed.answered }, wait)
	s.asking, s.pause, s.began = true, false, m.now
	m.checkSettling()
}

// leavesNothing reports whether nothing is to be sent when p dies, as far as was heard, and
// whether more would come before the word of their common server.
func (m *Members) leavesNothing(p *Peer) bool {
	return p.name != "" && p.told == 0 && len(p.postRemoves.bySeq) == 0 && p.place.Server == m.place.Server
}

// repeatPings pings again those that have not answered.
func (m *Members) repeatPings() {
	s := &m.settling
	if !s.asking || s.pause || m.now.Sub(s.began) < m.ProbeEvery()/2 {
		return
	}
	for _, p := range s.waiting {
		m.ping(p.origin, true)
	}
}

// ServerAnswered ends the wait for what others told before: the answer to [AskServer] is here.
func (m *Members) ServerAnswered(round uint64, now time.Time) []Effect {
	m.now = now
	if s := &m.settling; s.behind && round == s.rounds {
		s.behind = false
		m.checkSettling()
	}
	return m.take()
}

// checkSettling ends the present round when nobody is waited for any longer.
func (m *Members) checkSettling() {
	s := &m.settling
	if !s.asking || s.pause {
		return
	}
	late := m.now.Sub(s.began) > settleFor
	s.behind = s.behind && !late
	s.waiting = slices.DeleteFunc(s.waiting, func(p *Peer) bool {
		switch {
		case p.gone:
			return true
		case p.probed.last >= s.first:
			return true
		case late && !(p.keeps && !p.probed.absent.IsZero()):
			m.stats.SettlesLate++
			m.complain("settles late", "a node neither answers nor is known to be gone: clients that connect are not kept waiting for it", "node", p.name)
			return true
		}
		return false
	})
	if len(s.waiting) == 0 && !s.behind {
		m.endSettling()
	}
}

// endSettling makes the calls that wait, and begins the next round for those that came
// meanwhile.
func (m *Members) endSettling() {
	s := &m.settling
	m.callSoon(s.now...)
	s.now, s.next = s.next, nil
	s.asking = len(s.now) > 0
	if s.asking {
		s.pause = true
		m.add(SettleLater{settleEvery - min(settleEvery, m.now.Sub(s.began))})
	}
}

// SettleNow begins the round that was to begin later.
func (m *Members) SettleNow(now time.Time) []Effect {
	m.now = now
	if m.settling.pause {
		m.beginSettling()
	}
	return m.take()
}

// stopSettling makes all calls that wait: the backbone is lost.
func (m *Members) stopSettling() {
	s := &m.settling
	m.callSoon(append(s.now, s.next...)...)
	s.asking, s.pause, s.now, s.next = false, false, nil, nil
}

func (m *Members) sayWhenSettled(to string) {
	say := Call{Step: true, Do: func() { m.tellTo(to, KindSettled, settledNote{m.origin, m.living()}) }}
	if m.settled(say) {
		m.callSoon(say) // behind the post-removes of the dead
	}
}
