package bridge

import (
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"time"

	"natstron/internal/wire"
)

// The nodes of a cluster tell each other, on <prefix>ctl.<kind>.<origin>, in
// JSON so that an operator can read along:
//
//	hb     I am alive; how many post-removes I keep, and a sum over them
//	pr     a post-remove added or cleared
//	hello  I am new, or my sums differ from yours: everybody, tell all of yours
//	bye    I end in order: forget me
//	dead   <origin> has not been heard of: its post-removes were sent
//	echo   answer me: so I know that my subscriptions have got to you
//	here   an answer, to <origin>
//	done   to <origin>: have you done all that I sent before; or the answer
//
// All of it travels on the node's one connection, in order with its datagrams.
const (
	kindHeartbeat  = "hb"
	kindPostRemove = "pr"
	kindHello      = "hello"
	kindBye        = "bye"
	kindDead       = "dead"
	kindEcho       = "echo"
	kindHere       = "here"
	kindDone       = "done"
)

// A heartbeat follows the post-removes that were told before it, so a receiver
// that has missed none has the same count and check.
type heartbeatNote struct {
	Name         string   `json:"name"`
	Server       string   `json:"server"`         // the id of its NATS server
	Was          []string `json:"was,omitempty"`  // the origins that this one continues
	Kept         bool     `json:"kept,omitempty"` // some of their participants live on
	Participants int      `json:"participants"`
	PostRemoves  int      `json:"post_removes"`
	Check        uint64   `json:"check,string"`
	Claims       []Claim  `json:"claims,omitempty"`
}

type postRemoveNote struct {
	Add   *addNote `json:"add,omitempty"`
	Clear []uint64 `json:"clear,omitempty"` // seqs
}

type addNote struct {
	Origin      string       `json:"origin,omitempty"` // that it was added under, if not the teller's present one
	Seq         uint64       `json:"seq"`
	Participant uint64       `json:"participant"`
	Sender      wire.Channel `json:"sender,string"`
	Datagram    []byte       `json:"datagram"`
}

// helloNote asks one node for its post-removes, or all of them.
type helloNote struct {
	To string `json:"to,omitempty"`
}

type deadNote struct {
	Origin string `json:"origin"`
}

// noteOf tells of a post-remove of a node that has this origin now.
func noteOf(pr postRemove, origin string) *addNote {
	note := &addNote{Seq: pr.seq, Participant: pr.participant, Sender: pr.sender, Datagram: pr.datagram}
	if pr.origin != origin {
		note.Origin = pr.origin
	}
	return note
}

// peers is what a node knows of the others, and they of it. It belongs to the
// router's lock.
type peers struct {
	known map[string]*peer
	// dead are the origins that were declared dead. What still comes from them
	// is dropped.
	dead map[string]*deadOrigin

	own            postRemoves
	lastPostRemove uint64
	owed           []postRemove // sent while there was no backbone to send them to
}

// A peer is another node's present incarnation.
type peer struct {
	origin       string
	name         string
	server       string // empty until it has said so
	met          string // the origin of this node that heard it last
	heard        time.Time
	seq          uint64 // of its last datagram, at the last heartbeat of ours
	participants int    // when last told
	postRemoves  postRemoves
	asked        time.Time // for its post-removes, since they differed
	claims       []Claim
	objects      bool // it claims to have some
	gone         bool // it has left, or was declared dead

	// Orders to it, by their serial (orders.go, done.go).
	passed    uint64               // the last thing that roles here told or asked its roles
	proven    [farthest + 1]uint64 // by how far it was asked: up to here they have taken effect
	questions [farthest + 1]question
	late      bool // it has not answered in time
}

type deadOrigin struct {
	until time.Time // when it is forgotten
	told  time.Time // when it was last told that it is dead
}

const (
	// maxPeers bounds what anybody on the control subjects can make us keep.
	maxPeers = 10_000
	// maxPeerPostRemoves bounds what one of them can.
	maxPeerPostRemoves = 1_000_000
	// maxName is the longest name of another node that is kept.
	maxName = 256
	// deadFor is how long a dead origin is remembered.
	deadFor = 10 * time.Minute
)

