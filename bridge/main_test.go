package bridge

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"natstron/bridge/internal/membership"
	"natstron/bridge/internal/transport"
	"natstron/bridge/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// offline is a node without a backbone: what its participants send stays among
// them.
func offline(t rapid.TB, o Options) *Node {
	t.Helper()
	o, err := o.withDefaults()
	must(t, err)
	n := newNode(o)
	n.transport = nowhere{}
	n.serving = true
	return n
}

// online is a node on a server called "here", whose queue to the backbone is open, but not
// emptied.
func online(t rapid.TB, o Options) *Node {
	t.Helper()
	n := offline(t, o)
	attach(n, "self")
	return n
}

// attach gives a node a new link.
func attach(n *Node, origin string) {
	n.attach(&fakeLink{origin: origin}, membership.Place{Server: "here"}, 0)
	turn := n.Begin()
	n.perform(n.members.StopJoining())
	turn.End()
	queued(n)
}

// fakeLink is a link that leads nowhere.
type fakeLink struct {
	origin string
	cause  error // why it was lost
}

func (l *fakeLink) Origin() string      { return l.origin }
func (l *fakeLink) Lose(cause error)    { l.cause = cmp.Or(l.cause, cause) }
func (l *fakeLink) Drain(time.Duration) {}
func (l *fakeLink) Go(do func())        { do() }

// nowhere is a transport that leads nowhere and is always well.
type nowhere struct{ transport.Transport }

func (nowhere) Healthy(time.Time) (time.Duration, error) { return 0, nil }

// queued takes what waits to be written, as text.
func queued(n *Node) []string {
	return described(n, func(payload []byte, datagram bool) string {
		if datagram {
			return text(payload)
		}
		return string(payload)
	})
}

// described is what waits to be written, without questions whether anybody hears.
func described(n *Node, text func(payload []byte, datagram bool) string) []string {
	return slices.DeleteFunc(n.outbox.Describe(text), func(line string) bool {
		return strings.HasPrefix(line, "note "+DefaultPrefix+".")
	})
}

// told is the notes that n has queued since the last call, without its own heartbeats and
// pings.
func told(n *Node) (notes []string) {
	for _, line := range queued(n) {
		if !strings.HasPrefix(line, "note astronctl.hb.") && !strings.HasPrefix(line, "note astronping.") {
			notes = append(notes, line)
		}
	}
	return notes
}

// text is what [datagram] wrote into d.
func text[T ~string | ~[]byte](d T) string {
	m, err := wire.Datagram(d).Message()
	if err != nil {
		return err.Error()
	}
	return m.Payload.Text()
}

// hear lets n hear a note in JSON, as if it came from the backbone.
func hear(n *Node, kind, origin, note string, now time.Time) {
	t := n.Begin()
	defer t.End()
	n.perform(n.members.Step(kind, origin, []byte(note), now))
}

// arrive lets a datagram come from the backbone.
func arrive(n *Node, identity string, d wire.Datagram, now time.Time) {
	t := n.Begin()
	defer t.End()
	n.arrive("_A."+identity, d, now)
}

// beats lets time pass for n, in heartbeats, and returns the time then.
func beats(n *Node, now time.Time, d time.Duration) time.Time {
	for end := now.Add(d); now.Before(end); {
		now = now.Add(n.options.Heartbeat)
		t := n.Begin()
		n.perform(n.members.Heartbeat(now, n.options.Heartbeat, true))
		t.End()
	}
	return now
}

func send(t testing.TB, p *Participant, text string, to ...wire.Channel) {
	t.Helper()
	must(t, p.Send(datagram(t, text, to...)))
}

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
	must(t, err)
	return p
}

// datagram is a datagram from channel 77 with a text in it.
func datagram(t rapid.TB, text string, to ...wire.Channel) wire.Datagram {
	t.Helper()
	var w wire.Writer
	d, err := w.Header(77, 9000, to...).Text(text).Datagram()
	must(t, err)
	return d
}

// must ends the test if there is an error.
func must(t rapid.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
