package bridge

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"natstron/bridge/internal/identity"
	"natstron/bridge/internal/link"
	"natstron/bridge/internal/membership"
	"natstron/bridge/wire"
)

// AddPostRemove leaves a datagram that is routed when p leaves, however it
// leaves: also when this whole process dies, as long as another node of the
// cluster lives. sender only names a bundle for [Turn.ClearPostRemoves]. d is
// copied; one that could not be routed is an error now rather than then.
// (Document 19, CONTROL_ADD_POST_REMOVE.)
func (t Turn) AddPostRemove(p *Participant, sender wire.Channel, d wire.Datagram) error {
	if err := d.Check(); err != nil {
		t.n.stats.Malformed++
		return err
	}
	if len(d) > membership.MaxPostRemove {
		return fmt.Errorf("post-remove %w: %d bytes, at most %d", wire.ErrTooLong, len(d), membership.MaxPostRemove)
	}
	n, size := t.n, membership.SizeOf(d)
	err := n.members.CheckPostRemove(d)
	switch {
	case err != nil && !errors.Is(err, membership.ErrNoRoom):
		return err
	case len(p.postRemoves) >= n.options.MaxPostRemoves:
		return ErrTooManyPostRemoves
	case p.left:
		return ErrStopped
	case err != nil, p.postRemoveBytes+size > n.options.MaxParticipantPostRemoveBytes:
		n.stats.PostRemovesRefused++
		return ErrTooManyPostRemoves
	}
	pr, effects := n.members.AddPostRemove(p.id, sender, slices.Clone(d), time.Now())
	p.own()
	p.postRemoves = append(p.postRemoves, pr)
	p.postRemoveBytes += size
	for _, k := range n.keepers {
		k.Added(removalOf(pr))
	}
	n.perform(effects)
	if n.up != nil {
		n.up.addPostRemove(sender, d)
	}
	return nil
}

// ClearPostRemoves takes back all of p's post-removes that were added with this
// sender (CONTROL_CLEAR_POST_REMOVES).
func (t Turn) ClearPostRemoves(p *Participant, sender wire.Channel) {
	n := t.n
	var cleared []uint64
	if len(p.postRemoves) > 0 {
		p.postRemoves = slices.DeleteFunc(p.postRemoves, func(pr membership.PostRemove) bool {
			if pr.Sender == sender {
				cleared = append(cleared, pr.Seq)
				n.unkeep(pr)
				p.postRemoveBytes -= membership.SizeOf(pr.Datagram)
			}
			return pr.Sender == sender
		})
	}
	n.perform(n.members.ForgetPostRemoves(cleared))
	if n.up != nil {
		n.up.clearPostRemoves(sender)
	}
}

// sendPostRemoves routes what p left behind. The other nodes are told that they need
// not do so only when that is done.
func (t Turn) sendPostRemoves(p *Participant) {
	all := p.postRemoves
	if len(all) == 0 {
		return
	}
	p.postRemoves, p.postRemoveBytes = nil, 0
	t.n.sendInOrder(all, p, nil)
	t.behind(p, func(t Turn) {
		var sent []uint64
		for _, pr := range all {
			sent = append(sent, pr.Seq)
			t.n.unkeep(pr)
		}
		t.n.perform(t.n.members.ForgetPostRemoves(sent))
		up := t.n.up
		if up == nil {
			return
		}
		told := map[wire.Channel]bool{}
		for _, pr := range all {
			if !told[pr.Sender] {
				told[pr.Sender] = true
				up.clearPostRemoves(pr.Sender)
			}
		}
	})
}

