package membership

import (
	"strconv"
	"strings"
	"time"
)

// A node is dead when it has been silent for DeadAfter. But where NATS knows that its
// connection has ended, the others need not wait: each node subscribes to
// <prefix>ping.<origin>, and NATS tells a node that publishes there if there is no
// subscriber. An origin never comes back, so this is proof of its end, if
//
//   - it has answered a ping before, so that its subscription was known here;
//   - both nodes have a connection to one and the same server (their own one, or the hub
//     of both): a node that is parted from another server is told the same of all there;
//   - this node's connections have not been lost since; and
//   - the node does not keep its participants when it loses its connection: it could come
//     back with them.
//
// So each node pings its successor, in the order of the origins, five times in each
// heartbeat, and without wanting an answer. A node that does not hear a heartbeat in time
// pings, too. Before a newcomer is served, all that may have left something are pinged.
//
// The subject lies beside the control subjects: an operator watching those would be a
// subscriber.

// probed is what pings have shown of a peer, on the present link.
type probed struct {
	answered bool   // it has answered one
	last     uint64 // the number of the last one that it answered
	// absent is when NATS last said that it is not there, and that was no proof.
	absent time.Time
}

const (
	// probesPerHeartbeat is how often a node pings its successor.
	probesPerHeartbeat = 5
	// strangersAtOnce is how many nodes that have not answered yet are pinged for each
	// heartbeat, and waited for.
	strangersAtOnce = 20
	// strangeAfter is how many heartbeats a node has to answer its first ping.
	strangeAfter = 2
	// What stands for a peer in the answer to a note to all, and in a ping to nobody.
	everybody = "-"
	nobody    = "0"
)

// ProbeEvery is how often [Members.Probe] is to be called.
func (m *Members) ProbeEvery() time.Duration { return m.config.Heartbeat / probesPerHeartbeat }

// strange reports whether p has had time enough to answer a ping, and has not: it does not
// know pings, or is an invention. It is not waited for.
func (m *Members) strange(p *Peer) bool {
	return !p.probed.answered && m.now.Sub(p.since) > strangeAfter*m.config.Heartbeat
}

// ping asks NATS whether a peer is there, and, if wanted says so, the peer itself.
func (m *Members) ping(origin string, wanted bool) {
	if !m.left {
		m.add(Ping{To: origin, Wanted: wanted, Answer: m.nextPing(origin)})
	}
}

// nextPing is the end of the subject where the answer to the next ping goes.
func (m *Members) nextPing(to string) string {
	m.pings++
	return to + "." + strconv.FormatUint(m.pings, 10)
}

// Pong takes an answer, whose subject ends with <this node>.<the peer>.<number>. absent
// says that it is NATS's answer that nobody is there.
func (m *Members) Pong(subject string, absent bool, now time.Time) []Effect {
	m.now = now
	_, rest, _ := strings.Cut(subject, ".")
	origin, number, _ := strings.Cut(rest, ".")
	ping, err := strconv.ParseUint(number, 10, 64)
	if err != nil || ping > m.pings {
		return nil // not to anything that was asked
	}
	p := m.find(origin)
	switch {
	case origin == everybody:
		if absent {
			m.nobodyThere()
		}
	case origin == nobody:
		m.overheard.asked = false
	case p == nil:
	case !absent:
		p.heard = now
		p.probed = probed{answered: true, last: max(p.probed.last, ping)}
		m.checkSettling()
		if m.waits() {
			m.checkGreeting()
		}
	case m.provable(p):
		m.add(Verify{p})
	case p.probed.answered:
		p.probed.absent = now
		m.checkSettling()
	}
	return m.take()
}

// provable reports whether p is dead if NATS knows no subscriber for it.
func (m *Members) provable(p *Peer) bool {
	return m.online && p.met == m.origin && p.probed.answered && !p.keeps && m.place.meets(p.place)
}

// Probe is called some times in each heartbeat.
func (m *Members) Probe(now time.Time) []Effect {
	m.now = now
	m.checkJoining()
	m.remind()
	m.ticks.every = m.tickEvery()
	m.repeatPings()
	m.checkSettling()
	if m.waits() {
		m.askAgain()
		m.checkGreeting()
	}
	if p := m.successor(); p != nil {
		m.ping(p.origin, false)
	}
	for _, p := range m.peers {
		if p.probed.answered && now.Sub(p.heard) > max(m.config.Heartbeat, p.every)*3/2 {
			m.ping(p.origin, true)
		}
	}
	return m.take()
}

// successor is the next one behind this node, of those whose death it can prove.
func (m *Members) successor() *Peer {
	first, _ := m.index(m.origin)
	for i := range m.peers {
		if p := m.peers[(first+i)%len(m.peers)]; m.provable(p) {
			return p
		}
	}
	return nil
}

// living is the origins of the nodes that have answered a ping.
func (m *Members) living() (origins []string) {
	for _, p := range m.peers {
		if p.probed.answered && len(origins) < maxLiving {
			origins = append(origins, p.origin)
		}
	}
	return origins
}
