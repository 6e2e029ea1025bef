package bridge

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"

	"natstron/bridge/wire"
)

// hear lets n hear a note, as if it came from the backbone.
func hear(n *Node, kind, origin string, note any, now time.Time) {
	payload, ok := note.(string)
	if !ok {
		b, err := json.Marshal(note)
		if err != nil {
			panic(err)
		}
		payload = string(b)
	}
	t := n.Begin()
	defer t.End()
	n.hear(kind, origin, []byte(payload), now)
}

// told is the notes that n has queued since the last call, without its own
// heartbeats and pings.
func told(n *Node) (notes []string) {
	for _, line := range queued(n) {
		if !strings.HasPrefix(line, "note astronctl.hb.") && !strings.HasPrefix(line, "note astronping.") {
			notes = append(notes, line)
		}
	}
	return notes
}

// beats lets time pass for n, in heartbeats, and returns the time then.
func beats(n *Node, now time.Time, d time.Duration) time.Time {
	for end := now.Add(d); now.Before(end); {
		now = now.Add(n.options.Heartbeat)
		n.link.gate.read.Store(int64(now.Sub(n.link.gate.born))) // the server answers
		n.link.beat(now, n.options.Heartbeat)
	}
	return now
}

// add is a note that a post-remove was added.
func add(t testing.TB, seq uint64, text string, to wire.Channel) postRemoveNote {
	return postRemoveNote{Add: &addNote{Seq: seq, Participant: 3, Sender: 1, Datagram: datagram(t, text, to)}}
}

