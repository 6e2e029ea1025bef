package config

import "natstron/bridge/wire"

// Database is a role: it keeps objects for good.
type Database struct {
	place
	Control wire.Channel
	// Broadcast announces changes on the objects' database channels.
	Broadcast Bool
	// Generate is where the doIds of new objects come from.
	Generate DoIDRange
	// Backend is where objects are kept: an *EmbeddedBackend (the default), a
	// *YAMLBackend, a *MongoDBBackend or a *SociBackend.
	Backend Backend
}

// Type is database.
func (*Database) Type() string { return TypeDatabase }

func (s *Database) keys() []key {
	return []key{
		{name: "control", value: channel(&s.Control), required: true,
			effect: "The channel on which it takes requests."},
		{name: "broadcast", value: boolean(&s.Broadcast, true),
			effect: "Whether changes are announced on the objects' database channels."},
		{name: "generate", value: section{&s.Generate}, required: true,
			effect: "The doIds that new objects get."},
		{name: "backend", value: backend{&s.Backend, s.place},
			effect: "Where objects are kept."},
	}
}
