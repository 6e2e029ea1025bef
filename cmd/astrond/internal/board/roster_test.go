package board

import (
	"context"
	"fmt"
	"testing"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/internal/status"
)

// hole is a sink that takes everything.
type hole struct{}

func (hole) Deliver(uint64, *bridge.Participant, wire.Datagram) bool { return true }
func (hole) Wake()                                                   {}

// A million objects are a line for each class, and the lists have their bounds.
func TestRosterIsBounded(t *testing.T) {
	node, err := bridge.Start(t.Context(), bridge.Options{Embedded: bridge.Embedded{Listen: "none"}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel() // it has nobody to wait for
		node.Stop(ctx)
	}()
	join := func(name string) {
		p, err := node.Join(name, hole{}, func(error) {})
		if err == nil {
			err = p.Subscribe(100_000, 100_001)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for range 3000 {
		join("Toon of stateserver[402000]")
	}
	for i := range maxOthers + 50 {
		join(fmt.Sprintf("Client (%d)", i))
	}
	var r roster
	connections, others, unlisted, listed := r.now(node)
	if len(connections) != 0 || len(others) != maxOthers || unlisted != 51 || listed.IsZero() {
		t.Errorf("%d connections, %d others, %d not listed", len(connections), len(others), unlisted)
	}
	if want := (status.Participant{Name: "Toon of stateserver[402000]", Count: 3000, Channels: 6000}); others[0] != want {
		t.Errorf("the first is %v, want %v", others[0], want)
	}
}
