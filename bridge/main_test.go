package bridge

import (
	"bytes"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"natstron/bridge/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// offline is a node without a backbone: what its participants send stays among
// them.
func offline(t rapid.TB, o Options) *Node {
	t.Helper()
	o, err := o.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	n := newNode(o)
	n.transport = nowhere{}
	n.serving = true
	n.origin = "self"
	return n
}

// online is a node whose queue to the backbone is open, but not emptied.
func online(t rapid.TB, o Options) *Node {
	t.Helper()
	n := offline(t, o)
	n.router.outbox.open = true
	n.link = newLink(n, n.origin)
	return n
}

// newLink is a link whose far end brings what a test puts into its queue.
func newLink(n *Node, origin string) *link {
	l := &link{node: n, origin: origin, lost: make(chan struct{}), msgs: make(chan *nats.Msg, gateQueue)}
	near, _ := net.Pipe()
	l.wrap(near)
	return l
}

// nowhere is a transport that leads nowhere and is always well.
type nowhere struct{ transport }

func (nowhere) servers() []remoteServer { return nil }

func (nowhere) healthy(time.Time) (time.Duration, error) { return 0, nil }

// blackHole is a sink that has always room, and keeps nothing.
type blackHole struct{}

func (blackHole) Deliver(uint64, *Participant, wire.Datagram) bool { return true }
func (blackHole) Wake()                                            {}

// tape is a sink that records what it gets, as text.
type tape struct {
	got   []string
	wakes int
}

func (s *tape) Deliver(_ uint64, _ *Participant, d wire.Datagram) bool {
	s.got = append(s.got, string(bytes.Clone(d)))
	return true
}

func (s *tape) Wake() { s.wakes++ }

// join adds a participant that is never expected to be dropped.
func join(t rapid.TB, n *Node, s Sink) *Participant {
	t.Helper()
	p, err := n.Join(t.Name(), s, func(cause error) { t.Errorf("dropped: %v", cause) })
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// datagram is a datagram from channel 77 with a text in it.
func datagram(t rapid.TB, text string, to ...wire.Channel) wire.Datagram {
	t.Helper()
	var w wire.Writer
	d, err := w.Header(77, 9000, to...).Text(text).Datagram()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// anyChannel draws channels of every magnitude, and often one at an edge.
func anyChannel() *rapid.Generator[wire.Channel] {
	edges := rapid.SampledFrom([]wire.Channel{
		0, 1, 999_999, 1_000_000, 1_000_001, 99_999_999, 100_000_000, 4_199_999_999, 4_200_000_000,
		1<<32 - 1, 1 << 32, 1<<32 | 1, 2<<32 - 1, 2 << 32, 15<<32 | 7, 16 << 32, 17 << 32,
		1<<63 - 1, 1 << 63, wire.MaxChannel - 1<<32, wire.MaxChannel - 1, wire.MaxChannel,
	})
	near := rapid.Custom(func(t *rapid.T) wire.Channel {
		return edges.Draw(t, "edge") + wire.Channel(rapid.IntRange(-3, 3).Draw(t, "off"))
	})
	sized := rapid.Custom(func(t *rapid.T) wire.Channel {
		bits := rapid.IntRange(0, 63).Draw(t, "bits")
		return wire.Channel(rapid.Uint64().Draw(t, "channel") >> bits)
	})
	return rapid.OneOf(edges, near, sized)
}

// anySpan draws a range that is not reversed: wide, narrow or at an end.
func anySpan() *rapid.Generator[span] {
	return rapid.Custom(func(t *rapid.T) span {
		lo := anyChannel().Draw(t, "lo")
		hi := anyChannel().Draw(t, "hi")
		if width := rapid.Uint64().Draw(t, "width") >> rapid.IntRange(0, 64).Draw(t, "shift"); rapid.Bool().Draw(t, "by width") {
			hi = lo + wire.Channel(width)
		}
		return span{min(lo, hi), max(lo, hi)}
	})
}

// inside draws a channel of s, often an end of it.
func inside(s span) *rapid.Generator[wire.Channel] {
	return rapid.OneOf(
		rapid.SampledFrom([]wire.Channel{s.lo, s.hi, s.lo + (s.hi-s.lo)/2}),
		rapid.Custom(func(t *rapid.T) wire.Channel {
			return wire.Channel(rapid.Uint64Range(uint64(s.lo), uint64(s.hi)).Draw(t, "channel"))
		}),
	)
}

// heard says whether a NATS subscription gets what is sent to a subject. It is
// written from the NATS documentation, not from this package's covers.
func heard(subscription, subject string) bool {
	want, have := strings.Split(subscription, "."), strings.Split(subject, ".")
	for i, token := range want {
		if token == ">" {
			return len(have) > i
		}
		if i >= len(have) || (token != "*" && token != have[i]) {
			return false
		}
	}
	return len(want) == len(have)
}
