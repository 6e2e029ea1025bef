package bridge

import (
	"iter"
	"slices"
	"strings"
	"time"

	"natstron/bridge/wire"
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
		var piece []ParticipantInfo
		for more := range n.visit(func(t Turn, p *Participant) { piece = append(piece, t.Info(p)) }) {
			for _, info := range piece {
				if !yield(info) {
					return
				}
			}
			if piece = piece[:0]; !more {
				return
			}
		}
	}
}

// Visit calls visit for each participant of this node, in no order, within turns that are
// short however many there are: one that joins or leaves between them is visited or is not.
// It must not be called in a turn.
func (n *Node) Visit(visit func(t Turn, p *Participant)) {
	for range n.visit(visit) {
	}
}

// visit is Visit that stops after each turn, and says whether there are more.
func (n *Node) visit(visit func(t Turn, p *Participant)) iter.Seq[bool] {
	return func(yield func(more bool) bool) {
		for next, more := 0, true; more; {
			t := n.Begin()
			for range listAtOnce {
				var p *Participant
				if p, next, more = n.participants.From(next); !more {
					break
				}
				visit(t, p)
			}
			t.End()
			if !yield(more) {
				return
			}
		}
	}
}

// Hears says whether p receives what is sent to c.
func (t Turn) Hears(p *Participant, c wire.Channel) bool { return p.Hears(c) }

// Info is what there is to know of p.
func (t Turn) Info(p *Participant) ParticipantInfo {
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
	PostRemoves  int  // that this node would send if the other died
	Provable     bool // NATS can tell that it is gone, so that nobody waits until it has been silent for long

	// What it greeted with, see [Greeting]; empty for a program that has not.
	Process, Version, DCHash string
	Serves                   []string // its holdings, in words
	Waiting                  bool     // it serves nothing of it yet
}

// Origin names this node's present connection, as [PeerInfo] does at the others.
func (n *Node) Origin() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.members.Origin()
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

// Participant is the first participant of this node at a place or behind it, and the place
// behind that; false if there is none. A participant keeps its place, so a walk from 0 in
// several turns meets all that stay, once each.
func (t Turn) Participant(place int) (p *Participant, next int, ok bool) {
	return t.n.participants.From(place)
}
