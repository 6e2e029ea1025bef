package membership

import (
	"testing"

	"natstron/bridge/wire"
)

// What a client agent claims is a client's, also where a state server of the same process,
// which was named before, has a range of doIds around it.
func TestClaimsClient(t *testing.T) {
	p := &Peer{claims: []Claim{{Service: AnyObject, Hi: wire.MaxChannel}, {Service: Objects, Lo: 1000, Hi: 1999}, {Service: Clients, Lo: 1500, Hi: 1599}}}
	m := &Members{peers: []*Peer{p}}
	for c, want := range map[wire.Channel]struct{ claimed, client bool }{
		999: {}, 1000: {claimed: true}, 1500: {true, true}, 1599: {true, true}, 1600: {claimed: true}, 2000: {},
	} {
		if p.Claims(c) != want.claimed || p.ClaimsClient(c) != want.client || m.ClaimedByClients(c) != want.client {
			t.Errorf("%d: claimed %v, as a client's %v, by anybody %v", c, p.Claims(c), p.ClaimsClient(c), m.ClaimedByClients(c))
		}
	}
	m = &Members{claims: p.claims}
	if !m.ClaimedByClients(1500) || m.ClaimedByClients(1000) {
		t.Error("this node's own claims are not looked at")
	}
}
