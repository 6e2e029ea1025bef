package database

import (
	"sync/atomic"
	"time"

	"natstron/bridge/wire"
	"natstron/internal/latency"
)

// Stats are the counters of a database server since its start, and what waits at
// the moment.
type Stats struct {
	// Operations are the requests that are over, by each message type and
	// result that there is. Messages of other types, and those whose type cannot be read, are
	// under 0.
	Operations map[wire.MsgType]map[Result]uint64
	// Durations are how long requests took, from their arrival to their answer, by
	// message type. Those that were refused as they arrived are not in it.
	Durations map[wire.MsgType]latency.Snapshot

	Queue       int // requests that wait, or are under way
	QueuedBytes int // that they take, about

	// Indexes are those of the configuration, and whether they can be used.
	Indexes map[string]bool

	LeftOut    uint64 // requests with fields that are not db, which were left out
	Announced  uint64 // datagrams that announced changes
	Unanswered uint64 // answers and announcements that the backbone did not take in time
	Lost       uint64 // times that the role was cut off from the backbone
}

const (
	firstRequest = wire.DBServerCreateObject
	requestSlots = int(wire.DBServerCreateObjectIfAbsent-firstRequest) + 2 // the last for all others
)

type counters struct {
	operations [requestSlots][results]atomic.Uint64
	durations  [requestSlots]latency.Histogram

	leftOut, announced, unanswered, lost atomic.Uint64
}

// slot is where requests of a type are counted.
func slot(msg wire.MsgType) int {
	if _, answered := answerTo(msg); answered {
		return int(msg - firstRequest)
	}
	switch msg {
	case wire.DBServerObjectSetField, wire.DBServerObjectSetFields,
		wire.DBServerObjectDeleteField, wire.DBServerObjectDeleteFields, wire.DBServerObjectDelete,
		wire.DBServerSetStoredValues:
		return int(msg - firstRequest)
	}
	return requestSlots - 1
}

func (c *counters) operation(msg wire.MsgType, result Result) {
	c.operations[slot(msg)][result].Add(1)
}

func (c *counters) took(msg wire.MsgType, d time.Duration) { c.durations[slot(msg)].Observe(d) }

// Stats may be called by any goroutine at any time.
func (r *Role) Stats() Stats {
	c := &r.count
	s := Stats{
		Operations: map[wire.MsgType]map[Result]uint64{},
		Durations:  map[wire.MsgType]latency.Snapshot{},
		LeftOut:    c.leftOut.Load(),
		Announced:  c.announced.Load(),
		Unanswered: c.unanswered.Load(),
		Lost:       c.lost.Load(),
	}
	s.Queue, s.QueuedBytes = r.queue.load()
	s.Indexes = r.indexes.usable()
	for i := range c.operations {
		msg := firstRequest + wire.MsgType(i)
		if i == requestSlots-1 {
			msg = 0
		}
		if slot(msg) == i {
			s.Operations[msg] = make(map[Result]uint64, results)
			for result := range c.operations[i] {
				s.Operations[msg][Result(result)] = c.operations[i][result].Load()
			}
		}
		if d := c.durations[i].Snapshot(); d.Count > 0 {
			s.Durations[msg] = d
		}
	}
	return s
}
