package bridge

import (
	"strings"
	"testing"
	"time"
)

// asks asks n to be settled, and returns what is closed when it is.
func asks(n *Node) <-chan struct{} {
	settled := make(chan struct{})
	n.WhenSettled(func() { close(settled) })
	return settled
}

// Who comes is served when all others have answered a ping of after that, or are dead:
// then their post-removes are on their way.
func TestSettling(t *testing.T) {
	n := online(t, Options{})
	now := time.Now()
	<-asks(n) // nobody is there
	acquaint(t, n, "a", heartbeatNote{}, now)
	acquaint(t, n, "b", heartbeatNote{}, now)
	acquaint(t, n, "c", heartbeatNote{}, now)
	before := n.pings
	settled := asks(n)
	next := asks(n) // shares nothing with a round that has begun
	if got := pings(n); len(got) != 3 {
		t.Errorf("pinged: %q", got)
	}
	turn := n.Begin()
	n.ponged("self.a.1", false, now) // the answer to an older one
	turn.End()
	pong(n, "b", false, now)
	pong(n, "c", false, now)
	if !pending(settled) {
		t.Fatal("settled, though one has not answered")
	}
	pong(n, "a", true, now)
	<-settled
	if s := n.Stats(); s.DeadNodes != 1 || n.pings != before+3 {
		t.Errorf("%d dead after %d pings", s.DeadNodes, n.pings-before)
	}
	if !pending(next) {
		t.Fatal("settled by a round that had begun before")
	}
	hear(n, kindBye, "b", struct{}{}, now)
	for pending(next) { // begins a moment later
		pong(n, "c", false, now)
		time.Sleep(time.Millisecond)
	}
}

// One that has left nothing is not pinged, but what it said before must have come.
func TestSettlingPingsOnlyWhoLeavesSomething(t *testing.T) {
	n := online(t, Options{})
	now := time.Now()
	hear(n, kindHeartbeat, "idle", heartbeatNote{Name: "idle"}, now)
	queued(n)
	settled := asks(n)
	if got := pings(n); len(got) != 1 || !strings.HasPrefix(got[0], nobody) {
		t.Errorf("pinged: %q", got)
	}
	hear(n, kindPostRemove, "idle", add(t, 1, "left", 5), now)
	if !pending(settled) {
		t.Fatal("settled before the ping to nobody came back")
	}
	pong(n, nobody, true, now)
	<-settled

	settled = asks(n) // it has something now
	if got := pings(n); len(got) != 1 || !strings.HasPrefix(got[0], "idle") {
		t.Errorf("pinged: %q", got)
	}
	hear(n, kindBye, "idle", struct{}{}, now)
	<-settled
}

// One that answers nothing is not waited for long; one that is gone, but may come back
// with its participants, until it is back or buried.
func TestSettlingIsBounded(t *testing.T) {
	n := online(t, Options{})
	now := time.Now()
	acquaint(t, n, "frozen", heartbeatNote{}, now)
	acquaint(t, n, "keeper", heartbeatNote{Keeps: true}, now)
	settled := asks(n)
	pong(n, "keeper", true, now)
	check := func(at time.Time) {
		turn := n.Begin()
		defer turn.End()
		n.probe(at)
	}
	check(now.Add(settleFor + 10*time.Millisecond))
	if s := n.Stats(); s.SettlesLate != 1 || !pending(settled) {
		t.Fatalf("%d did not answer in time; settled: %v", s.SettlesLate, !pending(settled))
	}
	hear(n, kindHeartbeat, "back", heartbeatNote{Was: []string{"keeper"}, Kept: true}, now)
	<-settled

	settled = asks(n)
	turn := n.Begin()
	n.giveUpSettling() // the backbone is lost
	turn.End()
	<-settled
}

// A newcomer waits until all of whom it hears have settled.
func TestJoining(t *testing.T) {
	n := online(t, Options{})
	now := time.Now()
	begin := func() {
		turn := n.Begin()
		defer turn.End()
		n.beginJoining(now)
	}
	settles := func(origin string, living ...string) {
		hear(n, kindSettled, n.origin, settledNote{origin, living}, now)
	}
	wantUnder := func(what string, want bool) {
		t.Helper()
		if n.joining.under != want {
			t.Errorf("%s: it is joining: %v", what, n.joining.under)
		}
	}
	begin()
	hear(n, kindHeartbeat, "a", heartbeatNote{}, now)
	wantUnder("one was heard", true)
	settles("a", "a", "b", "c", n.origin)
	wantUnder("one has settled and knows others", true)
	settles("b")
	hear(n, kindDead, "a", deadNote{Origin: "c"}, now)
	wantUnder("all have settled, or are dead", false)

	begin()
	hear(n, kindHeartbeat, "newer", heartbeatNote{Joining: true}, now)
	settles("b", "d")
	queued(n)
	turn := n.Begin()
	n.remind()
	turn.End()
	if got := queued(n); len(got) != 1 || got[0] != `note astronctl.hello.self {"to":"d","settle":true}` {
		t.Errorf("reminded: %q", got)
	}
	settles("d")
	wantUnder("all but one that is joining itself have settled", false)

	begin()
	pong(n, everybody, true, now)
	wantUnder("nobody heard the hello", false)

	for after, heard := range map[time.Duration]bool{joinFor * n.options.Heartbeat: true, aloneAfter * n.options.Heartbeat: false} {
		begin()
		if heard {
			settles("a", "never")
		}
		check := func(at time.Duration) {
			turn := n.Begin()
			defer turn.End()
			n.checkJoining(now.Add(after + at))
		}
		check(-time.Millisecond)
		wantUnder("it has not waited enough", true)
		check(time.Millisecond)
		wantUnder("it has waited enough", false)
	}
}

// What was settled is told behind the post-removes of the dead.
func TestNewcomerIsToldBehindPostRemoves(t *testing.T) {
	n := online(t, Options{})
	now := time.Now()
	acquaint(t, n, "dead", heartbeatNote{}, now)
	queued(n)
	turn := n.Begin()
	n.hear(kindHello, "newcomer", []byte(`{"settle":true}`), now)
	n.ponged("self.dead.1", true, now)
	turn.End()
	var lines []string
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		turn := n.Begin()
		lines = append(lines, queued(n)...)
		turn.End()
		if len(lines) > 0 && lines[len(lines)-1] == `note astronctl.settled.newcomer {"origin":"self","living":null}` {
			break
		}
	}
	at := func(want string) int {
		for i, line := range lines {
			if line == want {
				return i
			}
		}
		t.Fatalf("not told: %s in %q", want, lines)
		return 0
	}
	if at("publish astron.0.0.0.5 dead-pr.1.3 left by dead") > at(`note astronctl.settled.newcomer {"origin":"self","living":null}`) {
		t.Errorf("told %q", lines)
	}
}
