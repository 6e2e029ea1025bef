package wire

import "fmt"

// The locations under the parents 1 to 999 are reserved, like those parents.
const (
	FirstReservedLocation Channel = 1 << 32
	LastReservedLocation  Channel = LastReservedChannel << 32
)

// ChannelRange is the channels from Min to Max, both included.
type ChannelRange struct {
	Min Channel `key:"min,required" doc:"The first channel."`
	Max Channel `key:"max,required" doc:"The last channel."`
}

// CheckKeys finds what is wrong with a range in a configuration.
func (r *ChannelRange) CheckKeys(_ func(string) bool, report func(problem, fix string, keys ...string)) {
	switch {
	case r.Min > r.Max:
		report(reversed(r.Min, r.Max), "swap them", "max", "min")
	case r.Min < FirstReservedLocation && r.Max > LastReservedLocation:
		report(fmt.Sprintf("the range includes reserved channels (%d to %d)", FirstReservedLocation, LastReservedLocation),
			"end it before them, or begin it after them", "max", "min")
	}
}

// Overlaps reports whether two ranges have a channel in common.
func (r ChannelRange) Overlaps(o ChannelRange) bool { return r.Min <= o.Max && o.Min <= r.Max }

// Contains reports whether a channel is in the range.
func (r ChannelRange) Contains(c Channel) bool { return r.Min <= c && c <= r.Max }

// DoIDRange is the doIds from Min to Max, both included.
type DoIDRange struct {
	Min DoID `key:"min,required" doc:"The first doId."`
	Max DoID `key:"max" default:"4294967295" doc:"The last doId."`
}

// CheckKeys finds what is wrong with a range in a configuration.
func (r *DoIDRange) CheckKeys(_ func(string) bool, report func(problem, fix string, keys ...string)) {
	if r.Min > r.Max {
		report(reversed(r.Min, r.Max), "swap them", "max", "min")
	}
}

// Overlaps reports whether two ranges have a doId in common.
func (r DoIDRange) Overlaps(o DoIDRange) bool { return r.Min <= o.Max && o.Min <= r.Max }

// Contains reports whether an id is in the range.
func (r DoIDRange) Contains(id DoID) bool { return r.Min <= id && id <= r.Max }

// ZoneRange is the zones from Min to Max, both included.
type ZoneRange struct{ Min, Max Zone }

// Contains reports whether a zone is in the range.
func (r ZoneRange) Contains(z Zone) bool { return r.Min <= z && z <= r.Max }

// String is the range as a configuration has it: one zone, or the first and the last.
func (r ZoneRange) String() string {
	if r.Min == r.Max {
		return fmt.Sprint(r.Min)
	}
	return fmt.Sprintf("%d-%d", r.Min, r.Max)
}

func reversed[T Channel | DoID](lo, hi T) string {
	return fmt.Sprintf("the range is reversed: min is %d, max is %d", lo, hi)
}
