package bridge

import (
	"bytes"
	"net"
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
	n.outbox.open = true
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