// tell queues a note to the other nodes. Where there can be none, nothing is
// written: a newcomer asks for what it missed.
func (n *Node) tell(kind string, note any) { n.tellTo(n.origin, kind, note) }

// tellTo queues a note whose subject ends with another node's origin: for that
// one alone.
func (n *Node) tellTo(origin, kind string, note any) {
	r := &n.router
	if !r.outbox.open || n.gone || (r.interest != nil && r.interest.alone(r.turn)) {
		return
	}
	payload, err := json.Marshal(note)
	if err != nil { // notes are made of numbers and strings
		n.logLater(slog.LevelError, "cannot encode a note to the other nodes", "kind", kind, "error", err)
		return
	}
	r.outbox.note(n.options.Subjects.Control()+"."+kind+"."+origin, payload)
}

// heartbeat says that this node is alive.
func (n *Node) heartbeat() {
	r := &n.router
	n.tell(kindHeartbeat, heartbeatNote{
		Name:         n.options.Name,
		Server:       n.link.server,
		Was:          n.was,
		Kept:         n.kept && len(n.was) > 0,
		Participants: r.participants.len(),
		PostRemoves:  len(r.peers.own.bySeq),
		Check:        r.peers.own.check,
		Claims:       toldClaims(n.claims),
	})
}

// hear takes in a note of another node.
func (n *Node) hear(kind, origin string, payload []byte, now time.Time) {
	r := &n.router
	switch kind {
	case kindDead:
		n.hearDead(payload)
		return
	case kindHere:
		n.hearHere(payload, now)
		return
	case kindDone:
		if err := n.hearDone(payload, now); err != nil {
			n.badNote(kind, origin, err)
		}
		return
	}
	if origin == n.origin || n.zombie(origin, now) {
		return
	}
	if kind == kindBye {
		if p := r.peers.known[origin]; p != nil {
			n.logLater(slog.LevelInfo, "node left the cluster", "node", p.name, "origin", origin)
		}
		n.dropPeer(origin)
		n.checkRound(now)
		n.proven()
		return
	}
	p := r.peers.known[origin]
	if p == nil {
		if len(r.peers.known) >= maxPeers {
			r.stats.BadNotes++
			return
		}
		p = &peer{origin: strings.Clone(origin)}
		r.peers.known[p.origin] = p
	}
	p.heard = now
	var err error
	switch kind {
	case kindHello:
		var note helloNote
		if err = json.Unmarshal(payload, &note); err == nil && (note.To == "" || note.To == n.origin) {
			n.tellAll(now)
			n.heartbeat()
		}
	case kindPostRemove:
		var note postRemoveNote
		if err = json.Unmarshal(payload, &note); err == nil {
			p.apply(strings.Clone(origin), note)
		}
	case kindEcho:
		err = n.hearEcho(origin, payload)
	case kindHeartbeat:
		var note heartbeatNote
		if err = json.Unmarshal(payload, &note); err == nil {
			n.hearHeartbeat(p, origin, note, now)
		}
	}
	if err != nil {
		n.badNote(kind, origin, err)
	}
}

func (n *Node) badNote(kind, origin string, err error) {
	n.router.stats.BadNotes++
	n.logLater(slog.LevelWarn, "cannot read a note of another node", "kind", kind, "origin", origin, "error", err)
}

// dropPeer forgets a peer, which has left or is dead. Nothing waits for it any longer.
func (n *Node) dropPeer(origin string) {
	if p := n.router.peers.known[origin]; p != nil {
		p.gone = true
		delete(n.router.peers.known, origin)
		n.orphan(p)
	}
	n.router.ids.forget(origin)
}

