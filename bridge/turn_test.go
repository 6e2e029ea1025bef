package bridge

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"natstron/bridge/wire"
)

// troupe is a role whose participants do what their datagrams say: a datagram's text
// is a list of steps, and each is "name>channel text", what name sends, "name+channel"
// or "name-channel", a subscription, or "name!", leaving.
type troupe struct {
	t       *testing.T
	party   Party
	members map[string]*Participant
	log     []string
}

func newTroupe(t *testing.T, n *Node, names ...string) *troupe {
	t.Helper()
	r := &troupe{t: t, members: map[string]*Participant{}}
	r.party = Party{Handler: r, Dropped: func(*Participant, error) {}}
	turn := n.Begin()
	defer turn.End()
	for i, name := range names {
		p, err := turn.JoinParty(&r.party, name)
		noErr(t, err)
		r.members[name] = p
		noErr(t, turn.Subscribe(p, wire.Channel(100+i)))
	}
	return r
}

func (r *troupe) Handle(t Turn, d wire.Datagram, to []*Participant) {
	var names []string
	for _, p := range to {
		names = append(names, t.Name(p))
	}
	said := text(d)
	r.log = append(r.log, fmt.Sprintf("%s: %s", strings.Join(names, " "), said))
	for _, step := range strings.Split(said, ";") {
		r.act(t, step)
	}
	r.log = append(r.log, "done: "+said)
}

func (r *troupe) act(t Turn, step string) {
	i := strings.IndexAny(step, ">+-!")
	if i < 0 {
		return
	}
	p := r.members[step[:i]]
	var c wire.Channel
	rest := ""
	_, _ = fmt.Sscan(step[i+1:], &c)
	if _, after, ok := strings.Cut(step[i+1:], " "); ok {
		rest = strings.NewReplacer("(", "", ")", "", "|", ";").Replace(after)
	}
	switch step[i] {
	case '>':
		noErr(r.t, t.Send(p, datagram(r.t, rest, c)))
	case '+':
		noErr(r.t, t.Subscribe(p, c))
	case '-':
		t.Unsubscribe(p, c)
	case '!':
		t.Leave(p)
	}
}

// What a handler sends is routed when it has returned, first in, first out, and
// before anything else that the sender sends.
func TestHandlersRunToCompletion(t *testing.T) {
	n := offline(t, Options{})
	r := newTroupe(t, n, "a", "b")
	out := &tape{}
	noErr(t, join(t, n, out).Subscribe(7))
	p := join(t, n, blackHole{})
	turn := n.Begin()
	noErr(t, turn.Route(p, datagram(t, "a>101 one;a>7 two", 100)))
	noErr(t, turn.Route(p, datagram(t, "three", 7, 100)))
	turn.End()
	want := []string{
		"a: a>101 one;a>7 two", "done: a>101 one;a>7 two",
		"b: one", "done: one",
		"a: three", "done: three",
	}
	if diff := cmp.Diff(want, r.log); diff != "" {
		t.Errorf("the role (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff([]string{"two", "three"}, texts(out)); diff != "" {
		t.Errorf("a connection (-want +got)\n%s", diff)
	}
}

// A subscription that a handler makes or ends is in force for the next datagram of the
// one that caused it, and also for what the handler itself sends.
func TestHandlersSubscribeAtOnce(t *testing.T) {
	n := offline(t, Options{})
	r := newTroupe(t, n, "a", "b")
	p := join(t, n, blackHole{})
	turn := n.Begin()
	noErr(t, turn.Route(p, datagram(t, "a+5;b>5 from b", 100)))
	noErr(t, turn.Route(p, datagram(t, "from p", 5)))
	noErr(t, turn.Route(p, datagram(t, "a-5", 100)))
	noErr(t, turn.Route(p, datagram(t, "lost", 5)))
	turn.End()
	want := []string{
		"a: a+5;b>5 from b", "done: a+5;b>5 from b", "a: from b", "done: from b",
		"a: from p", "done: from p", "a: a-5", "done: a-5",
	}
	if diff := cmp.Diff(want, r.log); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A datagram for several participants of a role is handled once; one that leaves
// because of it is named all the same, and gets nothing more.
func TestHandlerOfSeveral(t *testing.T) {
	n := offline(t, Options{})
	r := newTroupe(t, n, "a", "b")
	p := join(t, n, blackHole{})
	send(t, p, "b!", 100, 101, 100)
	send(t, p, "more", 101, 100)
	want := []string{"a b: b!", "done: b!", "a: more", "done: more"}
	if diff := cmp.Diff(want, r.log); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// The post-removes of a participant that a handler makes leave come after what it sent
// before, each as a datagram of its own.
func TestPostRemovesWaitForTheirTurn(t *testing.T) {
	n := offline(t, Options{})
	r := newTroupe(t, n, "a", "b")
	out := &tape{}
	noErr(t, join(t, n, out).Subscribe(7))
	noErr(t, r.members["b"].AddPostRemove(1, datagram(t, "b is gone", 7, 100)))
	send(t, join(t, n, blackHole{}), "b>7 before;b!;a>7 behind", 100)
	if diff := cmp.Diff([]string{"before", "b is gone", "behind"}, texts(out)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// However long a chain of datagrams is, the queue does not grow with it.
func TestLongChain(t *testing.T) {
	n := offline(t, Options{})
	chain := &relay{left: 100_000}
	turn := n.Begin()
	p, err := turn.JoinParty(&Party{Handler: chain, Dropped: func(*Participant, error) {}}, "relay")
	noErr(t, err)
	q, err := turn.JoinParty(&Party{Handler: chain, Dropped: func(*Participant, error) {}}, "relay")
	noErr(t, err)
	noErr(t, turn.Subscribe(p, 5))
	noErr(t, turn.Subscribe(q, 5))
	turn.End()
	send(t, join(t, n, blackHole{}), "round and round", 5)
	if chain.left > 0 {
		t.Errorf("%d are left", chain.left)
	}
	if kept := cap(n.waiting.taking.bytes) + cap(n.waiting.filling.bytes); kept > 10_000 {
		t.Errorf("the queue keeps %d bytes", kept)
	}
}

// relay passes a datagram on as long as any are left.
type relay struct{ left int }

func (r *relay) Handle(t Turn, d wire.Datagram, to []*Participant) {
	if r.left > 0 {
		r.left--
		_ = t.Send(to[0], d)
	}
}

func texts(out *tape) (all []string) {
	for _, d := range out.got {
		all = append(all, text(wire.Datagram(d)))
	}
	return all
}