// A node that falls silent is dead after DeadAfter, not before: its post-removes
// go out in their order under its own identity, here and to the others.
func TestSilentNodeIsBuried(t *testing.T) {
	n := online(t, Options{})
	watch := &tape{}
	noErr(t, join(t, n, watch).Subscribe(5))
	now := time.Now()
	hear(n, kindPostRemove, "other", add(t, 2, "second", 5), now)
	hear(n, kindPostRemove, "other", add(t, 1, "first", 5), now)
	hear(n, kindPostRemove, "other", add(t, 3, "cleared", 5), now)
	hear(n, kindPostRemove, "other", postRemoveNote{Clear: []uint64{3}}, now)
	told(n)
	now = beats(n, now, n.options.DeadAfter-n.options.Heartbeat)
	if s := n.Stats(); s.DeadNodes != 0 || s.Peers != 1 || len(watch.got) > 0 {
		t.Fatalf("buried alive: %+v", s)
	}
	now = beats(n, now, 2*n.options.Heartbeat)
	if s := n.Stats(); s.DeadNodes != 1 || s.Peers != 0 || s.PostRemoves != 2 {
		t.Errorf("dead %d, peers %d, post-removes %d, want 1, 0, 2", s.DeadNodes, s.Peers, s.PostRemoves)
	}
	want := []string{
		"publish astron.0.0.0.5 other-pr.1.3 first",
		"publish astron.0.0.0.5 other-pr.2.3 second",
		`note astronctl.dead.self {"origin":"other","silent":true}`,
	}
	if diff := cmp.Diff(want, told(n)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if len(watch.got) != 2 || text(watch.got[0]) != "first" || text(watch.got[1]) != "second" {
		t.Errorf("delivered here: %q", watch.got)
	}

	// What the other survivors send is known already, whoever was first.
	turn := n.Begin()
	n.arrive("_A.other-pr.1.3", datagram(t, "first", 5), now)
	n.arrive("_A.other.77.3", datagram(t, "a zombie's", 5), now)
	turn.End()
	if s := n.Stats(); len(watch.got) != 2 || s.Duplicates != 1 || s.Zombies != 1 {
		t.Errorf("delivered %d, duplicates %d, zombies %d, want 2, 1, 1", len(watch.got), s.Duplicates, s.Zombies)
	}
	told(n)
	// The dead one hears so, but not with every word that it says.
	later := now.Add(time.Second)
	for range 5 {
		hear(n, kindHeartbeat, "other", heartbeatNote{}, later)
	}
	if diff := cmp.Diff([]string{`note astronctl.dead.self {"origin":"other","silent":true}`}, told(n)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if n.Stats().Peers != 0 {
		t.Error("a dead origin is a peer again")
	}
}

// A node that sends datagrams lives, though its heartbeats wait behind them.
func TestDatagramsAreSignsOfLife(t *testing.T) {
	n := online(t, Options{})
	now := time.Now()
	hear(n, kindHeartbeat, "other", heartbeatNote{}, now)
	for seq := range 4 {
		turn := n.Begin()
		n.arrive(fmt.Sprintf("_A.other.%d.3", seq+1), datagram(t, "x", 5), now)
		turn.End()
		now = beats(n, now, n.options.DeadAfter*3/4)
	}
	if got := n.Stats().DeadNodes; got != 0 {
		t.Error("taken for dead while it speaks")
	}
	beats(n, now, 2*n.options.DeadAfter)
	if got := n.Stats().DeadNodes; got != 1 {
		t.Error("not taken for dead when it is silent")
	}
}

// A post-remove that its node kept over a gap has the identity of before.
func TestBuriedUnderTheOldIdentity(t *testing.T) {
	n := online(t, Options{})
	note := add(t, 1, "x", 5)
	note.Add.Origin = "before"
	now := time.Now()
	hear(n, kindPostRemove, "other", note, now)
	told(n)
	beats(n, now, 2*n.options.DeadAfter)
	want := []string{"publish astron.0.0.0.5 before-pr.1.3 x", `note astronctl.dead.self {"origin":"other","silent":true}`}
	if diff := cmp.Diff(want, told(n)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// What another survivor sent first is not delivered again. But who has seen only a
// part of it sends all of it: on its way to others, what this node sends may overtake
// what the other one sent, and must bring all of it in order.
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
		noErr(t, join(t, n, watch).Subscribe(5))
		now := time.Now()
		texts := []string{"first", "second"}
		for i, what := range texts {
			hear(n, kindPostRemove, "other", add(t, uint64(i+1), what, 5), now)
		}
		turn := n.Begin()
		for i, what := range texts[:test.seen] {
			n.arrive(fmt.Sprintf("_A.other-pr.%d.3", i+1), datagram(t, what, 5), now)
		}
		turn.End()
		told(n)
		beats(n, now, 2*n.options.DeadAfter)
		if len(watch.got) != 2 || text(watch.got[0]) != "first" || text(watch.got[1]) != "second" {
			t.Errorf("%s: delivered %q, want each once, in order", test.name, watch.got)
		}
		if s := n.Stats(); s.PostRemoves != uint64(2-test.seen) {
			t.Errorf("%s: %d post-removes counted, want %d", test.name, s.PostRemoves, 2-test.seen)
		}
		if diff := cmp.Diff(test.want, told(n)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", test.name, diff)
		}
	}
}

// A node that always has messages waiting finds the dead all the same.
func TestBusyNodeBuriesToo(t *testing.T) {
	n := online(t, Options{})
	now := time.Now()
	hear(n, kindHeartbeat, "dead", heartbeatNote{Name: "dead"}, now)
	hear(n, kindHeartbeat, "alive", heartbeatNote{Name: "alive"}, now)
	for range 2 * n.options.DeadAfter / n.options.Heartbeat {
		for i := range 1000 {
			m := &nats.Msg{Subject: "astron.0.0.0.5", Data: datagram(t, "busy", 5)}
			if i == 999 { // the last one that waits
				m = &nats.Msg{Subject: "astronctl.hb.alive", Data: []byte("{}")}
			}
			n.link.msgs <- m
		}
		now = beats(n, now, n.options.Heartbeat)
	}
	if s := n.Stats(); s.DeadNodes != 1 || s.Peers != 1 {
		t.Errorf("%d dead and %d living, want one each", s.DeadNodes, s.Peers)
	}
}

// Who cannot know takes nobody for dead: one whose own link is silent, one that
// stood still, one that is behind with reading, one that has just come back.
func TestWhoCannotJudgeDoesNot(t *testing.T) {
	for name, pass := range map[string]func(n *Node, now time.Time){
		"link silent": func(n *Node, now time.Time) {
			n.link.gate.read.Store(int64(now.Sub(n.link.gate.born)))
			for range 3 * n.options.DeadAfter / n.options.Heartbeat {
				now = now.Add(n.options.Heartbeat)
				n.link.beat(now, n.options.Heartbeat)
			}
			beats(n, now, n.options.DeadAfter-n.options.Heartbeat) // it is there again, the others soon
		},
		"stood still": func(n *Node, now time.Time) {
			n.link.gate.read.Store(int64(now.Add(time.Minute).Sub(n.link.gate.born)))
			n.link.beat(now.Add(time.Minute), n.options.DeadAfter*3/4)
		},
		"behind": func(n *Node, now time.Time) {
			for range 3 * n.options.DeadAfter / n.options.Heartbeat {
				for len(n.link.msgs) < cap(n.link.msgs)-gateRoom+1 {
					n.link.msgs <- &nats.Msg{Subject: "astron.0.0.0.5"}
				}
				now = beats(n, now, n.options.Heartbeat)
			}
		},
		"just back": func(n *Node, now time.Time) {
			loseLink(n)
			n.attach(newLink(n, "next"))
			beats(n, now, 2*lastPause)
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := online(t, Options{})
			now := time.Now()
			hear(n, kindHeartbeat, "other", heartbeatNote{}, now)
			pass(n, now)
			if s := n.Stats(); s.DeadNodes != 0 || s.Peers != 1 {
				t.Errorf("%d dead and %d living, want none and one", s.DeadNodes, s.Peers)
			}
		})
	}
}

// Standing still for longer than the others wait ends the link: they have sent
// this node's post-removes.
func TestFrozenNodeEndsItsLink(t *testing.T) {
	n := online(t, Options{})
	now := time.Now()
	n.link.beat(now, time.Hour)
	select {
	case <-n.link.lost:
		t.Fatal("lost, with nobody there to have noticed")
	default:
	}
	hear(n, kindHeartbeat, "other", heartbeatNote{}, now)
	n.link.beat(now, n.options.DeadAfter+time.Millisecond)
	<-n.link.lost
	if !errors.Is(n.link.cause, errFroze) {
		t.Errorf("cause: %v", n.link.cause)
	}
}

// Being declared dead ends the link, if it is this node that is meant: under its
// present origin, or under the one that it continues.
func TestDeclaredDead(t *testing.T) {
	for origin, want := range map[string]bool{"self": true, "before": true, "long before": true, "other": false, "": false} {
		n := online(t, Options{})
		n.was, n.kept = []string{"long before", "before"}, true
		n.wasUntil = time.Now().Add(time.Hour)
		hear(n, kindDead, "somebody", deadNote{Origin: origin}, time.Now())
		lost := false
		select {
		case <-n.link.lost:
			lost = errors.Is(n.link.cause, errDeclaredDead)
		default:
		}
		if lost != want {
			t.Errorf("%q declared dead: lost is %v, want %v", origin, lost, want)
		}
	}
	// Where nobody lives on that the old origin had, nothing is wrong.
	n := online(t, Options{})
	n.was = []string{"before"}
	hear(n, kindDead, "somebody", deadNote{Origin: "before"}, time.Now())
	select {
	case <-n.link.lost:
		t.Error("ended, though the one that is dead has no heirs")
	default:
	}
}

// Who kept its participants over a gap, and was declared dead meanwhile, is told:
// its post-removes are out.
func TestContinuingADeadOriginIsTold(t *testing.T) {
	n := online(t, Options{})
	now := time.Now()
	hear(n, kindHeartbeat, "old", heartbeatNote{}, now)
	pong(n, "old", false, now)
	now = beats(n, now, 2*n.options.DeadAfter)
	told(n)
	hear(n, kindHeartbeat, "other", heartbeatNote{Was: []string{"old"}}, now.Add(time.Second)) // with nobody kept
	if got := told(n); len(got) > 0 {
		t.Errorf("told %q", got)
	}
	hear(n, kindHeartbeat, "new", heartbeatNote{Was: []string{"old"}, Kept: true}, now.Add(time.Second))
	if diff := cmp.Diff([]string{`note astronctl.dead.self {"origin":"old","silent":true}`}, told(n)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// An origin that is continued by another one is not dead: its post-removes are
// the other one's.
func TestContinuedOriginIsNotBuried(t *testing.T) {
	n := online(t, Options{})
	now := time.Now()
	hear(n, kindPostRemove, "old", add(t, 1, "x", 5), now)
	hear(n, kindHeartbeat, "new", heartbeatNote{Was: []string{"old"}}, now)
	for range 3 {
		hear(n, kindHeartbeat, "new", heartbeatNote{Was: []string{"old"}}, now)
		now = beats(n, now, n.options.DeadAfter/2)
	}
	if s := n.Stats(); s.DeadNodes != 0 || s.PostRemoves != 0 || s.Peers != 1 {
		t.Errorf("dead %d, post-removes %d, peers %d, want 0, 0, 1", s.DeadNodes, s.PostRemoves, s.Peers)
	}
}

// What the network still brings of a node's own former life is not heard: its
// participants have got it, and the node is not its own peer.
func TestOwnPastIsNotHeard(t *testing.T) {
	n := online(t, Options{})
	watch := &tape{}
	p := join(t, n, watch)
	noErr(t, p.Subscribe(5))
	noErr(t, p.AddPostRemove(1, datagram(t, "mine", 5)))
	loseLink(n)
	n.attach(newLink(n, "next"))
	queued(n)
	now := time.Now()
	hear(n, kindPostRemove, "self", add(t, 1, "mine", 5), now)
	hear(n, kindHeartbeat, "self", heartbeatNote{}, now)
	turn := n.Begin()
	n.arrive("_A.self.5.1", datagram(t, "late", 5), now)
	turn.End()
	beats(n, now, 3*n.options.DeadAfter)
	if s := n.Stats(); len(watch.got) > 0 || s.DeadNodes != 0 || s.Peers != 0 {
		t.Errorf("received %q; %d dead, %d peers", watch.got, s.DeadNodes, s.Peers)
	}
	if got := told(n); len(got) > 0 {
		t.Errorf("told %q", got)
	}
}

// All origins of the last minute are told, so that nobody who was away takes one
// of them for dead; then they are not told any more.
func TestFormerOriginsAreTold(t *testing.T) {
	n := online(t, Options{})
	for i := range 2 * wasMax {
		loseLink(n)
		n.attach(newLink(n, fmt.Sprint("origin", i)))
	}
	beat := func() string {
		queued(n)
		turn := n.Begin()
		n.heartbeat()
		turn.End()
		return strings.Join(queued(n), "\n")
	}
	want := `"was":["origin7","origin8","origin9","origin10","origin11","origin12","origin13","origin14"]`
	if got := beat(); !strings.Contains(got, want) {
		t.Errorf("told %s, want %s", got, want)
	}
	beats(n, time.Now(), wasFor+n.options.Heartbeat)
	if got := beat(); strings.Contains(got, "was") {
		t.Errorf("still told: %s", got)
	}
}

func TestByeIsTheEnd(t *testing.T) {
	n := online(t, Options{})
	now := time.Now()
	hear(n, kindPostRemove, "other", add(t, 1, "x", 5), now)
	hear(n, kindBye, "other", struct{}{}, now)
	hear(n, kindBye, "unheard of", struct{}{}, now)
	beats(n, now, 2*n.options.DeadAfter)
	if s := n.Stats(); s.DeadNodes != 0 || s.PostRemoves != 0 || s.Peers != 0 {
		t.Errorf("dead %d, post-removes %d, peers %d, want none", s.DeadNodes, s.PostRemoves, s.Peers)
	}
}

// After its goodbye a node says nothing more: the others would take it for a new
// one, and then for dead.
func TestSilenceAfterGoodbye(t *testing.T) {
	n := online(t, Options{})
	now := time.Now()
	hear(n, kindHeartbeat, "other", heartbeatNote{}, now)
	queued(n)
	n.goodbye()
	beats(n, now, time.Second)
	hear(n, kindHello, "newcomer", helloNote{}, now)
	if diff := cmp.Diff([]string{"note astronctl.bye.self {}"}, queued(n)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A newcomer asks everybody; who differs from what a heartbeat says is asked.
func TestPostRemovesAreAskedFor(t *testing.T) {
	n := online(t, Options{})
	p := join(t, n, blackHole{})
	noErr(t, p.AddPostRemove(1, datagram(t, "mine", 5)))
	told(n)
	now := time.Now()
	hear(n, kindHello, "newcomer", helloNote{}, now)
	if got := told(n); len(got) != 1 || !strings.HasPrefix(got[0], `note astronctl.pr.self {"add":{"seq":1,`) {
		t.Errorf("a newcomer is told %q", got)
	}
	hear(n, kindHello, "newcomer", helloNote{To: "another"}, now.Add(time.Minute))
	if got := told(n); len(got) > 0 {
		t.Errorf("asked was another, and told is %q", got)
	}

	var theirs postRemoves
	theirs.add(postRemove{seq: 1})
	theirs.add(postRemove{seq: 2})
	hear(n, kindPostRemove, "other", add(t, 1, "x", 5), now)
	beat := heartbeatNote{PostRemoves: 2, Check: theirs.check}
	hear(n, kindHeartbeat, "other", beat, now)
	if diff := cmp.Diff([]string{`note astronctl.hello.self {"to":"other"}`}, told(n)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	hear(n, kindHeartbeat, "other", beat, now)
	if got := told(n); len(got) > 0 {
		t.Errorf("asked again at once: %q", got)
	}
	hear(n, kindPostRemove, "other", add(t, 1, "x", 5), now)
	hear(n, kindPostRemove, "other", add(t, 2, "y", 5), now)
	hear(n, kindHeartbeat, "other", beat, now.Add(time.Minute))
	if got := told(n); len(got) > 0 {
		t.Errorf("asked though nothing is missing: %q", got)
	}
}

// Whatever stands on the control subjects: no panic, no end, no more memory than
// is allowed, and what is not understood is counted.
func TestNotesThatNobodyShouldWrite(t *testing.T) {
	n := online(t, Options{})
	now := time.Now()
	bad := 0
	for _, kind := range []string{kindHeartbeat, kindPostRemove, kindHello, kindDead} {
		for _, payload := range []string{"", "x", "[]", "null", `{"`, `{"origin":5}`, `{"add":{"seq":-1}}`, `{"clear":["a"]}`, `{"to":[]}`, `{"check":"x"}`, "\xff"} {
			before := n.Stats().BadNotes
			hear(n, kind, "somebody", payload, now)
			if n.Stats().BadNotes > before {
				bad++
			}
		}
	}
	if bad < 20 {
		t.Errorf("only %d notes counted as bad", bad)
	}
	hear(n, kindPostRemove, "somebody", postRemoveNote{Add: &addNote{Seq: 1, Datagram: []byte{9}}}, now)
	hear(n, kindPostRemove, "somebody", postRemoveNote{Add: &addNote{Seq: 2, Datagram: make([]byte, wire.MaxLength)}}, now)
	for i, origin := range []string{"a.b", "a b", "a\r\nPUB x 0\r\n", ">", strings.Repeat("a", 65)} {
		note := add(t, uint64(10+i), "x", 5)
		note.Add.Origin = origin
		hear(n, kindPostRemove, "somebody", note, now)
	}
	if got := len(n.peers.known["somebody"].postRemoves.bySeq); got != 0 {
		t.Errorf("%d post-removes are kept that could not be routed", got)
	}
	for i := range maxPeers + 10 {
		hear(n, kindHeartbeat, fmt.Sprint("node ", i), heartbeatNote{}, now)
	}
	if got := n.Stats().Peers; got > maxPeers {
		t.Errorf("%d peers, at most %d", got, maxPeers)
	}
	hear(n, kindHeartbeat, n.origin, heartbeatNote{Name: "myself?"}, now)
	if n.peers.known[n.origin] != nil {
		t.Error("the node is its own peer")
	}
}

func FuzzHear(f *testing.F) {
	for _, seed := range []string{`{"was":"x","post_removes":3,"check":"7"}`, `{"add":{"seq":1,"participant":2,"sender":"3","datagram":"AQUAAAAAAAAA"}}`, `{"clear":[1,2]}`, `{"to":"self"}`, `{"origin":"self"}`} {
		for i := range 5 {
			f.Add(uint8(i), "other", seed)
		}
	}
	f.Fuzz(func(t *testing.T, kind uint8, origin, payload string) {
		n := online(t, Options{})
		defer n.link.gate.Close()
		kinds := []string{kindHeartbeat, kindPostRemove, kindHello, kindBye, kindDead}
		now := time.Now()
		hear(n, kinds[int(kind)%len(kinds)], origin, payload, now)
		beats(n, now, 2*n.options.DeadAfter)
	})
}
