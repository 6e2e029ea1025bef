package bridge

import "slices"

// A place is where on NATS a node's connection is.
type place struct {
	Server string `json:"server"` // the id of its NATS server
	// At is that server's name; empty for an embedded one.
	At string `json:"at,omitempty"`
	// Hubs is the names of the servers of which an embedded one is a leaf.
	Hubs []string `json:"hubs,omitempty"`
}

// meets says whether two places have a server in common: one to which each of them has
// a connection that it watches.
func (a place) meets(b place) bool {
	return a.Server != "" && a.Server == b.Server ||
		a.At != "" && slices.Contains(b.Hubs, a.At) ||
		b.At != "" && slices.Contains(a.Hubs, b.At) ||
		slices.ContainsFunc(a.Hubs, func(hub string) bool { return slices.Contains(b.Hubs, hub) })
}

// maxHubs is how many hubs another node may have.
const maxHubs = 16

// bounded is a place of another node, as far as it is kept.
func (a place) bounded() place {
	a.Server, a.At = cut(a.Server), cut(a.At)
	a.Hubs = a.Hubs[:min(len(a.Hubs), maxHubs)]
	for i, hub := range a.Hubs {
		a.Hubs[i] = cut(hub)
	}
	return a
}
