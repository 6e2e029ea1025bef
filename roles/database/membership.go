package database

import (
	"context"
	"sync"

	"natstron/bridge"
)

// membership is the role's participant, which it may lose and get again.
type membership struct {
	mu      sync.Mutex
	p       *bridge.Participant // nil: none at the moment
	changed chan struct{}       // closed when p changes
}

func newMembership() *membership { return &membership{changed: make(chan struct{})} }

func (m *membership) set(p *bridge.Participant) (before *bridge.Participant) {
	m.mu.Lock()
	defer m.mu.Unlock()
	before, m.p = m.p, p
	close(m.changed)
	m.changed = make(chan struct{})
	return before
}

// leave has the participant leave, if there is one.
func (m *membership) leave() {
	if p := m.set(nil); p != nil {
		p.Leave()
	}
}

// current is the participant, or nil, and a channel that is closed when that changes.
func (m *membership) current() (*bridge.Participant, <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.p, m.changed
}

// next waits until there is another participant than p. It returns nil if ctx ends
// first.
func (m *membership) next(ctx context.Context, p *bridge.Participant) *bridge.Participant {
	for {
		now, changed := m.current()
		if now != nil && now != p {
			return now
		}
		select {
		case <-ctx.Done():
			return nil
		case <-changed:
		}
	}
}
