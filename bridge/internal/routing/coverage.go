package routing

import "natstron/bridge/wire"

// Coverage decides which NATS subjects a node subscribes to, from what its
// participants want, and tells it as a stream of changes. Three rules:
//
//   - A range becomes wildcards, counted, since ranges share them.
//   - A channel becomes its own subject, unless a wildcard has it already; past
//     a number of channels in one bucket the bucket's wildcard replaces them,
//     until the bucket is empty again.
//   - Make before break: what replaces is subscribed before what it replaces is
//     unsubscribed, so that no datagram falls between. One that comes twice
//     meanwhile is dropped by its identity.
type Coverage struct {
	most    Thresholds
	ranges  map[Cover]int     // how many ranges want each wildcard
	buckets map[Cover]*bucket // by bucketOf
	last    *bucket           // that was asked for; nil: look it up
	lastKey Cover
	active  map[Cover]uint64 // since which serial
	serial  uint64           // counts the subscriptions made
	change  func(c Cover, on bool)
}

// bucket is what the participants want in one bucket, besides ranges.
type bucket struct {
	count   int
	singles map[uint32]struct{} // nil when the bucket is subscribed as a whole
}

// Thresholds are how many single channels of a bucket may be subscribed; past them the bucket is.
// What is in a bucket of objects or clients is often for one process alone, so the whole bucket
// costs it nothing. Zones of one parent are for many processes: one that takes all of them is sent
// what none of its participants has asked for.
type Thresholds struct {
	Bucket int // below 1<<32
	Zones  int // above
}

// NewCoverage returns a coverage of nothing. change is called for each subscription that begins or ends.
func NewCoverage(most Thresholds, change func(c Cover, on bool)) *Coverage {
	return &Coverage{
		most:    most,
		ranges:  map[Cover]int{},
		buckets: map[Cover]*bucket{},
		active:  map[Cover]uint64{},
		change:  change,
	}
}

func (v *Coverage) on(c Cover) {
	if _, ok := v.active[c]; !ok {
		v.serial++
		v.active[c] = v.serial
		v.change(c, true)
	}
}

func (v *Coverage) off(c Cover) {
	if _, ok := v.active[c]; ok {
		delete(v.active, c)
		v.change(c, false)
	}
}

// Covers reports whether the node subscribes to c.
func (v *Coverage) Covers(c wire.Channel) bool {
	for have, ok := CoverOf(c), true; ok; have, ok = have.wider() {
		if _, on := v.active[have]; on {
			return true
		}
	}
	return false
}

// Serial counts the subscriptions made so far.
func (v *Coverage) Serial() uint64 { return v.serial }

// Advance counts one more, for something that must be in force like a subscription.
func (v *Coverage) Advance() { v.serial++ }

// Since is the serial of the first of the subscriptions that take in c.
func (v *Coverage) Since(c wire.Channel) uint64 {
	first := v.serial + 1
	for have, ok := CoverOf(c), true; ok; have, ok = have.wider() {
		if serial, on := v.active[have]; on {
			first = min(first, serial)
		}
	}
	return first
}

// Renew counts all subscriptions as new, and hands them to do.
func (v *Coverage) Renew(do func(Cover)) {
	for c := range v.active {
		v.serial++
		v.active[c] = v.serial
		do(c)
	}
}

// ranged reports whether a range's wildcard takes in c.
func (v *Coverage) ranged(c Cover) bool {
	if len(v.ranges) == 0 {
		return false
	}
	for {
		if v.ranges[c] > 0 {
			return true
		}
		var ok bool
		if c, ok = c.wider(); !ok {
			return false
		}
	}
}

// bucket is that of a key, or nil. Objects that come and go one after the other
// are nearly always in the same one.
func (v *Coverage) bucket(key Cover) *bucket {
	if v.last == nil || v.lastKey != key {
		v.last, v.lastKey = v.buckets[key], key
	}
	return v.last
}

// addChannel is called when a channel gets its first subscriber.
func (v *Coverage) addChannel(c wire.Channel) {
	key := bucketOf(c)
	b := v.bucket(key)
	if b == nil {
		b = &bucket{singles: map[uint32]struct{}{}}
		v.buckets[key] = b
	}
	b.count++
	if b.singles == nil {
		return
	}
	b.singles[uint32(c)] = struct{}{}
	most := v.most.Zones
	if key.level == levelB {
		most = v.most.Bucket
	}
	if b.count <= most {
		if !v.ranged(key) {
			v.on(CoverOf(c))
		}
		return
	}
	if !v.ranged(key) {
		v.on(key)
	}
	v.eachSingle(key, b, v.off)
	b.singles = nil
}

// removeChannel is called when a channel has lost its last subscriber.
func (v *Coverage) removeChannel(c wire.Channel) {
	key := bucketOf(c)
	b := v.bucket(key)
	b.count--
	if b.singles != nil {
		delete(b.singles, uint32(c))
		v.off(CoverOf(c))
	}
	if b.count == 0 {
		delete(v.buckets, key)
		v.last = nil
		if v.ranges[key] == 0 {
			v.off(key)
		}
	}
}

func (v *Coverage) eachSingle(key Cover, b *bucket, do func(Cover)) {
	for lo := range b.singles {
		do(Cover{level: levelOne, hi: key.hi, lo: lo})
	}
}

// AddRange is called for each span that a participant subscribes to.
func (v *Coverage) AddRange(s Span) {
	for _, c := range CoverRange(s.Lo, s.Hi) {
		if c.level == levelOne {
			c = bucketOf(s.Lo)
		}
		v.ranges[c]++
		if v.ranges[c] > 1 {
			continue
		}
		if wide, ok := c.wider(); !ok || !v.ranged(wide) {
			v.on(c)
		}
		v.offInside(c)
	}
}

// offInside ends everything that c takes in, but for c itself.
func (v *Coverage) offInside(c Cover) {
	if c.narrowest() {
		if b := v.buckets[c]; b != nil {
			v.eachSingle(c, b, v.off)
		}
		return
	}
	for narrow := range v.active {
		if narrow != c && c.Contains(narrow) {
			v.off(narrow)
		}
	}
}

// RemoveRange is called for each span that a participant gives up.
func (v *Coverage) RemoveRange(s Span) {
	for _, c := range CoverRange(s.Lo, s.Hi) {
		if c.level == levelOne {
			c = bucketOf(s.Lo)
		}
		v.ranges[c]--
		if v.ranges[c] > 0 {
			continue
		}
		delete(v.ranges, c)
		if v.ranged(c) {
			continue
		}
		v.onInside(c)
		if b := v.buckets[c]; b == nil || b.singles != nil {
			v.off(c)
		}
	}
}

// onInside subscribes what is wanted within c, which no range wants any more.
func (v *Coverage) onInside(c Cover) {
	if c.narrowest() {
		if b := v.buckets[c]; b != nil {
			v.uncover(c, b)
		}
		return
	}
	for narrow := range v.ranges {
		if c.Contains(narrow) {
			if wide, ok := narrow.wider(); !ok || !v.ranged(wide) {
				v.on(narrow)
			}
		}
	}
	for key, b := range v.buckets {
		if c.Contains(key) && !v.ranged(key) {
			v.uncover(key, b)
		}
	}
}

// uncover subscribes what a bucket wants by itself.
func (v *Coverage) uncover(key Cover, b *bucket) {
	if b.singles == nil {
		v.on(key)
	} else {
		v.eachSingle(key, b, v.on)
	}
}
