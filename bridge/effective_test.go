package bridge

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"natstron/bridge/wire"
)

// elsewhere is a node that knows two others, each on a server of its own, and one
// on its own server.
func elsewhere(t *testing.T) (*Node, *Participant, time.Time) {
	n := online(t, Options{})
	n.link.place.Server = "here"
	now := time.Now()
	for _, at := range []string{"here", "east", "west"} {
		hear(n, kindHeartbeat, "at"+at, heartbeatNote{Name: "at " + at, place: place{Server: at}}, now)
		pong(n, "at"+at, false, now)
	}
	told(n)
	return n, join(t, n, blackHole{}), now
}

// wanting subscribes to a channel, and returns what is closed when that is in
// force.
func wanting(t *testing.T, n *Node, p *Participant, c wire.Channel) <-chan struct{} {
	t.Helper()
	effective := make(chan struct{})
	turn := n.Begin()
	defer turn.End()
	noErr(t, turn.Subscribe(p, c))
	if turn.Effective(func() { close(effective) }, c) {
		close(effective)
	}
	return effective
}

// answer lets a node answer a round.
func answer(n *Node, origin string, round uint64, now time.Time) {
	hear(n, kindHere, n.origin, hereNote{round, origin}, now)
}

// pending says whether none of these is closed, without waiting.
func pending(all ...<-chan struct{}) bool {
	return !slices.ContainsFunc(all, func(c <-chan struct{}) bool {
		select {
		case <-c:
			return true
		default:
			return false
		}
	})
}

func echoes(n *Node) (notes []string) {
	n.mu.Lock() // what waited for a round goes on in a goroutine
	defer n.mu.Unlock()
	for _, line := range told(n) {
		if strings.Contains(line, kindEcho) || strings.Contains(line, kindHere) {
			notes = append(notes, line)
		}
	}
	return notes
}

// Who asks while a round is under way, after a further subscription, shares the
// next one; a subscription that a round proves needs no other.
func TestRoundsAreShared(t *testing.T) {
	n, p, now := elsewhere(t)
	first := wanting(t, n, p, 1)
	again := wanting(t, n, p, 1) // as before: the round proves it, too
	var next []<-chan struct{}
	for c := range wire.Channel(10) {
		next = append(next, wanting(t, n, p, 10+c))
	}
	if diff := cmp.Diff([]string{`note astronctl.echo.self {"round":1}`}, echoes(n)); diff != "" {
		t.Fatalf("(-want +got)\n%s", diff)
	}
	answer(n, "ateast", 1, now)
	answer(n, "ateast", 1, now)
	answer(n, "athere", 1, now) // was not asked
	answer(n, "nobody", 1, now)
	answer(n, "atwest", 7, now) // another round
	if !pending(first, again) {
		t.Fatal("in force, though one has not answered")
	}
	answer(n, "atwest", 1, now)
	<-first
	<-again
	if diff := cmp.Diff([]string{`note astronctl.echo.self {"round":2}`}, echoes(n)); diff != "" {
		t.Fatalf("(-want +got)\n%s", diff)
	}
	if !pending(next...) {
		t.Error("in force before their round")
	}
	answer(n, "ateast", 2, now)
	answer(n, "atwest", 2, now)
	for _, c := range next {
		<-c
	}
	if pending(wanting(t, n, p, 1)) || pending(wanting(t, n, p, 15)) || len(echoes(n)) > 0 {
		t.Error("asked again for what is in force")
	}
	if got := n.Stats().Rounds.Count; got != 2 {
		t.Errorf("%d rounds, want 2", got)
	}
}

