package bridge

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"natstron/bridge/wire"
)

// The nodes of a cluster tell each other, on <prefix>ctl.<kind>.<origin>, in
// JSON so that an operator can read along:
//
//	hb       I am alive; how many post-removes I keep, and a sum over them
//	tick     the number of a heartbeat without the rest, while datagrams flow
//	pr       a post-remove added or cleared
//	hello    I am new, or my sums differ from yours: everybody, tell all of yours
//	settled  to <origin>, who said hello: I have settled those that were silent
//	bye      I end in order: forget me
//	dead     <origin> is gone, or has not been heard of: its post-removes were sent
//	echo     answer me: so I know that my subscriptions have got to you
//	here     an answer, to <origin>
//	done     to <origin>: have you done all that I sent before; or the answer
//	pong     to <origin>: the answer to a ping (probe.go)
//
// All of it travels on the node's one connection, in order with its datagrams.
const (
	kindHeartbeat  = "hb"
	kindTick       = "tick"
	kindPostRemove = "pr"
	kindHello      = "hello"
	kindSettled    = "settled"
	kindBye        = "bye"
	kindDead       = "dead"
	kindEcho       = "echo"
	kindHere       = "here"
	kindDone       = "done"
	kindPong       = "pong"
)

// A heartbeat follows the post-removes that were told before it, so a receiver
// that has missed none has the same count and check.
type heartbeatNote struct {
	Beat    uint64   `json:"beat"` // counts heartbeats and ticks
	Seq     uint64   `json:"seq"`  // of the last datagram before it
	Name    string   `json:"name"`
	Joining bool     `json:"joining,omitempty"` // it serves nobody yet
	Keeps   bool     `json:"keeps,omitempty"`   // it keeps its participants when it loses its connection
	Was     []string `json:"was,omitempty"`     // the origins that this one continues
	Kept    bool     `json:"kept,omitempty"`    // some of their participants live on
	place
	Participants int     `json:"participants"`
	PostRemoves  int     `json:"post_removes"`
	Check        uint64  `json:"check,string"`
	Claims       []Claim `json:"claims,omitempty"`
}

// maxNote is the longest note of each kind that is read, in bytes.
func maxNote(kind string) int {
	switch kind {
	case kindPostRemove:
		return 256 << 10 // a datagram in base64, or clearedAtOnce numbers
	case kindHeartbeat, kindSettled:
		return 64 << 10
	}
	return 4 << 10
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
	Age         int64        `json:"age_ms,omitempty"` // since it was added
	Datagram    []byte       `json:"datagram"`
}

// helloNote asks one node for its post-removes, or all of them.
type helloNote struct {
	To string `json:"to,omitempty"`
	// Settle asks for a settledNote.
	Settle bool `json:"settle,omitempty"`
}

type deadNote struct {
	Origin string `json:"origin"`
	// Silent says that nothing but its silence speaks for its death.
	Silent bool `json:"silent,omitempty"`
}

// noteOf tells of a post-remove of a node that has this origin now.
func noteOf(pr postRemove, origin string, now time.Time) *addNote {
	note := &addNote{Seq: pr.seq, Participant: pr.participant, Sender: pr.sender, Datagram: pr.datagram}
	note.Age = now.Sub(pr.added).Milliseconds()
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
	kept           int // bytes of the post-removes of all known
	lastPostRemove uint64
	owed           []postRemove // sent while there was no backbone to send them to
}

// A peer is another node's present incarnation.
type peer struct {
	origin       string
	name         string
	place               // empty until it has said so
	met          string // the origin of this node that heard it last
	since        time.Time
	heard        time.Time
	seq          uint64 // of its last datagram, at the last heartbeat of ours
	participants int    // when last told
	joining      bool
	keeps        bool
	postRemoves  postRemoves
	told         int       // how many it had at its last heartbeat
	refused      bool      // some of its post-removes were not kept: there is no room
	asked        time.Time // for its post-removes, since they differed
	claims       []Claim
	objects      bool // it claims to have some
	gone         bool // it has left, or was declared dead

	// Orders to it, by their serial (orders.go, done.go).
	passed    uint64               // the last thing that roles here told or asked its roles
	proven    [farthest + 1]uint64 // by how far it was asked: up to here they have taken effect
	questions [farthest + 1]question
	late      bool // it has not answered in time

	counted counted // beat.go
	probed  probed  // probe.go
}

