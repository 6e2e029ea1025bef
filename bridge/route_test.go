package bridge

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"

	"natstron/bridge/wire"
)

func TestTurnLater(t *testing.T) {
	n := offline(t, Options{})
	p := join(t, n, blackHole{})
	var did []string
	turn := n.Begin()
	turn.Later(func() {
		did = append(did, "first")
		send(t, p, "needs the lock", 5)
		inner := n.Begin()
		inner.Later(func() { did = append(did, "inner") })
		inner.End()
	})
	turn.Later(func() { did = append(did, "second") })
	if len(did) > 0 {
		t.Fatal("done before the turn ended")
	}
	turn.End()
	n.Begin().End()
	if diff := cmp.Diff([]string{"first", "inner", "second"}, did); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestSendRefusesWhatCannotBeRouted(t *testing.T) {
	n := online(t, Options{})
	sink := &tape{}
	noErr(t, join(t, n, sink).Subscribe(5))
	p := join(t, n, blackHole{})
	queued(n)
	five := string(datagram(t, "", 5))
	for name, d := range map[string]string{
		"nothing":              "",
		"a count alone":        "\x01",
		"half of a recipient":  five[:5],
		"one recipient of two": "\x02" + five[1:9],
		"longer than a frame":  five + string(make([]byte, wire.MaxLength+1-len(five))),
	} {
		if err := p.Send(wire.Datagram(d)); err == nil {
			t.Errorf("%s was routed", name)
		}
		turn := n.Begin()
		if err := turn.RouteDown(wire.Datagram(d)); err == nil {
			t.Errorf("%s was routed down", name)
		}
		n.arrive("_A.x.1.1", wire.Datagram(d), time.Now())
		turn.End()
	}
	if len(sink.got) > 0 || len(queued(n)) > 0 {
		t.Error("something was routed")
	}
	if got := n.Stats().Malformed; got != 15 {
		t.Errorf("%d malformed datagrams counted, want 15", got)
	}
	// Without sender and type it is routed as it is, and so is the longest one.
	noErr(t, p.Send(wire.Datagram(five[:9])))
	longest := five + string(make([]byte, wire.MaxLength-len(five)))
	noErr(t, p.Send(wire.Datagram(longest)))
	if diff := cmp.Diff([]string{five[:9], longest}, sink.got); diff != "" {
		t.Errorf("(-want +got)\n%.2000s", diff)
	}
}

// A datagram with its recipients repeated, matched by channels and by ranges,
// comes once, and not to its sender.
func TestRouteDeliversOnce(t *testing.T) {
	n := offline(t, Options{})
	var all [3]tape
	var who [3]*Participant
	for i := range all {
		who[i] = join(t, n, &all[i])
		noErr(t, who[i].Subscribe(5, 6))
		noErr(t, who[i].SubscribeRange(10, 20))
		noErr(t, who[i].SubscribeRange(0, wire.MaxChannel))
	}
	send(t, who[0], "x", 5, 6, 5, 12, 13, wire.MaxChannel)
	if got := []int{len(all[0].got), len(all[1].got), len(all[2].got)}; !cmp.Equal(got, []int{0, 1, 1}) {
		t.Errorf("delivered %v times, want 0, 1, 1", got)
	}
}

// One that overflows is cut off at once, in the midst of its turn, and the
// others are not touched.
func TestOverflowCutsOff(t *testing.T) {
	n := offline(t, Options{})
	inbox := NewInbox(60)
	var causes []error
	slow, err := n.Join("slow", inbox, func(cause error) { causes = append(causes, cause) })
	noErr(t, err)
	noErr(t, slow.Subscribe(5))
	other := &tape{}
	noErr(t, join(t, n, other).Subscribe(5))
	p := join(t, n, blackHole{})
	turn := n.Begin()
	for i := range 10 {
		noErr(t, turn.Send(p, datagram(t, fmt.Sprint(i), 5)))
	}
	turn.End()
	if len(other.got) != 10 {
		t.Errorf("the other one got %d of 10", len(other.got))
	}
	if len(causes) != 1 || !errors.Is(causes[0], ErrOverflow) {
		t.Errorf("told %v, want one ErrOverflow", causes)
	}
	got := inbox.Take()
	for i, d := range got {
		if text(d.Datagram) != fmt.Sprint(i) {
			t.Errorf("delivery %d is %q: something was skipped", i, text(d.Datagram))
		}
	}
	send(t, p, "when there is room again", 5)
	if more := inbox.Take(); len(more) > 0 {
		t.Error("one that was cut off gets more")
	}
	if err := slow.Send(datagram(t, "x", 5)); !errors.Is(err, ErrCutOff) {
		t.Errorf("one that was cut off sends: %v", err)
	}
	if got := n.Stats().Overflows; got != 1 {
		t.Errorf("%d overflows counted, want 1", got)
	}
	slow.Leave()
}

func TestASinkIsWokenOnceATurn(t *testing.T) {
	n := offline(t, Options{})
	shared, alone := &tape{}, &tape{}
	noErr(t, join(t, n, alone).Subscribe(5))
	for range 5 {
		noErr(t, join(t, n, shared).Subscribe(5))
	}
	p := join(t, n, blackHole{})
	for range 2 {
		turn := n.Begin()
		noErr(t, turn.Send(p, datagram(t, "x", 5)))
		noErr(t, turn.Send(p, datagram(t, "y", 5)))
		turn.End()
	}
	if shared.wakes != 2 || alone.wakes != 2 {
		t.Errorf("woken %d and %d times in 2 turns", shared.wakes, alone.wakes)
	}
}

// Routing allocates nothing.
func TestRouteDoesNotAllocate(t *testing.T) {
	n := offline(t, Options{})
	for range 10 {
		noErr(t, join(t, n, blackHole{}).Subscribe(5, 6))
	}
	noErr(t, join(t, n, blackHole{}).SubscribeRange(0, 1000))
	p := join(t, n, blackHole{})
	d := datagram(t, "x", 5, 6, 7, 1<<33)
	if got := testing.AllocsPerRun(1000, func() { _ = p.Send(d) }); got > 0 {
		t.Errorf("%v allocations for each datagram", got)
	}
}

// counter is a sink that only counts.
type counter struct{ n uint64 }

func (c *counter) Deliver(uint64, *Participant, wire.Datagram) bool { c.n++; return true }
func (c *counter) Wake()                                            {}

// embeddedNode is a node that is alone with its server.
func embeddedNode(b testing.TB, listen string) *Node {
	b.Helper()
	n, err := Start(context.Background(), Options{Embedded: Embedded{Listen: listen}})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		n.Stop(ctx)
	})
	return n
}

