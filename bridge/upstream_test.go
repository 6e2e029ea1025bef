package bridge

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"natstron/bridge/internal/routing"
	"natstron/bridge/wire"
)

// mirror is a sink that reads back what an upstream would get.
type mirror struct {
	lines []string
	act   func(wire.Control) // nil: only lines
	full  bool
	wakes int
}

func (m *mirror) Deliver(_ uint64, _ *Participant, d wire.Datagram) bool {
	if m.full {
		return false
	}
	if !d.IsControl() {
		m.lines = append(m.lines, text(d))
		return true
	}
	c, err := wire.ParseControl(d)
	if err != nil {
		panic(err)
	}
	if m.act != nil {
		m.act(c)
	}
	switch c.Type {
	case wire.ControlAddRange:
		m.lines = append(m.lines, fmt.Sprintf("+%d-%d", c.Channel, c.High))
	case wire.ControlRemoveRange:
		m.lines = append(m.lines, fmt.Sprintf("-%d-%d", c.Channel, c.High))
	case wire.ControlAddChannel:
		m.lines = append(m.lines, fmt.Sprintf("+%d", c.Channel))
	case wire.ControlRemoveChannel:
		m.lines = append(m.lines, fmt.Sprintf("-%d", c.Channel))
	case wire.ControlAddPostRemove:
		m.lines = append(m.lines, fmt.Sprintf("post-remove of %d: %s", c.Channel, text(c.Data)))
	case wire.ControlClearPostRemoves:
		m.lines = append(m.lines, fmt.Sprintf("clear %d", c.Channel))
	default:
		m.lines = append(m.lines, c.Type.String())
	}
	return true
}

func (m *mirror) Wake() { m.wakes++ }

// under is a node with an upstream.
func under(t rapid.TB) (*Node, *mirror) {
	t.Helper()
	n, up := offline(t, Options{}), &mirror{}
	if err := n.SetUpstream(up, func() {}); err != nil {
		t.Fatal(err)
	}
	return n, up
}

// What an upstream is told of ranges that two participants add, cut, and give
// up: the figures of the reference's scenario for the message director.
func TestUpstreamRanges(t *testing.T) {
	n, up := under(t)
	clients := map[string]*Participant{}
	for i, step := range []struct {
		client string
		do     string
		lo, hi wire.Channel
		want   []string
	}{
		{"c1", "add", 1000, 1999, []string{"+1000-1999"}},
		{"c1", "remove", 1300, 1700, []string{"-1300-1700"}},
		{"c1", "add", 1900, 2100, []string{"+1900-2100"}},
		{"c1", "remove", 1000, 1999, []string{"-1000-1999"}},
		{"c1", "leave", 0, 0, []string{"-2000-2100"}},
		{"c1", "add", 3000, 5000, []string{"+3000-5000"}},
		{"c1", "remove", 2950, 3043, []string{"-3000-3043"}},
		{"c1", "remove", 4763, 6000, []string{"-4763-5000"}},
		{"c1", "remove", 3951, 4049, []string{"-3951-4049"}},
		{"c1", "remove", 4030, 4070, []string{"-4030-4070"}},
		{"c1", "remove", 3891, 4040, []string{"-3891-4040"}},
		{"c1", "remove", 3700, 4200, []string{"-3700-4200"}},
		{"c2", "add", 3500, 4500, []string{"+3500-4500"}},
		{"c1", "remove", 3650, 3800, nil},
		{"c1", "remove", 3475, 3525, []string{"-3475-3499"}},
		{"c2", "remove", 3620, 4300, []string{"-3650-4200"}},
		{"c2", "leave", 0, 0, []string{"-3500-3525"}},
		{"c2", "add", 1000, 5000, []string{"+1000-5000"}},
		{"c2", "remove", 1000, 5000, []string{"-1000-3043", "-3475-3525", "-3650-4200", "-4763-5000"}},
		{"c2", "add", 3100, 3200, nil}, // all of it is c1's
		{"c2", "remove", 3100, 3200, nil},
		{"c2", "add", 10, 5, nil}, // reversed: nothing
		{"c2", "remove", 0, wire.MaxChannel, nil},
		{"c1", "remove", 0, wire.MaxChannel, []string{"-3044-4762"}},
		{"c1", "remove", 0, wire.MaxChannel, nil},
		{"c1", "add", 0, wire.MaxChannel, []string{"+0-18446744073709551615"}},
		{"c1", "leave", 0, 0, []string{"-0-18446744073709551615"}},
	} {
		p := clients[step.client]
		if p == nil {
			p = join(t, n, blackHole{})
			clients[step.client] = p
		}
		switch step.do {
		case "add":
			noErr(t, p.SubscribeRange(step.lo, step.hi))
		case "remove":
			noErr(t, p.UnsubscribeRange(step.lo, step.hi))
		case "leave":
			p.Leave()
			delete(clients, step.client)
		}
		if diff := cmp.Diff(step.want, up.lines); diff != "" {
			t.Errorf("step %d, %s %s %d to %d: (-want +got)\n%s", i, step.client, step.do, step.lo, step.hi, diff)
		}
		up.lines = nil
	}
}

