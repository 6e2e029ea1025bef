package bridge

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"

	"natstron/bridge/internal/link"
)

// eventTape is a subscriber that records what it gets.
type eventTape struct {
	*EventSubscription
	more chan struct{}

	mu  sync.Mutex
	got []string
}

func eventsOf(t *testing.T, n *Node) *eventTape {
	t.Helper()
	tape := &eventTape{more: make(chan struct{}, 1)}
	tape.EventSubscription = n.SubscribeEvents(func(event []byte) {
		tape.mu.Lock()
		defer tape.mu.Unlock()
		tape.got = append(tape.got, string(event))
		select {
		case tape.more <- struct{}{}:
		default:
		}
	})
	t.Cleanup(tape.Stop)
	return tape
}

// take waits for n events and forgets them.
func (tape *eventTape) take(t *testing.T, n int) []string {
	t.Helper()
	limit := time.After(10 * time.Second)
	for {
		tape.mu.Lock()
		got := tape.got
		if len(got) >= n {
			tape.got = nil
			tape.mu.Unlock()
			return got
		}
		tape.mu.Unlock()
		select {
		case <-tape.more:
		case <-limit:
			t.Fatalf("got %d events, want %d: %q", len(got), n, got)
		}
	}
}

// eventNode is a node of a cluster: with its own server if hub is nil.
func eventNode(t *testing.T, hub *Node) *Node {
	t.Helper()
	o := Options{Embedded: Embedded{Listen: "127.0.0.1:0"}}
	if hub != nil {
		o = Options{External: &External{URLs: []string{hub.URL()}}}
	}
	n, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Stop(context.Background()) })
	return n
}

// settle waits until the server has what the node has queued, subscriptions
// above all.
func settle(t *testing.T, n *Node) {
	t.Helper()
	n.mu.Lock()
	l := n.link
	n.mu.Unlock()
	l.Drain(10 * time.Second)
}

func publishEvent(t *testing.T, publish func([]byte) error, event string) {
	t.Helper()
	if err := publish([]byte(event)); err != nil {
		t.Fatal(err)
	}
}

func TestEventsWithinAProcess(t *testing.T) {
	n := online(t, Options{})
	a, b := eventsOf(t, n), eventsOf(t, n)
	event := []byte("from nobody")
	if err := n.PublishEvent(event); err != nil {
		t.Fatal(err)
	}
	clear(event) // it was lent
	publishEvent(t, a.Publish, "from a")
	b.Stop()
	publishEvent(t, n.PublishEvent, "after b")
	for _, test := range []struct {
		name string
		tape *eventTape
		want []string
	}{
		{"a", a, []string{"from nobody", "after b"}},
		{"b", b, []string{"from nobody", "from a"}},
	} {
		if diff := cmp.Diff(test.want, test.tape.got); diff != "" {
			t.Errorf("%s: %s", test.name, diff)
		}
	}
}

// An event logger is mostly a subscriber that publishes: what it hears must not
// come out of the cluster a second time, and everybody else hears it once.
func TestEventsOfACluster(t *testing.T) {
	hub := eventNode(t, nil)
	other := eventNode(t, hub)
	nc, err := nats.Connect(hub.URL())
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	operator, err := nc.SubscribeSync(hub.options.Subjects.Events())
	if err != nil {
		t.Fatal(err)
	}
	here, there := eventsOf(t, hub), eventsOf(t, other)
	settle(t, hub)
	settle(t, other)
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}

	const many = 1000
	var want []string
	for i := range many {
		want = append(want, fmt.Sprint("event ", i))
		publishEvent(t, here.Publish, want[i])
	}
	if diff := cmp.Diff(want, there.take(t, many)); diff != "" {
		t.Errorf("the other node: %s", diff)
	}
	var seen []string
	for range many {
		m, err := operator.NextMsg(10 * time.Second)
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, string(m.Data))
		if want := "astronctl.events." + hub.members.Origin(); m.Subject != want {
			t.Fatalf("subject %s, want %s", m.Subject, want)
		}
	}
	if diff := cmp.Diff(want, seen); diff != "" {
		t.Errorf("the operator: %s", diff)
	}
	if err := nc.Publish("astronctl.events.script", []byte("from a script")); err != nil {
		t.Fatal(err)
	}
	// Had the node got its own events back, they would stand before this one.
	if diff := cmp.Diff([]string{"from a script"}, here.take(t, 1)); diff != "" {
		t.Errorf("the node itself: %s", diff)
	}
	if diff := cmp.Diff(EventStats{Published: many, Received: 1}, hub.EventStats()); diff != "" {
		t.Error(diff)
	}
	if n := hub.Stats(); n.Peers > 1 || n.BadNotes > 0 {
		t.Errorf("events were taken for notes: %+v", n)
	}
}

