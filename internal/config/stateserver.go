package config

import "natstron/internal/wire"

// StateServer is a role: it keeps the state of all objects that live in memory.
type StateServer struct {
	place
	Control wire.Channel
}

// Type is stateserver.
func (*StateServer) Type() string { return TypeStateServer }

func (s *StateServer) keys() []key {
	return []key{
		{name: "control", value: channel(&s.Control), required: true,
			effect: "The channel on which objects are created."},
	}
}
