package bridge

import (
	"cmp"
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"

	"natstron/bridge/wire"
	"natstron/internal/latency"
)

// effective knows which of this node's subscriptions are in force everywhere.
//
// A subscription is in force at once for whoever shares our NATS server. Other
// servers are told, each on the connection that also brings them our messages,
// in order. So whoever answers what we asked after subscribing proves that their
// server knew the subscription before. That is what a round does: one note to all
// other nodes, one answer from each. Everything subscribed before a round is
// proven by it, and what is subscribed meanwhile waits for the next one; so there
// is one round at a time, however many ask. Where all nodes share one server
// there is none at all.
//
// A question that finds no subscription on its way is lost: of a node that is just
// coming back, or between servers that are just finding each other. So a round asks
// again with each heartbeat, and whoever is met meanwhile is asked, too.
//
// It belongs to the router's lock.
type effective struct {
	settled uint64 // the serial up to which subscriptions are in force everywhere

	asking  bool   // a round is under way
	round   uint64 // its number
	asked   uint64 // the serial that it proves
	began   time.Time
	missing map[string]struct{} // the servers from which nobody has answered yet

	now     []func() // what to call when the round has ended
	next    []func() // what to call when the one after it has
	calls   []func() // what is being called, one after the other
	calling bool

	rounds latency.Histogram
}

// An echoNote asks all nodes for an answer; a hereNote is one.
type echoNote struct {
	Round uint64 `json:"round"`
}

type hereNote struct {
	Round  uint64 `json:"round"`
	Origin string `json:"origin"` // who answers
}

// Effective says whether the process's subscriptions to some channels are in
// force at every node: whether nothing that any participant sends from now on
// can miss them. If they are not yet, it returns false, and then is called as
// soon as they are: once, without a lock, by a goroutine of its own; never if the
// node ends before.
//
// Only a routed mesh of servers needs it, and there only who must not miss what
// third parties say. In other topologies it costs little or
// nothing: with one server it is always true; otherwise, where a channel was
// subscribed recently, a round trip to all other nodes, which all who ask at the
// same time share.
//
// A node that does not answer for [Options.DeadAfter] is not waited for any
// longer; that is logged and counted in [Stats]. Nor is one that this node has not
// heard of yet, which is a matter of one round trip after either has started, nor
// a program that is no node. When this node is back on a lost backbone, those that
// it knew before and does not hear again are waited for during two heartbeats only:
// they ended, or come back later as newcomers.
func (t Turn) Effective(then func(), channels ...wire.Channel) bool {
	var need uint64
	for _, c := range channels {
		need = max(need, t.n.router.coverage.since(c))
	}
	return t.n.effectiveUpTo(need, then)
}

// effectiveUpTo is Effective for all subscriptions up to a serial.
func (n *Node) effectiveUpTo(need uint64, then func()) bool {
	e := &n.router.effective
	if need > e.settled && !e.asking {
		n.beginRound(time.Now())
	}
	switch {
	case need <= e.settled:
		return true
	case need <= e.asked:
		e.now = append(e.now, then)
	default:
		e.next = append(e.next, then)
	}
	return false
}

// beginRound asks all other nodes, if there is anybody to ask.
func (n *Node) beginRound(now time.Time) {
	e := &n.router.effective
	e.asked, e.began = n.router.coverage.serial, now
	clear(e.missing)
	for _, p := range n.router.peers.known {
		if n.waitsFor(p, now) {
			e.missing[p.Server] = struct{}{}
		}
	}
	if len(e.missing) == 0 {
		e.settled = e.asked
		n.callWaiting(now)
		return
	}
	e.asking = true
	e.round++
	n.tellEcho()
}

func (n *Node) tellEcho() { n.tell(kindEcho, echoNote{Round: n.router.effective.round}) }

// metWithin is how many heartbeats those that were known before the present link
// have to be heard on it. Who is on the backbone answers this node's hello at once,
// and says with each heartbeat that it lives.
const metWithin = 2

// waitsFor says whether p's server must have answered before a round ends.
func (n *Node) waitsFor(p *peer, now time.Time) bool {
	switch {
	case p.Server == "" || n.strange(p, now):
		return false
	case n.link == nil:
		return true
	}
	return p.Server != n.link.place.Server && (p.met == n.origin || n.link.beats < metWithin)
}

