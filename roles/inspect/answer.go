package inspect

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"natstron/bridge/wire"
	"natstron/internal/status"
)

// Answer is what one process says. Of its fields from Summary on, it has those that were
// asked for.
type Answer struct {
	From Process `json:"from"`
	// Peers are the other nodes that the process knows.
	Peers []Peer `json:"peers,omitempty"`
	// Busy says that too much was asked: the rest is missing.
	Busy bool `json:"busy,omitempty"`

	Summary *Summary      `json:"summary,omitempty"`
	Clients *Page[Row]    `json:"clients,omitempty"`
	Client  []Session     `json:"client,omitempty"`
	Counts  *Page[Count]  `json:"counts,omitempty"` // of Parents and Zones
	Objects *Page[Thing]  `json:"objects,omitempty"`
	Object  []Held        `json:"object,omitempty"`
	Viewers *Page[Viewer] `json:"viewers,omitempty"`
	// Hearers are other participants that receive what an object says.
	Hearers []Hearer `json:"hearers,omitempty"`
}

// Process is which one answers.
type Process struct {
	Name   string `json:"name,omitempty"`
	Host   string `json:"host"`
	PID    int    `json:"pid"`
	Origin string `json:"origin"`        // of its node's present connection
	URL    string `json:"url,omitempty"` // daemon.url: where its own page is
}

// Peer is another node.
type Peer struct {
	Name   string    `json:"name,omitempty"`
	Origin string    `json:"origin"`
	Heard  time.Time `json:"heard"`
}

// Page is some rows of a list, in the order of their keys.
type Page[T keyed] struct {
	Rows []T `json:"rows"`
	// Total is how many rows there are in all pages.
	Total int `json:"total"`
	// More says that there are rows behind these.
	More bool `json:"more,omitempty"`
}

// Summary is a process in short. Rates are a second.
type Summary struct {
	status.Process

	Time      time.Time     `json:"time"`
	Ready     bool          `json:"ready"`
	NotReady  []string      `json:"not_ready,omitempty"`
	Connected bool          `json:"connected"` // with the backbone
	Roles     []status.Role `json:"roles"`
	Claims    []Claim       `json:"claims,omitempty"`

	Point
	Established int    `json:"established"` // of the clients
	Warnings    uint64 `json:"warnings"`    // since the start, and errors
	// History is a point for every HistoryEvery, the oldest first.
	History []Point `json:"history,omitempty"`
}

// HistoryEvery is the time between two points of a history, and HistoryKept is how many
// there are.
const (
	HistoryEvery = 5 * time.Second
	HistoryKept  = 120
)

// Point is what a process has, and what it did in the time before.
type Point struct {
	At           int64   `json:"at"` // seconds since 1970
	Clients      int     `json:"clients"`
	Objects      int     `json:"objects"`
	Participants int     `json:"participants"`
	Sent         float64 `json:"sent"`      // datagrams of participants
	Delivered    float64 `json:"delivered"` // datagrams to participants
	Out          float64 `json:"out"`       // datagrams to NATS
	In           float64 `json:"in"`        // messages from NATS
	CPU          float64 `json:"cpu"`       // cores
	Memory       uint64  `json:"memory"`    // bytes
}

// Claim is what a process says that it serves.
type Claim struct {
	Service string       `json:"service"`
	Lo      wire.Channel `json:"lo,string"`
	Hi      wire.Channel `json:"hi,string"`
}

// Row is a client in a list.
type Row struct {
	Channel wire.Channel `json:"channel,string"` // of the agent's range
	// Sender is the channel that the cluster gave it (CLIENTAGENT_SET_CLIENT_ID), or the
	// same.
	Sender wire.Channel `json:"sender,string"`
	// Account is the upper half of Sender, where games have the account's doId; 0: none.
	Account   uint32    `json:"account,omitempty"`
	State     string    `json:"state"` // new, anonymous or established
	Address   string    `json:"address"`
	Since     time.Time `json:"since"`
	Interests int       `json:"interests"`
	Sees      int       `json:"sees"`   // objects
	Owns      []uint32  `json:"owns"`   // at most MaxOwned
	Queued    int       `json:"queued"` // bytes that wait for it
	Agent     string    `json:"agent"`
	Process   string    `json:"process,omitempty"` // set by [Ask]
}

// Text is what a search looks in, in lower case.
func (r Row) Text(sessionObjects []wire.DoID) string {
	return strings.ToLower(fmt.Sprintln(uint64(r.Channel), uint64(r.Sender), r.Account, uint32(r.Sender), r.State, r.Address, sessionObjects))
}

// MaxOwned is how many owned objects a [Row] names.
const MaxOwned = 5

// Session is all of a client.
type Session struct {
	Row

	Time     time.Time      `json:"time"`
	Local    string         `json:"local"`
	Opened   []wire.Channel `json:"opened,omitempty"` // by CLIENTAGENT_OPEN_CHANNEL
	Channels int            `json:"channels"`
	In       Traffic        `json:"in"`
	Out      Traffic        `json:"out"`
	Open     []Interest     `json:"open"`
	Zones    int            `json:"zones"`
	Known    []Known        `json:"known"`    // objects, at most MaxKnown: owned and session objects first
	Unlisted int            `json:"unlisted"` // more of them
}

// MaxKnown is how many objects a [Session] names.
const MaxKnown = 200

// Traffic is what came or went since the client connected.
type Traffic struct {
	Datagrams uint64 `json:"datagrams"`
	Bytes     uint64 `json:"bytes"`
}

// Add notes one datagram.
func (t *Traffic) Add(bytes int) {
	t.Datagrams++
	t.Bytes += uint64(bytes)
}

