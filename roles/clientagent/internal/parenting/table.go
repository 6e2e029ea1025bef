package parenting

import (
	"log/slog"
	"maps"
	"slices"
	"time"

	"natstron/bridge/wire"
	"natstron/dc"
)

// Table knows the rules of the parents that somebody watches. All exported fields but
// Refused are to be set before it is used. A table belongs to one goroutine at a time.
type Table struct {
	File     *dc.File
	Backbone Backbone
	// Patience is how long a parent is not asked again that has not answered.
	Patience time.Duration
	Now      func() time.Time

	Refused uint64 // values that made no sense

	entries  map[wire.DoID]*entry
	requests map[uint32]*entry // by context
	context  uint32
	heard    map[wire.Location]int // how many entries listen there
	watchers uint64                // there have ever been
}

// Backbone is what a table acts on.
type Backbone interface {
	// Channel is where the table's answers go to.
	Channel() wire.Channel
	// Tell sends a datagram.
	Tell(*wire.Writer)
	// Subscribe has the table hear what is sent to a channel, by [Table.Hear].
	Subscribe(wire.Channel) error
	Unsubscribe(wire.Channel)
	// WhenInForce calls do when nothing that anybody sends to the channels can miss the
	// table any more: at once, or later.
	WhenInForce(channels []wire.Channel, do func())
	Log(level slog.Level, message string, args ...any)
}

// Watcher is told that the rule of a parent that it watches has changed, or is known now. It
// may call the table's methods.
type Watcher interface{ RuleChanged(parent wire.DoID) }

// watch is how often a watcher watches a parent, and when it came.
type watch struct {
	times  int
	number uint64
}

// Watch has w told of changes until [Table.Unwatch] was called as often, and returns the
// present rule: that of nothing where the parent has not answered yet.
func (t *Table) Watch(parent wire.DoID, w Watcher) Rule {
	e := t.entries[parent]
	if e == nil {
		e = &entry{table: t, parent: parent, watchers: map[Watcher]*watch{}}
		if t.entries == nil {
			t.entries, t.requests, t.heard = map[wire.DoID]*entry{}, map[uint32]*entry{}, map[wire.Location]int{}
		}
		t.entries[parent] = e
	}
	if e.watchers[w] == nil {
		t.watchers++
		e.watchers[w] = &watch{number: t.watchers}
	}
	e.watchers[w].times++
	e.askAgain()
	return e.rule
}

// Unwatch takes one Watch back.
func (t *Table) Unwatch(parent wire.DoID, w Watcher) {
	e := t.entries[parent]
	if e == nil || e.watchers[w] == nil {
		return
	}
	if e.watchers[w].times--; e.watchers[w].times > 0 {
		return
	}
	delete(e.watchers, w)
	if len(e.watchers) == 0 {
		e.close()
		delete(t.entries, parent)
	}
}

// Rule is the present rule of a parent that somebody watches. A parent that has not
// answered is asked again.
func (t *Table) Rule(parent wire.DoID) Rule {
	e := t.entries[parent]
	if e == nil {
		return Rule{}
	}
	e.askAgain()
	return e.rule
}

// Settled reports whether the rule of a parent that somebody watches is known.
func (t *Table) Settled(parent wire.DoID) bool {
	e := t.entries[parent]
	return e != nil && e.settled
}

// Len is how many parents are watched.
func (t *Table) Len() int { return len(t.entries) }

// Hear takes a datagram that was sent to the table's channel, or to one that it subscribes
// to. An error says that it makes no sense.
func (t *Table) Hear(kind wire.MsgType, payload []byte) error {
	r := wire.NewReader(payload)
	switch kind {
	case wire.StateServerObjectGetClassResp, wire.StateServerObjectGetLocationResp, wire.StateServerObjectGetFieldResp:
		e := t.requests[r.Uint32()]
		if r.Err() == nil && e != nil && e.wants == kind {
			e.answered(&r)
		}
		return r.Err()
	case wire.StateServerObjectSetField, wire.StateServerObjectDeleteFieldRAM,
		wire.StateServerObjectChangingLocation, wire.StateServerObjectDeleteRAM:
		if e := t.entries[r.DoID()]; e != nil {
			e.handle(kind, &r)
		}
		return r.Err()
	}
	return nil
}

// changed tells the watchers of an entry, in the order in which they came. They may come
// and go meanwhile.
func (e *entry) changed() {
	all := slices.SortedFunc(maps.Keys(e.watchers), func(a, b Watcher) int {
		return int(int64(e.watchers[a].number) - int64(e.watchers[b].number))
	})
	for _, w := range all {
		if e.watchers[w] != nil {
			w.RuleChanged(e.parent)
		}
	}
}

// listen has the table hear a location for one more entry. It reports whether the
// subscription is there.
func (t *Table) listen(at wire.Location) bool {
	if at.Parent == wire.InvalidDoID {
		return true // nothing is ever said there
	}
	if t.heard[at] == 0 && t.Backbone.Subscribe(at.Channel()) != nil {
		return false
	}
	t.heard[at]++
	return true
}

func (t *Table) unlisten(at wire.Location) {
	if at.Parent == wire.InvalidDoID {
		return
	}
	if t.heard[at]--; t.heard[at] == 0 {
		delete(t.heard, at)
		t.Backbone.Unsubscribe(at.Channel())
	}
}
