package bridge

import (
	"strconv"

	"natstron/bridge/wire"
)

// A cover is a subject to subscribe to: of one channel, or a wildcard over
// many. It is a small comparable value, so that counting and comparing covers
// builds no strings.
type cover struct {
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
	levels
)

// maxCovers bounds how many wildcards of one level a range may become before
// the next wider one is taken.
const maxCovers = 16

// coverOf is the cover of exactly one channel.
func coverOf(c wire.Channel) cover {
	return cover{level: levelOne, hi: uint32(c >> 32), lo: uint32(c)}
}

// bucketOf is the narrowest wildcard over c.
func bucketOf(c wire.Channel) cover {
	if hi := uint32(c >> 32); hi != 0 {
		return cover{level: levelHi, hi: hi}
	}
	return cover{level: levelB, lo: uint32(c) / bucketB}
}

// wider is the next wider cover, and false for the widest.
func (c cover) wider() (cover, bool) {
	switch c.level {
	case levelOne:
		return bucketOf(wire.Channel(c.hi)<<32 | wire.Channel(c.lo)), true
	case levelB:
		return cover{level: levelA, lo: c.lo / (bucketA / bucketB)}, true
	case levelA:
		return cover{level: levelLow}, true
	case levelLow, levelHi:
		return cover{level: levelAll}, true
	}
	return cover{}, false
}

// narrowest says whether c is a wildcard with only single channels inside.
func (c cover) narrowest() bool { return c.level == levelB || c.level == levelHi }

// contains says whether o is c, or narrower and inside of it.
func (c cover) contains(o cover) bool {
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

// append writes the subject.
func (c cover) append(dst []byte, prefix string) []byte {
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

// coverRange is a list of disjoint covers that take in every channel from lo to
// hi, at most maxCovers of a level. It widens at the edges rather than naming
// single channels there.
func coverRange(lo, hi wire.Channel) []cover {
	if lo > hi {
		return nil
	}
	if lo == hi {
		return []cover{coverOf(lo)}
	}
	first, last := uint32(lo>>32), uint32(hi>>32)
	if last-first >= maxCovers {
		return []cover{{level: levelAll}}
	}
	var covers []cover
	if first == 0 {
		end := uint32(hi)
		if last > 0 {
			end = 1<<32 - 1
		}
		covers = coverLow(covers, uint32(lo), end)
		first = 1
	}
	for h := uint64(first); h <= uint64(last); h++ { // last may be the highest uint32
		covers = append(covers, cover{level: levelHi, hi: uint32(h)})
	}
	return covers
}

// coverLow is coverRange below 1<<32.
func coverLow(covers []cover, lo, hi uint32) []cover {
	firstA, lastA := lo/bucketA, hi/bucketA
	if lastA-firstA >= maxCovers {
		return append(covers, cover{level: levelLow})
	}
	for a := firstA; a <= lastA; a++ {
		firstB, lastB := a*(bucketA/bucketB), a*(bucketA/bucketB)+bucketA/bucketB-1
		firstB, lastB = max(firstB, lo/bucketB), min(lastB, hi/bucketB)
		if lastB-firstB >= maxCovers {
			covers = append(covers, cover{level: levelA, lo: a})
			continue
		}
		for b := firstB; b <= lastB; b++ {
			covers = append(covers, cover{level: levelB, lo: b})
		}
	}
	return covers
}