// hearHeartbeat compares what p keeps with what we know of it.
func (n *Node) hearHeartbeat(p *peer, origin string, note heartbeatNote, now time.Time) {
	r := &n.router
	p.participants = note.Participants
	if p.name == "" {
		p.name = note.Name[:min(len(note.Name), maxName)]
		n.logLater(slog.LevelInfo, "node joined the cluster", "node", note.Name, "origin", origin)
	}
	p.server = note.Server[:min(len(note.Server), maxOrigin)]
	p.claims = note.Claims[:min(len(note.Claims), maxClaims)]
	p.objects = p.serves(ServesAnyObject) || p.serves(ServesObjects)
	followed := false
	for _, was := range note.Was[:min(len(note.Was), wasMax)] {
		followed = followed || r.peers.known[was] != nil
		if note.Kept {
			n.zombie(was, now) // it went on, but its post-removes are out
			if old := r.peers.known[was]; old != nil {
				n.moveHome(old, p)
			}
		}
		n.dropPeer(was)
	}
	n.meet(p)
	if followed {
		n.checkRound(now)
		n.proven()
	}
	same := len(p.postRemoves.bySeq) == note.PostRemoves && p.postRemoves.check == note.Check
	if !same && now.Sub(p.asked) > 2*n.options.Heartbeat {
		p.asked = now
		p.postRemoves = postRemoves{}
		n.tell(kindHello, helloNote{To: origin})
	}
}

// tellAll tells all post-removes of this node, to whoever is new. When many are
// new at once they share an answer; who came too late for a part of it finds out
// by the next heartbeat, and asks again.
func (n *Node) tellAll(now time.Time) {
	if now.Sub(n.toldAll) < n.options.Heartbeat {
		return
	}
	n.toldAll = now
	for _, pr := range n.router.peers.own.ordered() {
		n.tell(kindPostRemove, postRemoveNote{Add: noteOf(pr, n.origin)})
	}
}

func (p *peer) apply(origin string, note postRemoveNote) {
	if a := note.Add; a != nil && len(p.postRemoves.bySeq) < maxPeerPostRemoves {
		d := wire.Datagram(a.Datagram)
		if len(d) <= maxPostRemove && d.Check() == nil && (a.Origin == "" || isOrigin(a.Origin)) {
			if a.Origin != "" {
				origin = a.Origin
			}
			p.postRemoves.add(postRemove{origin: origin, seq: a.Seq, participant: a.Participant, sender: a.Sender, datagram: d})
		}
	}
	for _, seq := range note.Clear {
		p.postRemoves.remove(seq)
	}
}

// bury sends the post-removes of every node that has not been heard of for too
// long. All survivors do so, under identities that make it once. A datagram is a
// sign of life like a heartbeat, which may wait behind many of them.
func (n *Node) bury(now time.Time) {
	r := &n.router
	for origin, p := range r.peers.known {
		if seq := r.ids.seq(origin); seq != p.seq {
			p.seq, p.heard = seq, now
		}
		if now.Sub(p.heard) <= n.options.DeadAfter {
			continue
		}
		n.logLater(slog.LevelWarn, "node is dead: sending its post-removes", "node", p.name, "origin", origin,
			"silent", now.Sub(p.heard).Round(time.Millisecond), "post_removes", len(p.postRemoves.bySeq))
		n.dropPeer(origin)
		r.peers.dead[origin] = &deadOrigin{until: now.Add(deadFor)}
		r.stats.DeadNodes++
		r.sendInOrder(p.postRemoves.ordered(), nil)
		r.waiting.then(func(Turn) { n.zombie(origin, now) })
	}
	for origin, dead := range r.peers.dead {
		if now.After(dead.until) {
			delete(r.peers.dead, origin)
		}
	}
}

// zombie says whether an origin has been declared dead, and if so tells it, once
// in a while.
func (n *Node) zombie(origin string, now time.Time) bool {
	dead := n.router.peers.dead[origin]
	if dead == nil {
		return false
	}
	if now.Sub(dead.told) > n.options.Heartbeat {
		dead.told = now
		n.tell(kindDead, deadNote{Origin: origin})
	}
	return true
}

// hearDead ends this node's present life if it is the one that was declared
// dead: its post-removes are out, so it must not go on as if they were not.
func (n *Node) hearDead(payload []byte) {
	var note deadNote
	if err := json.Unmarshal(payload, &note); err != nil {
		n.router.stats.BadNotes++
		n.logLater(slog.LevelWarn, "cannot read a note of another node", "kind", kindDead, "error", err)
		return
	}
	if note.Origin == n.origin || (n.kept && slices.Contains(n.was, note.Origin)) {
		n.lose(errDeclaredDead)
	}
}
