package membership

import "iter"

// Positions are the origins of the peers, and the last datagram that has come from each.
func (m *Members) Positions() iter.Seq2[string, uint64] {
	return func(yield func(string, uint64) bool) {
		for _, p := range m.peers {
			if !yield(p.origin, p.sender.Last()) {
				return
			}
		}
	}
}

// Find is the peer with an origin; nil if there is none.
func (m *Members) Find(origin string) *Peer { return m.find(origin) }

// Origin is the peer's.
func (p *Peer) Origin() string { return p.origin }
