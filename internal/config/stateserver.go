package config

import (
	"fmt"

	"natstron/bridge/wire"
)

// StateServer is a role: it keeps the state of all objects that live in memory.
type StateServer struct {
	place
	Control wire.Channel
	// Ranges are the doIds that AI processes of other processes create.
	Ranges     []ObjectRange
	MaxObjects int
}

// Type is stateserver.
func (*StateServer) Type() string { return TypeStateServer }

func (s *StateServer) check(d *decoder, path string) {
	if at := join(path, "ranges"); d.sound(at) && len(s.Ranges) > maxDoIDRanges {
		d.fault(at, fmt.Sprintf("has %d ranges", len(s.Ranges)), fmt.Sprintf("write at most %d: join those that touch", maxDoIDRanges))
	}
}

func (s *StateServer) keys() []key {
	return []key{
		{name: "control", value: channel(&s.Control), required: true,
			effect: "The channel on which objects are created."},
		{name: "ranges", value: sections[ObjectRange, *ObjectRange]{&s.Ranges, "range"}, ours: true,
			effect: "The doIds of objects that are created by AIs connected to other processes. This process then takes all that is sent to them from the backbone, so that what an AI sends to a new object need not wait until the object is created."},
		{name: "max_objects", value: number(&s.MaxObjects, 10_000_000, 1, 1_000_000_000), ours: true,
			effect: "How many objects there may be; one more is refused. What it knows of their children has room for four times as many."},
	}
}

// ObjectRange is a [DoIDRange] where Astron has none.
type ObjectRange struct{ DoIDRange }

func (r *ObjectRange) keys() []key {
	all := r.DoIDRange.keys()
	for i := range all {
		all[i].ours = true
	}
	return all
}
