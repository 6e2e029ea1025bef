// Package unheard counts the datagrams that nobody received, by the type of the message and
// the kind of channel that it was sent to, and says which of them are worth a line in the log.
package unheard

import (
	"strings"
	"time"

	"natstron/bridge/wire"
)

// Kind is what a channel is for, as far as the message says.
type Kind uint8

// Kinds of channels.
const (
	Control   Kind = iota // of a state server or a database server
	Object                // of an object, by its doId
	Client                // of a client
	Other                 // of an AI or an UberDOG, or of a game's own
	Broadcast             // of a place, of children, of all clients: it is common that nobody is there
)

// String is the kind as metrics name it.
func (k Kind) String() string {
	return [...]string{"control", "object", "client", "other", "broadcast"}[k]
}

// firstPlace is the first channel that is not a doId's.
const firstPlace = wire.Channel(wire.MaxDoID) + 1

// KindOf is the kind of a channel that a message was sent to. client says whether a client
// agent has it for its clients.
func (c *Counts) KindOf(t wire.MsgType, to wire.Channel, client func() bool) Kind {
	if to >= firstPlace {
		return Broadcast
	}
	kind := c.of(t).natural
	switch {
	case kind == Control:
	case to <= wire.LastReservedChannel:
		kind = Broadcast
	case client():
		kind = Client
	}
	return kind
}

// natural is the kind of channel that a type of messages is for.
func natural(t wire.MsgType) Kind {
	switch name := t.String(); {
	case strings.HasSuffix(name, "_RESP"), strings.Contains(name, "_OBJECT_ENTER_"), t == wire.StateServerObjectLocationAck:
		return Other
	case strings.HasPrefix(name, "DBSERVER_"), strings.HasPrefix(name, "STATESERVER_CREATE_"),
		strings.HasPrefix(name, "STATESERVER_GENERATE_"), t == wire.StateServerDeleteAIObjects:
		return Control
	case strings.HasPrefix(name, "STATESERVER_"), strings.HasPrefix(name, "DBSS_"):
		return Object
	case strings.HasPrefix(name, "CLIENTAGENT_"):
		return Client
	}
	return Other
}

// Counts are the counters of a node. They belong to its lock. Most of what a state server
// tells of its objects is heard by nobody, so counting must be quick.
type Counts struct {
	now     time.Time
	types   []*entries     // by type; nil: the protocol does not have it
	unknown entries        // of those
	probed  [1 << 12]int64 // by type: the second of the last question
}

// entries are the counters of one type of messages.
type entries struct {
	natural Kind
	byKind  [Broadcast + 1]*entry // nil: nothing was counted
}

type entry struct {
	count   uint64
	last    Last
	logged  time.Time
	skipped uint64 // since then
}

// Last is the latest of the datagrams that were counted.
type Last struct {
	Channel, Sender wire.Channel
	Time            time.Time // about
}

// Count is one counter.
type Count struct {
	Message wire.MsgType // 0: all that the protocol does not have
	Kind    Kind
	Count   uint64
	Last    Last
}

// New returns counters that are 0, one for each type of messages and the kind of channel that
// it is for.
func New(now time.Time) *Counts {
	c := &Counts{now: now, unknown: entries{natural: Other}}
	c.unknown.byKind[Other] = new(entry)
	known := wire.MsgTypes()
	c.types = make([]*entries, known[len(known)-1]+1)
	for _, t := range known {
		e := &entries{natural: natural(t)}
		if t < wire.ControlAddChannel { // a message director handles the others
			e.byKind[e.natural] = new(entry)
		}
		c.types[t] = e
	}
	return c
}

// of is the counters of a type.
func (c *Counts) of(t wire.MsgType) *entries {
	if int(t) < len(c.types) && c.types[t] != nil {
		return c.types[t]
	}
	return &c.unknown
}

// Tell says what time it is. It is to be called some times in a second: counting must not ask.
func (c *Counts) Tell(now time.Time) { c.now = now }

// How often the same kind is logged: what a cluster cannot work without, and what is common
// when clients and objects come and go.
const (
	severeAgain = time.Minute
	commonAgain = time.Hour
)

// Add counts a datagram, and reports whether to log it: the first of each type and kind, and then
// one once in a while. others is how many were not logged since the last one.
func (c *Counts) Add(t wire.MsgType, k Kind, to, sender wire.Channel) (others uint64, log bool) {
	at := &c.of(t).byKind[k]
	if *at == nil {
		*at = new(entry)
	}
	e := *at
	e.count++
	e.last = Last{to, sender, c.now}
	again := commonAgain
	if k == Control {
		again = severeAgain
	}
	if k == Broadcast || !e.logged.IsZero() && c.now.Sub(e.logged) < again {
		e.skipped++
		return 0, false
	}
	others, e.skipped, e.logged = e.skipped, 0, c.now
	return others, true
}

// Ask reports whether to ask if anybody hears messages of a type: once a second for each.
func (c *Counts) Ask(t wire.MsgType) bool {
	last := &c.probed[int(t)%len(c.probed)]
	if *last == c.now.Unix() {
		return false
	}
	*last = c.now.Unix()
	return true
}

// All are the counters, by type and kind.
func (c *Counts) All() (all []Count) {
	add := func(t wire.MsgType, counters *entries) {
		for k, e := range counters.byKind {
			if e != nil {
				all = append(all, Count{t, Kind(k), e.count, e.last})
			}
		}
	}
	add(0, &c.unknown)
	for t, counters := range c.types {
		if counters != nil {
			add(wire.MsgType(t), counters)
		}
	}
	return all
}
