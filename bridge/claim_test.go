package bridge

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"natstron/internal/wire"
)

// TestClaim: who claims a channel because of a datagram gets what is sent there
// right behind it, in the same turn already.
func TestClaim(t *testing.T) {
	n := offline(t, Options{})
	sender := join(t, n, blackHole{})
	got := &tape{}
	claimant := join(t, n, got)
	claimant.party.Claim = func(d wire.Datagram) (wire.Channel, bool) {
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
	heir := &tape{}
	p := join(t, n, heir)
	turn = n.Begin()
	err := turn.TakeOver(claimant, p, 2000)
	turn.End()
	if err != nil {
		t.Fatal(err)
	}
	if err := sender.Send(all[2]); err != nil {
		t.Fatal(err)
	}
	if len(heir.got) != 1 || len(got.got) != 2 {
		t.Errorf("the heir got %d, the claimant %d, want 1 and 2", len(heir.got), len(got.got))
	}
}

// Whatever is claimed, taken over, given up, subscribed and left, each gets what
// it should, once, and nothing is left behind.
func TestClaimsAgainstAModel(t *testing.T) {
	const channels = 4
	rapid.Check(t, func(t *rapid.T) {
		n := offline(t, Options{})
		turn := n.Begin()
		defer turn.End()
		add := func() (*Participant, *tape) {
			got := &tape{}
			p, err := turn.Join("", got, func(error) {})
			if err != nil {
				t.Fatal(err)
			}
			return p, got
		}
		sender, _ := add()
		claimant, claimed := add()
		claimant.party.Claim = func(d wire.Datagram) (wire.Channel, bool) { return d.Recipient(1), d.RecipientCount() == 2 }
		if err := turn.Subscribe(claimant, 1000); err != nil {
			t.Fatal(err)
		}
		heir, inherited := add()
		holds, subscribed, has := map[wire.Channel]bool{}, map[wire.Channel]bool{}, map[wire.Channel]bool{}
		draw := func(t *rapid.T) wire.Channel {
			return wire.Channel(rapid.IntRange(2000, 1999+channels).Draw(t, "channel"))
		}
		t.Repeat(map[string]func(*rapid.T){
			"claim": func(t *rapid.T) {
				c := draw(t)
				if err := turn.Send(sender, datagram(t, "claim", 1000, c)); err != nil {
					t.Fatal(err)
				}
				holds[c] = holds[c] || !subscribed[c]
			},
			"take over": func(t *rapid.T) {
				c := draw(t)
				if err := turn.TakeOver(claimant, heir, c); err != nil {
					t.Fatal(err)
				}
				holds[c], has[c] = false, true
			},
			"give up": func(t *rapid.T) {
				c := draw(t)
				turn.GiveUp(claimant, c)
				holds[c] = false
			},
			"subscribe": func(t *rapid.T) {
				c := draw(t)
				if err := turn.Subscribe(claimant, c); err != nil {
					t.Fatal(err)
				}
				holds[c], subscribed[c] = false, true
			},
			"unsubscribe": func(t *rapid.T) {
				c := draw(t)
				turn.Unsubscribe(claimant, c)
				subscribed[c] = false
			},
			"heir leaves": func(t *rapid.T) {
				c := draw(t)
				turn.Unsubscribe(heir, c)
				has[c] = false
			},
			"": func(t *rapid.T) {
				for c := wire.Channel(2000); c < 2000+channels; c++ {
					claimed.got, inherited.got = nil, nil
					if err := turn.Send(sender, datagram(t, "to it", c)); err != nil {
						t.Fatal(err)
					}
					want := [2]int{}
					if holds[c] || subscribed[c] {
						want[0] = 1
					}
					if has[c] {
						want[1] = 1
					}
					if got := [2]int{len(claimed.got), len(inherited.got)}; got != want {
						t.Fatalf("channel %d: claimant and heir got %v, want %v", c, got, want)
					}
				}
			},
		})
		turn.Leave(claimant)
		turn.Leave(heir)
		if n.router.channels.len() > 0 {
			t.Fatalf("%d channels are left", n.router.channels.len())
		}
	})
}

// What is covered is taken from the backbone as long as somebody wants it, and
// delivered to nobody.
func TestCover(t *testing.T) {
	n := online(t, Options{})
	lo, hi := wire.Channel(100_000_000), wire.Channel(299_999_999)
	covers := func(want bool) {
		t.Helper()
		for c, want := range map[wire.Channel]bool{lo: want, hi: want, 402_000: false} {
			if got := n.router.coverage.covers(c); got != want {
				t.Errorf("takes in %d: %v, want %v", c, got, want)
			}
		}
	}
	turn := n.Begin()
	turn.Cover(lo, hi)
	turn.Cover(lo, hi)
	turn.Cover(hi, lo) // nothing
	covers(true)
	turn.Uncover(lo, hi)
	covers(true)
	turn.Uncover(lo, hi)
	covers(false)
	turn.End()
	if s := n.Stats(); s.Subscriptions != 0 || s.Ranges != 0 || s.Channels != 0 {
		t.Errorf("left behind: %+v", s)
	}
}
