package membership

import (
	"maps"
	"slices"
	"strings"
	"time"

	"natstron/internal/latency"
)

// effective knows which of this node's subscriptions are in force everywhere.
//
// A subscription is in force at once for every node that shares our NATS server. Other
// servers are told, in order with our messages. So an answer to what we asked after
// subscribing proves that the answering node's server knew the subscription before. A
// round is one note to all other nodes, and one answer from each server. It proves
// everything subscribed before; what is subscribed meanwhile waits for the next one. So
// there is one round at a time, however many ask, and none where all share one server.
//
// A question can be lost: of a node that is just coming back, or between servers that are
// just finding each other. So a round asks again with each heartbeat, and a node that is
// met meanwhile is asked, too.
type effective struct {
	settled uint64 // the serial up to which subscriptions are in force everywhere

	asking  bool   // a round is under way
	round   uint64 // its number
	asked   uint64 // the serial that it proves
	began   time.Time
	missing map[string]struct{} // the servers from which nobody has answered yet

	now  []Call // what to call when the round has ended
	next []Call // what to call when the one after it has

	rounds latency.Histogram
}

// Effective reports whether all subscriptions up to a serial of the coverage are in force at
// every node; otherwise then is called when they are, without the node's lock.
func (m *Members) Effective(serial uint64, then func(), now time.Time) (effective bool, effects []Effect) {
	m.now = now
	effective = m.inForceUpTo(serial, Call{Do: then})
	return effective, m.take()
}

func (m *Members) inForceUpTo(serial uint64, then Call) bool {
	e := &m.effective
	if serial > e.settled && !e.asking {
		m.beginRound()
	}
	switch {
	case serial <= e.settled:
		return true
	case serial <= e.asked:
		e.now = append(e.now, then)
	default:
		e.next = append(e.next, then)
	}
	return false
}

// beginRound asks all other nodes, if there is anybody to ask.
func (m *Members) beginRound() {
	e := &m.effective
	e.asked, e.began = m.config.Coverage.Serial(), m.now
	clear(e.missing)
	m.awaited(e.missing)
	if len(e.missing) == 0 {
		e.settled = e.asked
		m.callWaiting()
		return
	}
	e.asking = true
	e.round++
	m.tellEcho()
}

// awaited adds the servers that must have answered before a round ends.
func (m *Members) awaited(servers map[string]struct{}) {
	for _, p := range m.peers {
		if m.waitsFor(p) {
			servers[p.place.Server] = struct{}{}
		}
	}
}

func (m *Members) tellEcho() { m.tell(KindEcho, echoNote{Round: m.effective.round}) }

// metWithin is how many heartbeats those that were known before the present link have to
// be heard on it. A node on the backbone answers this node's hello at once, and says with
// each heartbeat that it lives.
const metWithin = 2

// waitsFor reports whether p's server must have answered before a round ends.
func (m *Members) waitsFor(p *Peer) bool {
	switch {
	case p.place.Server == "" || m.strange(p):
		return false
	case !m.online:
		return true
	}
	return p.place.Server != m.place.Server && (p.met == m.origin || m.beats < metWithin)
}

// elsewhere reports whether there are nodes on other servers.
func (m *Members) elsewhere() bool { return slices.ContainsFunc(m.peers, m.waitsFor) }

// repeatRound asks again what was asked before, on a new connection.
func (m *Members) repeatRound() {
	e := &m.effective
	e.asking = false
	e.now, e.next = append(e.now, e.next...), nil
	if len(e.now) > 0 {
		m.beginRound()
	}
}

// hearEcho answers a node that asks. One answer from each server is enough, so where many nodes share
// one, only the first of them answer, and all if that node asks once more.
func (m *Members) hearEcho(p *Peer, note echoNote) {
	if note.Round == p.echoed || m.answers() {
		m.tellTo(p.origin, KindHere, hereNote{Round: note.Round, Origin: m.origin})
	}
	p.echoed = note.Round
}

// speakers is how many nodes of a server answer: one of them may stand still.
const speakers = 2

// answers reports whether this node is one of the first of its server, by their origins.
func (m *Members) answers() bool {
	first := 0
	for _, p := range m.peers {
		if p.place.Server == m.place.Server && p.origin < m.origin {
			first++
		}
	}
	return first < speakers
}

// hearHere takes an answer.
func (m *Members) hearHere(note hereNote) error {
	e := &m.effective
	p := m.find(note.Origin)
	if p == nil || !e.asking || note.Round != e.round {
		return nil
	}
	p.heard = m.now
	delete(e.missing, p.place.Server)
	if len(e.missing) == 0 {
		m.roundProven()
	}
	return nil
}

// checkRound takes servers off the present round that are not there any more, and ends it
// when it takes too long.
func (m *Members) checkRound() {
	e := &m.effective
	if !e.asking {
		return
	}
	there := map[string]struct{}{}
	m.awaited(there)
	maps.DeleteFunc(e.missing, func(server string, _ struct{}) bool {
		_, ok := there[server]
		return !ok
	})
	switch took := m.now.Sub(e.began); {
	case len(e.missing) == 0:
		m.roundProven()
	case took > m.config.DeadAfter:
		m.stats.RoundsLate++
		m.warn("gave up waiting until other nodes know our subscriptions: what they send may miss them",
			"nodes", strings.Join(m.namesAt(e.missing), ","), "after", took.Round(time.Millisecond))
		m.endRound()
	}
}

// namesAt is the names of the nodes at some servers.
func (m *Members) namesAt(servers map[string]struct{}) (names []string) {
	for _, p := range m.peers {
		if _, ok := servers[p.place.Server]; ok {
			names = append(names, p.name)
		}
	}
	slices.Sort(names)
	return names
}

// roundProven: the round has proven what it was asked for.
func (m *Members) roundProven() {
	m.effective.settled = m.effective.asked
	m.endRound()
}

func (m *Members) endRound() {
	e := &m.effective
	e.asking = false
	e.rounds.Observe(m.now.Sub(e.began))
	m.callWaiting()
}

// callWaiting makes the calls that waited for what was asked, and asks again if others wait
// for more.
func (m *Members) callWaiting() {
	e := &m.effective
	m.callSoon(e.now...)
	e.now, e.next = e.next, nil
	if len(e.now) > 0 {
		m.beginRound()
	}
}
