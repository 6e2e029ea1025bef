package eventlogger

import "sync/atomic"

// Stats are an event logger's counters since its start.
type Stats struct {
	Received uint64 // packets
	Heard    uint64 // events from the backbone
	Written  uint64 // lines in the file, but for those that begin one

	// Of what was received and heard:
	NotMap    uint64 // no MessagePack map, nor a JSON object on the backbone
	Truncated uint64 // ended before its map did
	Leftover  uint64 // went on behind its map
	Malformed uint64 // had another fault, or was nested too deep
	Dropped   uint64 // found no room in memory, as the file could not be written

	KernelDropped uint64 // packets that the system dropped, as far as it told
	Unpublished   uint64 // events that the backbone did not take
	ReceiveErrors uint64 // reads from the socket that failed
}

func (s Stats) refused() uint64 { return s.NotMap + s.Truncated + s.Leftover + s.Malformed }
func (s Stats) lost() uint64    { return s.Dropped + s.KernelDropped + s.Unpublished + s.ReceiveErrors }

type counters struct {
	received, heard, written               atomic.Uint64
	notMap, truncated, leftover, malformed atomic.Uint64
	unpublished, receiveErrors             atomic.Uint64
	kernel                                 kernelDrops
}

// kernelDrops makes a sum of the system's count, which wraps around. Only the
// receiver may call add.
type kernelDrops struct {
	last uint32
	sum  atomic.Uint64
}

func (k *kernelDrops) add(count uint32) {
	k.sum.Add(uint64(count - k.last))
	k.last = count
}

// Stats is the present state of the counters.
func (el *EventLogger) Stats() Stats {
	c := &el.counters
	return Stats{
		Received:      c.received.Load(),
		Heard:         c.heard.Load(),
		Written:       c.written.Load(),
		NotMap:        c.notMap.Load(),
		Truncated:     c.truncated.Load(),
		Leftover:      c.leftover.Load(),
		Malformed:     c.malformed.Load(),
		Dropped:       el.lines.lost() + el.foreign.lost(),
		KernelDropped: c.kernel.sum.Load(),
		Unpublished:   c.unpublished.Load(),
		ReceiveErrors: c.receiveErrors.Load(),
	}
}
