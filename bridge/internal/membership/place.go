package membership

import "slices"

// A Place is where on NATS a node's connection is.
type Place struct {
	Server string   `json:"server"`         // the id of its NATS server
	At     string   `json:"at,omitempty"`   // that server's name; empty for an embedded one
	Hubs   []string `json:"hubs,omitempty"` // the names of the servers of which an embedded one is a leaf
}

// meets reports whether two places have a server in common: one to which each of them has
// a connection that it watches.
func (a Place) meets(b Place) bool {
	return a.Server != "" && a.Server == b.Server ||
		a.At != "" && slices.Contains(b.Hubs, a.At) ||
		b.At != "" && slices.Contains(a.Hubs, b.At) ||
		slices.ContainsFunc(a.Hubs, func(hub string) bool { return slices.Contains(b.Hubs, hub) })
}

// bounded is a place of another node, as far as it is kept.
func (a Place) bounded() Place {
	a.Server, a.At = Cut(a.Server), Cut(a.At)
	a.Hubs = a.Hubs[:min(len(a.Hubs), maxHubs)]
	for i, hub := range a.Hubs {
		a.Hubs[i] = Cut(hub)
	}
	return a
}
