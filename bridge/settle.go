package bridge

import (
	"cmp"
	"encoding/json"
	"log/slog"
	"time"
)

// settling serves those who come back after those that have died.
//
// A participant whose process was killed connects again at once, to another process
// or to the same one, started anew. What it then does must not be undone by the
// post-removes of the dead process, so these must be sent before it is served. So
// before a node serves anybody new, it sees that all others that have post-removes live,
// or buries them: it pings them, and waits until each has answered or is known to be
// dead. What others told before they died may still be on its way, so it pings nobody,
// too: the word of NATS that nobody is there comes behind all that. All who come at the
// same time share a round.
//
// A node that answers nothing (it is frozen, cut off, or very busy) is waited for
// during settleFor only. One that NATS says is gone, but may come back with its
// participants ([Options.KeepOnGap]), until it is back or buried.
//
// It belongs to the router's lock.
type settling struct {
	asking  bool // a round is under way, or about to begin
	pause   bool // it begins a moment later: rounds are not to follow each other at once
	began   time.Time
	first   uint64 // the number of the round's first ping
	waiting map[*peer]struct{}
	behind  uint64 // the number of the ping to nobody, until it has come back

	now  []func() // what to call when the round has ended
	next []func() // what to call when the one after it has
}

const (
	// settleFor bounds a round.
	settleFor = 200 * time.Millisecond
	// settleEvery is the least time from one round to the next.
	settleEvery = 5 * time.Millisecond
)

// WhenSettled calls do when all other nodes that this one knows have just been seen
// alive, or their post-removes have been sent; also when it cannot know, or has lost the
// backbone. It calls it once, without a lock, at once or from another goroutine. It is
// for whoever lets somebody join who may have been connected to another process before.
func (n *Node) WhenSettled(do func()) {
	t := n.Begin()
	settled := n.settled(do, time.Now())
	t.End()
	if settled {
		do()
	}
}

// settled says whether there is nobody to wait for; otherwise then is called.
func (n *Node) settled(then func(), now time.Time) bool {
	s := &n.router.settle
	switch {
	case n.link == nil || len(n.router.peers.known) == 0:
		return true
	case s.asking && !s.pause:
		s.next = append(s.next, then)
		return false
	}
	s.now = append(s.now, then)
	if !s.pause {
		n.beginSettling(now)
	}
	return false
}

// beginSettling pings all that may live.
func (n *Node) beginSettling(now time.Time) {
	s := &n.router.settle
	s.first = n.pings + 1
	clear(s.waiting)
	strangers := 0
	skipped := false
	for _, p := range n.router.peers.known {
		switch {
		case p.leavesNothing():
			skipped = true
			continue
		case p.met != n.origin || n.strange(p, now):
			continue
		case !p.probed.answered:
			if strangers++; strangers > strangersAtOnce {
				continue
			}
		}
		s.waiting[p] = struct{}{}
		n.ping(p.origin, true)
	}
	s.behind = 0
	if skipped && n.ping(nobody, false) {
		s.behind = n.pings
	}
	s.asking, s.pause, s.began = true, false, now
	if !s.unsure() {
		n.endSettling(now)
	}
}

// unsure says whether something has not come back yet.
func (s *settling) unsure() bool { return len(s.waiting) > 0 || s.behind > 0 }

// leavesNothing says whether nothing is to be sent when p dies, as far as was heard.
func (p *peer) leavesNothing() bool {
	return p.name != "" && p.told == 0 && len(p.postRemoves.bySeq) == 0
}

// repeatPings pings again those that have not answered.
func (n *Node) repeatPings(now time.Time) {
	s := &n.router.settle
	if !s.asking || s.pause || now.Sub(s.began) < n.options.probeEvery()/2 {
		return
	}
	for p := range s.waiting {
		n.ping(p.origin, true)
	}
}

// cameBehind ends the wait for what others told before: the ping to nobody is back.
func (n *Node) cameBehind(number uint64, now time.Time) {
	if s := &n.router.settle; s.behind > 0 && number >= s.behind {
		s.behind = 0
		n.checkSettling(now)
	}
}

// checkSettling ends the present round when nobody is waited for any longer.
func (n *Node) checkSettling(now time.Time) {
	s := &n.router.settle
	if !s.asking || s.pause {
		return
	}
	late := now.Sub(s.began) > settleFor
	if late {
		s.behind = 0
	}
	for p := range s.waiting {
		switch {
		case p.gone || p.probed.last >= s.first:
			delete(s.waiting, p)
		case late && !(p.keeps && !p.probed.absent.IsZero()):
			delete(s.waiting, p)
			n.router.stats.SettlesLate++
			n.complain(&n.settlesLate, "a node neither answers nor is known to be gone: those who connect are not kept waiting for it", "node", p.name)
		}
	}
	if !s.unsure() {
		n.endSettling(now)
	}
}

