package bridge

import (
	"encoding/binary"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"natstron/internal/wire"
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
		if err := p.Subscribe(5); err != nil {
			t.Fatal(err)
		}
		who = append(who, p)
	}
	d := datagram(t, "a hundred times this is more than the inbox takes", 5)
	want := string(d)
	if err := sender.Send(d); err != nil {
		t.Fatal(err)
	}
	clear(d) // the inbox must not keep what was lent
	<-inbox.Ready
	if n := inbox.Queued(); n != len(want) {
		t.Errorf("%d bytes are queued, want %d", n, len(want))
	}
	got := inbox.Take()
	if n := inbox.Queued(); n != 0 {
		t.Errorf("%d bytes are queued after all was taken", n)
	}
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

// A large backlog must not hold its memory for ever.
func TestInboxLetsGoOfLargeBuffers(t *testing.T) {
	p := &Participant{}
	inbox := NewInbox(8 << 20)
	for i := range uint64(100) {
		inbox.Deliver(i+1, p, make(wire.Datagram, 60_000))
	}
	for len(inbox.Take()) > 0 {
	}
	kept := 0
	for _, list := range []*batch{inbox.first, inbox.taken, inbox.spare} {
		for b := list; b != nil; b = b.next {
			kept += cap(b.bytes)
		}
	}
	if kept > keepBytes {
		t.Errorf("%d bytes are kept by an empty inbox", kept)
	}
}

// A backlog is taken in parts, and Ready says that there is more.
func TestInboxBacklog(t *testing.T) {
	p := &Participant{}
	inbox := NewInbox(8 << 20)
	const count = 10_000
	for i := range uint64(count) {
		d := binary.LittleEndian.AppendUint64(make([]byte, 0, 100), i)
		inbox.Deliver(i+1, p, d[:100])
	}
	inbox.Wake()
	next, takes := uint64(0), 0
	for next < count {
		<-inbox.Ready
		got := inbox.Take()
		takes++
		for _, d := range got {
			if n := binary.LittleEndian.Uint64(d.Datagram); n != next {
				t.Fatalf("delivery %d stands where %d must", n, next)
			}
			next++
		}
	}
	if want := count * 100 / batchBytes; takes < want || takes > want+2 {
		t.Errorf("%d takes, want about %d", takes, want)
	}
	if in := inbox; in.queued != 0 {
		t.Errorf("%d bytes are queued", in.queued)
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