func TestEventsThatNobodyWants(t *testing.T) {
	hub := eventNode(t, nil)
	other := eventNode(t, hub)
	settle(t, other)
	publishEvent(t, hub.PublishEvent, "unheard")
	settle(t, hub)
	if got := hub.EventStats(); got != (EventStats{}) {
		t.Errorf("published though nobody listens: %+v", got)
	}
	tape := eventsOf(t, other)
	settle(t, other)
	publishEvent(t, hub.PublishEvent, "heard")
	tape.take(t, 1)
	tape.Stop()
	settle(t, other)
	publishEvent(t, hub.PublishEvent, "unheard again")
	settle(t, hub)
	if got := hub.EventStats(); got.Published != 1 {
		t.Errorf("%+v, want one published", got)
	}
}

// What is published while the backbone is lost is sent when it is back, and the
// subscription is there again.
func TestEventsOutliveTheConnection(t *testing.T) {
	hub := eventNode(t, nil)
	lossy := eventNode(t, hub)
	far, near := eventsOf(t, hub), eventsOf(t, lossy)
	settle(t, hub)
	settle(t, lossy)

	lossy.mu.Lock()
	old := lossy.link
	lossy.lose(errors.New("the test wants it so"))
	lossy.mu.Unlock()
	old.(*link.Link).Close() // its writer is gone
	publishEvent(t, near.Publish, "into the gap")
	if diff := cmp.Diff([]string{"into the gap"}, far.take(t, 1)); diff != "" {
		t.Error(diff)
	}
	settle(t, lossy)
	publishEvent(t, far.Publish, "after the gap")
	if diff := cmp.Diff([]string{"after the gap"}, near.take(t, 1)); diff != "" {
		t.Error(diff)
	}
}

// Events that nobody takes are dropped at last, but only on the backbone.
func TestEventsAreBounded(t *testing.T) {
	n := online(t, Options{}) // nobody empties its queue
	tape := eventsOf(t, n)
	event := []byte(strings.Repeat("x", 1000))
	const many = 5000 // more than 4 MiB
	full := 0
	for range many {
		switch err := n.PublishEvent(event); {
		case errors.Is(err, ErrEventsFull):
			full++
		case err != nil:
			t.Fatal(err)
		}
	}
	if err := n.PublishEvent(make([]byte, MaxEvent+1)); !errors.Is(err, ErrEventTooLong) {
		t.Errorf("too long: %v", err)
	}
	if got := n.EventStats().Dropped; full == 0 || got != uint64(full)+1 {
		t.Errorf("%d dropped, %d found the queue full", got, full)
	}
	if len(tape.got) != many+1 {
		t.Errorf("in the process, %d of %d arrived", len(tape.got), many+1)
	}
	if n.outbox.Full() {
		t.Error("events fill the queue of the datagrams")
	}
}

// A server may take less than we do: the event is dropped, not the connection.
func TestEventTooLongForTheServer(t *testing.T) {
	config := filepath.Join(t.TempDir(), "nats.conf")
	if err := os.WriteFile(config, []byte("max_payload: 100000"), 0o600); err != nil {
		t.Fatal(err)
	}
	hub, err := Start(t.Context(), Options{Embedded: Embedded{Listen: "127.0.0.1:0", Config: config}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { hub.Stop(context.Background()) })
	other := eventNode(t, hub)
	tape := eventsOf(t, other)
	settle(t, other)
	publishEvent(t, hub.PublishEvent, strings.Repeat("x", 100_001))
	publishEvent(t, hub.PublishEvent, "short")
	if diff := cmp.Diff([]string{"short"}, tape.take(t, 1)); diff != "" {
		t.Error(diff)
	}
	settle(t, hub)
	if diff := cmp.Diff(EventStats{Published: 1, Dropped: 1}, hub.EventStats()); diff != "" {
		t.Error(diff)
	}
	if gaps := hub.Stats().Gaps; gaps != 0 {
		t.Errorf("the backbone was lost %d times", gaps)
	}
}

// Publishing may happen while routing, as CONTROL_LOG_MESSAGE does.
func TestPublishEventWhileRouting(t *testing.T) {
	n := online(t, Options{})
	tape := eventsOf(t, n)
	turn := n.Begin()
	publishEvent(t, n.PublishEvent, "in a turn")
	turn.End()
	if len(tape.got) != 1 {
		t.Errorf("got %q", tape.got)
	}
}
