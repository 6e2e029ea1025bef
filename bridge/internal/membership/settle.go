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
// What it told before it died may still be on its way, so the node pings nobody, too: the
// server's answer that nobody is there comes behind all that. Between servers there is no
// such proof. All that come at the same time share a round.
//
// A program that subscribes to everything takes in the ping to nobody, and NATS does not
// answer. Then all are pinged, until an answer to such a ping comes.
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
	behind  uint64 // the number of the ping to nobody, until it has come back
	// unanswered says that the last ping to nobody did not come back in time.
	unanswered bool

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
// the node's lock.
func (m *Members) WhenSettled(then func(), now time.Time) (settled bool, effects []Effect) {
	m.now = now
	settled = m.settled(Call{Do: then})
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
	s.waiting, s.behind = nil, 0
	if slices.ContainsFunc(m.peers, m.leavesNothing) && !m.config.Facts().Alone && !m.left {
		m.ping(nobody, false)
		if !s.unanswered {
			s.behind = m.pings
		}
	}
	wait := func(p *Peer) {
		s.waiting = append(s.waiting, p)
		m.ping(p.origin, true)
	}
	asks := func(p *Peer) bool { return (s.unanswered || !m.leavesNothing(p)) && p.met == m.origin && !m.strange(p) }
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

// cameBehind ends the wait for what others told before: the ping to nobody is back.
func (m *Members) cameBehind(number uint64) {
	s := &m.settling
	s.unanswered = false
	if s.behind > 0 && number >= s.behind {
		s.behind = 0
		m.checkSettling()
	}
}

// checkSettling ends the present round when nobody is waited for any longer.
func (m *Members) checkSettling() {
	s := &m.settling
	if !s.asking || s.pause {
		return
	}
	late := m.now.Sub(s.began) > settleFor
	if late && s.behind > 0 {
		s.behind, s.unanswered = 0, true
	}
	s.waiting = slices.DeleteFunc(s.waiting, func(p *Peer) bool {
		switch {
		case p.gone:
			return true
		case p.probed.last >= s.first:
			if s.unanswered { // NATS would have answered before
				m.complain("overheard", "a program on NATS subscribes to every subject: NATS cannot say when a process is gone, and newcomers wait longer", "hint", "subscribe to what is of interest alone, as in: nats sub 'astron.>'")
			}
			return true
		case late && !(p.keeps && !p.probed.absent.IsZero()):
			m.stats.SettlesLate++
			m.complain("settles late", "a node neither answers nor is known to be gone: clients that connect are not kept waiting for it", "node", p.name)
			return true
		}
		return false
	})
	if len(s.waiting) == 0 && s.behind == 0 {
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
