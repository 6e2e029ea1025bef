package bridge

import (
	"fmt"
	"log/slog"
	"slices"
	"time"

	"natstron/bridge/internal/membership"
	"natstron/bridge/wire"
)

// A state server whose objects survive its process is away between the end of the process
// and the moment when another one makes its claims; so is a database-state server. Meanwhile
// its objects stay in the sight of participants here, and what connections and clients send
// to them waits, with all that they send behind it; so do the post-removes of processes that
// have ended. After a time that the process has told, its objects are gone as others are.

// pauses are the processes of which something is awaited. They belong to the node's lock.
type pauses struct {
	away  []*away
	queue []pausedRemoval
}

// away is a process, and its claims that nobody makes at the moment. The objects of a
// control channel are those that no other claim is about: if it had several, they come back
// with the last one.
type away struct {
	peer  *membership.Peer
	waits []membership.Claim
	timer *time.Timer
}

// pausedRemoval is a post-remove of a node that is gone.
type pausedRemoval struct {
	d    wire.Datagram
	send func(Turn)
}

// keepSurvivors keeps the objects that outlive a process that is gone, and tells of the end of the
// others. Those that another process serves already are that one's.
func (n *Node) keepSurvivors(p *membership.Peer) {
	survivors, before := p.Survivors()
	all := append(survivors, before...)
	n.pause(p, all)
	a := n.pauses.find(p)
	n.endObjects(p, func(id wire.DoID) bool { return !a.keeps(id) })
	for _, c := range all {
		if at, served := n.members.Serving(c, p); served {
			n.resume(c, at)
		}
	}
	if len(a.waits) > 0 {
		n.stats.Pauses++
		n.logLater(slog.LevelWarn, "the process of a state server is gone: its objects are kept, and what is for them waits, until it is back", "node", p.Name(), "channels", a.describe())
	}
}

// pause keeps the objects of claims of a peer that is gone, or about to end, or has not been
// heard on the present link.
func (n *Node) pause(p *membership.Peer, claims []membership.Claim) {
	a := n.pauses.find(p)
	if a == nil {
		a = &away{peer: p}
		var limit int64
		for _, c := range claims {
			limit = max(limit, c.For)
		}
		a.timer = time.AfterFunc(time.Duration(min(limit, mostKept.Milliseconds()))*time.Millisecond, func() {
			t := n.Begin()
			defer t.End()
			if n.pauses.find(p) == a {
				n.giveUp(a)
			}
		})
		n.pauses.away = append(n.pauses.away, a)
	}
	for _, c := range claims {
		if !slices.ContainsFunc(a.waits, c.SameObjects) {
			a.waits = append(a.waits, c)
		}
	}
}

// mostKept is the longest time for which objects are kept, whatever another process says.
const mostKept = 24 * time.Hour

// goOn resumes, and logs it.
func (n *Node) goOn(claim membership.Claim, at *membership.Peer) {
	if n.resume(claim, at) {
		n.logLater(slog.LevelInfo, "a state server is back: its objects go on", "channels", describe(claim))
	}
}

// resume goes on with objects that are served again, at a peer, or here if that is nil. Several
// processes may have had them one after the other: a node that has lost the backbone has not
// found those dead that ended before, and waits for all of them. It reports whether it waited for
// any.
func (n *Node) resume(claim membership.Claim, at *membership.Peer) (back bool) {
	for _, a := range n.pauses.away {
		waits := len(a.waits)
		a.waits = slices.DeleteFunc(a.waits, claim.SameObjects)
		if len(a.waits) == waits {
			continue
		}
		back = true
		switch {
		case at == a.peer: // it has been heard again
		case claim.Service == membership.ObjectsSurvive:
			n.foreign.Move(a.peer, at, func(id wire.DoID) bool { return claim.Has(id.Channel()) })
		case !a.waitsFor(membership.Survives):
			n.foreign.Move(a.peer, at, func(id wire.DoID) bool { return !a.has(id.Channel()) })
		}
	}
	if back {
		n.endPauses()
	}
	return back
}

