package bridge

import (
	"cmp"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"time"

	"natstron/bridge/wire"
)

// A cause is why a peer counts as dead.
type causeOfDeath string

const (
	causeSilence causeOfDeath = "nothing was heard of it"
	causeGone    causeOfDeath = "its connection to NATS has ended"
	causeTold    causeOfDeath = "another node found it dead"
)

// buryAll buries every node that has not been heard of for too long. A datagram is a
// sign of life like a heartbeat, which may wait behind many of them.
func (n *Node) buryAll(now time.Time) {
	for origin, p := range n.peers.known {
		if seq := n.ids.seq(origin); seq != p.seq {
			p.seq, p.heard = seq, now
		}
		if now.Sub(p.heard) > n.options.DeadAfter {
			n.bury(p, causeSilence, true, now)
		}
	}
	for origin, dead := range n.peers.dead {
		if now.After(dead.until) {
			delete(n.peers.dead, origin)
		}
	}
}

// bury sends the post-removes of a dead node. All survivors do so, under identities
// that make it once. silent says that nothing but silence speaks for its death.
func (n *Node) bury(p *peer, cause causeOfDeath, silent bool, now time.Time) {
	all := p.postRemoves.ordered()
	if silent {
		all = n.notMadeAnew(all, p.heard)
	}
	n.logNode(slog.LevelWarn, "node is dead: sending its post-removes", p, "cause", cause,
		"silent", now.Sub(p.heard).Round(time.Millisecond), "post_removes", len(all), "made_anew_elsewhere", len(p.postRemoves.bySeq)-len(all))
	n.dropPeer(p.origin)
	n.stats.DeadNodes++
	n.sendInOrder(all, nil)
	// One that left nothing and never answered may be an invention: nothing is kept of it.
	if p.probed.answered || len(p.postRemoves.bySeq) > 0 {
		n.peers.dead[p.origin] = &deadOrigin{until: now.Add(deadFor), silent: silent}
	}
	n.waiting.then(func(Turn) {
		n.zombie(p.origin, now)
		n.peersChanged(now)
	})
}

// A made is what a post-remove undoes, as far as one can tell: the same sender left
// the same datagram.
type made struct {
	sender   wire.Channel
	datagram string
}

// notMadeAnew leaves out of the post-removes of a node, last heard at a time, those
// that a participant of a living node has left as well since: its sender is back, and
// what they would undo now is its new work.
func (n *Node) notMadeAnew(all []postRemove, heard time.Time) []postRemove {
	if len(all) == 0 {
		return nil
	}
	old := map[made]bool{}
	for _, pr := range all {
		old[made{pr.sender, string(pr.datagram)}] = true
	}
	anew := map[made]bool{}
	note := func(s postRemoves) {
		for _, pr := range s.bySeq {
			if pr.added.After(heard) {
				if m := (made{pr.sender, string(pr.datagram)}); old[m] {
					anew[m] = true
				}
			}
		}
	}
	note(n.peers.own)
	for _, p := range n.peers.known {
		if p.heard.After(heard) {
			note(p.postRemoves)
		}
	}
	return slices.DeleteFunc(all, func(pr postRemove) bool {
		return anew[made{pr.sender, string(pr.datagram)}]
	})
}

// zombie says whether an origin has been declared dead, and if so tells it, once
// in a while.
func (n *Node) zombie(origin string, now time.Time) bool {
	dead := n.peers.dead[origin]
	if dead == nil {
		return false
	}
	if now.Sub(dead.told) > n.options.Heartbeat {
		dead.told = now
		n.tell(kindDead, deadNote{Origin: strings.Clone(origin), Silent: dead.silent})
	}
	return true
}

// hearDead ends this node's present life if it is the one that was declared dead: its
// post-removes are out, so it must not go on as if they were not. If it is another
// one, it is dead here, too, so that all survivors send its post-removes at the same
// time.
func (n *Node) hearDead(payload []byte, now time.Time) error {
	var note deadNote
	if err := json.Unmarshal(payload, &note); err != nil {
		return err
	}
	if note.Origin == n.origin || (n.kept && slices.Contains(n.was, note.Origin)) {
		n.lose(errDeclaredDead)
		return nil
	}
	if p := n.peers.known[note.Origin]; p != nil {
		n.bury(p, causeTold, note.Silent, now)
	}
	n.joining.gone(note.Origin)
	n.checkJoining(now)
	return nil
}

// dies buries a peer that NATS has no subscriber for, where that is proof.
func (n *Node) dies(p *peer, now time.Time) {
	if _, err := n.transport.healthy(now); err != nil {
		n.lose(cmp.Or(err, errLeafLost))
		return
	}
	n.bury(p, causeGone, false, now)
}
