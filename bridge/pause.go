package bridge

import (
	"log/slog"
	"slices"
	"time"

	"natstron/bridge/internal/membership"
	"natstron/bridge/wire"
)

// A state server whose objects survive its process is away between the end of the process
// and the moment when another one serves its control channel. Meanwhile its objects stay in
// the sight of participants here, and what connections and clients send to them waits, with
// all that they send behind it; so do the post-removes of processes that have ended. After
// a time that the state server has told, its objects are gone as others are.

// pauses are the state servers that are away. They belong to the node's lock.
type pauses struct {
	away  []*away
	queue []pausedRemoval
}

// away is a process of which one or more state servers are awaited.
type away struct {
	peer     *membership.Peer
	controls []wire.Channel
	timer    *time.Timer
}

// pausedRemoval is a post-remove of a node that is gone.
type pausedRemoval struct {
	d    wire.Datagram
	send func(Turn)
}

// pause keeps the objects of a peer that is gone, or has not been heard on the present link.
func (n *Node) pause(p *membership.Peer, gone bool) {
	survivors := p.Survivors()
	a := n.pauses.find(p)
	if a == nil {
		a = &away{peer: p}
		var limit int64
		for _, c := range survivors {
			a.controls = append(a.controls, c.Lo)
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
	if gone {
		n.stats.Pauses++
		n.logLater(slog.LevelWarn, "the process of a state server is gone: its objects are kept, and what is for them waits, until it is back", "node", p.Name(), "control", a.controls)
	}
}

// mostKept is the longest time for which objects are kept, whatever another process says.
const mostKept = 24 * time.Hour

// resume goes on with a state server that serves again, at a peer, or here if that is nil.
func (n *Node) resume(control wire.Channel, at *membership.Peer) {
	for _, a := range n.pauses.away {
		if !slices.Contains(a.controls, control) {
			continue
		}
		switch {
		case at == nil:
			n.foreign.Forget(a.peer)
		case at != a.peer:
			n.foreign.Move(a.peer, at)
		}
		n.endPause(a)
		n.logLater(slog.LevelInfo, "a state server is back: its objects go on", "control", uint64(control))
		return
	}
}

// giveUp ends the wait for a state server that has not come back.
func (n *Node) giveUp(a *away) {
	n.logLater(slog.LevelError, "a state server has not come back in time: its objects are gone", "node", a.peer.Name(), "control", a.controls)
	n.orphan(a.peer)
	n.endPause(a)
}

// endPause sends what has waited.
func (n *Node) endPause(a *away) {
	a.timer.Stop()
	n.pauses.away = slices.DeleteFunc(n.pauses.away, func(have *away) bool { return have == a })
	queue := n.pauses.queue
	n.pauses.queue = nil
	for _, r := range queue {
		n.waiting.then(func(Turn) { n.pauses.wait(n, r.d, r.send) })
	}
	n.releaseHeld(false)
}

func (p *pauses) find(peer *membership.Peer) *away {
	for _, a := range p.away {
		if a.peer == peer {
			return a
		}
	}
	return nil
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
	for _, a := range p.away {
		if slices.Contains(a.controls, c) || known && home == a.peer || a.peer.Claims(c) {
			return true
		}
	}
	return !known && c > wire.LastReservedChannel && !n.handles(c) &&
		!n.members.ClaimedByClients(c) &&
		!n.members.Exists(func(q *membership.Peer) bool {
			return p.find(q) == nil && (q.Claims(c) || q.Serves(membership.AnyObject))
		})
}
