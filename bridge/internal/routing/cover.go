package routing

import (
	"strconv"

	"natstron/bridge/wire"
)

// A Cover is a subject to subscribe to: of one channel, or a wildcard over
// many. It is a small comparable value, so that counting and comparing covers
// builds no strings.
type Cover struct {
	level level
	hi    uint32 // levelHi, and levelOne above 1<<32
	lo    uint32 // the channel (levelOne), the bucket's number (levelA, levelB)
}

type level uint8

const (
	levelAll level = iota // astron.>
	levelLow              // astron.0.>          all channels below 1<<32
	levelA                // astron.0.<a>.>      100 million of them
	levelB                // astron.0.<a>.<b>.*  one million
	levelHi               // astron.<hi>.*       all zones of a parent
	levelOne              // one channel
)

// Sizes of the buckets that split the channels below 1<<32 into subject tokens,
// so that a range of them is a handful of wildcards.
const (
	bucketA = 100_000_000
	bucketB = 1_000_000
)

// All takes in every channel.
var All = Cover{level: levelAll}

// maxCovers bounds how many wildcards of one level a range may become before
// the next wider one is taken.
const maxCovers = 16

// CoverOf is the cover of exactly one channel.
func CoverOf(c wire.Channel) Cover {
	return Cover{level: levelOne, hi: uint32(c >> 32), lo: uint32(c)}
}

// bucketOf is the narrowest wildcard over c.
func bucketOf(c wire.Channel) Cover {
	if hi := uint32(c >> 32); hi != 0 {
		return Cover{level: levelHi, hi: hi}
	}
	return Cover{level: levelB, lo: uint32(c) / bucketB}
}

// wider is the next wider cover, and false for the widest.
func (c Cover) wider() (Cover, bool) {
	switch c.level {
	case levelOne:
		return bucketOf(wire.Channel(c.hi)<<32 | wire.Channel(c.lo)), true
	case levelB:
		return Cover{level: levelA, lo: c.lo / (bucketA / bucketB)}, true
	case levelA:
		return Cover{level: levelLow}, true
	case levelLow, levelHi:
		return Cover{level: levelAll}, true
	}
	return Cover{}, false
}

// narrowest reports whether c is a wildcard with only single channels inside.
func (c Cover) narrowest() bool { return c.level == levelB || c.level == levelHi }

// Contains reports whether o is c, or narrower and within it.
func (c Cover) Contains(o Cover) bool {
	for {
		if c == o {
			return true
		}
		var ok bool
		if o, ok = o.wider(); !ok {
			return false
		}
	}
}

// Append writes the subject.
func (c Cover) Append(dst []byte, prefix string) []byte {
	dst = append(append(dst, prefix...), '.')
	switch c.level {
	case levelAll:
		return append(dst, '>')
	case levelLow:
		return append(dst, "0.>"...)
	case levelA:
		dst = append(dst, "0."...)
		return append(strconv.AppendUint(dst, uint64(c.lo), 10), ".>"...)
	case levelB:
		return append(appendBuckets(dst, c.lo), '*')
	case levelHi:
		return append(strconv.AppendUint(dst, uint64(c.hi), 10), ".*"...)
	}
	if c.hi == 0 {
		dst = appendBuckets(dst, c.lo/bucketB)
	} else {
		dst = append(strconv.AppendUint(dst, uint64(c.hi), 10), '.')
	}
	return strconv.AppendUint(dst, uint64(c.lo), 10)
}

// appendBuckets writes the tokens of the bucket b, of one million channels.
func appendBuckets(dst []byte, b uint32) []byte {
	dst = append(dst, "0."...)
	dst = append(strconv.AppendUint(dst, uint64(b/(bucketA/bucketB)), 10), '.')
	return append(strconv.AppendUint(dst, uint64(b%(bucketA/bucketB)), 10), '.')
}

// CoverRange is a list of disjoint covers that take in every channel from lo to
// hi, at most maxCovers of a level. It widens at the edges rather than naming
// single channels there.
func CoverRange(lo, hi wire.Channel) []Cover {
	if lo > hi {
		return nil
	}
	if lo == hi {
		return []Cover{CoverOf(lo)}
	}
	first, last := uint32(lo>>32), uint32(hi>>32)
	if last-first >= maxCovers {
		return []Cover{{level: levelAll}}
	}
	var covers []Cover
	if first == 0 {
		end := uint32(hi)
		if last > 0 {
			end = 1<<32 - 1
		}
		covers = coverLow(covers, uint32(lo), end)
		first = 1
	}
	for h := uint64(first); h <= uint64(last); h++ { // last may be the highest uint32
		covers = append(covers, Cover{level: levelHi, hi: uint32(h)})
	}
	return covers
}

// coverLow is CoverRange below 1<<32.
func coverLow(covers []Cover, lo, hi uint32) []Cover {
	firstA, lastA := lo/bucketA, hi/bucketA
	if lastA-firstA >= maxCovers {
		return append(covers, Cover{level: levelLow})
	}
	for a := firstA; a <= lastA; a++ {
		firstB, lastB := a*(bucketA/bucketB), a*(bucketA/bucketB)+bucketA/bucketB-1
		firstB, lastB = max(firstB, lo/bucketB), min(lastB, hi/bucketB)
		if lastB-firstB >= maxCovers {
			covers = append(covers, Cover{level: levelA, lo: a})
			continue
		}
		for b := firstB; b <= lastB; b++ {
			covers = append(covers, Cover{level: levelB, lo: b})
		}
	}
	return covers
}
