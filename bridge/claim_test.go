package bridge

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"natstron/internal/wire"
)

// TestClaim: who claims a channel because of a datagram gets what is sent there
// right behind it, in the same turn already.
func TestClaim(t *testing.T) {
	n := offline(t, Options{})
	sender := join(t, n, blackHole{})
	got := &tape{}
	claimant := join(t, n, got)
	claimant.Claim = func(d wire.Datagram) (wire.Channel, bool) {
		return 2000, d.Recipient(0) == 1000
	}
	if err := claimant.Subscribe(1000); err != nil {
		t.Fatal(err)
	}
	all := []wire.Datagram{
		datagram(t, "too early", 2000),
		datagram(t, "claim it", 1000),
		datagram(t, "right behind", 2000),
	}
	turn := n.Begin()
	for _, d := range all {
		if err := turn.Send(sender, d); err != nil {
			t.Fatal(err)
		}
	}
	turn.End()
	if diff := cmp.Diff([]string{string(all[1]), string(all[2])}, got.got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	// Another takes over: it joins the channel, then the claimant leaves it.
	heir := &tape{}
	p := join(t, n, heir)
	if err := p.Subscribe(2000); err != nil {
		t.Fatal(err)
	}
	claimant.Unsubscribe(2000)
	if err := sender.Send(all[2]); err != nil {
		t.Fatal(err)
	}
	if len(heir.got) != 1 || len(got.got) != 2 {
		t.Errorf("the heir got %d, the claimant %d, want 1 and 2", len(heir.got), len(got.got))
	}
}
