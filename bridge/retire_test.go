package bridge

import (
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"natstron/bridge/internal/routing"
)

// A subscription ends a whole period after it was retired, unless it is wanted
// again before.
func TestRetired(t *testing.T) {
	var r retired
	five, six := new(nats.Subscription), new(nats.Subscription)
	if r.takeBack(routing.CoverOf(5)) != nil {
		t.Error("taken back what was never retired")
	}
	r.add(routing.CoverOf(5), five)
	r.add(routing.CoverOf(6), six)
	if due := r.due(); len(due) != 0 {
		t.Errorf("%d end in the period in which they were retired", len(due))
	}
	if r.takeBack(routing.CoverOf(5)) != five || r.takeBack(routing.CoverOf(5)) != nil {
		t.Error("not taken back exactly once")
	}
	due := r.due()
	if len(due) != 1 || due[routing.CoverOf(6)] != six {
		t.Errorf("due: %v, want the one that was not taken back", due)
	}
	if r.takeBack(routing.CoverOf(6)) != nil {
		t.Error("taken back after its end")
	}
	r.add(routing.CoverOf(5), five)
	if r.takeBack(routing.CoverOf(5)) != five || len(r.due())+len(r.due()) > 0 {
		t.Error("taken back, and ends all the same")
	}
}

// However often a subscription comes and goes, the server never has many of it:
// each would bring one more copy of every message.
func TestSubscriptionsDoNotPileUp(t *testing.T) {
	n := embeddedNode(t, "none")
	srv := n.transport.(*embedded).server
	p := join(t, n, blackHole{})
	defer p.Leave()
	n.mu.Lock()
	l := n.link
	n.mu.Unlock()
	l.drain(10 * time.Second) // the server has what the node itself listens to
	before := srv.NumSubscriptions()
	const times = 2000
	for range times {
		noErr(t, p.Subscribe(5))
		p.Unsubscribe(5)
	}
	l.drain(10 * time.Second)
	if more := srv.NumSubscriptions() - before; more > 10 {
		t.Errorf("the server has %d subscriptions more, after one came and went %d times", more, times)
	}
	for deadline := time.Now().Add(10 * time.Second); srv.NumSubscriptions() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d subscriptions are still there", srv.NumSubscriptions()-before)
		}
	}
}
