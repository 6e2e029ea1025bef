package bridge

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"natstron/bridge/wire"
)

// queued takes what waits to be written, as text.
func queued(n *Node) (lines []string) {
	b := n.outbox.take()
	for _, p := range b.ops {
		payload := string(b.bytes[p.start:p.end])
		switch p.kind {
		case opPublish:
			origin := p.id.origin
			if origin == "" {
				origin = n.origin
			}
			subject := string(p.cover.Append(nil, DefaultPrefix))
			lines = append(lines, fmt.Sprintf("publish %s %s.%d.%d %s", subject, origin, p.id.seq, p.id.participant, text(payload)))
		case opSubscribe:
			lines = append(lines, "subscribe "+string(p.cover.Append(nil, DefaultPrefix)))
		case opUnsubscribe:
			lines = append(lines, "unsubscribe "+string(p.cover.Append(nil, DefaultPrefix)))
		case opNote:
			lines = append(lines, "note "+p.subject+" "+payload)
		case opFlush:
			lines = append(lines, "flush")
		}
	}
	return lines
}

// text is what [datagram] wrote into d.
func text[T ~string | ~[]byte](d T) string {
	m, err := wire.Datagram(d).Message()
	if err != nil {
		return err.Error()
	}
	return m.Payload.Text()
}

func send(t testing.TB, p *Participant, text string, to ...wire.Channel) {
	t.Helper()
	if err := p.Send(datagram(t, text, to...)); err != nil {
		t.Fatal(err)
	}
}

// What happened is queued in the order in which it happened; a datagram's copies
// stand together, share its bytes and its identity, and are one for each
// distinct subject.
func TestOutboxKeepsTheOrder(t *testing.T) {
	n := online(t, Options{BucketThreshold: 1})
	p := join(t, n, blackHole{})
	send(t, p, "first", 5)
	noErr(t, p.Subscribe(7))
	send(t, p, "second", 7, 5, 7, 1<<33, 5)
	noErr(t, p.Subscribe(8)) // now the bucket
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
		"unsubscribe astron.0.0.0.7",
		"unsubscribe astron.0.0.0.*",
		"publish astron.0.0.0.5 self.3.2 third",
	}
	if diff := cmp.Diff(want, queued(n)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	s := n.Stats()
	got := map[string]uint64{"sent": s.Sent, "published": s.Published, "copies": s.Copies, "subscriptions": uint64(s.Subscriptions)}
	if diff := cmp.Diff(map[string]uint64{"sent": 4, "published": 3, "copies": 5, "subscriptions": 0}, got); diff != "" {
		t.Errorf("stats: (-want +got)\n%s", diff)
	}
}

func noErr(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestOutboxLimitEndsTheLink(t *testing.T) {
	n := online(t, Options{MaxPending: 10_000})
	p := join(t, n, blackHole{})
	lost := func() bool {
		select {
		case <-n.link.lost:
			return true
		default:
			return false
		}
	}
	for sent := 0; !lost(); sent++ {
		if sent > 100 {
			t.Fatal("100 kB are queued, and the link is still kept")
		}
		send(t, p, string(make([]byte, 900)), 5)
		if sent == 5 && lost() {
			t.Fatal("given up far below the limit")
		}
	}
	if !errors.Is(n.link.cause, errOutboxFull) {
		t.Errorf("cause: %v", n.link.cause)
	}
	waiting := n.Stats().Copies
	n.mu.Lock()
	shut := n.outbox.shut()
	n.mu.Unlock()
	if uint64(shut) != waiting {
		t.Errorf("%d datagrams counted as lost, %d were queued", shut, waiting)
	}
	send(t, p, "after the end", 5)
	if s := n.Stats(); s.Unpublished != 1 || s.Pending != 0 || s.Connected {
		t.Errorf("after the end: %d unpublished, want 1; %d pending, want 0; connected: %v", s.Unpublished, s.Pending, s.Connected)
	}
	if got := queued(n); len(got) > 0 {
		t.Errorf("a closed queue takes %q", got)
	}
}

// Each batch is the writer's until it takes the next one.
func TestOutboxBatchesTakeTurns(t *testing.T) {
	o := newOutbox(1 << 20)
	o.open = true
	o.note("a", "", []byte("one"))
	first := o.take()
	o.note("b", "", []byte("two"))
	if got := string(first.bytes[first.ops[0].start:first.ops[0].end]); got != "one" {
		t.Errorf("the batch that is being written now holds %q", got)
	}
	second := o.take()
	if len(second.ops) != 1 || second.ops[0].subject != "b" {
		t.Errorf("the second batch holds %+v", second.ops)
	}
	if third := o.take(); len(third.ops) != 0 || len(third.bytes) != 0 {
		t.Errorf("nothing came since, and the third batch holds %d ops", len(third.ops))
	}
}

func TestOutboxSignal(t *testing.T) {
	o := newOutbox(1 << 20)
	o.open = true
	o.signal()
	if len(o.ready) != 0 {
		t.Error("the writer is woken for nothing")
	}
	o.note("a", "", nil)
	o.signal()
	o.signal() // must not block
	if len(o.ready) != 1 {
		t.Error("the writer is not woken")
	}
}

// A new link is given everything that the node listens to.
func TestResubscribe(t *testing.T) {
	n := offline(t, Options{})
	p := join(t, n, blackHole{})
	noErr(t, p.Subscribe(5))
	noErr(t, p.SubscribeRange(1<<33, 1<<33+10))
	if got := queued(n); len(got) > 0 {
		t.Fatalf("without a link, %q is queued", got)
	}
	n.outbox.open = true
	n.resubscribe()
	got := map[string]bool{}
	for _, line := range queued(n) {
		got[line] = true
	}
	if diff := cmp.Diff(map[string]bool{"subscribe astron.0.0.0.5": true, "subscribe astron.2.*": true}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// When much waits, whoever paces itself waits until it has been written, or will
// never be.
func TestPace(t *testing.T) {
	for _, end := range []string{"written", "lost"} {
		t.Run(end, func(t *testing.T) {
			n := online(t, Options{MaxPending: 80_000})
			p := join(t, n, blackHole{})
			n.Pace() // nothing waits
			for range 20 {
				send(t, p, strings.Repeat("x", 1000), 5)
			}
			paced := make(chan struct{})
			go func() {
				n.Pace()
				close(paced)
			}()
			n.mu.Lock()
			n.outbox.take() // much is being written now
			n.mu.Unlock()
			select {
			case <-paced:
				t.Fatal("went on while much waits")
			default:
			}
			n.mu.Lock()
			if end == "written" {
				n.outbox.take()
			} else {
				n.outbox.shut()
			}
			n.mu.Unlock()
			<-paced
			n.Pace()
		})
	}
}
