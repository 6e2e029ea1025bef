package bridge

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"natstron/bridge/internal/membership"
	"natstron/bridge/wire"
)

// leaves is a note that a post-remove to a channel was added.
func leaves(t testing.TB, seq uint64, text string, to wire.Channel) string {
	t.Helper()
	data, err := json.Marshal(datagram(t, text, to))
	must(t, err)
	return fmt.Sprintf(`{"add":{"seq":%d,"participant":3,"sender":"1","datagram":%s}}`, seq, data)
}

// What a survivor of a dead node sends: what another one sent first is not delivered again.
// But a node that has seen only a part of it sends all of it: on its way to others, what this
// node sends may overtake what the other one sent, and must bring all of it in order.
func TestSurvivorsAgree(t *testing.T) {
	first := "publish astron.0.0.0.5 other-pr.1.3 first"
	second := "publish astron.0.0.0.5 other-pr.2.3 second"
	dead := `note astronctl.dead.self {"origin":"other","silent":true}`
	for _, test := range []struct {
		name string
		seen int
		want []string
	}{
		{"nothing seen", 0, []string{first, second, dead}},
		{"a part seen", 1, []string{first, second, dead}},
		{"all seen", 2, []string{dead}},
	} {
		n := online(t, Options{})
		watch := &tape{}
		must(t, join(t, n, watch).Subscribe(5))
		now := time.Now()
		texts := []string{"first", "second"}
		for i, what := range texts {
			hear(n, membership.KindPostRemove, "other", leaves(t, uint64(i+1), what, 5), now)
		}
		for i, what := range texts[:test.seen] {
			arrive(n, fmt.Sprintf("other-pr.%d.3", i+1), datagram(t, what, 5), now)
		}
		told(n)
		now = beats(n, now, 2*n.options.DeadAfter)
		if len(watch.got) != 2 || text(watch.got[0]) != "first" || text(watch.got[1]) != "second" {
			t.Errorf("%s: delivered %q, want each once, in order", test.name, watch.got)
		}
		if s := n.Stats(); s.PostRemoves != uint64(2-test.seen) || s.DeadNodes != 1 {
			t.Errorf("%s: %d post-removes counted, want %d", test.name, s.PostRemoves, 2-test.seen)
		}
		same(t, test.want, told(n), test.name)
		// What the others send is known, and what the dead one still says is not heard.
		arrive(n, "other-pr.1.3", datagram(t, "first", 5), now)
		arrive(n, "other.77.3", datagram(t, "a dead one's", 5), now)
		if s := n.Stats(); len(watch.got) != 2 || s.Duplicates != 1 || s.Zombies != 1 {
			t.Errorf("%s: delivered %d, duplicates %d, zombies %d, want 2, 1, 1", test.name, len(watch.got), s.Duplicates, s.Zombies)
		}
	}
}

// Copies and sequences that leap are dropped, and counted.
func TestArrivalsAreCounted(t *testing.T) {
	n := online(t, Options{})
	watch := &tape{}
	must(t, join(t, n, watch).Subscribe(5))
	now := time.Now()
	hear(n, membership.KindHeartbeat, "other", `{"seq":1}`, now)
	for _, seq := range []uint64{1, 2, 2, 1 << 40, 3} {
		arrive(n, fmt.Sprintf("other.%d.3", seq), datagram(t, "x", 5), now)
	}
	turn := n.Begin()
	n.arrive("", datagram(t, "of a program that is not a node", 5), now)
	n.arrive("", wire.Datagram{7}, now)
	turn.End()
	if s := n.Stats(); len(watch.got) != 4 || s.Received != 7 || s.Duplicates != 1 || s.Leaps != 1 || s.Malformed != 1 {
		t.Errorf("delivered %d of %d, %d duplicates, %d leaps, %d malformed", len(watch.got), s.Received, s.Duplicates, s.Leaps, s.Malformed)
	}
}

