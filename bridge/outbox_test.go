package bridge

import (
	"errors"
	"strings"
	"testing"

	"natstron/bridge/internal/membership"
)

// What happened is queued in the order in which it happened; a datagram's copies
// stand together, share its bytes and its identity, and are one for each
// distinct subject. What is unsubscribed ends later.
func TestOutboxKeepsTheOrder(t *testing.T) {
	n := online(t, Options{BucketThreshold: 1})
	p := join(t, n, blackHole{})
	send(t, p, "first", 5)
	must(t, p.Subscribe(7))
	send(t, p, "second", 7, 5, 7, 1<<33, 5)
	must(t, p.Subscribe(8)) // now the bucket
	p.Unsubscribe(7)
	p.Unsubscribe(8)
	send(t, p, "nobody")
	q := join(t, n, blackHole{})
	send(t, q, "third", 5)
	want := []string{
		"publish astron.0.0.0.5 self.1.1 first",
		"subscribe astron.0.0.0.7",
		"publish astron.0.0.0.7 self.2.1 second",
		"publish astron.0.0.0.5 self.2.1 second",
		"publish astron.2.0 self.2.1 second",
		"subscribe astron.0.0.0.*",
		"publish astron.0.0.0.5 self.3.2 third",
	}
	same(t, want, queued(n))
	s := n.Stats()
	got := map[string]uint64{"sent": s.Sent, "published": s.Published, "copies": s.Copies, "subscriptions": uint64(s.Subscriptions)}
	same(t, map[string]uint64{"sent": 4, "published": 3, "copies": 5, "subscriptions": 0}, got, "stats")
}

func TestOutboxLimitEndsTheLink(t *testing.T) {
	n := online(t, Options{MaxPending: 10_000})
	p := join(t, n, blackHole{})
	lost := func() bool { return n.link.(*fakeLink).cause != nil }
	for sent := 0; !lost(); sent++ {
		if sent > 100 {
			t.Fatal("100 kB are queued, and the link is still kept")
		}
		send(t, p, string(make([]byte, 900)), 5)
		if sent == 5 && lost() {
			t.Fatal("given up far below the limit")
		}
	}
	if !errors.Is(n.link.(*fakeLink).cause, errOutboxFull) {
		t.Errorf("cause: %v", n.link.(*fakeLink).cause)
	}
	waiting := n.Stats().Copies
	n.mu.Lock()
	shut := n.outbox.Shut()
	n.mu.Unlock()
	if uint64(shut) != waiting {
		t.Errorf("%d datagrams counted as lost, %d were queued", shut, waiting)
	}
	send(t, p, "after the end", 5)
	if s := n.Stats(); s.Unpublished != waiting+1 || s.Pending != 0 || s.Connected {
		t.Errorf("after the end: %d unpublished, want %d; %d pending, want 0; connected: %v", s.Unpublished, waiting+1, s.Pending, s.Connected)
	}
	if got := queued(n); len(got) > 0 {
		t.Errorf("a closed queue takes %q", got)
	}
}

// A new link is given everything that the node listens to.
func TestResubscribe(t *testing.T) {
	n := offline(t, Options{})
	p := join(t, n, blackHole{})
	must(t, p.Subscribe(5))
	must(t, p.SubscribeRange(1<<33, 1<<33+10))
	if got := queued(n); len(got) > 0 {
		t.Fatalf("without a link, %q is queued", got)
	}
	n.attach(&fakeLink{origin: "self"}, membership.Place{}, 0)
	got := map[string]bool{}
	for _, line := range queued(n) {
		if strings.HasPrefix(line, "subscribe") {
			got[line] = true
		}
	}
	same(t, map[string]bool{"subscribe astron.0.0.0.5": true, "subscribe astron.2.*": true}, got)
}
