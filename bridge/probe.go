package bridge

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// A node is dead when it has been silent for [Options.DeadAfter]. But where NATS knows
// that its connection has ended, the others need not wait for that: each node
// subscribes to <prefix>ping.<origin>, and who publishes there is told by NATS if
// there is no subscriber. An origin never comes back, so this is proof of its end,
//
//   - if the node has answered a ping before, so that its subscription was known here;
//   - if both nodes have a connection to one and the same server (their own one, or
//     the hub of both): who is parted from another server is told the same of all that
//     live there;
//   - if this node's connections have not been lost since; and
//   - if the node does not keep its participants when it loses its connection: then it
//     may come back with them.
//
// So each node pings its successor, in the order of the origins, five times in each
// heartbeat; that costs a message from each node, and no answer, however many nodes
// there are. Who does not hear a heartbeat in time pings, too. And before anybody new
// is served, all are pinged (settle.go).
//
// The subject lies outside of the control subjects, because an operator who watches
// those would be a subscriber.

// probed is what pings have shown of a peer, on the present link.
type probed struct {
	answered bool   // it has answered one
	last     uint64 // the number of the last one that it answered
	// absent is when NATS last said that it is not there, and that was no proof.
	absent time.Time
}

// probesPerHeartbeat is how often a node pings its successor.
const probesPerHeartbeat = 5

func (o Options) probeEvery() time.Duration { return o.Heartbeat / probesPerHeartbeat }

// ping is the first token of the subjects of pings.
func (s Subjects) ping() string { return s.prefix() + "ping" }

// pingAnswered is the payload of a ping that wants an answer.
const pingAnswered = "?"

// pingStrangers pings some of those that have not answered yet, in no order: anybody can
// invent nodes, so not all at once.
func (n *Node) pingStrangers() {
	some := strangersAtOnce
	for _, p := range n.router.peers.known {
		if p.met == n.origin && !p.probed.answered {
			if n.ping(p.origin, true); some == 0 {
				return
			}
			some--
		}
	}
}

// strangersAtOnce is how many are pinged for each heartbeat, and waited for.
const strangersAtOnce = 20

// strange says whether p has had time enough to answer a ping, and has not: it does not
// know pings, or is an invention. It is not waited for.
func (n *Node) strange(p *peer, now time.Time) bool {
	return !p.probed.answered && now.Sub(p.since) > strangeAfter*n.options.Heartbeat
}

// strangeAfter is how many heartbeats a node has to answer its first ping.
const strangeAfter = 2

// ping asks NATS whether a peer is there, and, if answer says so, the peer itself. It
// says whether it could ask.
func (n *Node) ping(origin string, answer bool) bool {
	if !n.reachesOthers() {
		return false
	}
	n.pings++
	payload := ""
	if answer {
		payload = pingAnswered
	}
	n.router.outbox.note(n.options.Subjects.ping()+"."+origin, n.pongSubject(origin), []byte(payload))
	return true
}

// pongSubject is where the answer to the last ping goes.
func (n *Node) pongSubject(to string) string {
	return n.subject(kindPong, n.origin) + "." + to + "." + strconv.FormatUint(n.pings, 10)
}

// maxPongSubject is the longest subject of an answer to a ping.
const maxPongSubject = 300

// pinged answers a ping.
func (n *Node) pinged(m *nats.Msg) {
	if string(m.Data) == pingAnswered && len(m.Reply) <= maxPongSubject &&
		strings.HasPrefix(m.Reply, n.options.Subjects.Control()+"."+kindPong+".") && n.reachesOthers() {
		n.router.outbox.note(m.Reply, "", nil)
	}
}

// What stands for a peer in the answer to a note to all, and in a ping to nobody.
const (
	everybody = "-"
	nobody    = "0"
)

// ponged takes an answer, <this node>.<the peer>.<number>, or the word of NATS that
// nobody is there.
func (n *Node) ponged(rest string, absent bool, now time.Time) {
	_, rest, _ = strings.Cut(rest, ".")
	origin, number, _ := strings.Cut(rest, ".")
	ping, err := strconv.ParseUint(number, 10, 64)
	if err != nil || ping > n.pings {
		return // not to anything that was asked
	}
	p := n.router.peers.known[origin]
	switch {
	case origin == everybody:
		if absent {
			n.nobodyThere(now)
		}
	case origin == nobody:
		n.cameBehind(ping, now)
	case p == nil:
	case !absent:
		p.heard = now
		p.probed = probed{answered: true, last: max(p.probed.last, ping)}
		n.checkSettling(now)
	case n.proves(p):
		n.dies(p, now)
	case p.probed.answered:
		p.probed.absent = now
		n.checkSettling(now)
	}
}

// proves says whether p is dead if NATS knows no subscriber for it.
func (n *Node) proves(p *peer) bool {
	return n.link != nil && p.met == n.origin && p.probed.answered && !p.keeps && n.link.place.meets(p.place)
}

// probe is called some times in each heartbeat.
func (n *Node) probe(now time.Time) {
	r := &n.router
	n.checkJoining(now)
	n.remind()
	r.ticks.every = n.tickEvery()
	if len(r.peers.known) == 0 {
		return
	}
	n.repeatPings(now)
	n.checkSettling(now)
	if p := n.successor(); p != nil {
		n.ping(p.origin, false)
	}
	for _, p := range r.peers.known {
		if p.probed.answered && now.Sub(p.heard) > n.options.Heartbeat*3/2 {
			n.ping(p.origin, true)
		}
	}
}

// successor is the next one behind this node, of those whose death it can prove.
func (n *Node) successor() *peer {
	var first, next *peer
	for origin, p := range n.router.peers.known {
		if !n.proves(p) {
			continue
		}
		if first == nil || origin < first.origin {
			first = p
		}
		if origin > n.origin && (next == nil || origin < next.origin) {
			next = p
		}
	}
	if next == nil {
		return first
	}
	return next
}

// noResponders says whether m is the word of NATS that nobody got what was published.
func noResponders(m *nats.Msg) bool {
	return len(m.Data) == 0 && m.Header != nil && m.Header.Get("Status") == "503"
}

// living is the origins of the nodes that have answered a ping.
func (n *Node) living() (origins []string) {
	for origin, p := range n.router.peers.known {
		if p.probed.answered {
			origins = append(origins, origin)
		}
	}
	slices.Sort(origins)
	return origins[:min(len(origins), maxLiving)]
}

// maxLiving is how many of them one note names.
const maxLiving = 1000
