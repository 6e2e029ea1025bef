package bridge

import (
	"iter"
	"slices"
	"strings"
	"time"
)

// ParticipantInfo is what an operator wants to know of a participant.
type ParticipantInfo struct {
	ID   uint64
	Name string // what it joined with, or what [Turn.SetName] set
	URL  string // what [Turn.SetURL] set
	// Address is the other end of its connection, and Queued how many bytes wait
	// to be written to it; empty and 0 where its sink does not implement
	// [Described].
	Address string
	Queued  int
	// Dialect is what it speaks, where that is not Astron's protocol: what its sink's
	// method Dialect() string returns.
	Dialect string

	Channels    int // single ones
	Ranges      int
	PostRemoves int
}

// Described is a [Sink] of one participant that has a connection to tell of. It
// is asked within a turn, so it must be quick.
type Described interface {
	Describe() (address string, queued int)
}

// listAtOnce is how many participants are looked at in one turn.
const listAtOnce = 256

// Participants are those of this node, in no order. The traffic goes on between
// them: one that joins or leaves meanwhile is among them or is not. The loop
// over them may call anything.
func (n *Node) Participants() iter.Seq[ParticipantInfo] {
	return func(yield func(ParticipantInfo) bool) {
		piece := make([]ParticipantInfo, 0, listAtOnce)
		hand := func() bool {
			for _, info := range piece {
				if !yield(info) {
					return false
				}
			}
			piece = piece[:0]
			return true
		}
		n.mu.Lock()
		for p, next, ok := n.participants.From(0); ok; p, next, ok = n.participants.From(next) {
			if piece = append(piece, p.info()); len(piece) == listAtOnce {
				n.mu.Unlock()
				if !hand() {
					return
				}
				n.mu.Lock()
			}
		}
		n.mu.Unlock()
		hand()
	}
}

func (p *Participant) info() ParticipantInfo {
	info := ParticipantInfo{
		ID: p.id, Name: p.name, URL: p.url,
		Channels: p.channels.Len(), Ranges: len(p.ranges), PostRemoves: len(p.postRemoves),
	}
	if d, ok := p.party.Sink.(Described); ok {
		info.Address, info.Queued = d.Describe()
	}
	if d, ok := p.party.Sink.(interface{ Dialect() string }); ok {
		info.Dialect = d.Dialect()
	}
	return info
}

// PeerInfo is what this node knows of another one.
type PeerInfo struct {
	Name         string // empty until its first heartbeat
	Origin       string // of its present connection
	Heard        time.Time
	Participants int
	PostRemoves  int // that this node would send if the other died
}

// Peers are the other nodes of the cluster, by name.
func (n *Node) Peers() []PeerInfo {
	n.mu.Lock()
	defer n.mu.Unlock()
	var all []PeerInfo
	for _, p := range n.members.Infos() {
		all = append(all, PeerInfo(p))
	}
	slices.SortStableFunc(all, func(a, b PeerInfo) int { return strings.Compare(a.Name, b.Name) })
	return all
}
