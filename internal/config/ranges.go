package config

import (
	"fmt"

	"natstron/bridge/wire"
)

// ChannelRange is Min to Max, both included.
type ChannelRange struct{ Min, Max wire.Channel }

func (r *ChannelRange) keys() []key {
	return []key{
		{name: "min", value: channel(&r.Min), required: true, effect: "The first channel."},
		{name: "max", value: channel(&r.Max), required: true, effect: "The last channel."},
	}
}

func (r *ChannelRange) check(d *decoder, path string) {
	lo, hi := join(path, "min"), join(path, "max")
	if !d.sound(lo, hi) {
		return
	}
	switch {
	case r.Min > r.Max:
		d.fault(hi, reversed(r.Min, r.Max), "swap them")
	case r.Min < firstReservedLocation && r.Max > lastReservedLocation:
		d.fault(hi, fmt.Sprintf("the range takes in reserved channels (%d to %d)", firstReservedLocation, lastReservedLocation),
			"end it before them, or begin it after them")
	}
}

func (r ChannelRange) overlaps(o ChannelRange) bool { return r.Min <= o.Max && o.Min <= r.Max }

func (r ChannelRange) has(c wire.Channel) bool { return r.Min <= c && c <= r.Max }

// DoIDRange is Min to Max, both included.
type DoIDRange struct{ Min, Max wire.DoID }

func (r *DoIDRange) keys() []key {
	return []key{
		{name: "min", value: doID(&r.Min), required: true, effect: "The first doId."},
		{name: "max", value: doID(&r.Max).byDefault(wire.MaxDoID), effect: "The last doId."},
	}
}

func (r *DoIDRange) check(d *decoder, path string) {
	lo, hi := join(path, "min"), join(path, "max")
	if d.sound(lo, hi) && r.Min > r.Max {
		d.fault(hi, reversed(r.Min, r.Max), "swap them")
	}
}

func (r DoIDRange) overlaps(o DoIDRange) bool { return r.Min <= o.Max && o.Min <= r.Max }

func reversed[T wire.Channel | wire.DoID](lo, hi T) string {
	return fmt.Sprintf("the range is reversed: min is %d, max is %d", lo, hi)
}