// meet lets the present round wait for p, too, if this is the first time that it
// is heard on the present link.
func (n *Node) meet(p *peer, now time.Time) {
	if !p.joining {
		n.joining.heard(n, p.origin)
	}
	if p.met == n.origin {
		return
	}
	p.met, p.since = n.origin, now
	if n.strangers.AllowN(now, 1) {
		n.ping(p.origin, true)
	}
	if e := &n.router.effective; e.asking && n.waitsFor(p, now) {
		e.missing[p.Server] = struct{}{} // it is asked with the next heartbeat
	}
}

// beginAnew asks again what was asked before, on a new connection.
func (n *Node) beginAnew() {
	e := &n.router.effective
	e.asking = false
	e.now, e.next = append(e.now, e.next...), nil
	if len(e.now) > 0 {
		n.beginRound(time.Now())
	}
}

// hearEcho answers a node that asks.
func (n *Node) hearEcho(origin string, payload []byte) error {
	var note echoNote
	if err := json.Unmarshal(payload, &note); err != nil || !isOrigin(origin) {
		return cmp.Or(err, errOrigin)
	}
	n.tellTo(origin, kindHere, hereNote{Round: note.Round, Origin: n.origin})
	return nil
}

// hearHere takes an answer.
func (n *Node) hearHere(payload []byte, now time.Time) error {
	e := &n.router.effective
	var note hereNote
	if err := json.Unmarshal(payload, &note); err != nil {
		return err
	}
	p := n.router.peers.known[note.Origin]
	if p == nil || !e.asking || note.Round != e.round {
		return nil
	}
	p.heard = now
	delete(e.missing, p.Server)
	if len(e.missing) == 0 {
		n.roundProven(now)
	}
	return nil
}

// checkRound takes those off the present round that are gone, and ends it when it
// takes too long.
func (n *Node) checkRound(now time.Time) {
	e := &n.router.effective
	if !e.asking {
		return
	}
	there := map[string]struct{}{}
	for _, p := range n.router.peers.known {
		if n.waitsFor(p, now) {
			there[p.Server] = struct{}{}
		}
	}
	maps.DeleteFunc(e.missing, func(server string, _ struct{}) bool {
		_, ok := there[server]
		return !ok
	})
	switch {
	case len(e.missing) == 0:
		n.roundProven(now)
	case now.Sub(e.began) > n.options.DeadAfter:
		n.router.stats.RoundsLate++
		n.logLater(slog.LevelWarn, "gave up waiting until other nodes know our subscriptions: what they send may miss them",
			"nodes", strings.Join(n.nodesAt(e.missing), ","), "after", now.Sub(e.began).Round(time.Millisecond))
		n.roundEnds(now)
	}
}

// nodesAt is the names of the nodes at some servers.
func (n *Node) nodesAt(servers map[string]struct{}) (names []string) {
	for _, p := range n.router.peers.known {
		if _, ok := servers[p.Server]; ok {
			names = append(names, p.name)
		}
	}
	slices.Sort(names)
	return names
}

// roundProven: the round has proven what it was asked for.
func (n *Node) roundProven(now time.Time) {
	n.router.effective.settled = n.router.effective.asked
	n.roundEnds(now)
}

func (n *Node) roundEnds(now time.Time) {
	e := &n.router.effective
	e.asking = false
	e.rounds.Observe(now.Sub(e.began))
	n.callWaiting(now)
}

// callWaiting calls whoever waited for what was asked, and asks again if others
// wait for more.
func (n *Node) callWaiting(now time.Time) {
	e := &n.router.effective
	n.callSoon(e.now)
	e.now, e.next = e.next, nil
	if len(e.now) > 0 {
		n.beginRound(now)
	}
}

// call calls whoever waited, in order, until nobody does.
func (n *Node) call() {
	for {
		t := n.Begin()
		e := &n.router.effective
		calls := e.calls
		e.calls, e.calling = nil, len(calls) > 0
		t.End()
		if len(calls) == 0 {
			return
		}
		for _, then := range calls {
			then()
		}
	}
}
