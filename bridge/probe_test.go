package bridge

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// acquaint makes a node on n's own server a peer, which has answered a ping and left a
// post-remove.
func acquaint(t *testing.T, n *Node, origin string, note heartbeatNote, now time.Time) {
	t.Helper()
	n.link.place.Server = "here"
	if note.Server == "" {
		note.Server = "here"
	}
	left := add(t, 1, "left by "+origin, 5)
	var all postRemoves
	all.add(postRemove{seq: 1})
	note.PostRemoves, note.Check = 1, all.check
	hear(n, kindPostRemove, origin, left, now)
	hear(n, kindHeartbeat, origin, note, now)
	pong(n, origin, false, now)
	told(n)
}

// pong is an answer of a peer to the last ping, or the word of NATS that it is not there.
func pong(n *Node, origin string, absent bool, now time.Time) {
	t := n.Begin()
	defer t.End()
	n.ponged(fmt.Sprintf("self.%s.%d", origin, n.pings), absent, now)
}

// pings is who is pinged in what n has queued, and whether an answer is wanted.
func pings(n *Node) (all []string) {
	for _, line := range queued(n) {
		if rest, ok := strings.CutPrefix(line, "note astronping."); ok {
			all = append(all, rest)
		}
	}
	return all
}

// A node whose subscription NATS does not know any more is dead at once.
func TestNoResponderIsDead(t *testing.T) {
	n := online(t, Options{})
	now := time.Now()
	acquaint(t, n, "other", heartbeatNote{Name: "other"}, now)
	pong(n, "other", true, now)
	want := []string{
		"publish astron.0.0.0.5 other-pr.1.3 left by other",
		`note astronctl.dead.self {"origin":"other"}`,
	}
	if diff := cmp.Diff(want, told(n)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if s := n.Stats(); s.DeadNodes != 1 || s.Peers != 0 {
		t.Errorf("%d dead, %d peers", s.DeadNodes, s.Peers)
	}
}

// Where NATS may not know, or where the node may come back with its participants, its
// word is no proof.
func TestNoResponderIsNoProof(t *testing.T) {
	for name, prepare := range map[string]func(n *Node, now time.Time){
		"it keeps its participants": func(n *Node, now time.Time) {
			acquaint(t, n, "other", heartbeatNote{Keeps: true}, now)
		},
		"it is on another server": func(n *Node, now time.Time) {
			acquaint(t, n, "other", heartbeatNote{place: place{Server: "there"}}, now)
		},
		"it is a leaf of another hub": func(n *Node, now time.Time) {
			acquaint(t, n, "other", heartbeatNote{place: place{Server: "there", Hubs: []string{"hub 2"}}}, now)
			n.link.place.Hubs = []string{"hub 1"}
		},
		"it never answered": func(n *Node, now time.Time) {
			n.link.place.Server = "here"
			hear(n, kindHeartbeat, "other", heartbeatNote{place: place{Server: "here"}}, now)
		},
		"it was not heard on this connection": func(n *Node, now time.Time) {
			acquaint(t, n, "other", heartbeatNote{}, now)
			loseLink(n)
			l := newLink(n, "next")
			l.place.Server = "here"
			n.attach(l)
		},
		"it was never pinged": func(n *Node, now time.Time) {
			acquaint(t, n, "other", heartbeatNote{}, now)
			n.pings = 0
			turn := n.Begin()
			n.ponged("self.other.7", true, now)
			turn.End()
		},
	} {
		n := online(t, Options{})
		now := time.Now()
		prepare(n, now)
		if !strings.Contains(name, "never pinged") {
			pong(n, "other", true, now)
		}
		if s := n.Stats(); s.DeadNodes != 0 || s.Peers != 1 {
			t.Errorf("%s: %d dead, %d peers", name, s.DeadNodes, s.Peers)
		}
	}
}

// Two places meet where both have a connection.
func TestPlacesMeet(t *testing.T) {
	leaf := func(id string, hubs ...string) place { return place{Server: id, Hubs: hubs} }
	client := func(id, name string) place { return place{Server: id, At: name} }
	for _, test := range []struct {
		a, b place
		want bool
	}{
		{client("x", "hub"), client("x", "hub"), true},
		{client("x", "hub"), client("y", "hub"), false}, // names may repeat
		{leaf("1", "hub"), leaf("2", "hub"), true},
		{leaf("1", "hub"), leaf("2", "other hub"), false},
		{leaf("1", "hub", "second"), leaf("2", "third", "second"), true},
		{leaf("1", "hub"), client("x", "hub"), true},
		{leaf("1", "hub"), client("1", "leaf"), true},
		{leaf("1", "hub"), client("2", "leaf"), false},
		{place{}, place{}, false},
	} {
		if got := test.a.meets(test.b); got != test.want || test.b.meets(test.a) != got {
			t.Errorf("%+v meets %+v: %v, want %v", test.a, test.b, got, test.want)
		}
	}
}

// Each node pings its successor in the order of the origins, without wanting an
// answer, and those that are late, who are to answer.
func TestWhoIsPinged(t *testing.T) {
	n := online(t, Options{})
	now := time.Now()
	probe := func() []string {
		queued(n)
		turn := n.Begin()
		n.probe(now)
		turn.End()
		return pings(n)
	}
	for _, test := range []struct {
		origin string
		want   []string
	}{
		{"zebra", []string{"zebra "}},
		{"ape", []string{"zebra "}},
		{"tiger", []string{"tiger "}},
	} {
		acquaint(t, n, test.origin, heartbeatNote{}, now)
		if diff := cmp.Diff(test.want, probe()); diff != "" {
			t.Errorf("with %s: (-want +got)\n%s", test.origin, diff)
		}
	}
	for _, origin := range []string{"zebra", "tiger"} {
		hear(n, kindBye, origin, struct{}{}, now)
	}
	if diff := cmp.Diff([]string{"ape "}, probe()); diff != "" {
		t.Errorf("behind the last comes the first: (-want +got)\n%s", diff)
	}
	now = now.Add(n.options.Heartbeat * 2)
	if diff := cmp.Diff([]string{"ape ", "ape ?"}, probe()); diff != "" {
		t.Errorf("late: (-want +got)\n%s", diff)
	}
}

// What one node found dead is dead for all, so that all send its post-removes now.
func TestDeathIsTold(t *testing.T) {
	n := online(t, Options{})
	now := time.Now()
	acquaint(t, n, "other", heartbeatNote{}, now)
	hear(n, kindDead, "third", deadNote{Origin: "other"}, now)
	if got := told(n); len(got) != 2 || !strings.HasPrefix(got[0], "publish astron.0.0.0.5 other-pr.1.3") {
		t.Errorf("told %q", got)
	}
}

// A post-remove that was left again at a living node, while its own node was silent,
// would undo what its sender has made anew. Where silence alone speaks for the death, it
// is not sent.
func TestWhatWasMadeAnewIsKept(t *testing.T) {
	for _, test := range []struct {
		name    string
		proven  bool
		after   time.Duration // from the dead one's last word to the new post-remove
		text    string
		sent    int
		atOwn   bool
		oldNews time.Duration // how old the other says that it is
	}{
		{"made anew elsewhere", false, time.Second, "left by other", 0, false, 0},
		{"made anew here", false, time.Second, "left by other", 0, true, 0},
		{"another one", false, time.Second, "something else", 1, false, 0},
		{"of before", false, -time.Second, "left by other", 1, false, 0},
		{"of before, told late", false, time.Second, "left by other", 1, false, time.Minute},
		{"proven", true, time.Second, "left by other", 1, false, 0},
	} {
		n := online(t, Options{})
		now := time.Now().Add(-2 * time.Second)
		acquaint(t, n, "other", heartbeatNote{}, now)
		at := now.Add(test.after)
		if test.atOwn {
			noErr(t, join(t, n, blackHole{}).AddPostRemove(1, datagram(t, test.text, 5)))
		} else {
			note := add(t, 1, test.text, 5)
			note.Add.Age = test.oldNews.Milliseconds()
			hear(n, kindPostRemove, "living", note, at)
		}
		end := now.Add(n.options.DeadAfter + 2*time.Millisecond)
		living := heartbeatNote{}
		if p := n.peers.known["living"]; p != nil {
			living.PostRemoves, living.Check = 1, p.postRemoves.check
		}
		hear(n, kindHeartbeat, "living", living, end)
		queued(n)
		if test.proven {
			pong(n, "other", true, end)
		} else {
			turn := n.Begin()
			n.buryAll(end)
			turn.End()
		}
		sent := 0
		for _, line := range queued(n) {
			if strings.HasPrefix(line, "publish") {
				sent++
			}
		}
		if s := n.Stats(); s.DeadNodes != 1 || sent != test.sent {
			t.Errorf("%s: %d dead, %d post-removes sent, want %d", test.name, s.DeadNodes, sent, test.sent)
		}
	}
}
