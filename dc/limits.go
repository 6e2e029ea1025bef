package dc

import "math"

// limits are the values that are allowed; none means that all are.
type limits[N int64 | uint64 | float64] []span[N]

// span is one part of limits, both ends included.
type span[N int64 | uint64 | float64] struct{ low, high N }

// add puts a span in. It returns false, and leaves the limits as they are, if
// the span is reversed or overlaps with another.
func (l *limits[N]) add(low, high N) bool {
	if high < low {
		return false
	}
	for _, s := range *l {
		if low <= s.high && high >= s.low {
			return false
		}
	}
	*l = append(*l, span[N]{low, high})
	return true
}

// allow reports whether n is within the limits.
func (l limits[N]) allow(n N) bool {
	for i := range l {
		if n >= l[i].low && n <= l[i].high {
			return true
		}
	}
	return len(l) == 0
}

// one returns the only value allowed, if there is only one.
func (l limits[N]) one() (N, bool) {
	if len(l) == 1 && l[0].low == l[0].high {
		return l[0].low, true
	}
	return 0, false
}

// least is the smallest value of the first span, or zero without limits.
func (l limits[N]) least() N {
	if len(l) == 0 {
		return 0
	}
	return l[0].low
}

// The conversions below are those that Panda3D's code makes on the machines
// that its clients run on, where C++ leaves open what a number too large for
// its target becomes. They matter for what a file's defaults and ranges are.

// toInt32 cuts the fraction off; out of range it gives the least number.
func toInt32(f float64) int32 {
	if f > -(1<<31)-1 && f < 1<<31 {
		return int32(f)
	}
	return math.MinInt32
}

// toInt64 cuts the fraction off; out of range it gives the least number.
func toInt64(f float64) int64 {
	if f >= -(1<<63) && f < 1<<63 {
		return int64(f)
	}
	return math.MinInt64
}

// toUint64 cuts the fraction off; a negative number wraps around.
func toUint64(f float64) uint64 {
	const half = 1 << 63
	if f < half {
		return uint64(toInt64(f))
	}
	return uint64(toInt64(f-half)) ^ half
}

// rounded is the nearest whole number, halves up.
func rounded(f float64) float64 { return math.Floor(f + 0.5) }

// fitsSigned reports whether n needs at most the given number of bits.
func fitsSigned(n int64, bits int) bool {
	return n>>(bits-1) == 0 || n>>(bits-1) == -1
}

// fitsUnsigned reports whether n needs at most the given number of bits.
func fitsUnsigned(n uint64, bits int) bool { return bits >= 64 || n>>bits == 0 }