// A node that always has messages waiting finds the dead all the same.
func TestBusyNodeFindsTheDead(t *testing.T) {
	t.Parallel()
	n, err := Start(t.Context(), Options{Embedded: Embedded{Listen: "127.0.0.1:0"}, Heartbeat: 100 * time.Millisecond, DeadAfter: 2 * time.Second})
	must(t, err)
	t.Cleanup(func() { n.Stop(t.Context()) })
	must(t, visit(t, n, blackHole{}).Subscribe(5))
	nc, err := nats.Connect(n.URL())
	must(t, err)
	defer nc.Close()
	must(t, nc.Publish("astronctl.hb.dead", []byte("{}")))
	busy := datagram(t, "busy", 5)
	eventually(t, "a node that says nothing is dead, and one that speaks lives", func() bool {
		for range 5000 {
			must(t, nc.Publish("astron.0.0.0.5", busy))
		}
		must(t, nc.Publish("astronctl.hb.alive", []byte("{}")))
		s := n.Stats()
		return s.DeadNodes == 1 && s.Peers == 1
	})
}

// A lost number ends the link, once what is queued has been written.
func TestHoleEndsTheLink(t *testing.T) {
	n := online(t, Options{})
	now := time.Now()
	hear(n, membership.KindHeartbeat, "other", `{"beat":7}`, now)
	queued(n)
	hear(n, membership.KindTick, "other", `{"beat":9}`, now)
	if got := strings.Join(queued(n), "\n"); !strings.Contains(got, "note astronctl.hb.self") {
		t.Errorf("the others are told no last number, but %q", got)
	}
	if s := n.Stats(); s.Holes != 1 || n.link.(*fakeLink).cause == nil {
		t.Errorf("%d holes; the link has ended: %v", s.Holes, n.link.(*fakeLink).cause)
	}
}

// Being told to settle is answered behind the post-removes of the dead, with a goroutine of
// its own.
func TestCallsAreMade(t *testing.T) {
	n := online(t, Options{})
	now := time.Now()
	hear(n, membership.KindHeartbeat, "other", `{"server":"here"}`, now)
	settled := make(chan struct{})
	n.WhenSettled(func() { close(settled) })
	hear(n, membership.KindHello, "newcomer", `{"settle":true}`, now)
	select {
	case <-settled:
		t.Fatal("settled, though one has not answered")
	default:
	}
	hear(n, membership.KindBye, "other", `{}`, now)
	hear(n, membership.KindBye, "newcomer", `{}`, now)
	<-settled
	eventually(t, "the newcomer is told", func() bool {
		n.mu.Lock()
		defer n.mu.Unlock()
		return strings.Contains(strings.Join(queued(n), "\n"), "note astronctl.settled.newcomer")
	})
}

// Questions of tools are answered side by side, up to a bound. What comes beyond waits, up to
// another one; the rest is dropped and counted.
func TestQuestionsAreBounded(t *testing.T) {
	n := online(t, Options{})
	proceed := make(chan struct{})
	var answered sync.WaitGroup
	n.Answer("who", func([]byte) []byte {
		defer answered.Done()
		<-proceed
		return nil
	})
	question := func(times int) {
		turn := n.Begin()
		defer turn.End()
		for range times {
			n.asked("who", "_INBOX.x", nil)
		}
	}
	answered.Add(maxAnswering + maxUnanswered)
	question(maxAnswering + maxUnanswered + 3)
	if got := n.Stats().QuestionsDropped; got != 3 {
		t.Errorf("%d questions dropped, want 3", got)
	}
	close(proceed)
	answered.Wait()
	eventually(t, "all are answered", func() bool {
		turn := n.Begin()
		defer turn.End()
		return n.answering == 0
	})
	answered.Add(1)
	question(1)
	answered.Wait()
	if got := n.Stats().QuestionsDropped; got != 3 {
		t.Errorf("%d questions dropped after the rest was answered, want 3", got)
	}
}
