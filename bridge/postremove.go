package bridge

import (
	"fmt"
	"slices"
	"time"

	"natstron/bridge/wire"
)

// A postRemove is a datagram to be sent when its participant is gone. Its seq
// is given when it is added, and whoever sends it (its node, or the survivors
// of its node) sends it under this one identity, so that it arrives once.
type postRemove struct {
	origin      string // of its node, when it was added; kept when the node gets another one
	seq         uint64
	participant uint64
	sender      wire.Channel
	datagram    wire.Datagram
	added       time.Time
}

// sizeOf is what a post-remove counts as in bytes.
func sizeOf(d wire.Datagram) int { return len(d) + postRemoveSize }

// postRemoveSize is what a post-remove costs besides its datagram.
const postRemoveSize = 128

// identity is under which it is sent.
func (pr postRemove) identity() identity {
	return identity{origin: pr.origin + postRemoveSuffix, seq: pr.seq, participant: pr.participant}
}

// maxPostRemove is the longest datagram that fits into the control message that
// passes it to an upstream: recipient count, channel 1, type, sender, length.
const maxPostRemove = wire.MaxLength - (1 + 8 + 2 + 8 + 2)

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
	if len(d) > maxPostRemove {
		return fmt.Errorf("post-remove %w: %d bytes, at most %d", wire.ErrTooLong, len(d), maxPostRemove)
	}
	if err := t.n.fitsNote(d); err != nil {
		return err
	}
	if len(p.postRemoves) >= t.n.options.MaxPostRemoves {
		return ErrTooManyPostRemoves
	}
	if p.left {
		return ErrStopped
	}
	n := t.n
	if p.postRemoveBytes+sizeOf(d) > t.n.options.MaxParticipantPostRemoveBytes || n.peers.own.bytes+sizeOf(d) > t.n.options.MaxPostRemoveBytes {
		n.stats.PostRemovesRefused++
		return ErrTooManyPostRemoves
	}
	n.peers.lastPostRemove++
	now := time.Now()
	pr := postRemove{origin: t.n.origin, seq: n.peers.lastPostRemove, participant: p.id, sender: sender, datagram: slices.Clone(d), added: now}
	p.own()
	p.postRemoves = append(p.postRemoves, pr)
	p.postRemoveBytes += sizeOf(d)
	n.peers.own.add(pr)
	t.n.tell(kindPostRemove, postRemoveNote{Add: noteOf(pr, t.n.origin, now)})
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
		p.postRemoves = slices.DeleteFunc(p.postRemoves, func(pr postRemove) bool {
			if pr.sender == sender {
				cleared = append(cleared, pr.seq)
				p.postRemoveBytes -= sizeOf(pr.datagram)
			}
			return pr.sender == sender
		})
	}
	t.n.forgetPostRemoves(cleared)
	if n.up != nil {
		n.up.clearPostRemoves(sender)
	}
}

// sendPostRemoves routes what p left behind. The other nodes are told that they need
// not do so only when it has been.
func (t Turn) sendPostRemoves(p *Participant) {
	all := p.postRemoves
	if len(all) == 0 {
		return
	}
	p.postRemoves, p.postRemoveBytes = nil, 0
	t.n.sendInOrder(all, p)
	t.behind(p, func(t Turn) {
		var sent []uint64
		for _, pr := range all {
			sent = append(sent, pr.seq)
		}
		t.n.forgetPostRemoves(sent)
		up := t.n.up
		if up == nil {
			return
		}
		told := map[wire.Channel]bool{}
		for _, pr := range all {
			if !told[pr.sender] {
				told[pr.sender] = true
				up.clearPostRemoves(pr.sender)
			}
		}
	})
}

// forgetPostRemoves drops own post-removes that were sent or cleared, here and
// at the other nodes.
func (n *Node) forgetPostRemoves(seqs []uint64) {
	for _, seq := range seqs {
		n.peers.own.remove(seq)
	}
	for some := range slices.Chunk(seqs, n.clearedAtOnce()) {
		n.tell(kindPostRemove, postRemoveNote{Clear: some})
	}
}

// sendInOrder sends post-removes of a node that is gone or of a participant that
// is: here those that have not been seen yet, to the backbone all of them, unless
// all have been seen. Others send them at the same time, and who gets two senders'
// copies takes the first of each; in order, whatever way the copies went, if each
// sender leaves none out.
func (n *Node) sendInOrder(all []postRemove, from *Participant) {
	fresh := make([]bool, len(all))
	for i, pr := range all {
		fresh[i] = n.ids.fresh(pr.identity())
	}
	if !slices.Contains(fresh, true) {
		return
	}
	for i, pr := range all {
		n.waiting.then(func(t Turn) {
			do := func(t Turn) { t.routeRemoval(from, pr, fresh[i]) }
			if from == nil || !t.hold(from, pr.datagram, do) {
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
func (t Turn) routeRemoval(from *Participant, pr postRemove, fresh bool) {
	n := t.n
	if from != nil && len(n.peers.known) > 0 {
		t.n.note(from, pr.datagram)
		t.n.passed(pr.datagram)
	}
	if !n.outbox.open {
		n.peers.owed = append(n.peers.owed, pr)
	}
	n.publish(pr.datagram, pr.identity())
	if !fresh {
		return
	}
	n.stats.PostRemoves++
	if n.up != nil {
		n.up.datagram(pr.datagram)
	}
	t.route(from, pr.datagram)
}

// postRemoves are those of one node, by seq.
type postRemoves struct {
	bySeq map[uint64]postRemove
	check uint64 // the seqs, XORed: tells two nodes whether they know the same ones
	bytes int
}

func (s *postRemoves) add(pr postRemove) {
	if s.bySeq == nil {
		s.bySeq = map[uint64]postRemove{}
	}
	if _, ok := s.bySeq[pr.seq]; !ok {
		s.bySeq[pr.seq] = pr
		s.check ^= mix(pr.seq)
		s.bytes += sizeOf(pr.datagram)
	}
}

func (s *postRemoves) remove(seq uint64) {
	if pr, ok := s.bySeq[seq]; ok {
		delete(s.bySeq, seq)
		s.check ^= mix(seq)
		s.bytes -= sizeOf(pr.datagram)
	}
}

// ordered is all of them, in the order in which they were added.
func (s *postRemoves) ordered() []postRemove {
	all := make([]postRemove, 0, len(s.bySeq))
	for _, pr := range s.bySeq {
		all = append(all, pr)
	}
	slices.SortFunc(all, func(a, b postRemove) int { return int(int64(a.seq - b.seq)) })
	return all
}

// mix spreads a seq over 64 bits, so that different sets have different sums.
func mix(x uint64) uint64 {
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}
