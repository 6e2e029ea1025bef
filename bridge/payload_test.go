package bridge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"natstron/bridge/internal/link"
	"natstron/bridge/wire"
	"natstron/internal/msgtext"
)

// smallServer is a node whose NATS server takes messages of so many bytes.
func smallServer(t *testing.T, maxPayload int, log *slog.Logger) (*Node, error) {
	t.Helper()
	config := filepath.Join(t.TempDir(), "nats.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, "max_payload: %d", maxPayload), 0o600); err != nil {
		t.Fatal(err)
	}
	n, err := Start(t.Context(), Options{Embedded: Embedded{Listen: "127.0.0.1:0", Config: config}, Log: log})
	if err == nil {
		t.Cleanup(func() { n.Stop(context.Background()) })
	}
	return n, err
}

// visit adds a participant that leaves before its node ends.
func visit(t *testing.T, n *Node, s Sink) *Participant {
	t.Helper()
	p := join(t, n, s)
	t.Cleanup(p.Leave)
	return p
}

// received is a sink that hands over what arrives.
type received chan string

func (c received) Deliver(_ uint64, _ *Participant, d wire.Datagram) bool {
	c <- string(d)
	return true
}
func (received) Wake() {}

// Datagrams that the NATS server does not take are refused, counted and logged; what
// comes after them arrives, and nobody is disconnected.
func TestDatagramTooLongForTheServer(t *testing.T) {
	const limit = 32 << 10
	hub, err := smallServer(t, limit, nil)
	noErr(t, err)
	log := new(msgtext.Log)
	n, err := Start(t.Context(), Options{
		External: &External{URLs: []string{hub.URL()}},
		Log:      slog.New(slog.NewTextHandler(log, nil)),
	})
	noErr(t, err)
	t.Cleanup(func() { n.Stop(context.Background()) })
	if strings.Count(log.String(), "max_payload=32768") != 1 {
		t.Error("the log does not tell of max_payload at the start")
	}

	far := make(received, 10)
	noErr(t, visit(t, hub, far).Subscribe(5))
	settle(t, hub)
	near := make(received, 10)
	noErr(t, visit(t, n, near).Subscribe(5))
	p := visit(t, n, blackHole{})
	long, short := datagram(t, string(make([]byte, 40_000)), 5), datagram(t, "short", 5)
	const many = 5
	for range many {
		noErr(t, p.Send(long))
		if got := <-near; got != string(long) {
			t.Error("a participant of the same process gets something else")
		}
	}
	noErr(t, p.Send(short))
	select {
	case got := <-far:
		if got != string(short) {
			t.Errorf("%d bytes arrive first, want the short datagram", len(got))
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the short datagram does not arrive")
	}
	if s := n.Stats(); s.TooLong != many || s.Gaps != 0 {
		t.Errorf("%d were too long, want %d; the backbone was lost %d times", s.TooLong, many, s.Gaps)
	}
	if lines := strings.Count(log.String(), "a message does not reach the other processes"); lines == 0 || lines == many {
		t.Errorf("%d lines tell of %d datagrams", lines, many)
	}
}

// A post-remove of which the other nodes cannot be told is refused; as many as one
// likes can be cleared.
func TestPostRemoveTooLongForTheServer(t *testing.T) {
	hub, err := smallServer(t, 16<<10, nil)
	noErr(t, err)
	n := eventNode(t, hub)
	p := visit(t, n, blackHole{})
	if err := p.AddPostRemove(9, datagram(t, string(make([]byte, 12_500)), 5)); !errors.Is(err, wire.ErrTooLong) {
		t.Errorf("a long post-remove: %v", err)
	}
	const many = 5000
	for range many {
		noErr(t, p.AddPostRemove(9, datagram(t, "gone", 5)))
	}
	eventually(t, "the other node keeps the post-removes", func() bool { return peerPostRemoves(hub) == many })
	p.ClearPostRemoves(9)
	eventually(t, "the other node has dropped the post-removes", func() bool { return peerPostRemoves(hub) == 0 })
	if s := n.Stats(); s.TooLong != 0 {
		t.Errorf("%d notes were too long", s.TooLong)
	}
}

func peerPostRemoves(n *Node) int {
	sum := 0
	for _, p := range n.Peers() {
		sum += p.PostRemoves
	}
	return sum
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it does not come true that %s", what)
		}
	}
}

// A server that does not even take heartbeats is refused.
func TestServerTakesTooLittle(t *testing.T) {
	n, err := smallServer(t, link.LeastPayload-1, nil)
	if err == nil || !strings.Contains(err.Error(), "max_payload") {
		t.Errorf("it started: %v, %v", n != nil, err)
	}
}