// A channel goes up with its first subscriber and comes down with its last. In
// between, and inside ranges, it stays.
func TestUpstreamChannels(t *testing.T) {
	n, up := under(t)
	a, b := join(t, n, blackHole{}), join(t, n, blackHole{})
	expect := func(want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, up.lines); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		up.lines = nil
	}
	noErr(t, a.Subscribe(5))
	noErr(t, a.Subscribe(5))
	noErr(t, b.Subscribe(5))
	expect("+5")
	a.Unsubscribe(5)
	a.Unsubscribe(5)
	expect()
	b.Unsubscribe(5)
	expect("-5")
	b.Unsubscribe(6)
	expect()

	// The upstream drops channels inside a range that is removed, so the
	// range is cut around one that is still wanted, and goes with it later.
	noErr(t, a.Subscribe(15))
	noErr(t, b.SubscribeRange(10, 20))
	expect("+15", "+10-20")
	noErr(t, b.UnsubscribeRange(10, 20))
	expect("-10-14", "-16-20")
	a.Unsubscribe(15)
	expect("-15-15")

	// In an own range, a single channel is no subscription of its own.
	noErr(t, b.SubscribeRange(10, 20))
	noErr(t, b.Subscribe(15))
	b.Unsubscribe(15)
	expect("+10-20")
	noErr(t, b.UnsubscribeRange(0, 12))
	expect("-10-12")
	b.Leave()
	expect("-13-20")
}

// Datagrams go up as they are sent, post-removes when they are added; at the end
// the subscriptions go first, then the post-removes, then one clear for each of
// their senders.
func TestUpstreamGetsDatagramsAndPostRemoves(t *testing.T) {
	n, up := under(t)
	p := join(t, n, blackHole{})
	inbox := NewInbox(1 << 20)
	other := join(t, n, inbox)
	noErr(t, other.Subscribe(5))
	noErr(t, p.Subscribe(9))
	send(t, p, "hello", 5)
	send(t, p, "for nobody")
	noErr(t, p.AddPostRemove(1, datagram(t, "one", 5)))
	noErr(t, p.AddPostRemove(2, datagram(t, "two", 5)))
	noErr(t, p.AddPostRemove(1, datagram(t, "three", 5)))
	p.ClearPostRemoves(7)
	down := n.Begin()
	noErr(t, down.RouteDown(datagram(t, "from above", 5)))
	down.End()
	p.Leave()
	want := []string{
		"+5", "+9", "hello", "for nobody",
		"post-remove of 1: one", "post-remove of 2: two", "post-remove of 1: three", "clear 7",
		"-9", "one", "two", "three", "clear 1", "clear 2",
	}
	if diff := cmp.Diff(want, up.lines); diff != "" {
		t.Errorf("up: (-want +got)\n%s", diff)
	}
	var got []string
	for _, d := range inbox.Take() {
		got = append(got, text(d.Datagram))
	}
	if diff := cmp.Diff([]string{"hello", "from above", "one", "two", "three"}, got); diff != "" {
		t.Errorf("here: (-want +got)\n%s", diff)
	}
	if up.wakes == 0 {
		t.Error("the upstream was never woken")
	}
}

