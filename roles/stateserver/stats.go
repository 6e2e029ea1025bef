package stateserver

import (
	"sync/atomic"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/sizes"
)

// Stats are the counters of a [Space] since its start, and what it holds at the
// moment.
type Stats struct {
	Classes  map[string]ClassStats   // by dclass, those that have or had objects
	Messages map[wire.MsgType]uint64 // received, by type; those of no type between 2000 and 2272 under 0
	Refused  map[Reason]uint64       // messages refused, by each reason that there is
	Sent     uint64                  // datagrams sent
	Survival SurvivalStats
	Sizes    sizes.Counts // bytes of the fields of objects, as they were created
}

// RoleStats are those of a state server.
type RoleStats struct {
	Stats
	FreeDoIDs int64 // how many doIds it can still give; 0 if it gives none
}

// ClassStats is what a [Space] holds of one dclass.
type ClassStats struct {
	Objects int
	Bytes   int // of the fields that the objects keep
}

// Objects is how many objects there are of all classes.
func (s Stats) Objects() int {
	n := 0
	for _, c := range s.Classes {
		n += c.Objects
	}
	return n
}

// counters are written by the goroutine that owns the space, and read by any.
type counters struct {
	messages [messageSlots]atomic.Uint64
	refused  [reasons]atomic.Uint64
	sent     atomic.Uint64
	classes  []classCounters // by dclass id
	sizes    [sizes.Buckets]atomic.Uint64
	created  atomic.Uint64 // bytes
}

type classCounters struct {
	seen           atomic.Bool
	objects, bytes atomic.Int64
}

// messageSlots is one for each type from firstCounted, and the last for all
// others.
const (
	firstCounted = wire.StateServerCreateObjectWithRequired
	messageSlots = int(wire.StateServerGenerateObjectOfAI-firstCounted) + 2
)

func (c *counters) message(t wire.MsgType) {
	i := int(t) - int(firstCounted)
	if i < 0 || i >= messageSlots {
		i = messageSlots - 1
	}
	c.messages[i].Add(1)
}

// object notes that there are n more objects of a class, with so many bytes.
func (c *counters) object(class *dc.Class, n, bytes int) {
	id, _ := class.ID()
	at := &c.classes[id]
	if n > 0 {
		at.seen.Store(true)
		c.sizes[sizes.Bucket(bytes)].Add(1)
		c.created.Add(uint64(bytes))
	}
	if n != 0 {
		at.objects.Add(int64(n))
	}
	if bytes != 0 {
		at.bytes.Add(int64(bytes))
	}
}

// Stats may be called by any goroutine at any time.
func (s *Space) Stats() Stats {
	c := &s.count
	all := Stats{
		Classes:  map[string]ClassStats{},
		Messages: map[wire.MsgType]uint64{},
		Refused:  map[Reason]uint64{},
		Sent:     c.sent.Load(),
		Survival: s.survival.stats(),
	}
	all.Sizes.Sum = c.created.Load()
	for i := range c.sizes {
		all.Sizes.In[i] = c.sizes[i].Load()
	}
	for i := range c.messages {
		if n := c.messages[i].Load(); n > 0 {
			t := firstCounted + wire.MsgType(i)
			if i == messageSlots-1 {
				t = 0
			}
			all.Messages[t] = n
		}
	}
	for i := range c.refused {
		all.Refused[Reason(i)] = c.refused[i].Load()
	}
	for _, class := range s.options.File.Classes() {
		id, _ := class.ID()
		if at := &c.classes[id]; at.seen.Load() {
			all.Classes[class.Name()] = ClassStats{Objects: int(at.objects.Load()), Bytes: int(at.bytes.Load())}
		}
	}
	return all
}