// succeeds reports whether a peer, or this node if that is nil, serves an object that outlives the
// process that had it. That process may not have been found dead yet.
func (n *Node) succeeds(next, home *membership.Peer, id wire.DoID) bool {
	if home == nil {
		return false
	}
	serves := n.members.Claims()
	if next != nil {
		serves, _ = next.Survivors()
	}
	survivors, before := home.Survivors()
	return slices.ContainsFunc(append(survivors, before...), func(c membership.Claim) bool {
		return slices.ContainsFunc(serves, c.SameObjects) && (c.Has(id.Channel()) || c.Service == membership.Survives && !home.ClaimsObjects(id.Channel()))
	})
}

// giveUp ends the wait for what has not come back.
func (n *Node) giveUp(a *away) {
	n.logLater(slog.LevelError, "a state server has not come back in time: its objects are gone", "node", a.peer.Name(), "channels", a.describe())
	n.endObjects(a.peer, a.keeps)
	a.waits = nil
	n.endPauses()
}

// endPauses sends what need not wait any longer.
func (n *Node) endPauses() {
	n.pauses.away = slices.DeleteFunc(n.pauses.away, func(a *away) bool {
		if len(a.waits) == 0 {
			a.timer.Stop()
		}
		return len(a.waits) == 0
	})
	queue := n.pauses.queue
	n.pauses.queue = nil
	for _, r := range queue {
		n.waiting.then(func(Turn) { n.pauses.wait(n, r.d, r.send) })
	}
	n.releaseHeld(false)
}

// ServersAway reports whether objects are kept here of a state server that is away.
func (t Turn) ServersAway() bool { return len(t.n.pauses.away) > 0 }

func (p *pauses) find(peer *membership.Peer) *away {
	for _, a := range p.away {
		if a.peer == peer {
			return a
		}
	}
	return nil
}

// has reports whether a channel is one of those awaited by their numbers.
func (a *away) has(c wire.Channel) bool {
	return slices.ContainsFunc(a.waits, func(claim membership.Claim) bool { return claim.Has(c) })
}

// keeps reports whether an object of the process is one of those awaited.
func (a *away) keeps(id wire.DoID) bool {
	return a.has(id.Channel()) || a.waitsFor(membership.Survives) && !a.peer.ClaimsObjects(id.Channel())
}

// all reports whether nothing of the process that survives is served.
func (a *away) all() bool {
	serves, _ := a.peer.Survivors()
	return !slices.ContainsFunc(serves, func(c membership.Claim) bool { return !slices.ContainsFunc(a.waits, c.SameObjects) })
}

func (a *away) waitsFor(s membership.Service) bool {
	return slices.ContainsFunc(a.waits, func(c membership.Claim) bool { return c.Service == s })
}

func (a *away) describe() (all []string) {
	for _, c := range a.waits {
		all = append(all, describe(c))
	}
	return all
}

// describe is what a claim is about, for a log.
func describe(c membership.Claim) string {
	if c.Lo == c.Hi {
		return fmt.Sprint(uint64(c.Lo))
	}
	return fmt.Sprintf("%d to %d", c.Lo, c.Hi)
}

// wait sends a post-remove, or keeps it until the state server that it is for is back.
func (p *pauses) wait(n *Node, d wire.Datagram, send func(Turn)) {
	if p.has(n, d) {
		p.queue = append(p.queue, pausedRemoval{d, send})
		return
	}
	send(Turn{n})
}

// has reports whether a datagram is for a state server that is away, as far as one can
// tell: where other processes have objects, too, it must be known to whom the object belongs.
func (p *pauses) has(n *Node, d wire.Datagram) bool {
	if len(p.away) == 0 {
		return false
	}
	for i := range d.RecipientCount() {
		if p.hasChannel(n, d.Recipient(i)) {
			return true
		}
	}
	return false
}

func (p *pauses) hasChannel(n *Node, c wire.Channel) bool {
	if c > wire.MaxDoID.Channel() {
		return false
	}
	home, known := n.foreign.Home(wire.DoID(c))
	anybody := false // objects that nobody knows beforehand may be awaited
	for _, a := range p.away {
		if a.has(c) {
			return true
		}
		if a.waitsFor(membership.Survives) {
			if known && home == a.peer && a.keeps(wire.DoID(c)) {
				return true
			}
			anybody = true
		}
	}
	return anybody && !known && c > wire.LastReservedChannel && !n.handles(c) &&
		!n.members.ClaimedByClients(c) &&
		!n.members.Exists(func(q *membership.Peer) bool {
			a := p.find(q)
			return (a == nil || !a.all()) && (q.Claims(c) || q.Serves(membership.AnyObject))
		})
}