func TestUpstreamThatIsFull(t *testing.T) {
	n, up := offline(t, Options{}), &mirror{full: true}
	failed := 0
	noErr(t, n.SetUpstream(up, func() { failed++ }))
	p := join(t, n, blackHole{})
	send(t, p, "x", 5)
	if failed == 0 {
		t.Error("nobody was told that the upstream has no room")
	}
	if err := n.SetUpstream(up, func() {}); err == nil {
		t.Error("an upstream was set after somebody had joined")
	}
}

// Whatever the participants do, a message director above that keeps the
// reference's rules has exactly what they have together. Its two doubtful cases
// are tried both ways: whether a channel that it is told to remove inside a
// range goes, and with it whatever was subscribed before the range.
func TestUpstreamHasWhatTheParticipantsHave(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, up := under(t)
		removesInRanges := rapid.Bool().Draw(t, "upstream removes a channel inside a range")
		var ranges routing.Spans
		singles := map[wire.Channel]bool{}
		up.act = func(c wire.Control) {
			switch c.Type {
			case wire.ControlAddChannel:
				if !ranges.Contains(c.Channel) {
					singles[c.Channel] = true
				}
			case wire.ControlRemoveChannel:
				if removesInRanges || !ranges.Contains(c.Channel) {
					delete(singles, c.Channel)
				}
			case wire.ControlAddRange:
				ranges = ranges.Plus(routing.Span{Lo: c.Channel, Hi: c.High})
			case wire.ControlRemoveRange:
				ranges = ranges.Minus(routing.Span{Lo: c.Channel, Hi: c.High})
				for s := range singles {
					if c.Channel <= s && s <= c.High {
						delete(singles, s)
					}
				}
			}
		}
		var who []*Participant
		enter := func() {
			p, err := n.Join("p", blackHole{}, func(error) {})
			noError(t, err)
			who = append(who, p)
		}
		enter()
		enter()
		points := []wire.Channel{0, 1, 2, 3, 4, 5, 6, 1 << 32, 1<<32 + 1, 2 << 32, wire.MaxChannel - 1, wire.MaxChannel}
		point := func(t *rapid.T) wire.Channel { return rapid.SampledFrom(points).Draw(t, "channel") }
		span := func(t *rapid.T) (lo, hi wire.Channel) {
			a, b := point(t), point(t)
			return min(a, b), max(a, b)
		}
		any := func(t *rapid.T) *Participant { return who[rapid.IntRange(0, len(who)-1).Draw(t, "who")] }
		t.Repeat(map[string]func(*rapid.T){
			"replace": func(t *rapid.T) {
				i := rapid.IntRange(0, len(who)-1).Draw(t, "who")
				who[i].Leave()
				who = append(who[:i], who[i+1:]...)
				enter()
			},
			"subscribe":       func(t *rapid.T) { noError(t, any(t).Subscribe(point(t))) },
			"unsubscribe":     func(t *rapid.T) { any(t).Unsubscribe(point(t)) },
			"subscribe range": func(t *rapid.T) { lo, hi := span(t); noError(t, any(t).SubscribeRange(lo, hi)) },
			"unsubscribe range": func(t *rapid.T) {
				lo, hi := span(t)
				noError(t, any(t).UnsubscribeRange(lo, hi))
			},
			"": func(t *rapid.T) {
				for _, c := range points {
					want := false
					for _, p := range who {
						want = want || p.channels.Has(c) || p.ranges.Contains(c)
					}
					if has := singles[c] || ranges.Contains(c); has != want {
						t.Fatalf("upstream has %d: %v, want %v, after %q", c, has, want, up.lines)
					}
				}
			},
		})
	})
}

func noError(t *rapid.T, err error) {
	if err != nil {
		t.Fatal(err)
	}
}