// benchmarkRoute sends one datagram of 100 bytes to so many recipients, each
// with so many participants.
func benchmarkRoute(b *testing.B, n *Node, recipients, participants int) {
	sink := &counter{}
	sender, err := n.Join("sender", sink, func(error) {})
	noErr(b, err)
	defer sender.Leave()
	var to []wire.Channel
	for i := range recipients {
		to = append(to, wire.Channel(402000000+i))
		for range participants {
			p, err := n.Join("receiver", sink, func(error) {})
			noErr(b, err)
			defer p.Leave()
			noErr(b, p.Subscribe(to[i]))
		}
	}
	d := datagram(b, string(make([]byte, max(0, 100-13-8*recipients))), to...)
	b.ReportAllocs()
	b.SetBytes(int64(len(d)))
	for b.Loop() {
		if err := sender.Send(d); err != nil {
			b.Fatal(err)
		}
	}
	if want := uint64(b.N * recipients * participants); sink.n != want {
		b.Fatalf("%d deliveries, want %d", sink.n, want)
	}
}

func BenchmarkRouteOne(b *testing.B) { benchmarkRoute(b, embeddedNode(b, "none"), 1, 1) }

func BenchmarkRouteFanout100(b *testing.B) { benchmarkRoute(b, embeddedNode(b, "none"), 1, 100) }

func BenchmarkRouteMulti10(b *testing.B) { benchmarkRoute(b, embeddedNode(b, "none"), 10, 1) }

// BenchmarkRouteObserved has somebody else on the server: what the node itself listens to
// is published.
func BenchmarkRouteObserved(b *testing.B) {
	n := embeddedNode(b, "127.0.0.1:0")
	nc, err := nats.Connect(n.URL())
	noErr(b, err)
	defer nc.Close()
	_, err = nc.SubscribeSync(Subjects{}.Subject(7))
	noErr(b, err)
	noErr(b, nc.Flush())
	benchmarkRoute(b, n, 1, 1)
	if n.Stats().Published == 0 {
		b.Fatal("nothing was published")
	}
}

// BenchmarkSubscribe is one channel subscribed to, and given up again.
func BenchmarkSubscribe(b *testing.B) {
	n := embeddedNode(b, "none")
	p, err := n.Join("p", blackHole{}, func(error) {})
	noErr(b, err)
	defer p.Leave()
	b.ReportAllocs()
	for i := wire.Channel(0); b.Loop(); i++ {
		c := 1<<40 + i<<32
		if err := p.Subscribe(c); err != nil {
			b.Fatal(err)
		}
		p.Unsubscribe(c)
	}
}
