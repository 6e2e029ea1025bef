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
// them: one that joins or leaves meanwhile is among them or is not. Whoever ranges
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
		r := &n.router
		r.mu.Lock()
		for i := 0; i < len(r.participants.places); i++ {
			p := r.participants.places[i]
			if p == nil {
				continue
			}
			if piece = append(piece, p.info()); len(piece) == listAtOnce {
				r.mu.Unlock()
				if !hand() {
					return
				}
				r.mu.Lock()
			}
		}
		r.mu.Unlock()
		hand()
	}
}

func (p *Participant) info() ParticipantInfo {
	info := ParticipantInfo{
		ID: p.id, Name: p.name, URL: p.url,
		Channels: p.channels.len(), Ranges: len(p.ranges), PostRemoves: len(p.postRemoves),
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
	n.router.mu.Lock()
	defer n.router.mu.Unlock()
	var all []PeerInfo
	for origin, p := range n.router.peers.known {
		all = append(all, PeerInfo{
			Name: p.name, Origin: origin, Heard: p.heard,
			Participants: p.participants, PostRemoves: len(p.postRemoves.bySeq),
		})
	}
	slices.SortFunc(all, func(a, b PeerInfo) int {
		if c := strings.Compare(a.Name, b.Name); c != 0 {
			return c
		}
		return strings.Compare(a.Origin, b.Origin)
	})
	return all
}