type deadOrigin struct {
	until  time.Time // when it is forgotten
	told   time.Time // when it was last told that it is dead
	silent bool      // nothing but its silence spoke for it
}

const (
	// maxPeers bounds what anybody on the control subjects can make us keep.
	maxPeers = 10_000
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
	if !n.reachesOthers() {
		return
	}
	payload, err := json.Marshal(note)
	if err != nil { // notes are made of numbers and strings
		n.logLater(slog.LevelError, "cannot encode a note to the other nodes", "kind", kind, "error", err)
		return
	}
	r.outbox.note(n.subject(kind, origin), "", payload)
}

// subject is that of a note of a kind, or to an origin.
func (n *Node) subject(kind, origin string) string {
	return n.options.Subjects.Control() + "." + kind + "." + origin
}

// reachesOthers says whether notes can be written, and anybody might get them.
func (n *Node) reachesOthers() bool {
	r := &n.router
	return r.outbox.open && !n.gone && (r.interest == nil || !r.interest.alone(r.turn))
}

// heartbeat says that this node is alive.
func (n *Node) heartbeat() {
	r := &n.router
	n.tell(kindHeartbeat, heartbeatNote{
		Beat:         n.nextBeat(),
		Seq:          r.seq,
		Name:         n.options.Name,
		Joining:      !n.serving,
		Keeps:        n.options.KeepOnGap,
		place:        n.link.place,
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
	var err error
	switch {
	case len(payload) > maxNote(kind):
		err = errNoteTooLong
	case kind == kindDead:
		err = n.hearDead(payload, now)
	case kind == kindHere:
		err = n.hearHere(payload, now)
	case kind == kindDone:
		err = n.hearDone(payload, now)
	case kind == kindSettled:
		err = n.hearSettled(payload, now)
	case origin == n.origin || n.zombie(origin, now):
	case kind == kindBye:
		if p := r.peers.known[origin]; p != nil {
			n.logNode(slog.LevelInfo, "node left the cluster", p)
		}
		n.dropPeer(origin)
		n.peersChanged(now)
	case kind == kindTick:
		err = n.hearTick(origin, payload, now)
	default:
		var p *peer
		if p, err = n.peer(origin, now); err == nil {
			err = n.hearOf(p, kind, payload, now)
		}
	}
	if err != nil {
		n.badNote(kind, origin, err)
	}
}

// Why a note is not taken.
var (
	errNoteTooLong  = errors.New("longer than any such note")
	errTooManyPeers = fmt.Errorf("%d nodes are known already", maxPeers)
)

// peer is the node with an origin, which has just been heard.
func (n *Node) peer(origin string, now time.Time) (*peer, error) {
	r := &n.router
	p := r.peers.known[origin]
	switch {
	case p != nil:
	case !isOrigin(origin):
		return nil, errOrigin
	case len(r.peers.known) >= maxPeers:
		return nil, errTooManyPeers
	default:
		p = &peer{origin: strings.Clone(origin), since: now}
		r.peers.known[p.origin] = p
	}
	p.heard = now
	return p, nil
}

// hearOf takes in what p says of itself, or asks.
func (n *Node) hearOf(p *peer, kind string, payload []byte, now time.Time) error {
	switch kind {
	case kindHello:
		var note helloNote
		if err := json.Unmarshal(payload, &note); err != nil {
			return err
		}
		if note.To == "" || note.To == n.origin {
			n.hearHello(p, note, now)
		}
	case kindPostRemove:
		var note postRemoveNote
		if err := json.Unmarshal(payload, &note); err != nil {
			return err
		}
		n.apply(p, note, now)
	case kindEcho:
		return n.hearEcho(p.origin, payload)
	case kindHeartbeat:
		var note heartbeatNote
		if err := json.Unmarshal(payload, &note); err != nil {
			return err
		}
		n.hearHeartbeat(p, note, now)
	}
	return nil
}

// hearHello answers a newcomer.
func (n *Node) hearHello(p *peer, note helloNote, now time.Time) {
	n.tellAll(now)
	if n.hellos.AllowN(now, 1) {
		n.heartbeat()
	}
	if note.Settle {
		n.sayWhenSettled(p.origin, now)
	}
}

func (n *Node) badNote(kind, origin string, err error) {
	n.router.stats.BadNotes++
	n.complain(&n.badNotes, "cannot take a note of another node", "kind", cut(kind), "origin", cut(origin), "error", err)
}

// cut is a text of another node, as far as it is kept and logged.
func cut(s string) string { return strings.ToValidUTF8(s[:min(len(s), maxName)], "?") }

// logNode logs what becomes of another node. Whoever can publish can invent nodes, so
// there is a limit.
func (n *Node) logNode(level slog.Level, message string, p *peer, args ...any) {
	if n.nodeLog.Allow() {
		n.logLater(level, message, append([]any{"node", p.name, "origin", p.origin}, args...)...)
		return
	}
	n.complain(&n.manyNodes, "more nodes come and go than are logged", "nodes", len(n.router.peers.known))
}

// peersChanged goes on with what waited for peers that are gone.
func (n *Node) peersChanged(now time.Time) {
	n.checkRound(now)
	n.checkSettling(now)
	n.proven()
}

// dropPeer forgets a peer, which has left or is dead. Nothing waits for it any longer.
func (n *Node) dropPeer(origin string) {
	if p := n.router.peers.known[origin]; p != nil {
		p.gone = true
		n.router.peers.kept -= p.postRemoves.bytes
		delete(n.router.peers.known, origin)
		n.orphan(p)
	}
	n.router.ids.forget(origin)
	n.joining.gone(origin)
}

// hearHeartbeat compares what p keeps with what we know of it.
func (n *Node) hearHeartbeat(p *peer, note heartbeatNote, now time.Time) {
	r := &n.router
	p.participants = note.Participants
	p.joining, p.keeps = note.Joining, note.Keeps
	if p.name == "" {
		p.name = cut(note.Name)
		n.logNode(slog.LevelInfo, "node joined the cluster", p)
	}
	p.place = note.place.bounded()
	p.claims = note.Claims[:min(len(note.Claims), maxClaims)]
	p.objects = p.servesObjects()
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
	n.hearBeat(p, note.Beat, now)
	if told := r.ids.told(p.origin, note.Seq); told > 0 {
		r.stats.Leaps++
		n.complain(&n.leaps, "a datagram with another node's origin and a sequence of the future: somebody else sent it",
			"node", p.name, "origin", p.origin, "sequence", told, "last", note.Seq)
	}
	n.meet(p, now)
	if followed {
		n.peersChanged(now)
	}
	p.told = note.PostRemoves
	same := len(p.postRemoves.bySeq) == note.PostRemoves && p.postRemoves.check == note.Check
	if !same && !p.refused && now.Sub(p.asked) > 2*n.options.Heartbeat {
		p.asked = now
		r.peers.kept -= p.postRemoves.bytes
		p.postRemoves = postRemoves{}
		n.tell(kindHello, helloNote{To: p.origin})
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
		n.tell(kindPostRemove, postRemoveNote{Add: noteOf(pr, n.origin, now)})
	}
}

// apply keeps a post-remove of p, as far as there is room, or forgets some.
func (n *Node) apply(p *peer, note postRemoveNote, now time.Time) {
	kept := &n.router.peers.kept
	*kept -= p.postRemoves.bytes
	defer func() { *kept += p.postRemoves.bytes }()
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
	d := wire.Datagram(a.Datagram)
	if len(d) > maxPostRemove || d.Check() != nil || (a.Origin != "" && !isOrigin(a.Origin)) {
		return
	}
	if *kept+p.postRemoves.bytes+sizeOf(d) > n.options.MaxPostRemoveBytes {
		n.router.stats.PostRemovesRefused++
		if !p.refused {
			p.refused = true
			n.complain(&n.noRoom, "cannot keep all post-removes of another node: if it dies, they are not sent from here",
				"node", p.name, "origin", p.origin, "bytes", *kept+p.postRemoves.bytes)
		}
		return
	}
	age := time.Duration(min(max(a.Age, 0), maxAge.Milliseconds())) * time.Millisecond
	p.postRemoves.add(postRemove{origin: cmp.Or(a.Origin, p.origin), seq: a.Seq, participant: a.Participant,
		sender: a.Sender, datagram: d, added: now.Add(-age)})
}

// maxAge is older than any post-remove.
const maxAge = 10 * 365 * 24 * time.Hour
