package bridge

import (
	"slices"
	"time"

	"natstron/bridge/internal/foreign"
	"natstron/bridge/internal/membership"
	"natstron/bridge/wire"
	"natstron/internal/pressure"
)

// A Hold keeps what the participants of a role send to others until the role says that they
// may know: because what they do is written down, say. What its participants send each
// other arrives at once, so the role's own state is always that of the end of a turn. What
// is kept stays in its order.
//
// Others wait for the effects of what they have ordered ([Party.InOrder]) until these have
// been released, as they do for those in another process.
//
// It belongs to the node's turn. It is to be set in the [Party] before participants join,
// and added to the node with [Turn.AddHold].
type Hold struct {
	on    bool
	kept  queue
	added uint64 // how many have been kept so far
	freed uint64 // of these, those that have been released
	again bool   // it was put on while all that was kept is released
	since uint64 // how many had been kept then

	pressure pressure.Pressure // much is kept
}

// AddHold tells the node of a hold that a role may put on.
func (t Turn) AddHold(h *Hold) { t.n.holds = append(t.n.holds, h) }

// RemoveHold takes AddHold back. What is kept is never sent.
func (t Turn) RemoveHold(h *Hold) {
	h.kept, h.on, h.freed = queue{}, false, h.added
	h.pressure.Relieve()
	t.n.holds = slices.DeleteFunc(t.n.holds, func(have *Hold) bool { return have == h })
}

// Hold keeps what is sent from now on. Within a handler that includes what was sent in this
// turn and has not been routed yet.
func (t Turn) Hold(h *Hold) {
	if !h.again {
		h.again, h.since = true, h.added
	}
	h.on = true
}

// On reports whether anything that is sent now would be kept.
func (h *Hold) On() bool { return h.on }

// Kept is how many datagrams have been kept so far, and how many bytes those have that are
// kept at the moment.
func (h *Hold) Kept() (count uint64, bytes int) { return h.added, h.kept.size() }

// Release routes what was kept up to a count that [Hold.Kept] returned before, and what
// comes of it. The hold stays on. It must not be called by a handler.
func (t Turn) Release(h *Hold, count uint64) {
	t.Settle()
	for h.freed < count && !h.kept.empty() {
		t.release(h)
	}
	h.relieve()
}

// EndHold takes the hold off: it routes all that was kept, and what comes of it, unless that
// makes the role put the hold on again. It must not be called by a handler.
func (t Turn) EndHold(h *Hold) {
	t.Settle()
	h.again = false
	for !h.kept.empty() && !(h.again && h.freed >= h.since) {
		t.release(h)
	}
	h.on = h.again || !h.kept.empty()
	h.relieve()
}

// release routes the first of what is kept.
func (t Turn) release(h *Hold) {
	s, d, _ := h.kept.next()
	h.freed++
	if h.kept.empty() && !h.again {
		h.on = false // what is sent now is behind nothing
	}
	if s.do != nil {
		s.do(t)
		return
	}
	t.complete(func() { t.routeReleased(s.from, d) })
}

func (h *Hold) relieve() {
	if h.kept.size() <= heldMuch {
		h.pressure.Relieve()
	}
}

// keep keeps a datagram of a participant, after those of the same role had it.
func (t Turn) keep(h *Hold, p *Participant, d wire.Datagram) {
	n := t.n
	n.find(p, d)
	all := len(n.targets)
	n.targets = slices.DeleteFunc(n.targets, func(to *Participant) bool { return to.party != p.party })
	nobodyElse := all > 0 && len(n.targets) == all && n.up == nil && !n.packets && n.outbox.Alone(n.turn)
	t.hand(d)
	if nobodyElse {
		n.stats.Sizes.Add(len(d))
		return
	}
	h.kept.add(p, d)
	h.added++
	if h.kept.size() > heldMuch {
		h.pressure.Raise()
		n.relief = h.pressure.Relief()
	}
}

// heldMuch is how many bytes are kept before the connections that cause them are not read
// any more.
const heldMuch = 4 << 20

// routeReleased routes a datagram to everybody but those of its sender's role.
func (t Turn) routeReleased(p *Participant, d wire.Datagram) {
	n := t.n
	if n.members.Any() {
		n.note(p, d)
	}
	if !n.foreign.Empty() && foreign.IsEntry(d.Type()) {
		t.tellGone(n.foreign.EnterHere(d))
	}
	if n.up != nil {
		n.up.datagram(d)
	}
	if len(n.lost.channels) > 0 {
		if d = n.keepForLost(d); d == nil {
			return
		}
	}
	audience := n.publish(d, n.nextIdentity(p))
	n.find(p, d)
	n.stats.Sizes.Add(len(d))
	if n.packets {
		n.logPacket(p, d)
	}
	all := len(n.targets)
	n.targets = slices.DeleteFunc(n.targets, func(to *Participant) bool { return to.party == p.party })
	if !t.hand(d) && all == 0 {
		n.noteUnheard(p, d, audience)
	}
}

// whenReleased calls then, as a step of the membership, when all that roles have done so far
// has been released. It returns false if nothing is held.
func (n *Node) whenReleased(then func()) bool {
	waits := 0
	for _, h := range n.holds {
		if !h.on {
			continue
		}
		waits++
		h.added++
		h.kept.then(func(Turn) {
			if waits--; waits == 0 {
				n.perform(n.members.Continue(membership.Call{Do: then, Step: true}, time.Now()))
			}
		})
	}
	return waits > 0
}

// holding reports whether anything is held.
func (n *Node) holding() bool {
	return slices.ContainsFunc(n.holds, func(h *Hold) bool { return h.on })
}

// Holding reports whether anything is held: whether a role has done something that others
// may not know yet.
func (n *Node) Holding() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.holding()
}
