package membership

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"natstron/bridge/internal/identity"
	"natstron/bridge/wire"
)

// The nodes of a cluster tell each other, on <prefix>ctl.<kind>.<origin>, in JSON so that
// an operator can read along. All of it travels on the node's one connection, in order
// with its datagrams.
const (
	KindHeartbeat  = "hb"      // the node is alive; how many post-removes it keeps, and a sum over them
	KindTick       = "tick"    // the number of a heartbeat without the rest, while datagrams flow
	KindPostRemove = "pr"      // a post-remove was added or cleared
	KindHello      = "hello"   // the node is new, or misses post-removes: all, or one, tell theirs
	KindSettled    = "settled" // to a node that said hello: those that were silent are settled
	KindBye        = "bye"     // the node ends in order
	KindDead       = "dead"    // a node is gone, or was silent for too long: its post-removes were sent
	KindEcho       = "echo"    // asks for a KindHere: so the node knows that its subscriptions have arrived
	KindHere       = "here"    // an answer
	KindDone       = "done"    // asks a node whether it has done all that was sent to it before; or the answer
	KindSession    = "estate"  // what becomes of a lost session
	KindHeld       = "held"    // asks one node for its lost sessions, or tells it one
	KindGreet      = "greet"   // what the node serves, of which version, with which DC files
	KindPong       = "pong"    // an answer to a ping, on <prefix>ctl.pong.<asker>.<asked>.<number>
)

// ToOne and ToAll are the kinds of notes that a node listens to: under its own origin,
// and under any.
var (
	ToOne = []string{KindHere, KindDone, KindSettled, KindHeld}
	ToAll = []string{KindHeartbeat, KindTick, KindPostRemove, KindHello, KindBye, KindDead, KindEcho, KindSession, KindGreet}
)

// A HeartbeatNote follows the post-removes that were told before it, so a receiver that
// has missed none has the same count and check.
type HeartbeatNote struct {
	Beat    uint64   `json:"beat"` // counts heartbeats and ticks
	Seq     uint64   `json:"seq"`  // of the last datagram before it
	Name    string   `json:"name"`
	Joining bool     `json:"joining,omitempty"` // it serves nobody yet
	Keeps   bool     `json:"keeps,omitempty"`   // it keeps its participants when it loses its connection
	Was     []string `json:"was,omitempty"`     // the origins that this one continues
	Kept    bool     `json:"kept,omitempty"`    // some of their participants live on
	Place
	Participants int     `json:"participants"`
	PostRemoves  int     `json:"post_removes"`
	Check        uint64  `json:"check,string"`
	Greeting     uint64  `json:"greeting,omitempty"` // the serial of its greeting
	Claims       []Claim `json:"claims,omitempty"`
	Every        int64   `json:"every_ms,omitempty"` // until the next one, if there is nothing to tell before; 0: as configured
}

// maxHeldNote is the longest note of a post-remove, a datagram in base64 or clearedAtOnce numbers, or
// of a lost session, in bytes.
const maxHeldNote = 256 << 10

// MaxNote is the longest note of a kind that is read, in bytes.
func MaxNote(kind string) int {
	switch kind {
	case KindPostRemove, KindHeld:
		return maxHeldNote
	case KindHeartbeat, KindSettled, KindGreet:
		return 64 << 10
	}
	return 4 << 10
}

type tickNote struct {
	Beat uint64 `json:"beat"`
}

type postRemoveNote struct {
	Add   *addNote `json:"add,omitempty"`
	Clear []uint64 `json:"clear,omitempty"` // seqs
}

type addNote struct {
	Origin      string          `json:"origin,omitempty"` // that it was added under, if not the teller's present one
	Seq         uint64          `json:"seq"`
	Participant uint64          `json:"participant"`
	Sender      wire.Channel    `json:"sender,string"`
	Age         int64           `json:"age_ms,omitempty"` // since it was added
	Datagram    []byte          `json:"datagram,omitempty"`
	Checkpoint  *checkpointNote `json:"will,omitempty"`
}

// helloNote asks one node for its post-removes, or all of them.
type helloNote struct {
	To     string `json:"to,omitempty"`
	Settle bool   `json:"settle,omitempty"` // asks for a settledNote
}

// A settledNote tells a newcomer that its teller has seen all others alive, or has
// declared them dead, since the newcomer said hello.
type settledNote struct {
	Origin string   `json:"origin"`
	Living []string `json:"living"`
}

type deadNote struct {
	Origin string `json:"origin"`
	Silent bool   `json:"silent,omitempty"` // its silence is the only sign of its death
}

// An echoNote asks all nodes for an answer; a hereNote is one.
type echoNote struct {
	Round uint64 `json:"round"`
}

type hereNote struct {
	Round  uint64 `json:"round"`
	Origin string `json:"origin"` // of the node that answers
}

// A doneNote asks the node under whose origin it is sent whether it has done all that the
// sender sent before, or is the answer: the same serial, with Done.
type doneNote struct {
	Serial uint64 `json:"serial,string"`
	Far    int    `json:"far,omitempty"` // over how many processes the question may go on
	Origin string `json:"origin"`
	Done   bool   `json:"done,omitempty"`
}

// noteOf tells of a post-remove of a node that has this origin now.
func noteOf(pr PostRemove, origin string, now time.Time) *addNote {
	note := &addNote{Seq: pr.Seq, Participant: pr.Participant, Sender: pr.Sender, Datagram: pr.Datagram, Checkpoint: pr.Checkpoint.note()}
	note.Age = now.Sub(pr.Added).Milliseconds()
	if pr.Origin != origin {
		note.Origin = pr.Origin
	}
	return note
}

// noteFrame is what a note of a post-remove, or of one cleared, needs besides its bytes.
const noteFrame = 256

// fits reports whether the other nodes can be told of a post-remove.
func (m *Members) fits(d wire.Datagram) error {
	if size := base64.StdEncoding.EncodedLen(len(d)) + noteFrame; m.payload > 0 && int64(size) > m.payload {
		return fmt.Errorf("post-remove %w: the other nodes cannot be told of %d bytes, as the NATS server takes at most %d (max_payload)",
			wire.ErrTooLong, size, m.payload)
	}
	return nil
}

// clearedAtOnce is how many seqs one note names at most: it must fit into a message.
func (m *Members) clearedAtOnce() int {
	const most, digits = 4000, 21
	if m.payload == 0 {
		return most
	}
	return max(1, min(most, int(m.payload-noteFrame)/digits))
}

// Bounds of what anybody on the control subjects can make a node keep.
const (
	MaxPeers  = 10_000
	maxName   = 256  // bytes of the name of another node
	maxHubs   = 16   // of another node
	maxLiving = 1000 // origins that one note names
)

// Why a note is not taken.
var (
	errNoteTooLong  = errors.New("longer than any such note")
	errTooManyPeers = fmt.Errorf("%d nodes are known already", MaxPeers)
	errOrigin       = identity.ErrOrigin
)

// Cut is a copy of a text of another node, as far as it is kept and logged.
func Cut(s string) string { return strings.Clone(strings.ToValidUTF8(s[:min(len(s), maxName)], "?")) }
