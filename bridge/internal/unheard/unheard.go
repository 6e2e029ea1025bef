// Package unheard counts the datagrams that nobody received, by the type of the message and
// the kind of channel that it was sent to, and says which of them are worth a line in the log.
package unheard

import (
	"cmp"
	"slices"
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
func KindOf(t wire.MsgType, c wire.Channel, client func() bool) Kind {
	if c >= firstPlace {
		return Broadcast
	}
	kind := natural(t)
	switch {
	case kind == Control:
	case c <= wire.LastReservedChannel:
		kind = Broadcast
	case client():
		kind = Client
	}
	return kind
}

// natural is the kind of channel that a type of messages is for.
func natural(t wire.MsgType) Kind {
	if !t.Known() {
		return Other
	}
	switch name := t.String(); {
	case strings.HasSuffix(name, "_RESP"), strings.Contains(name, "_OBJECT_ENTER_"), t == wire.StateServerObjectLocationAck:
		return Other
	case strings.HasPrefix(name, "DBSERVER_"), strings.HasPrefix(name, "STATESERVER_CREATE_"), t == wire.StateServerDeleteAIObjects:
		return Control
	case strings.HasPrefix(name, "STATESERVER_"), strings.HasPrefix(name, "DBSS_"):
		return Object
	case strings.HasPrefix(name, "CLIENTAGENT_"):
		return Client
	}
	return Other
}

// Counts are the counters of a node. They belong to its lock.
type Counts struct {
	now    time.Time
	all    map[key]*entry
	probed [1 << 12]int64 // by type: the second of the last question
}

type key struct {
	message wire.MsgType // 0: one that the protocol does not have
	kind    Kind
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
	c := &Counts{now: now, all: map[key]*entry{{0, Other}: {}}}
	for _, t := range wire.MsgTypes() {
		if t < wire.ControlAddChannel { // a message director handles those
			c.all[key{t, natural(t)}] = new(entry)
		}
	}
	return c
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
	id := key{t, k}
	if !t.Known() {
		id.message = 0
	}
	e := c.all[id]
	if e == nil {
		e = new(entry)
		c.all[id] = e
	}
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

// All are the counters, in a fixed order.
func (c *Counts) All() []Count {
	all := make([]Count, 0, len(c.all))
	for id, e := range c.all {
		all = append(all, Count{id.message, id.kind, e.count, e.last})
	}
	slices.SortFunc(all, func(a, b Count) int {
		return cmp.Or(cmp.Compare(a.Message, b.Message), cmp.Compare(a.Kind, b.Kind))
	})
	return all
}
