package membership

import "time"

// settling serves those who come back after those that have died.
//
// A participant whose process was killed connects again at once, to another process or to
// the same one, started again. What it then does must not be undone by the post-removes of
// the dead process, so these must be sent before it is served. So before a node serves
// anybody new, it sees that all others live, or declares them dead: it pings all of them,
// and waits until each has answered or is known to be dead. All who come at the same time
// share a round.
//
// A node that answers nothing (it is frozen, cut off, or very busy) is waited for during
// settleFor only. One that NATS says is gone, but may come back with its participants, is
// waited for until it is back or dead.
type settling struct {
	asking  bool // a round is under way, or about to begin
	pause   bool // it begins a moment later: rounds are not to follow each other at once
	began   time.Time
	first   uint64 // the number of the round's first ping
	waiting map[*Peer]struct{}

	now  []Call // what to call when the round has ended
	next []Call // what to call when the one after it has
}

const (
	// settleFor bounds a round.
	settleFor = 200 * time.Millisecond
	// settleEvery is the least time from one round to the next.
	settleEvery = 5 * time.Millisecond
)

// WhenSettled says whether there is no node to wait for; otherwise then is called, without
// the node's lock.
func (m *Members) WhenSettled(then func(), now time.Time) (settled bool, effects []Effect) {
	m.now = now
	settled = m.settled(Call{do: then})
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

// beginSettling pings all that may live.
func (m *Members) beginSettling() {
	s := &m.settling
	s.first = m.pings + 1
	clear(s.waiting)
	wait := func(p *Peer) {
		s.waiting[p] = struct{}{}
		m.ping(p, true)
	}
	met := func(p *Peer) bool { return p.met == m.origin && !m.strange(p) }
	for _, p := range m.peers {
		if met(p) && p.probed.answered {
			wait(p)
		}
	}
	m.some(strangersAtOnce, func(p *Peer) bool { return met(p) && !p.probed.answered }, wait)
	s.asking, s.pause, s.began = true, false, m.now
	if len(s.waiting) == 0 {
		m.endSettling()
	}
}

// repeatPings pings again those that have not answered.
func (m *Members) repeatPings() {
	s := &m.settling
	if !s.asking || s.pause || m.now.Sub(s.began) < m.ProbeEvery()/2 {
		return
	}
	for _, p := range m.peers {
		if _, ok := s.waiting[p]; ok {
			m.ping(p, true)
		}
	}
}

// checkSettling ends the present round when nobody is waited for any longer.
func (m *Members) checkSettling() {
	s := &m.settling
	if !s.asking || s.pause {
		return
	}
	late := m.now.Sub(s.began) > settleFor
	for p := range s.waiting {
		switch {
		case p.gone || p.probed.last >= s.first:
			delete(s.waiting, p)
		case late && !(p.keeps && !p.probed.absent.IsZero()):
			delete(s.waiting, p)
			m.stats.SettlesLate++
			m.complain("settles late", "a node neither answers nor is known to be gone: those who connect are not kept waiting for it", "node", p.name)
		}
	}
	if len(s.waiting) == 0 {
		m.endSettling()
	}
}

// endSettling calls those who wait, and begins the next round for those who came
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

// stopSettling calls all who wait: the backbone is lost.
func (m *Members) stopSettling() {
	s := &m.settling
	m.callSoon(append(s.now, s.next...)...)
	s.asking, s.pause, s.now, s.next = false, false, nil, nil
}

func (m *Members) sayWhenSettled(to string) {
	say := Call{inside: true, do: func() { m.tellTo(to, KindSettled, settledNote{m.origin, m.living()}) }}
	if m.settled(say) {
		m.callSoon(say) // behind the post-removes of the dead
	}
}
