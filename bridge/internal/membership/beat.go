package membership

import (
	"fmt"
	"log/slog"
	"time"
)

// With many nodes, each says its heartbeats less often: each hears all others, so what a NATS server
// passes on would grow with the square of their number.
const (
	// promptUpTo is up to how many other nodes each one says a heartbeat as often as configured. With
	// twice as many it does so half as often.
	promptUpTo = 16
	// mostSilent is how many heartbeats there are in DeadAfter, at least.
	mostSilent = 4
)

// Slowest is the longest time between two heartbeats of a node, however many others there are.
func (m *Members) Slowest() time.Duration {
	return max(m.config.Heartbeat, m.config.DeadAfter/mostSilent)
}

// every is the time between two heartbeats of this node that has nothing to tell.
func (m *Members) every() time.Duration {
	return min(m.Slowest(), m.config.Heartbeat*time.Duration(max(promptUpTo, len(m.peers)))/promptUpTo)
}

// due reports whether a heartbeat is to be said now. One that follows something else is said as often
// as configured: it shows those who have missed it that they have.
func (m *Members) due() bool {
	return m.spoke || m.now.Sub(m.said) > m.every()-m.config.Heartbeat/2 ||
		m.Ticks() && m.config.Facts().Published != m.ticks.told
}

// Heartbeat is called once for each heartbeat as configured, with the time since the last one. fair says
// whether the silence of others can be held against them: a node that was paused, has not
// read everything, or is not reached itself, must not declare others dead.
func (m *Members) Heartbeat(now time.Time, since time.Duration, fair bool) []Effect {
	m.now = now
	if since > m.config.DeadAfter && len(m.peers) > 0 {
		m.add(Lose{Cause: fmt.Errorf("%w: %v", ErrPaused, since.Round(time.Millisecond))})
		return m.take()
	}
	if now.After(m.wasUntil) {
		m.was = nil
	}
	if m.due() {
		m.heartbeat()
	}
	m.checkYield()
	if fair {
		m.checkOverheard()
		m.beats++
		m.findDead()
	} else {
		for _, p := range m.peers {
			if p.heard.Before(now) {
				p.heard = now
			}
		}
	}
	m.checkRound()
	m.checkOrders()
	if m.effective.asking {
		m.tellEcho()
	}
	m.some(strangersAtOnce, func(p *Peer) bool { return p.met == m.origin && !p.probed.answered }, func(p *Peer) { m.ping(p.origin, true) })
	if now.Sub(m.aged) > forgetAfter {
		m.aged = now
		m.senders.Age()
	}
	return m.take()
}

// Announce is a heartbeat between the regular ones: something has changed that it tells.
func (m *Members) Announce(now time.Time) []Effect {
	m.now = now
	m.heartbeat()
	return m.take()
}

// heartbeat says that this node is alive.
func (m *Members) heartbeat() {
	if !m.online {
		return
	}
	facts := m.config.Facts()
	every := m.every().Milliseconds()
	if every == m.config.Heartbeat.Milliseconds() {
		every = 0
	}
	m.tell(KindHeartbeat, HeartbeatNote{
		Beat:         m.number(facts.Published),
		Seq:          facts.Seq,
		Name:         m.config.Name,
		Joining:      !facts.Serving,
		Keeps:        m.config.KeepOnGap,
		Place:        m.place,
		Was:          m.was,
		Kept:         m.kept && len(m.was) > 0,
		Participants: facts.Participants,
		PostRemoves:  len(m.own.bySeq),
		Check:        m.own.check,
		Greeting:     m.greetingSerial(),
		Claims:       summary(m.claims),
		Every:        every,
	})
	m.said, m.spoke = m.now, false
}

// When a connection between two NATS servers breaks and is made again, what was to pass it
// meanwhile is lost, and NATS tells nobody. So each node numbers what it says to all
// others: its heartbeats and, right behind datagrams, ticks. A node that misses a number
// has missed what was sent with it. Where all nodes have a server in common there are no
// ticks: a node that loses its own connection knows.

// counted is what was heard of a peer's count.
type counted struct {
	met  string // the origin of this node that heard the last one
	last uint64
	at   time.Time
	odd  uint64 // one that cannot be true, unless the next one follows it
}

const (
	// tickEach is the least time from one tick to the next, for each node elsewhere: so
	// each hears no more than 1,000 in a second. Between two servers that found each
	// other by themselves, NATS was seen to make a broken route again within 3 ms. A
	// tick that is not late comes right behind a datagram and is lost with it.
	tickEach = time.Millisecond
	// mostMissed is how many numbers can be missed at once, and beatsPerSecond in time.
	mostMissed     = 1000
	beatsPerSecond = 1000
)

// ticks is when they are said.
type ticks struct {
	every time.Duration // the least time between two; 0: there are none
	last  time.Time
	told  uint64 // what had been published when the last number was told
}

// Ticks reports whether ticks follow datagrams.
func (m *Members) Ticks() bool { return m.ticks.every > 0 }

// Tick says a tick if a datagram has been published since the last one, unless it is too
// soon: then it says how long to wait.
func (m *Members) Tick(now time.Time) (wait time.Duration, effects []Effect) {
	m.now = now
	t := &m.ticks
	if wait = t.every - now.Sub(t.last); wait > 0 {
		return wait, nil
	}
	if published := m.config.Facts().Published; published != t.told {
		t.last = now
		m.tell(KindTick, tickNote{m.number(published)})
	}
	return 0, m.take()
}

// number is that of the heartbeat or tick that is said now. It is counted also when nobody
// seems to be there: a node that hears the next one may have missed it.
func (m *Members) number(published uint64) uint64 {
	m.beat++
	m.ticks.told = published
	return m.beat
}

// tickEvery is the least time between two ticks; 0 where there are none.
func (m *Members) tickEvery() time.Duration {
	elsewhere := 0
	for _, p := range m.peers {
		if m.online && p.place.Server != "" && !m.place.meets(p.place) {
			elsewhere++
		}
	}
	return time.Duration(elsewhere) * tickEach
}

func (m *Members) hearTick(p *Peer, note tickNote) {
	if p.met == m.origin {
		p.heard = m.now
		m.hearNumber(p, note.Beat)
	}
}

// hearNumber sees whether numbers are missing before this one.
func (m *Members) hearNumber(p *Peer, number uint64) {
	c := &p.counted
	if c.met != m.origin { // the first on the present link
		*c = counted{met: m.origin, last: number, at: m.now}
		return
	}
	if number <= c.last {
		return
	}
	missed := number - c.last - 1
	if missed > mostMissed+uint64(max(0, m.now.Sub(c.at))*beatsPerSecond/time.Second) && (c.odd == 0 || number != c.odd+1) {
		c.odd = number // another program said it, or the next one follows
		return
	}
	*c = counted{met: m.origin, last: number, at: m.now}
	if missed > 0 {
		m.hole(p, missed)
	}
}

// hole does what is to be done when something of another node was lost. The others are
// told a last number: some may have missed something of this node by the same cause.
func (m *Members) hole(p *Peer, missed uint64) {
	m.stats.Missed++
	m.log(slog.LevelError, "what another node sent was lost between NATS servers", "node", p.name, "origin", p.origin, "notes_missed", missed)
	if m.config.KeepOnGap || !m.online || m.missed {
		return
	}
	m.missed = true
	m.heartbeat()
	m.add(Lose{Cause: ErrMissed, Drain: true})
}