// With all nodes on one server, and with none, nobody is asked.
func TestOneServerNeedsNoRound(t *testing.T) {
	n := online(t, Options{})
	n.link.place.Server = "here"
	p := join(t, n, blackHole{})
	if pending(wanting(t, n, p, 1)) {
		t.Error("waits, though alone")
	}
	hear(n, kindHeartbeat, "other", heartbeatNote{place: place{Server: "here"}}, time.Now())
	hear(n, kindHeartbeat, "old", heartbeatNote{}, time.Now()) // of a version that does not answer
	if pending(wanting(t, n, p, 2)) || len(echoes(n)) > 0 {
		t.Error("asks on the own server")
	}
}

// One answer from a server is enough: the other nodes there may stand still.
func TestOneAnswerFromEachServer(t *testing.T) {
	n, p, now := elsewhere(t)
	hear(n, kindHeartbeat, "neighbour", heartbeatNote{place: place{Server: "east"}}, now)
	c := wanting(t, n, p, 1)
	answer(n, "neighbour", 1, now)
	answer(n, "atwest", 1, now)
	<-c
}

// Who is gone is not waited for: neither after a goodbye, nor after a death.
func TestWhoIsGoneIsNotWaitedFor(t *testing.T) {
	n, p, now := elsewhere(t)
	c := wanting(t, n, p, 1)
	answer(n, "ateast", 1, now)
	hear(n, kindBye, "atwest", struct{}{}, now)
	<-c

	c = wanting(t, n, p, 2)
	beats(n, now, 2*n.options.DeadAfter)
	<-c
	if s := n.Stats(); s.DeadNodes == 0 || s.RoundsLate != 0 {
		t.Errorf("%d dead, %d rounds late", s.DeadNodes, s.RoundsLate)
	}
}

// Who lives but does not answer holds nobody up for longer than a dead one would;
// but what it has not answered is not taken for proven.
func TestWhoDoesNotAnswer(t *testing.T) {
	n, p, now := elsewhere(t)
	c := wanting(t, n, p, 1)
	for range 2 * n.options.DeadAfter / n.options.Heartbeat {
		for _, at := range []string{"here", "east", "west"} {
			hear(n, kindHeartbeat, "at"+at, heartbeatNote{place: place{Server: at}}, now)
		}
		now = beats(n, now, n.options.Heartbeat)
	}
	<-c
	if s := n.Stats(); s.DeadNodes != 0 || s.RoundsLate != 1 {
		t.Errorf("%d dead, %d rounds late, want none and one", s.DeadNodes, s.RoundsLate)
	}
	echoes(n)
	if !pending(wanting(t, n, p, 1)) || len(echoes(n)) != 1 {
		t.Error("taken for proven, though nobody has answered")
	}
}

// On a new connection nothing is in force yet, and who waited waits for that.
func TestNewLinkAsksAnew(t *testing.T) {
	n, p, now := elsewhere(t)
	done := wanting(t, n, p, 1)
	answer(n, "ateast", 1, now)
	answer(n, "atwest", 1, now)
	<-done
	waits, waitsNext := wanting(t, n, p, 2), wanting(t, n, p, 3)
	loseLink(n)
	l := newLink(n, "next")
	l.place.Server = "here"
	n.attach(l)
	if diff := cmp.Diff([]string{`note astronctl.echo.next {"round":3}`}, echoes(n)); diff != "" {
		t.Fatalf("(-want +got)\n%s", diff)
	}
	answer(n, "ateast", 2, now) // to the round of before
	answer(n, "atwest", 2, now)
	if !pending(waits, waitsNext) || !pending(wanting(t, n, p, 1)) {
		t.Error("in force on a connection that nobody has answered")
	}
	answer(n, "ateast", 3, now)
	answer(n, "atwest", 3, now)
	<-waits
	<-waitsNext
}

