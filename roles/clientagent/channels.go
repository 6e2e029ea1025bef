package clientagent

import (
	"sync"

	"natstron/bridge/wire"
)

// ChannelPool gives each client a channel of a range. Client agents of one
// process that have the same range must share one pool: see [ChannelPools].
type ChannelPool struct {
	first, last wire.Channel

	mu   sync.Mutex
	next wire.Channel // the lowest that was never given
	free []wire.Channel
	used int
	held map[wire.Channel]struct{} // not given yet, and not to be given
	full bool                      // next has passed last
}

// NewChannelPool returns the pool of the channels from first to last, both
// included.
func NewChannelPool(first, last wire.Channel) *ChannelPool {
	return &ChannelPool{first: first, last: last, next: first, full: first > last}
}

// takeChannel gives a channel that was never given; when there is none left, the one
// that was given back first.
func (p *ChannelPool) takeChannel() (wire.Channel, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for !p.full {
		c := p.next
		if p.full = c == p.last; !p.full {
			p.next++
		}
		if _, held := p.held[c]; held {
			delete(p.held, c) // it counts as given
			continue
		}
		p.used++
		return c, true
	}
	if len(p.free) == 0 {
		return 0, false
	}
	c := p.free[0]
	p.free = p.free[1:]
	p.used++
	return c, true
}

// returnChannel gives a channel back.
func (p *ChannelPool) returnChannel(c wire.Channel) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.used--
	if _, held := p.held[c]; held {
		delete(p.held, c)
		return // its turn comes
	}
	p.free = append(p.free, c)
}

// spare takes a channel that was not given yet, whatever comes before it. It reports whether
// there was such a one.
func (p *ChannelPool) spare(c wire.Channel) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, held := p.held[c]; held || p.full || c < p.next || c > p.last {
		return false
	}
	if p.held == nil {
		p.held = map[wire.Channel]struct{}{}
	}
	p.held[c] = struct{}{}
	p.used++
	return true
}

// left is how many channels can be taken now.
func (p *ChannelPool) left() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	left := uint64(len(p.free))
	if !p.full {
		left += uint64(p.last-p.next) + 1 - uint64(len(p.held))
	}
	return left
}

// ChannelPools is the pools of a process, one for each range. The zero value is
// ready for use.
type ChannelPools struct {
	mu    sync.Mutex
	pools map[[2]wire.Channel]*ChannelPool
}

// Get returns the pool of a range, always the same one.
func (ps *ChannelPools) Get(first, last wire.Channel) *ChannelPool {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	key := [2]wire.Channel{first, last}
	if ps.pools == nil {
		ps.pools = map[[2]wire.Channel]*ChannelPool{}
	}
	p, ok := ps.pools[key]
	if !ok {
		p = NewChannelPool(first, last)
		ps.pools[key] = p
	}
	return p
}
