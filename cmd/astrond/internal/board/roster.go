package board

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"natstron/bridge"
	"natstron/internal/status"
)

// Bounds of the lists of participants.
const (
	maxConnections = 1000
	maxOthers      = 500
)

// rosterShare bounds the time that listing participants takes, to one part of so
// many: there may be a million, and each is looked at in a turn of the node.
const rosterShare = 20

// roster is who is connected. It may be used by several goroutines.
type roster struct {
	mu                  sync.Mutex
	connections, others []status.Participant
	unlisted            int
	listed, next        time.Time
}

// now is who is connected, as of the time that it returns. The slices are not to
// be changed.
func (r *roster) now(node *bridge.Node) (connections, others []status.Participant, unlisted int, listed time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if began := time.Now(); !began.Before(r.next) {
		r.list(node)
		r.listed = time.Now()
		r.next = r.listed.Add(rosterShare * r.listed.Sub(began))
	}
	return r.connections, r.others, r.unlisted, r.listed
}

// list finds out who is connected: participants of the message director port one
// by one, and the others by their names, since there may be a million objects.
func (r *roster) list(node *bridge.Node) {
	connections, others := []status.Participant{}, []status.Participant{}
	byName := map[string]*status.Participant{}
	for p := range node.Participants() {
		one := status.Participant{
			Name: p.Name, Count: 1, URL: p.URL, Address: p.Address, Dialect: p.Dialect,
			Channels: p.Channels, Ranges: p.Ranges, PostRemoves: p.PostRemoves, Queued: p.Queued,
		}
		if one.Address != "" {
			connections = append(connections, one)
			continue
		}
		all, ok := byName[one.Name]
		if !ok {
			byName[one.Name] = &one
			continue
		}
		all.Count++
		all.Channels += one.Channels
		all.Ranges += one.Ranges
		all.PostRemoves += one.PostRemoves
	}
	for _, p := range byName {
		others = append(others, *p)
	}
	r.unlisted = 0
	r.connections, r.unlisted = firstOf(connections, maxConnections, r.unlisted)
	r.others, r.unlisted = firstOf(others, maxOthers, r.unlisted)
}

// firstOf are the first of all participants, the busiest first, and how many are
// left out besides the others that are.
func firstOf(all []status.Participant, most, others int) ([]status.Participant, int) {
	slices.SortFunc(all, func(a, b status.Participant) int {
		return cmp.Or(cmp.Compare(b.Queued, a.Queued), cmp.Compare(b.Count, a.Count),
			cmp.Compare(b.Channels, a.Channels), strings.Compare(a.Name, b.Name), strings.Compare(a.Address, b.Address))
	})
	if len(all) <= most {
		return all, others
	}
	for _, p := range all[most:] {
		others += p.Count
	}
	return all[:most], others
}
