package app

import (
	"context"
	"fmt"
	"os"
	"runtime"
	runtimemetrics "runtime/metrics"
	"time"

	"natstron/bridge"
	"natstron/internal/metrics"
	"natstron/internal/status"
)

// snapshot is the whole process at this moment.
func (b *board) snapshot() *status.Snapshot {
	ctx, cancel := context.WithTimeout(context.Background(), lookTimeout)
	defer cancel()
	l := b.look()
	problems := l.problems(ctx)
	why := l.notReady(problems)
	s := &status.Snapshot{
		Time:        time.Now(),
		Process:     b.process(),
		Ready:       len(why) == 0,
		NotReady:    why,
		Roles:       []status.Role{},
		Connections: []status.Participant{},
		Others:      []status.Participant{},
		Metrics:     b.measured(l, len(why) == 0).ByName(),
		Warnings:    b.warnings.Latest(),
	}
	for i, p := range l.parts {
		s.Roles = append(s.Roles, roleStatus(p, problems[i]))
	}
	s.Backbone = b.backbone(l.node)
	if l.node != nil {
		s.Connections, s.Others, s.Unlisted, s.Listed = b.roster.now(l.node)
	}
	return s
}

func roleStatus(p seen, problem string) status.Role {
	s := status.Role{Name: p.role.Name(), Type: roleType(p.role), State: p.state, Problem: problem}
	if p.state == status.StateRunning {
		s.Addresses = roleAddresses(p.role)
		if problem != "" {
			s.State = status.StateNotReady
		}
	}
	return s
}

func (b *board) process() status.Process {
	v := builtFrom()
	p := status.Process{
		Name:       b.cfg.Daemon.Name,
		PID:        os.Getpid(),
		Version:    v.version,
		Go:         v.goVersion,
		Started:    b.began,
		Goroutines: runtime.NumGoroutine(),
		DCFiles:    b.cfg.General.DCFiles,
	}
	if host, err := os.Hostname(); err == nil {
		p.Host = host
	}
	if len(p.DCFiles) > 0 {
		p.DCHash = fmt.Sprintf("0x%08x", b.file.Hash())
	}
	heap := []runtimemetrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	runtimemetrics.Read(heap)
	if heap[0].Value.Kind() == runtimemetrics.KindUint64 {
		p.Heap = heap[0].Value.Uint64()
	}
	p.Resident, p.CPU = metrics.Resources()
	return p
}

func (b *board) backbone(node *bridge.Node) status.Backbone {
	s := status.Backbone{
		Subjects: b.cfg.Backbone.Subjects.All(),
		Upstream: b.cfg.MessageDirector.Connect,
		Peers:    []status.Peer{},
	}
	if node == nil {
		return s
	}
	s.Connected = node.Stats().Connected
	if s.URL = node.URL(); b.cfg.Backbone.External != nil {
		s.URL = withoutPasswords(b.cfg.Backbone.External.URLs)
	}
	for _, p := range node.Peers() {
		s.Peers = append(s.Peers, status.Peer(p))
	}
	return s
}
