package bridgetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
)

// A process whose subscriptions another server has not heard of is told so. When they are in
// force, what anybody sends reaches it.
func TestWaitSubscribed(t *testing.T) {
	t.Parallel()
	const channel = 402_000_000
	nodes, route := SlowMesh(t, nil)
	server, sender := Join(t, nodes[0], "server"), Join(t, nodes[2], "sender")
	route.Hold() // what the first server tells the last one
	must(t, server.Subscribe(channel))
	short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := nodes[0].WaitSubscribed(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("in force, though it has not got there: %v", err)
	}
	route.Release()
	long, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	must(t, nodes[0].WaitSubscribed(long))
	must(t, sender.Send(Numbered(t, 1, channel)))
	server.WaitFor(1)
}

// At one NATS server, and without any other node, it takes a round trip; without a backbone it is
// waited for in vain.
func TestWaitSubscribedAtOneServer(t *testing.T) {
	t.Parallel()
	m := newMortal(t)
	nodes := []*bridge.Node{start(t, below(m)["external"], nil), start(t, below(m)["external"], nil)}
	server, sender := Join(t, nodes[0], "server"), Join(t, nodes[1], "sender")
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	const first, many = 402_000_000, 200
	for i := range uint32(many) {
		c := wire.Channel(first + i)
		must(t, server.Subscribe(c))
		must(t, nodes[0].WaitSubscribed(ctx))
		must(t, sender.Send(Numbered(t, i, c)))
	}
	server.WaitFor(many)

	m.die()
	eventually(t, "the backbone is lost", func() bool { return !nodes[0].Stats().Connected })
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := nodes[0].WaitSubscribed(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("without a backbone: %v", err)
	}
}
