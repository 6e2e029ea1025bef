package board

import (
	"context"
	"fmt"
	"os"
	"runtime"
	runtimemetrics "runtime/metrics"
	"slices"
	"time"

	"natstron/bridge"
	"natstron/cmd/astrond/internal/build"
	"natstron/internal/metrics"
	"natstron/internal/secret"
	"natstron/internal/status"
)

// Snapshot is the whole process at this moment.
func (b *Board) Snapshot() *status.Snapshot {
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	v := b.view()
	problems := v.problems(ctx)
	why := v.notReady(problems)
	s := &status.Snapshot{
		Time:        time.Now(),
		Process:     b.process(),
		Ready:       len(why) == 0,
		NotReady:    why,
		Roles:       []status.Role{},
		Connections: []status.Participant{},
		Others:      []status.Participant{},
		Metrics:     b.measured(v, len(why) == 0).ByName(),
		Warnings:    b.Log.Warnings.Latest(),
	}
	for i, p := range v.parts {
		s.Roles = append(s.Roles, roleStatus(p, problems[i]))
	}
	s.Backbone = b.backbone(v.Node)
	if v.Node != nil {
		s.Connections, s.Others, s.Unlisted, s.Listed = b.roster.now(v.Node)
	}
	return s
}

func roleStatus(p rolePart, problem string) status.Role {
	s := status.Role{Name: p.role.Name(), Type: roleType(p.role), State: p.state, Problem: problem}
	if p.state == status.StateRunning {
		s.Addresses = roleAddresses(p.role)
		if problem != "" {
			s.State = status.StateNotReady
		}
	}
	return s
}

func (b *Board) process() status.Process {
	built := build.From()
	p := status.Process{
		Name:       b.Config.Daemon.Name,
		PID:        os.Getpid(),
		Version:    built.Version,
		Go:         built.Go,
		Started:    b.Began,
		Goroutines: runtime.NumGoroutine(),
		DCFiles:    b.Config.General.DCFiles,
	}
	if host, err := os.Hostname(); err == nil {
		p.Host = host
	}
	if len(p.DCFiles) > 0 {
		p.DCHash = fmt.Sprintf("0x%08x", b.File.Hash())
	}
	heap := []runtimemetrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	runtimemetrics.Read(heap)
	if heap[0].Value.Kind() == runtimemetrics.KindUint64 {
		p.Heap = heap[0].Value.Uint64()
	}
	p.Resident, p.CPU = metrics.Resources()
	return p
}

// unheard is what was counted, without what is common.
func unheard(counts []bridge.Unheard) (all []status.Unheard) {
	for _, u := range counts {
		if u.Count == 0 || u.Expected() {
			continue
		}
		name := "other"
		if u.Message != 0 {
			name = u.Message.String()
		}
		all = append(all, status.Unheard{
			Message: name, Kind: u.Kind, Count: u.Count, Last: u.Last,
			To: uint64(u.To), From: uint64(u.From), Severe: u.Severe(),
		})
	}
	slices.SortStableFunc(all, func(a, b status.Unheard) int { return b.Last.Compare(a.Last) })
	return all
}

func (b *Board) backbone(node *bridge.Node) status.Backbone {
	s := status.Backbone{
		Subjects: b.Config.Backbone.Subjects.All(),
		Upstream: b.Config.MessageDirector.Connect,
		Peers:    []status.Peer{},
	}
	if node == nil {
		return s
	}
	stats := node.Stats()
	s.Connected, s.Unheard = stats.Connected, unheard(stats.Unheard)
	if s.URL = node.URL(); b.Config.Backbone.External != nil {
		s.URL = secret.MaskURLs(b.Config.Backbone.External.URLs)
	}
	for _, c := range node.Clashes() {
		if c.DC {
			s.DCMismatches = append(s.DCMismatches, c.Text)
		} else {
			s.Clashes = append(s.Clashes, c.Text)
		}
	}
	for _, p := range node.Peers() {
		s.Peers = append(s.Peers, status.Peer(p))
	}
	return s
}
