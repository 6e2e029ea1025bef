package bridge

import (
	"cmp"
	"encoding/json"
	"log/slog"
	"slices"
	"time"
)

// A process that is asked whether it is done with what it was told answers when all
// of that has had its effects:
//
//   - its roles have handled it, which they do as it comes, and their subscriptions are
//     in force (effective.go);
//   - the other processes that its roles told or asked something are done with that,
//     too: it asks them in turn. Their answers to its roles come before that to its
//     question, and what the roles tell others because of them counts as well;
//   - what it sent has arrived at every node.
//
// That could go on in a circle, as two state servers ask each other: so each question
// says over how many further processes it may go, and the last one does not ask.
//
// A process that does not answer for [Options.OrderTimeout] is late: that is logged
// and counted, and it is not waited for until it answers. It is asked again with each
// heartbeat.

// farthest is over how many processes a question goes beyond the one that is asked. An
// interest takes three: the client agent asks a parent, the parent asks its children
// on another state server, these answer the client agent.
const farthest = 4

// question is what a process has been asked.
type question struct {
	on     bool   // there is no answer yet
	serial uint64 // whether it has done all up to this
	since  time.Time
}

// A doneNote asks the node under whose origin it is sent whether it has done all that
// the sender sent before, or is the answer: the same serial, with Done.
type doneNote struct {
	Serial uint64 `json:"serial,string"`
	Far    int    `json:"far,omitempty"` // over how many processes the question may go on
	Origin string `json:"origin"`
	Done   bool   `json:"done,omitempty"`
}

// await is something that waits until processes are done.
type await struct {
	need []need
	then func()
}

// need is a process that must be done with all up to a serial.
type need struct {
	p      *peer
	serial uint64
	far    int
}

func (w need) met() bool { return w.p.gone || w.p.late || w.p.proven[w.far] >= w.serial }

// askDone asks a process whether it has done all that was sent to it so far, unless
// such a question is on its way: then it is asked again when that is answered.
func (n *Node) askDone(p *peer, far int) {
	if q := &p.questions[far]; !q.on {
		*q = question{on: true, serial: n.orders.serial, since: time.Now()}
		n.tellQuestion(p, far)
	}
}

func (n *Node) tellQuestion(p *peer, far int) {
	n.tellTo(p.origin, kindDone, doneNote{Serial: p.questions[far].serial, Far: far, Origin: n.origin})
}

// hearDone takes a question or an answer.
func (n *Node) hearDone(payload []byte, now time.Time) error {
	var note doneNote
	if err := json.Unmarshal(payload, &note); err != nil || !isOrigin(note.Origin) {
		return cmp.Or(err, errOrigin)
	}
	note.Far = min(max(note.Far, 0), farthest)
	if !note.Done {
		answer := doneNote{Serial: note.Serial, Far: note.Far, Origin: n.origin, Done: true}
		n.finish(note.Far, true, func() { n.tellTo(note.Origin, kindDone, answer) })
		return nil
	}
	p := n.peers.known[note.Origin]
	if p == nil || !p.questions[note.Far].on || note.Serial != p.questions[note.Far].serial {
		return nil
	}
	p.heard = now
	p.questions[note.Far].on = false
	p.late = p.late && slices.ContainsFunc(p.questions[:], func(q question) bool { return q.on })
	for i := range note.Far + 1 {
		p.proven[i] = max(p.proven[i], note.Serial)
	}
	n.proven()
	return nil
}

// proven goes on with what waited for processes that are done now, or are gone.
func (n *Node) proven() {
	o := &n.orders
	waiting := o.awaits
	o.awaits = nil
	for _, w := range waiting {
		w.need = slices.DeleteFunc(w.need, need.met)
		if len(w.need) == 0 {
			w.then()
			continue
		}
		o.awaits = append(o.awaits, w)
		n.askAll(w.need) // those that have only answered what they were asked before
	}
	n.releaseHeld(false)
}

