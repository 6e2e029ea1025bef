package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"

	"natstron/bridge/internal/identity"
	"natstron/bridge/internal/link"
	"natstron/bridge/internal/membership"
	"natstron/bridge/internal/transport"
	"natstron/internal/backoff"
)

// Where there are several servers or hubs to connect to, the nodes of a cluster may come
// to be on different ones; if these are not connected with each other, the two halves
// would not know of each other. So before a node serves anybody, and now and then later,
// it listens to all of the servers: whether it hears itself there, and if not, which nodes.
// The smaller half moves; of equal ones the half that is further back in the list.

var errOtherServer = errors.New("other nodes are on another server that is not connected with this one")

// listenFor is how many heartbeats a node listens to a server, at least; of each node there comes one.
const listenFor = 3

// reports listens to all servers at once.
func (n *Node) reports(ctx context.Context, servers []transport.Server, self string) []membership.Report {
	limit := max(listenFor*n.options.Heartbeat, n.members.Slowest()+n.options.Heartbeat)
	ctx, cancel := context.WithTimeout(ctx, transport.ConnectTimeout+limit)
	defer cancel()
	prefix := n.controlSubject(membership.KindHeartbeat, "")
	reports := make([]membership.Report, len(servers))
	var all sync.WaitGroup
	for i, server := range servers {
		all.Go(func() {
			r := &reports[i]
			r.Nodes = map[string]bool{}
			_ = server.Listen(ctx, prefix+"*", limit, func(subject string, payload []byte) bool {
				origin := strings.TrimPrefix(subject, prefix)
				var note membership.HeartbeatNote
				if len(payload) > membership.MaxNote(membership.KindHeartbeat) || !identity.IsOrigin(origin) ||
					json.Unmarshal(payload, &note) != nil || len(r.Nodes) >= membership.MaxPeers {
					return true
				}
				r.Self = origin == self
				r.Nodes[origin] = !note.Joining
				return !r.Self
			}) // a server that cannot be reached has no nodes
		})
	}
	all.Wait()
	return reports
}

// shouldMove reports whether the node is to move to another server, and has the next
// connection lead there.
func (n *Node) shouldMove(ctx context.Context, l *link.Link) bool {
	servers := n.transport.Servers()
	if len(servers) < 2 {
		return false
	}
	reports := n.reports(ctx, servers, l.Origin())
	t := n.Begin()
	here := n.members.Here()
	t.End()
	to := membership.Better(reports, here)
	if to < 0 || ctx.Err() != nil {
		return false
	}
	n.log.Warn("other nodes are on a server that is not connected with this one: moving there",
		"to", servers[to], "nodes_there", len(reports[to].Nodes), "nodes_here", len(here))
	n.transport.Prefer(servers[to])
	return true
}

// checkServers looks from time to time whether the node should move, until the link ends.
func (n *Node) checkServers(l *link.Link) {
	if len(n.transport.Servers()) < 2 {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-l.Lost():
			cancel()
		case <-ctx.Done():
		}
	}()
	pause := backoff.Pause{First: firstCheck, Last: lastCheck}
	for pause.Wait(l.Lost()) {
		if n.shouldMove(ctx, l) {
			l.Lose(errOtherServer)
			return
		}
	}
}

// The pauses between two checks: short ones at first, since halves come about when nodes
// connect.
const (
	firstCheck = time.Second
	lastCheck  = time.Minute
)

// retreat ends a link on which nobody was served yet.
func (n *Node) retreat(l *link.Link) {
	t := n.Begin()
	n.perform(n.members.Retreat())
	t.End()
	l.Drain(n.options.ConnectTimeout)
	l.Close()
	t = n.Begin()
	defer t.End()
	n.detach()
}
