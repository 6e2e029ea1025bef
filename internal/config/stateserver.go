package config

import "natstron/internal/wire"

// StateServer is a role: it keeps the state of all objects that live in memory.
type StateServer struct {
	place
	Control    wire.Channel
	MaxObjects int
	MaxQueue   Size
}

// Type is stateserver.
func (*StateServer) Type() string { return TypeStateServer }

func (s *StateServer) keys() []key {
	return []key{
		{name: "control", value: channel(&s.Control), required: true,
			effect: "The channel on which objects are created."},
		{name: "max_objects", value: number(&s.MaxObjects, 10_000_000, 1, 1_000_000_000), ours: true,
			effect: "How many objects there may be; one more is refused. What it knows of their children has room for four times as many."},
		{name: "max_queue", value: size(&s.MaxQueue, GiB, MiB), ours: true,
			effect: "How much may wait to be handled, of what other processes send; past it the state server ends, and its process with it. Who sends from this process is slowed down long before."},
	}
}