func (n *Node) askAll(all []need) {
	for _, w := range all {
		n.askDone(w.p, w.far)
	}
}

// finish calls then when all that has been handled here so far has had its effects:
// in this turn if it has. With arrive, what was sent from here must have arrived, too.
func (n *Node) finish(far int, arrive bool, then func()) {
	n.inForce(false, func() {
		n.finishElsewhere(far, func() { n.inForce(arrive, then) })
	})
}

// inForce calls then when the subscriptions made here so far are in force everywhere,
// and with arrive, what was sent from here so far has arrived.
func (n *Node) inForce(arrive bool, then func()) {
	e, v := &n.effective, n.table.Coverage
	if arrive && n.elsewhere() {
		v.Advance() // as for a subscription: only a new round proves it
	}
	later := func() {
		t := n.Begin()
		defer t.End()
		then()
	}
	switch {
	case !n.effectiveUpTo(v.Serial(), later):
	case e.calling: // who is called before may have waited to pass something on
		e.calls = append(e.calls, later)
	default:
		then()
	}
}

// finishElsewhere calls then when other processes are done with what roles here have
// passed on to them, and with what these pass on because of the answers.
func (n *Node) finishElsewhere(far int, then func()) {
	all := n.unfinishedAt(0, far)
	if len(all) == 0 {
		then()
		return
	}
	n.orders.awaits = append(n.orders.awaits, await{all, func() { n.finishElsewhere(far-1, then) }})
	n.askAll(all)
}

// unfinishedAt is the processes to which roles here have passed something on since a
// serial, and that may not be done with it. They are asked over one process less.
func (n *Node) unfinishedAt(since uint64, far int) (all []need) {
	if far == 0 {
		return nil
	}
	for _, p := range n.peers.known {
		if w := (need{p, p.passed, far - 1}); p.passed > since && !w.met() {
			all = append(all, w)
		}
	}
	return all
}

// unfinished says whether what was ordered here since a serial may not have had all of
// its effects.
func (n *Node) unfinished(since uint64) bool {
	e := &n.effective
	return len(n.unfinishedAt(since, farthest)) > 0 || e.calling ||
		n.table.Coverage.Serial() > e.settled && n.elsewhere()
}

// finishHere waits for the effects of orders to roles of this process.
func (n *Node) finishHere() {
	self := &n.orders.self
	q := &self.questions[farthest]
	if q.on {
		return
	}
	*q = question{on: true, serial: n.orders.serial}
	n.finish(farthest, false, func() {
		q.on, self.proven[farthest] = false, q.serial
		n.releaseHeld(false)
	})
}

// elsewhere says whether there are nodes on other servers.
func (n *Node) elsewhere() bool {
	now := time.Now()
	for _, p := range n.peers.known {
		if n.waitsFor(p, now) {
			return true
		}
	}
	return false
}

// checkOrders gives up on processes that do not answer, asks them again, and forgets
// those that are gone.
func (n *Node) checkOrders(now time.Time) {
	for _, p := range n.peers.known {
		for i := range p.questions {
			q := &p.questions[i]
			if !q.on {
				continue
			}
			// Who asks for somebody else waits less, so that it is not late itself.
			if limit := n.options.OrderTimeout * time.Duration(i+1) / (farthest + 1); !p.late && now.Sub(q.since) > limit {
				p.late = true
				n.stats.OrdersLate++
				n.logLater(slog.LevelWarn, "a node does not say that it has done what it was told: until it does, what is sent next may overtake that",
					"node", p.name, "waited", now.Sub(q.since).Round(time.Millisecond))
			}
			n.tellQuestion(p, i)
		}
	}
	n.proven()
}

// forgetOrders takes all orders up to a serial for done: whoever ordered them is gone.
func (p *peer) forgetOrders(serial uint64) {
	p.late, p.questions = false, [farthest + 1]question{}
	for i := range p.proven {
		p.proven[i] = serial
	}
}