// Interest is one of a client.
type Interest struct {
	ID       uint16      `json:"id"`
	Rule     bool        `json:"rule,omitempty"` // it has no number: the parent's rule shows the zones because of the client's avatar
	Parent   wire.DoID   `json:"parent"`
	Zones    []wire.Zone `json:"zones"`              // at most MaxZones
	Unlisted int         `json:"unlisted,omitempty"` // more of them
	Opening  *Opening    `json:"opening,omitempty"`  // nil: it is open
}

// MaxZones is how many zones an [Interest] names.
const MaxZones = 50

// Opening is an interest whose objects have not all answered.
type Opening struct {
	For      time.Duration `json:"for_ns"`
	Counted  bool          `json:"counted"` // the parent has said how many there are
	Total    uint32        `json:"total"`
	Answered uint32        `json:"answered"`
	Late     bool          `json:"late"` // its time was up, and the client was told that it is open
}

// Known is an object that a client knows.
type Known struct {
	DoID   wire.DoID `json:"do_id"`
	Class  string    `json:"class,omitempty"`
	Parent wire.DoID `json:"parent"`
	Zone   wire.Zone `json:"zone"`
	Relation
}

// Relation is how a client stands to an object.
type Relation struct {
	Sees     bool `json:"sees,omitempty"`
	Owns     bool `json:"owns,omitempty"`
	Declared bool `json:"declared,omitempty"` // CLIENTAGENT_DECLARE_OBJECT
	Session  bool `json:"session,omitempty"`  // it is a session object
	Uberdog  bool `json:"uberdog,omitempty"`
	Knew     bool `json:"knew,omitempty"` // it was known, and has left
}

// Any says whether the client knows the object now.
func (r Relation) Any() bool { return r.Sees || r.Owns || r.Declared || r.Session || r.Uberdog }

// Count is how many objects there are below a parent, or in a zone.
type Count struct {
	ID      uint32 `json:"id"`
	Objects int    `json:"objects"`
}

// Thing is an object in a list.
type Thing struct {
	DoID    wire.DoID    `json:"do_id"`
	Class   string       `json:"class"`
	Parent  wire.DoID    `json:"parent"`
	Zone    wire.Zone    `json:"zone"`
	Owner   wire.Channel `json:"owner,string"`
	AI      wire.Channel `json:"ai,string"`
	Process string       `json:"process,omitempty"` // set by [Ask]
}

// Has says whether the object's class or doId have a text, which is in lower case.
func (t Thing) Has(text string) bool {
	return strings.Contains(strings.ToLower(t.Class), text) || strings.Contains(fmt.Sprint(uint32(t.DoID)), text)
}

// Held is an object as the role that has it says. One that is not active is known to a
// database-state server by its doId alone.
type Held struct {
	Thing

	Active   bool    `json:"active"`
	Role     string  `json:"role"`
	Children int     `json:"children"`         // that it knows
	Zones    []Count `json:"zones,omitempty"`  // of them, at most MaxZones
	Bytes    int     `json:"bytes"`            // of its fields
	Fields   []Field `json:"fields,omitempty"` // that it keeps
	Unlisted int     `json:"unlisted,omitempty"`
}

// Field is a value that an object keeps.
type Field struct {
	Name     string          `json:"name"`
	Keywords []string        `json:"keywords,omitempty"`
	Value    json.RawMessage `json:"value"`
	// Hidden says that no client is told of it, Owner that only the object's owner is.
	Hidden bool `json:"hidden,omitempty"`
	Owner  bool `json:"owner,omitempty"`
}

// Viewer is a client that knows an object, or hears its location.
type Viewer struct {
	Channel wire.Channel `json:"channel,string"`
	Sender  wire.Channel `json:"sender,string"`
	State   string       `json:"state"`
	Agent   string       `json:"agent"`
	Process string       `json:"process,omitempty"` // set by [Ask]
	Relation
	// Interests are those in the object's location, by number.
	Interests []uint16 `json:"interests,omitempty"`
	Rule      bool     `json:"rule,omitempty"`    // the parent's rule shows it because of the client's avatar
	Opening   *Opening `json:"opening,omitempty"` // what the location still waits for
	// Near are the client's interests in the object's parent, if none has its zone; asked
	// for with a client only.
	Near []Interest `json:"near,omitempty"`
}

// Hearer is a participant that is not a client.
type Hearer struct {
	Name    string   `json:"name"`
	Address string   `json:"address,omitempty"`
	Hears   []string `json:"hears"`             // location, object, AI, owner
	Process string   `json:"process,omitempty"` // set by [Ask]
}

// Bytes is a value in JSON that cannot be read, or is long: its first bytes in hexadecimal
// digits, and how many there are.
func Bytes(b []byte, most int) json.RawMessage {
	text := hex.EncodeToString(b[:min(len(b), most)])
	if len(b) > most {
		text += fmt.Sprintf("… (%d bytes)", len(b))
	}
	quoted, err := json.Marshal(text)
	if err != nil {
		return json.RawMessage("null") // a string can always be written
	}
	return quoted
}

// String is the relation for people.
func (r Relation) String() string {
	var words []string
	for _, w := range []struct {
		is   bool
		word string
	}{
		{r.Owns, "owns it"}, {r.Session, "session object"}, {r.Sees, "sees it"}, {r.Declared, "declared"},
		{r.Uberdog, "UberDOG"}, {r.Knew && !r.Sees && !r.Owns, "saw it before"},
	} {
		if w.is {
			words = append(words, w.word)
		}
	}
	if len(words) == 0 {
		return "does not know it"
	}
	return strings.Join(words, ", ")
}