// endSettling calls those who wait, and begins the next round for those who came
// meanwhile.
func (n *Node) endSettling(now time.Time) {
	s := &n.router.settle
	n.callSoon(s.now)
	s.now, s.next = s.next, nil
	s.asking = len(s.now) > 0
	if !s.asking {
		return
	}
	s.pause = true
	time.AfterFunc(settleEvery-min(settleEvery, now.Sub(s.began)), func() {
		t := n.Begin()
		defer t.End()
		if s.pause {
			n.beginSettling(time.Now())
		}
	})
}

// giveUpSettling calls all who wait: the backbone is lost.
func (n *Node) giveUpSettling() {
	s := &n.router.settle
	n.callSoon(append(s.now, s.next...))
	s.asking, s.pause, s.now, s.next = false, false, nil, nil
}

// callSoon calls functions in their order when the turn has ended.
func (n *Node) callSoon(calls []func()) {
	e := &n.router.effective
	e.calls = append(e.calls, calls...)
	if len(e.calls) > 0 && !e.calling {
		e.calling = true
		n.router.after = append(n.router.after, func() { go n.call() })
	}
}

// A settledNote tells a newcomer that its teller has seen all others alive or has
// buried them since the newcomer said hello.
type settledNote struct {
	Origin string   `json:"origin"`
	Living []string `json:"living"`
}

func (n *Node) sayWhenSettled(to string, now time.Time) {
	say := func() {
		t := n.Begin()
		defer t.End()
		n.tellTo(to, kindSettled, settledNote{n.origin, n.living()})
	}
	if n.settled(say, now) {
		n.callSoon([]func(){say}) // behind the post-removes of the dead
	}
}

// joining is how a node comes to a backbone, for the first time or after a gap: before
// it serves anybody, all others have settled those that were silent. It says hello, and
// waits until each node of which it hears has said so.
//
// It belongs to the router's lock.
type joining struct {
	under   bool // way
	began   time.Time
	settled map[string]bool // by origin: whether it has said so
	done    chan struct{}   // closed when it is over
}

const (
	// joinFor bounds it, in heartbeats; so long nodes that do not answer are waited for.
	joinFor = 4
	// aloneAfter is how many heartbeats a node waits until it is sure that nobody is there.
	aloneAfter = 2
)

// beginJoining says hello.
func (n *Node) beginJoining(now time.Time) {
	j := &n.joining
	*j = joining{under: true, began: now, settled: map[string]bool{}, done: make(chan struct{})}
	if !n.reachesOthers() {
		n.endJoining()
		return
	}
	n.pings++
	payload, err := json.Marshal(helloNote{Settle: true})
	if err != nil { // it is made of a boolean
		panic(err)
	}
	n.router.outbox.note(n.subject(kindHello, n.origin), n.pongSubject(everybody), payload)
}

func (n *Node) endJoining() {
	if n.joining.under {
		n.joining.under = false
		close(n.joining.done)
	}
}

// nobodyThere: nobody has heard this node's hello.
func (n *Node) nobodyThere(now time.Time) {
	if len(n.joining.settled) == 0 {
		n.endJoining()
	}
	n.checkJoining(now)
}

// hearSettled takes what a node says that has heard this one's hello.
func (n *Node) hearSettled(payload []byte, now time.Time) error {
	var note settledNote
	if err := json.Unmarshal(payload, &note); err != nil || !isOrigin(note.Origin) {
		return cmp.Or(err, errOrigin)
	}
	for _, origin := range note.Living[:min(len(note.Living), maxLiving)] {
		n.joining.heard(n, origin)
	}
	n.joining.heard(n, note.Origin)
	if n.joining.under {
		n.joining.settled[note.Origin] = true
	}
	n.checkJoining(now)
	return nil
}

// heard waits for a node, too.
func (j *joining) heard(n *Node, origin string) {
	if j.under && origin != n.origin && n.router.peers.dead[origin] == nil && len(j.settled) < maxPeers && isOrigin(origin) {
		if !j.settled[origin] {
			j.settled[origin] = false
		}
	}
}

// remind says hello again to some that have not settled: they may have come after the
// first one.
func (n *Node) remind() {
	j := &n.joining
	some := strangersAtOnce
	for origin, settled := range j.settled {
		if j.under && !settled && some > 0 {
			n.tell(kindHello, helloNote{To: origin, Settle: true})
			some--
		}
	}
}

// gone does not wait for a node any longer.
func (j *joining) gone(origin string) { delete(j.settled, origin) }

// checkJoining ends it when all have settled, or it takes too long.
func (n *Node) checkJoining(now time.Time) {
	j := &n.joining
	if !j.under {
		return
	}
	missing := 0
	for _, ok := range j.settled {
		if !ok {
			missing++
		}
	}
	took := now.Sub(j.began)
	switch {
	case len(j.settled) > 0 && missing == 0, len(j.settled) == 0 && took > aloneAfter*n.options.Heartbeat:
		n.endJoining()
	case took > joinFor*n.options.Heartbeat:
		n.logLater(slog.LevelWarn, "serving without knowing whether all other nodes are alive", "nodes_silent", missing)
		n.endJoining()
	}
}
