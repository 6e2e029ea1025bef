// Package board is what can be seen of a running daemon: its status page's snapshot, its
// metrics, and whether it is ready.
package board

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"natstron/bridge"
	"natstron/cmd/astrond/internal/build"
	"natstron/cmd/astrond/internal/logging"
	"natstron/dc"
	"natstron/internal/config"
	"natstron/internal/eventsender"
	"natstron/internal/metrics"
	"natstron/internal/status"
	"natstron/roles"
)

// Board is what the web server looks at. The daemon puts up what it has started;
// any goroutine may look at any time.
type Board struct {
	Config *config.Config
	File   *dc.File
	Began  time.Time
	Log    logging.Log
	// Denied is how many requests of the web server had a wrong password.
	Denied  func() uint64
	roster  roster
	history history
	budget  budget

	mu    sync.Mutex
	state State
	parts []*part // in the order in which they start
}

// State is how far the daemon is.
type State struct {
	Started, Stopping bool
	Greeting          bool // it waits for what other processes serve
	Events            *eventsender.Sender
	Node              *bridge.Node // nil until the backbone is joined
}

// Update changes what is on the board.
func (b *Board) Update(change func(*State)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(&b.state)
}

// part is a role on the board.
type part struct {
	roles.Role
	board *Board
	state string // of status.Role; under the board's lock
}

// Watch puts a role on the board, and returns it so that its state is seen.
func (b *Board) Watch(role roles.Role) roles.Role {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := &part{Role: role, board: b, state: status.StateStarting}
	b.parts = append(b.parts, p)
	return p
}

func (p *part) set(state string) {
	p.board.mu.Lock()
	defer p.board.mu.Unlock()
	p.state = state
}

// Start implements [roles.Role].
func (p *part) Start(ctx context.Context) error {
	err := p.Role.Start(ctx)
	if err == nil {
		p.set(status.StateRunning)
	}
	return err
}

// Stop implements [roles.Role].
func (p *part) Stop(ctx context.Context, cause error) {
	p.set(status.StateStopped) // nobody asks it anything from now on
	p.Role.Stop(ctx, cause)
}

// view is what is on the board at the moment. Its parts run, but for those whose
// state says otherwise.
type view struct {
	State
	parts []rolePart
}

// rolePart is a role at that moment.
type rolePart struct {
	role  roles.Role
	state string
}

func (b *Board) view() view {
	b.mu.Lock()
	defer b.mu.Unlock()
	v := view{State: b.state}
	for _, p := range b.parts {
		v.parts = append(v.parts, rolePart{p.Role, p.state})
	}
	return v
}

// Ready is why the process is not ready; nothing while it is.
func (b *Board) Ready(ctx context.Context) []string {
	v := b.view()
	return v.notReady(v.problems(ctx))
}

// problems are why roles are not ready, in their order; empty for those that are.
// They are asked at the same time.
func (v view) problems(ctx context.Context) []string {
	all := make([]string, len(v.parts))
	var asked sync.WaitGroup
	for i, p := range v.parts {
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

func (v view) notReady(problems []string) []string {
	var why []string
	switch {
	case v.Stopping:
		why = append(why, "it is stopping")
	case v.Node == nil:
		why = append(why, "it has not joined the backbone yet")
	case v.Greeting:
		why = append(why, "it waits until no other process serves what it is to serve")
		for _, c := range v.Node.Clashes() {
			if c.Waits {
				why = append(why, c.Text)
			}
		}
	case !v.Started:
		why = append(why, "it is starting")
	}
	if v.Node != nil && !v.Node.Stats().Connected {
		why = append(why, "the backbone is lost")
	}
	for i, problem := range problems {
		if problem != "" {
			why = append(why, fmt.Sprintf("%s: %s", v.parts[i].role.Name(), problem))
		}
	}
	return slices.Clip(why)
}

// Measure is all the numbers of the process.
func (b *Board) Measure() *metrics.Set {
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	v := b.view()
	return b.measured(v, len(v.notReady(v.problems(ctx))) == 0)
}

// askTimeout bounds how long roles are asked whether they are ready, for those
// who ask for more than that.
const askTimeout = time.Second

func (b *Board) measured(v view, ready bool) *metrics.Set {
	s := new(metrics.Set)
	built := build.From()
	s.Process(metrics.Process{Version: built.Version, Go: built.Go, Ready: ready, Logged: b.Log.Warnings.Counts(), Unlogged: b.Log.Lost(), Denied: b.Denied()})
	if v.Events != nil {
		s.EventSender(v.Events.Stats())
	}
	if v.Node == nil {
		return s
	}
	s.Node(v.Node.Stats())
	for _, p := range v.parts {
		if p.state == status.StateRunning {
			measureRole(s, p.role)
		}
	}
	return s
}
