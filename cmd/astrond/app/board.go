package app

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"natstron/bridge"
	"natstron/dc"
	"natstron/internal/config"
	"natstron/internal/eventsender"
	"natstron/internal/metrics"
	"natstron/internal/status"
	"natstron/roles"
)

// board is what the web server looks at. The daemon puts up what it has started;
// whoever looks may be any goroutine at any time.
type board struct {
	cfg      *config.Config
	file     *dc.File
	began    time.Time
	warnings *status.Warnings
	unlogged func() map[string]uint64 // lines of the log that were dropped, by output
	denied   func() uint64
	roster   roster

	mu       sync.Mutex
	started  bool // all of it
	stopping bool
	events   *eventsender.Sender
	node     *bridge.Node // nil until the backbone is joined
	parts    []*part      // in the order in which they start
}

// put changes what is on the board.
func (b *board) put(change func(*board)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(b)
}

// part is a role on the board.
type part struct {
	placedRole
	board *board
	state string // of status.Role; under the board's lock
}

// watched puts roles on the board, and returns them so that their states are
// seen, and why they cannot start is explained.
func (b *board) watched(all []placedRole) []roles.Role {
	b.mu.Lock()
	defer b.mu.Unlock()
	var watched []roles.Role
	for _, r := range all {
		p := &part{placedRole: r, board: b, state: status.StateStarting}
		b.parts = append(b.parts, p)
		watched = append(watched, p)
	}
	return watched
}

func (p *part) set(state string) { p.board.put(func(*board) { p.state = state }) }

// Start implements [roles.Role].
func (p *part) Start(ctx context.Context) error {
	if err := p.Role.Start(ctx); err != nil {
		return explainStart(p.board.cfg, p.path, err)
	}
	p.set(status.StateRunning)
	return nil
}

// Stop implements [roles.Role].
func (p *part) Stop(ctx context.Context, cause error) {
	p.set(status.StateStopped) // nobody asks it anything from now on
	p.Role.Stop(ctx, cause)
}

// look is what is on the board at the moment. Its parts run, but for those whose
// state says otherwise.
type look struct {
	started, stopping bool
	events            *eventsender.Sender
	node              *bridge.Node
	parts             []seen
}

type seen struct {
	role  roles.Role
	state string
}

func (b *board) look() look {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := look{started: b.started, stopping: b.stopping, events: b.events, node: b.node}
	for _, p := range b.parts {
		l.parts = append(l.parts, seen{p.Role, p.state})
	}
	return l
}

// ready is why the process is not ready; nothing while it is.
func (b *board) ready(ctx context.Context) []string {
	l := b.look()
	return l.notReady(l.problems(ctx))
}

// problems are why roles are not ready, in their order; empty for those that are.
// They are asked at the same time.
func (l look) problems(ctx context.Context) []string {
	all := make([]string, len(l.parts))
	var asked sync.WaitGroup
	for i, p := range l.parts {
		checked, ok := p.role.(roles.Checked)
		if !ok || p.state != status.StateRunning {
			continue
		}
		asked.Go(func() {
			if err := checked.Ready(ctx); err != nil {
				all[i] = err.Error()
			}
		})
	}
	asked.Wait()
	return all
}

func (l look) notReady(problems []string) []string {
	var why []string
	switch {
	case l.stopping:
		why = append(why, "it is stopping")
	case l.node == nil:
		why = append(why, "it has not joined the backbone yet")
	case !l.started:
		why = append(why, "it is starting")
	}
	if l.node != nil && !l.node.Stats().Connected {
		why = append(why, "the backbone is lost")
	}
	for i, problem := range problems {
		if problem != "" {
			why = append(why, fmt.Sprintf("%s: %s", l.parts[i].role.Name(), problem))
		}
	}
	return slices.Clip(why)
}

// measure is all the numbers of the process.
func (b *board) measure() *metrics.Set {
	ctx, cancel := context.WithTimeout(context.Background(), lookTimeout)
	defer cancel()
	l := b.look()
	return b.measured(l, len(l.notReady(l.problems(ctx))) == 0)
}

// lookTimeout bounds how long roles are asked whether they are ready, for those
// who look at more than that.
const lookTimeout = time.Second

func (b *board) measured(l look, ready bool) *metrics.Set {
	s := new(metrics.Set)
	v := builtFrom()
	s.Process(metrics.Process{Version: v.version, Go: v.goVersion, Ready: ready, Logged: b.warnings.Counts(), Unlogged: b.unlogged(), Denied: b.denied()})
	if l.events != nil {
		s.EventSender(l.events.Stats())
	}
	if l.node == nil {
		return s
	}
	s.Node(l.node.Stats())
	for _, p := range l.parts {
		if p.state == status.StateRunning {
			measureRole(s, p.role)
		}
	}
	return s
}