// What was known of the others before a lost backbone does not bind: who is not
// heard again within two heartbeats has ended, or comes back as a newcomer. But who
// is heard is waited for, and asked, also if it was met after the question.
func TestWhoDoesNotComeBack(t *testing.T) {
	n, p, now := elsewhere(t)
	loseLink(n)
	l := newLink(n, "next")
	l.place.Server = "here"
	n.attach(l)
	waits := wanting(t, n, p, 1)
	echoes(n)
	hear(n, kindHeartbeat, "atwestAgain", heartbeatNote{place: place{Server: "west"}, Was: []string{"atwest"}}, now)
	hear(n, kindHeartbeat, "north", heartbeatNote{place: place{Server: "north"}}, now)
	now = beats(n, now, n.options.Heartbeat)
	if diff := cmp.Diff([]string{`note astronctl.echo.next {"round":1}`}, echoes(n)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	answer(n, "atwestAgain", 1, now)
	answer(n, "north", 1, now)
	if !pending(waits) {
		t.Fatal("in force, though one that is on its way back has not answered")
	}
	now = beats(n, now, n.options.Heartbeat)
	<-waits

	echoes(n)
	waits = wanting(t, n, p, 2)
	answer(n, "north", 2, now)
	beats(n, now, n.options.Heartbeat)
	if !pending(waits) {
		t.Fatal("in force, though one that is back has not answered")
	}
	answer(n, "atwestAgain", 2, now)
	<-waits
	if s := n.Stats(); s.RoundsLate != 0 || s.DeadNodes != 0 {
		t.Errorf("%d rounds late, %d dead, want none", s.RoundsLate, s.DeadNodes)
	}
}

// The server that a new origin is on takes the place of the one that it was on, in
// a round that is under way.
func TestServerIsRestarted(t *testing.T) {
	n, p, now := elsewhere(t)
	waits := wanting(t, n, p, 1)
	answer(n, "atwest", 1, now)
	hear(n, kindHeartbeat, "ateastAgain", heartbeatNote{place: place{Server: "east again"}, Was: []string{"ateast"}}, now)
	if !pending(waits) {
		t.Fatal("in force, though the new server has not answered")
	}
	answer(n, "ateastAgain", 1, now)
	<-waits
	waits = wanting(t, n, p, 2)
	answer(n, "ateastAgain", 2, now)
	hear(n, kindHeartbeat, "atwestAgain", heartbeatNote{place: place{Server: "here"}, Was: []string{"atwest"}}, now)
	<-waits // it is on our own server now
}

// A node that is asked answers the one that asked, and nobody else.
func TestEchoIsAnswered(t *testing.T) {
	n, _, now := elsewhere(t)
	hear(n, kindEcho, "ateast", echoNote{Round: 5}, now)
	if diff := cmp.Diff([]string{`note astronctl.here.ateast {"round":5,"origin":"self"}`}, echoes(n)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	before := n.Stats().BadNotes
	hear(n, kindEcho, "a b\r\n", echoNote{Round: 5}, now)
	hear(n, kindEcho, "ateast", "5", now)
	hear(n, kindHere, "self", "{", now)
	if got := n.Stats().BadNotes - before; got != 3 || len(echoes(n)) > 0 {
		t.Errorf("%d bad notes, want 3", got)
	}
}

// What waiting for subscriptions costs the node that waits, without the network.
func BenchmarkEffective(b *testing.B) {
	n := online(b, Options{})
	n.link.place.Server = "here"
	now := time.Now()
	const others = 10
	for i := range others {
		hear(n, kindHeartbeat, fmt.Sprint("node", i), heartbeatNote{place: place{Server: fmt.Sprint("server", i)}}, now)
	}
	var answers []string
	for i := range others {
		answers = append(answers, fmt.Sprint("node", i))
	}
	p := join(b, n, blackHole{})
	done := make(chan struct{})
	b.ReportAllocs()
	for i := range b.N {
		c := wire.Channel(1<<32 + i%200)
		turn := n.Begin()
		noErr(b, turn.Subscribe(p, c))
		turn.Effective(func() { done <- struct{}{} }, c)
		round := n.effective.round
		turn.End()
		for _, a := range answers {
			answer(n, a, round, now)
		}
		<-done
		p.Unsubscribe(c)
		n.outbox.take()
	}
}
