package membership

import (
	"cmp"
	"slices"
	"time"

	"natstron/bridge/internal/identity"
	"natstron/bridge/wire"
)

// A PostRemove is a datagram to be sent when its participant is gone. Its seq is given
// when it is added, and its node, or the survivors of its node, send it under
// this one identity, so that it arrives once.
type PostRemove struct {
	Origin      string // of its node, when it was added; kept when the node gets another one
	Seq         uint64
	Participant uint64
	Sender      wire.Channel
	Datagram    wire.Datagram
	Added       time.Time
	Checkpoint  *Checkpoint // not nil: it is no post-remove, but a checkpoint
}

// PostRemoveSize is what a post-remove costs besides its datagram.
const PostRemoveSize = 128

// SizeOf is what a post-remove counts as in bytes.
func SizeOf(d wire.Datagram) int { return len(d) + PostRemoveSize }

// MaxPostRemove is the longest datagram that fits into the control message that passes it
// to an upstream: recipient count, channel 1, type, sender, length.
const MaxPostRemove = wire.MaxLength - (1 + 8 + 2 + 8 + 2)

// Identity is under which it is sent.
func (pr PostRemove) Identity() identity.Identity {
	return identity.Identity{Origin: pr.Origin + identity.PostRemoveSuffix, Seq: pr.Seq, Participant: pr.Participant}
}

// postRemoves are those of one node, by seq.
type postRemoves struct {
	bySeq map[uint64]PostRemove
	check uint64 // the seqs, XORed: tells two nodes whether they know the same ones
	bytes int
}

func (s *postRemoves) add(pr PostRemove) {
	if s.bySeq == nil {
		s.bySeq = map[uint64]PostRemove{}
	}
	if _, ok := s.bySeq[pr.Seq]; !ok {
		s.bySeq[pr.Seq] = pr
		s.check ^= mix(pr.Seq)
		s.bytes += pr.size()
	}
}

func (s *postRemoves) remove(seq uint64) {
	if pr, ok := s.bySeq[seq]; ok {
		delete(s.bySeq, seq)
		s.check ^= mix(seq)
		s.bytes -= pr.size()
	}
}

// ordered is all of them, in the order in which they were added.
func (s *postRemoves) ordered() []PostRemove {
	all := make([]PostRemove, 0, len(s.bySeq))
	for _, pr := range s.bySeq {
		all = append(all, pr)
	}
	slices.SortFunc(all, func(a, b PostRemove) int { return cmp.Compare(a.Seq, b.Seq) })
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

// CheckPostRemove says why a post-remove cannot be added: the other nodes cannot be told
// of it, or ErrNoRoom.
func (m *Members) CheckPostRemove(d wire.Datagram) error {
	if err := m.fits(d); err != nil {
		return err
	}
	if m.own.bytes+SizeOf(d) > m.config.MaxPostRemoveBytes {
		return ErrNoRoom
	}
	return nil
}

// AddPostRemove adds a post-remove of a participant of this node. d is kept.
func (m *Members) AddPostRemove(participant uint64, sender wire.Channel, d wire.Datagram, now time.Time) (PostRemove, []Effect) {
	m.now = now
	m.lastPostRemove++
	pr := PostRemove{Origin: m.origin, Seq: m.lastPostRemove, Participant: participant, Sender: sender, Datagram: d, Added: now}
	m.own.add(pr)
	m.tell(KindPostRemove, postRemoveNote{Add: noteOf(pr, m.origin, now)})
	return pr, m.take()
}

// ForgetPostRemoves drops post-removes of this node that were sent or cleared, here and at
// the other nodes.
func (m *Members) ForgetPostRemoves(seqs []uint64) []Effect {
	for _, seq := range seqs {
		m.own.remove(seq)
	}
	for some := range slices.Chunk(seqs, m.clearedAtOnce()) {
		m.tell(KindPostRemove, postRemoveNote{Clear: some})
	}
	return m.take()
}

// PostRemoves are those of this node, in the order in which they were added.
func (m *Members) PostRemoves() []PostRemove {
	return slices.DeleteFunc(m.own.ordered(), func(pr PostRemove) bool { return pr.Checkpoint != nil })
}

// Owe keeps a post-remove that was due while there was no backbone to send it on.
func (m *Members) Owe(pr PostRemove) { m.owed = append(m.owed, pr) }

// tellPostRemoves tells all post-removes of this node to nodes that are new. When many are
// new at once they share an answer. A node that came too late for a part of it finds out
// by the next heartbeat, and asks again.
func (m *Members) tellPostRemoves() {
	if m.now.Sub(m.toldAll) < m.config.Heartbeat {
		return
	}
	m.toldAll = m.now
	for _, pr := range m.own.ordered() {
		m.tell(KindPostRemove, postRemoveNote{Add: noteOf(pr, m.origin, m.now)})
	}
}

// hearPostRemove keeps a post-remove of p, as far as there is room, or forgets some.
func (m *Members) hearPostRemove(p *Peer, note postRemoveNote) {
	m.peerBytes -= p.postRemoves.bytes
	defer func() { m.peerBytes += p.postRemoves.bytes }()
	for _, seq := range note.Clear {
		p.postRemoves.remove(seq)
	}
	if len(note.Clear) > 0 {
		p.refused = false // there may be room again
	}
	a := note.Add
	if a == nil {
		return
	}
	pr := PostRemove{Origin: cmp.Or(a.Origin, p.origin), Seq: a.Seq, Participant: a.Participant, Sender: a.Sender, Datagram: a.Datagram}
	if !identity.IsOrigin(pr.Origin) {
		return
	}
	if a.Checkpoint != nil {
		if pr.Checkpoint = a.Checkpoint.checkpoint(); pr.Checkpoint == nil {
			return
		}
	} else if d := pr.Datagram; len(d) > MaxPostRemove || d.Check() != nil {
		return
	}
	if kept := m.peerBytes + p.postRemoves.bytes; kept+pr.size() > m.config.MaxPostRemoveBytes {
		m.stats.PostRemovesRefused++
		if !p.refused {
			p.refused = true
			m.complain("no room", "cannot keep all post-removes of another node: if it dies, they are not sent from here",
				"node", p.name, "origin", p.origin, "bytes", kept)
		}
		return
	}
	age := time.Duration(min(max(a.Age, 0), maxAge.Milliseconds())) * time.Millisecond
	pr.Added = m.now.Add(-age)
	p.postRemoves.add(pr)
}

// maxAge is older than any post-remove.
const maxAge = 10 * 365 * 24 * time.Hour
