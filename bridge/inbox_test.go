package bridge

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"natstron/bridge/wire"
)

// One datagram for many participants of an inbox is stored once, and its bytes
// are the inbox's own.
func TestInboxStoresADatagramOnce(t *testing.T) {
	n := offline(t, Options{})
	inbox := NewInbox(1 << 10)
	sender := join(t, n, blackHole{})
	var who []*Participant
	for range 100 {
		p := join(t, n, inbox)
		must(t, p.Subscribe(5))
		who = append(who, p)
	}
	d := datagram(t, "a hundred times this is more than the inbox takes", 5)
	want := string(d)
	must(t, sender.Send(d))
	clear(d) // the inbox must not keep what was lent
	<-inbox.Ready
	got := inbox.Take()
	if len(got) != 1 || string(got[0].Datagram) != want {
		t.Fatalf("got %d deliveries, want one with %q", len(got), want)
	}
	to := map[*Participant]int{}
	for _, p := range got[0].To {
		to[p]++
	}
	for i, p := range who {
		if to[p] != 1 {
			t.Errorf("participant %d is named %d times", i, to[p])
		}
	}
	if len(inbox.Take()) != 0 {
		t.Error("taken twice")
	}
}

// However deliveries and takes interleave, each delivery is taken once, in
// order, with its participants.
func TestInboxAgainstAList(t *testing.T) {
	who := []*Participant{{id: 1}, {id: 2}, {id: 3}}
	rapid.Check(t, func(t *rapid.T) {
		const limit = 64
		inbox := NewInbox(limit)
		var want []string
		queued, routing := 0, uint64(0)
		t.Repeat(map[string]func(*rapid.T){
			"route": func(t *rapid.T) {
				routing++
				d := wire.Datagram(rapid.SliceOfN(rapid.Byte(), 1, 20).Draw(t, "datagram"))
				fits := queued+len(d) <= limit
				to := who[:rapid.IntRange(1, len(who)).Draw(t, "participants")]
				for _, p := range to {
					if got := inbox.Deliver(routing, p, d); got != fits {
						t.Fatalf("with %d bytes queued, %d more were taken: %v", queued, len(d), got)
					}
				}
				if fits {
					queued += len(d)
					want = append(want, line(to, d))
				}
			},
			"take": func(t *rapid.T) {
				var got []string
				for _, delivery := range inbox.Take() {
					got = append(got, line(delivery.To, delivery.Datagram))
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("(-want +got)\n%s", diff)
				}
				want, queued = nil, 0
			},
		})
	})
}

func line(to []*Participant, d wire.Datagram) string {
	text := fmt.Sprintf("%x to", []byte(d))
	for _, p := range to {
		text += fmt.Sprintf(" %d", p.id)
	}
	return text
}

func TestInboxLimit(t *testing.T) {
	p := &Participant{}
	inbox := NewInbox(10)
	if !inbox.Deliver(1, p, make(wire.Datagram, 10)) {
		t.Fatal("10 bytes were refused")
	}
	if inbox.Deliver(2, p, make(wire.Datagram, 1)) {
		t.Fatal("the 11th byte was taken")
	}
	inbox.Take()
	if !inbox.Deliver(3, p, make(wire.Datagram, 10)) {
		t.Error("no room after all was taken")
	}
	if NewInbox(10).Deliver(1, p, make(wire.Datagram, 11)) {
		t.Error("a datagram longer than the limit was taken")
	}
}

func TestInboxClose(t *testing.T) {
	p := &Participant{}
	inbox := NewInbox(100)
	inbox.Deliver(1, p, make(wire.Datagram, 9))
	inbox.Wake()
	inbox.Wake() // nobody has read the first one: must not block
	inbox.Close()
	inbox.Close()
	inbox.Wake() // must not panic
	if inbox.Deliver(2, p, make(wire.Datagram, 9)) {
		t.Error("a closed inbox takes a datagram")
	}
	if inbox.Deliver(1, p, make(wire.Datagram, 9)) {
		t.Error("a closed inbox takes one more recipient of the last datagram")
	}
	values := 0
	for range inbox.Ready {
		values++
	}
	if values != 1 {
		t.Errorf("Ready had %d values before it was closed, want 1", values)
	}
	if got := len(inbox.Take()); got != 1 {
		t.Errorf("%d deliveries from before the end, want 1", got)
	}
}
