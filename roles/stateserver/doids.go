package stateserver

import (
	"math/bits"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"natstron/bridge/wire"
)

// doIDs are the doIds that a state server chooses for objects. It gives them one after the
// other, begins at a random one, so that those of its life before come late, and begins
// again when it has given the last one. It leaves out those of objects that exist, no matter who
// chose them, and those whose object ended less than [rest] ago: messages to that object may
// still be on their way, and clients and AIs may still know it.
//
// A nil *doIDs has none.
type doIDs struct {
	wire.DoIDRange
	at   wire.DoID    // the one to try next
	free atomic.Int64 // how many can be given now

	pages   map[uint32]*doIDPage // those that cannot, by their high bits
	resting []restingDoID        // in the order in which they began to rest
	// again counts, of doIds that rest, the objects that have been created since: their
	// creators chose the doId.
	again map[wire.DoID]int
	now   func() time.Time
}

// rest is how long a doId is not given again when its object has ended.
const rest = time.Minute

// maxResting is how many doIds rest at most. With more, the first is free again sooner.
const maxResting = 1 << 20

// wakeAtOnce is how many of those that have rested are looked at for one that is given.
const wakeAtOnce = 100

type restingDoID struct {
	id    wire.DoID
	since time.Time
}

// doIDPage is 4096 doIds, of which those that cannot be given are marked.
type doIDPage struct {
	marked int
	words  [pageSize / 64]uint64
}

const (
	pageBits = 12
	pageSize = 1 << pageBits
)

func newDoIDs(r wire.DoIDRange) *doIDs {
	d := &doIDs{DoIDRange: r, pages: map[uint32]*doIDPage{}, again: map[wire.DoID]int{}, now: time.Now}
	d.at = r.Min + wire.DoID(rand.Uint64N(d.size()))
	d.free.Store(int64(d.size()))
	return d
}

func (d *doIDs) size() uint64 { return uint64(d.Max-d.Min) + 1 }

// next is the doId to give; false if there is none. It is the next one until
// [doIDs.gave].
func (d *doIDs) next() (wire.DoID, bool) {
	for n := 0; len(d.resting) > 0 && (n < wakeAtOnce || d.free.Load() == 0) && d.now().Sub(d.resting[0].since) >= rest; n++ {
		d.wake()
	}
	if d.free.Load() == 0 {
		return 0, false
	}
	id := d.at
	for {
		last := id | (pageSize - 1) // of the page
		if found, ok := d.pages[uint32(id)>>pageBits].firstFree(id); ok && found <= d.Max {
			return found, true
		}
		if id = last + 1; last >= d.Max {
			id = d.Min
		}
	}
}

// gave notes that id, which was the next one, has been given.
func (d *doIDs) gave(id wire.DoID) {
	if d.at = id + 1; id == d.Max {
		d.at = d.Min
	}
}

// use notes that an object of a doId has been created. Each call has its [doIDs.release].
func (d *doIDs) use(id wire.DoID) {
	if d == nil || !d.Contains(id) {
		return
	}
	p := d.pages[uint32(id)>>pageBits]
	if p == nil {
		p = new(doIDPage)
		d.pages[uint32(id)>>pageBits] = p
	}
	word, bit := place(id)
	if p.words[word]&bit != 0 {
		d.again[id]++
		return
	}
	p.words[word] |= bit
	p.marked++
	d.free.Add(-1)
}

// release notes that the object of a doId has ended.
func (d *doIDs) release(id wire.DoID) {
	if d == nil || !d.Contains(id) {
		return
	}
	if len(d.resting) >= maxResting {
		d.wake()
	}
	d.resting = append(d.resting, restingDoID{id, d.now()})
}

// wake lets the doId be given that rests longest.
func (d *doIDs) wake() {
	id := d.resting[0].id
	d.resting = d.resting[1:]
	switch d.again[id] {
	case 0:
	case 1:
		delete(d.again, id)
		return
	default:
		d.again[id]--
		return
	}
	p := d.pages[uint32(id)>>pageBits]
	word, bit := place(id)
	p.words[word] &^= bit
	d.free.Add(1)
	if p.marked--; p.marked == 0 {
		delete(d.pages, uint32(id)>>pageBits)
	}
}

// place is where a doId is marked in its page.
func place(id wire.DoID) (word int, bit uint64) {
	at := uint32(id) % pageSize
	return int(at / 64), 1 << (at % 64)
}

// firstFree is the first doId of the page that is not marked, from id on. A nil page has no
// marks.
func (p *doIDPage) firstFree(id wire.DoID) (wire.DoID, bool) {
	if p == nil {
		return id, true
	}
	if p.marked == pageSize {
		return 0, false
	}
	word, bit := place(id)
	unmarked := ^p.words[word] &^ (bit - 1)
	for {
		if unmarked != 0 {
			return id&^(pageSize-1) + wire.DoID(word*64+bits.TrailingZeros64(unmarked)), true
		}
		if word++; word == len(p.words) {
			return 0, false
		}
		unmarked = ^p.words[word]
	}
}
