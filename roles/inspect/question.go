package inspect

import "natstron/bridge/wire"

// Subject is the word under which processes are asked.
const Subject = "inspect"

// What is asked for.
type What string

// The questions, and the fields of [Question] that they use.
const (
	Processes What = "processes" // History
	Clients   What = "clients"   // Find, From, Limit: by channel
	Client    What = "client"    // Client
	Parents   What = "parents"   // From, Limit: by doId
	Zones     What = "zones"     // Parent, From, Limit: by zone
	Objects   What = "objects"   // Parent and Zone, or Find; From, Limit: by doId
	Object    What = "object"    // Object
	Viewers   What = "viewers"   // Object, Parent, Zone, AI, Owner; Client for one client; From, Limit
)

// Question is one look at the cluster.
type Question struct {
	What What `json:"what"`
	// Find is what the rows wanted have in their text, without regard to case. Empty: all.
	Find   string       `json:"find,omitempty"`
	Client wire.Channel `json:"client,omitempty,string"`
	Object wire.DoID    `json:"object,omitempty"`
	Parent wire.DoID    `json:"parent,omitempty"`
	Zone   *wire.Zone   `json:"zone,omitempty"`
	AI     wire.Channel `json:"ai,omitempty,string"`
	Owner  wire.Channel `json:"owner,omitempty,string"`
	// From is the lowest key of the page: one more than the last of the page before.
	From uint64 `json:"from,omitempty,string"`
	// Limit is how many rows a page has, at most [MaxLimit]; 0 stands for it.
	Limit int `json:"limit,omitempty"`
	// History asks for the last ten minutes, too.
	History bool `json:"history,omitempty"`
}

// MaxLimit is how many rows an answer has at most.
const MaxLimit = 100

// Rows is how many rows a page has.
func (q Question) Rows() int {
	if q.Limit <= 0 || q.Limit > MaxLimit {
		return MaxLimit
	}
	return q.Limit
}

// Location is the place asked about.
func (q Question) Location() wire.Location {
	at := wire.Location{Parent: q.Parent}
	if q.Zone != nil {
		at.Zone = *q.Zone
	}
	return at
}
