package configfile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// duration is a length of time. In the file it is a number with a unit, or several
// of them: 250ms, 5s, 30m, 6h, 1d, 1d12h. 0 needs no unit.
type duration time.Duration

// Lengths of time, for defaults and limits.
const (
	millisecond = duration(time.Millisecond)
	second      = duration(time.Second)
	minute      = duration(time.Minute)
	hour        = duration(time.Hour)
	day         = 24 * hour
)

// maxDuration keeps sums of durations far from overflowing.
const maxDuration = 36500 * day

type durationUnit struct {
	name   string
	length duration
}

// durationUnits are in falling order, as String writes them.
var durationUnits = []durationUnit{
	{"d", day}, {"h", hour}, {"m", minute},
	{"s", second}, {"ms", millisecond},
}

// String is the duration as the file would write it.
func (d duration) String() string {
	if d == 0 {
		return "0"
	}
	var b strings.Builder
	for _, u := range durationUnits {
		if n := d / u.length; n != 0 {
			fmt.Fprintf(&b, "%d%s", n, u.name)
			d %= u.length
		}
	}
	return b.String()
}

func parseDuration(text string) (duration, *wrong) {
	if text == "0" {
		return 0, nil
	}
	if allDigits(text) {
		return 0, &wrong{show(text) + " has no unit", "write a unit after the number: ms, s, m, h or d"}
	}
	bad := &wrong{show(text) + " is not a length of time", "write a number with ms, s, m, h or d, such as 250ms or 1d12h"}
	if text == "" {
		return 0, bad
	}
	var sum duration
	last := -1 // each unit at most once, the larger ones first
	for rest := text; rest != ""; {
		var digits, name string
		digits, rest = leadingDigits(rest)
		name, rest = leadingUnit(rest)
		at := slices.IndexFunc(durationUnits, func(u durationUnit) bool { return u.name == name })
		n, err := strconv.ParseUint(digits, 10, 32)
		if at <= last || err != nil {
			return 0, bad
		}
		part, fits := times(n, uint64(durationUnits[at].length))
		if !fits || duration(part) > maxDuration-sum {
			return 0, &wrong{show(text) + " is too long", "write at most 36500d"}
		}
		sum += duration(part)
		last = at
	}
	return sum, nil
}

// leadingUnit splits what stands before the next digit off the front of text.
func leadingUnit(text string) (unit, rest string) {
	if i := strings.IndexAny(text, "0123456789"); i >= 0 {
		return text[:i], text[i:]
	}
	return text, ""
}

// parseMillis reads what the reference takes as a plain number of milliseconds,
// and durations too.
func parseMillis(text string) (duration, *wrong) {
	if !allDigits(text) {
		return parseDuration(text)
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n > uint64(maxDuration)/uint64(time.Millisecond) {
		return 0, &wrong{show(text) + " is too long", "write at most 36500d"}
	}
	return duration(n) * duration(time.Millisecond), nil
}