// sendInOrder sends post-removes of a node that is gone or of a participant that
// is: here those that have not been seen yet, to the backbone all of them, unless
// all have been seen. Others send them at the same time, and a node that gets the copies
// of two senders takes the first of each. These are in order, whatever way they went, if
// each sender leaves none out. Participants of the party late, if it is not nil, get all of
// them here.
func (n *Node) sendInOrder(all []membership.PostRemove, from *Participant, late *Party) {
	fresh := make([]bool, len(all))
	for i, pr := range all {
		fresh[i] = n.members.FreshPostRemove(pr.Identity())
	}
	anyFresh := slices.Contains(fresh, true)
	if !anyFresh && late == nil {
		return
	}
	for i, pr := range all {
		n.waiting.then(func(t Turn) {
			do := func(t Turn) {
				if anyFresh {
					t.routeRemoval(from, pr, fresh[i])
				}
				if late != nil && !fresh[i] {
					t.routeTo(late, pr.Datagram)
				}
			}
			switch {
			case from == nil:
				n.pauses.wait(n, pr.Datagram, do)
			case !t.hold(from, pr.Datagram, do):
				do(t)
			}
		})
	}
}

// behind does something when all that p has sent has been routed.
func (t Turn) behind(p *Participant, do func(Turn)) {
	t.n.waiting.then(func(t Turn) {
		if o := p.ordering; o != nil && len(o.queue) > 0 {
			o.queue = append(o.queue, held{do: do})
		} else {
			do(t)
		}
	})
}

// routeRemoval routes a post-remove: to the backbone, and, if it is fresh, here.
func (t Turn) routeRemoval(from *Participant, pr membership.PostRemove, fresh bool) {
	n := t.n
	if from != nil && n.members.Any() {
		n.note(from, pr.Datagram)
		n.notePassed(pr.Datagram)
	}
	if !n.outbox.IsOpen() {
		n.members.Owe(pr)
	}
	n.publish(pr.Datagram, pr.Identity())
	n.audience = link.Nobody // see [Turn.Arrival]
	if !fresh {
		return
	}
	n.stats.PostRemoves++
	if n.up != nil {
		n.up.datagram(pr.Datagram)
	}
	t.route(from, pr.Datagram)
}

// unkeep tells the keepers that a post-remove has been sent or taken back.
func (n *Node) unkeep(pr membership.PostRemove) {
	for _, k := range n.keepers {
		k.Removed(pr.Origin, pr.Seq)
	}
}

// A Removal is a post-remove that a node knows: the datagram, and the identity under which
// it is sent.
type Removal struct {
	Origin      string // of the node to which its participant came
	Seq         uint64
	Participant uint64
	Sender      wire.Channel
	Datagram    wire.Datagram
}

// A Keeper is told of the post-removes of this process's participants, as they are added,
// and as they have been sent or taken back: in the turn in which that happens.
type Keeper interface {
	Added(Removal)
	Removed(origin string, seq uint64)
}

// AddKeeper tells k of all post-removes from now on; [Turn.Removals] are those before.
func (t Turn) AddKeeper(k Keeper) { t.n.keepers = append(t.n.keepers, k) }

// RemoveKeeper ends that.
func (t Turn) RemoveKeeper(k Keeper) {
	t.n.keepers = slices.DeleteFunc(t.n.keepers, func(have Keeper) bool { return have == k })
}

// Removals are the post-removes of this process's participants, in the order in which they were
// added.
func (t Turn) Removals() (all []Removal) {
	for _, pr := range t.n.members.PostRemoves() {
		all = append(all, removalOf(pr))
	}
	return all
}

func removalOf(pr membership.PostRemove) Removal {
	return Removal{pr.Origin, pr.Seq, pr.Participant, pr.Sender, pr.Datagram}
}

// SendPostRemoves sends post-removes of a process that has ended, in their order, under
// their identities. Those that have been here already, because another process or another
// role has sent them, go to participants of the party only: it was not there yet.
func (t Turn) SendPostRemoves(all []Removal, to *Party) {
	var known []membership.PostRemove
	for _, r := range all {
		if r.Datagram.Check() == nil && identity.IsOrigin(r.Origin) {
			known = append(known, membership.PostRemove{Origin: r.Origin, Seq: r.Seq, Participant: r.Participant, Sender: r.Sender, Datagram: r.Datagram})
		}
	}
	t.n.sendInOrder(known, nil, to)
	t.Settle()
}

// routeTo routes a datagram to the participants of a party only.
func (t Turn) routeTo(to *Party, d wire.Datagram) {
	n := t.n
	n.find(nil, d)
	n.targets = slices.DeleteFunc(n.targets, func(p *Participant) bool { return p.party != to })
	t.hand(d)
}
