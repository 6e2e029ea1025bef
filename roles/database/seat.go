package database

import (
	"context"
	"sync"

	"natstron/bridge"
)

// seat is the role's place on the backbone, which it may lose and get again.
type seat struct {
	mu      sync.Mutex
	p       *bridge.Participant // nil: none at the moment
	changed chan struct{}       // closed when p changes
}

func newSeat() *seat { return &seat{changed: make(chan struct{})} }

func (s *seat) set(p *bridge.Participant) (before *bridge.Participant) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before, s.p = s.p, p
	close(s.changed)
	s.changed = make(chan struct{})
	return before
}

// take says that the role has joined.
func (s *seat) take(p *bridge.Participant) { s.set(p) }

// leave gives the place back, if there is one.
func (s *seat) leave() {
	if p := s.set(nil); p != nil {
		p.Leave()
	}
}

// now is the present participant, or nil, and a channel that is closed when that
// changes.
func (s *seat) now() (*bridge.Participant, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.p, s.changed
}

// other waits until there is another participant than p. It returns nil if ctx ends
// first.
func (s *seat) other(ctx context.Context, p *bridge.Participant) *bridge.Participant {
	for {
		now, changed := s.now()
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
