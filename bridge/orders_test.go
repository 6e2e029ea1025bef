package bridge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"natstron/bridge/internal/membership"
	"natstron/bridge/wire"
)

// What the other nodes of these tests serve.
const (
	controlAt = wire.Channel(402_000)
	clientsAt = wire.Channel(100_000)
)

// served is a node that knows one with a state server and one with a client agent, and
// a participant of it.
func served(t *testing.T, o Options) (*Node, *Participant) {
	t.Helper()
	n := online(t, o)
	serverBeats(n, "server", Claim{Service: ServesControl, Lo: controlAt, Hi: controlAt}, Claim{Service: ServesAnyObject})
	serverBeats(n, "agent", Claim{Service: ServesClients, Lo: clientsAt, Hi: clientsAt + 999})
	queued(n)
	return n, join(t, n, blackHole{})
}

func serverBeats(n *Node, name string, claims ...Claim) {
	note, err := json.Marshal(membership.HeartbeatNote{Name: name, Place: membership.Place{Server: "here"}, Claims: tell(claims)})
	if err != nil {
		panic(err)
	}
	hear(n, membership.KindHeartbeat, name, string(note), time.Now())
}

// give sends a message of a type.
func give(t *testing.T, p *Participant, kind wire.MsgType, to ...wire.Channel) {
	t.Helper()
	var w wire.Writer
	d, err := w.Header(77, kind, to...).Datagram()
	must(t, err)
	must(t, p.Send(d))
}

// went is what has been written since the last call: the type and the recipient of
// each datagram, and the notes.
func went(n *Node) (lines []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, line := range described(n, func(payload []byte, datagram bool) string {
		if d := wire.Datagram(payload); datagram {
			return fmt.Sprint("> ", d.Type(), " to ", d.Recipient(0))
		}
		return string(payload)
	}) {
		if _, sent, ok := strings.Cut(line, "> "); ok {
			lines = append(lines, sent)
		} else if note, ok := strings.CutPrefix(line, "note "); ok && !strings.Contains(note, ".hb.") && !strings.HasPrefix(note, "astronping.") {
			lines = append(lines, note)
		}
	}
	return lines
}

// done lets a node answer a question. A state server is asked what came of an order elsewhere, too:
// to delete an object may end a session at an agent.
func done(n *Node, origin string, serial int) {
	far := ""
	if origin == "server" {
		far = `"far":4,`
	}
	hear(n, membership.KindDone, "self", fmt.Sprintf(`{"serial":"%d",%s"origin":"%s","done":true}`, serial, far, origin), time.Now())
}

func wantWent(t *testing.T, n *Node, want ...string) {
	t.Helper()
	same(t, want, went(n), "written")
}

const (
	creates = wire.StateServerCreateObjectWithRequired
	tells   = wire.MsgType(1234)
)

// After orders to other processes, what goes to others waits until these are done, and
// what goes to the same recipient does not. They are asked once for all orders before.
func TestOrdersAreWaitedFor(t *testing.T) {
	n, p := served(t, Options{})
	var want []string
	for range 1000 {
		give(t, p, creates, controlAt)
		want = append(want, fmt.Sprint(creates, " to ", controlAt))
	}
	wantWent(t, n, want...)
	give(t, p, wire.ClientAgentOpenChannel, clientsAt) // another process: it waits, too
	give(t, p, tells, 5)
	wantWent(t, n, `astronctl.done.server {"serial":"1000","far":4,"origin":"self"}`)
	done(n, "server", 1000)
	wantWent(t, n, fmt.Sprint(wire.ClientAgentOpenChannel, " to ", clientsAt),
		`astronctl.done.agent {"serial":"1001","origin":"self"}`)
	done(n, "agent", 1001)
	wantWent(t, n, "1234 to 5")
	give(t, p, tells, 6)
	wantWent(t, n, "1234 to 6")
	if s := n.Stats(); s.OrdersWaited != 1 || s.OrderWaits.Count != 1 || s.OrdersLate != 0 {
		t.Errorf("%d waited, %d waits, %d late", s.OrdersWaited, s.OrderWaits.Count, s.OrdersLate)
	}
}

// What does not change anything is not waited for; nor is what another participant
// ordered; and alone, or without roles elsewhere, nothing is.
func TestNothingToWaitFor(t *testing.T) {
	n, p := served(t, Options{})
	give(t, p, wire.StateServerObjectGetLocation, 10_001)
	give(t, p, tells, 5)
	give(t, p, creates, controlAt)
	give(t, join(t, n, blackHole{}), tells, 6)
	wantWent(t, n, fmt.Sprint(wire.StateServerObjectGetLocation, " to 10001"), "1234 to 5",
		fmt.Sprint(creates, " to ", controlAt), "1234 to 6")
	alone := online(t, Options{})
	q := join(t, alone, blackHole{})
	give(t, q, creates, controlAt)
	give(t, q, tells, 5)
	wantWent(t, alone, fmt.Sprint(creates, " to ", controlAt), "1234 to 5")
	for _, n := range []*Node{n, alone} {
		if s := n.Stats(); s.OrdersWaited != 0 {
			t.Errorf("%d waited", s.OrdersWaited)
		}
	}
}

// What is asked counts as answered when all other nodes have said so, also late ones: that nothing
// has come of it by then shows that nobody was there. A node that has left is not waited for.
func TestAnsweredByAll(t *testing.T) {
	n, p := served(t, Options{OrderTimeout: time.Second, DeadAfter: time.Hour})
	answered := make(chan struct{})
	turn := n.Begin()
	turn.WhenAnswered(p, func(Turn) { close(answered) })
	turn.End()
	const question = `astronctl.done.server {"serial":"1","origin":"self"}`
	if got := went(n); !slices.Contains(got, question) {
		t.Fatalf("written: %q", got)
	}
	now := beats(n, time.Now(), 3*time.Second) // both are late
	hear(n, membership.KindBye, "agent", "{}", now)
	beats(n, now, 3*time.Second)
	select {
	case <-answered:
		t.Error("it counts as answered, and nobody has answered")
	case <-time.After(10 * time.Millisecond):
	}
	if late := n.Stats().OrdersLate; late != 2 {
		t.Errorf("%d are late", late)
	}
	hear(n, membership.KindDone, "self", `{"serial":"1","far":0,"origin":"server","done":true}`, now)
	select {
	case <-answered:
	case <-time.After(20 * time.Second):
		t.Fatal("it does not count as answered")
	}
}

// A node that does not answer in time is late: that is counted and logged once, and
// nothing waits for it until it answers, for which it is asked again and again.
func TestLateNodes(t *testing.T) {
	var log bytes.Buffer
	n, p := served(t, Options{OrderTimeout: time.Second, DeadAfter: time.Hour, Log: slog.New(slog.NewTextHandler(&log, nil))})
	give(t, p, creates, controlAt)
	give(t, p, tells, 5)
	now := beats(n, time.Now(), 500*time.Millisecond)
	if got := went(n); slices.Contains(got, "1234 to 5") || len(got) != 4 {
		t.Fatalf("before its time: %q", got)
	}
	now = beats(n, now, 1500*time.Millisecond)
	if got := went(n); !slices.Contains(got, "1234 to 5") {
		t.Fatalf("after its time: %q", got)
	}
	give(t, p, creates, controlAt)
	give(t, p, tells, 6)
	wantWent(t, n, fmt.Sprint(creates, " to ", controlAt), "1234 to 6")
	beats(n, now, 5*time.Second)
	if got := len(went(n)); got != 20 {
		t.Errorf("asked %d times in 20 heartbeats", got)
	}
	if s := n.Stats(); s.OrdersLate != 1 || strings.Count(log.String(), "node=server") != 2 { // it joined
		t.Errorf("%d late, logged: %s", s.OrdersLate, log.String())
	}
	done(n, "server", 1)
	give(t, p, creates, controlAt)
	give(t, p, tells, 7)
	if got := went(n); slices.Contains(got, "1234 to 7") {
		t.Errorf("not waited for, though it answers again: %q", got)
	}
}

// Nobody waits for a node that has left, or is dead.
func TestGoneNodesAreNotWaitedFor(t *testing.T) {
	for name, goes := range map[string]func(n *Node){
		"left": func(n *Node) { hear(n, membership.KindBye, "server", "{}", time.Now()) },
		"dead": func(n *Node) { beats(n, time.Now(), 4*time.Second) },
	} {
		t.Run(name, func(t *testing.T) {
			n, p := served(t, Options{OrderTimeout: time.Hour})
			give(t, p, creates, controlAt)
			give(t, p, tells, 5)
			if got := went(n); slices.Contains(got, "1234 to 5") {
				t.Fatalf("not waited for: %q", got)
			}
			goes(n)
			if got := went(n); !slices.Contains(got, "1234 to 5") {
				t.Errorf("still waited for: %q", got)
			}
		})
	}
}

// Who leaves while something of it waits: its post-removes come behind that.
func TestPostRemovesBehindWhatWaits(t *testing.T) {
	n, p := served(t, Options{})
	var w wire.Writer
	last, err := w.Header(77, tells, 6).Datagram()
	must(t, err)
	must(t, p.AddPostRemove(1, last))
	went(n)
	give(t, p, creates, controlAt)
	give(t, p, tells, 5)
	p.Leave()
	if got := went(n); slices.Contains(got, "1234 to 6") {
		t.Fatalf("too early: %q", got)
	}
	done(n, "server", 1)
	got := went(n)
	if len(got) != 3 || got[0] != "1234 to 5" || got[1] != "1234 to 6" || !strings.Contains(got[2], "clear") {
		t.Errorf("written: %q", got)
	}
}

// Who sends what must wait is slowed down, so that not much waits.
func TestWhatWaitsSlowsDown(t *testing.T) {
	n, p := served(t, Options{})
	give(t, p, creates, controlAt)
	var w wire.Writer
	d, err := w.Header(77, tells, 5).Datagram()
	must(t, err)
	turn := n.Begin()
	must(t, turn.Route(p, d))
	relief := turn.EndPaced()
	if relief == nil {
		t.Fatal("not slowed down")
	}
	select {
	case <-relief:
		t.Fatal("relieved too early")
	default:
	}
	done(n, "server", 1)
	<-relief
	turn = n.Begin()
	must(t, turn.Route(p, d))
	if turn.EndPaced() != nil {
		t.Error("slowed down though nothing waits")
	}
}

// echoes is a role that answers each message by more, from the participant that got it.
type echoes struct{ answers []wire.Datagram }

func (e *echoes) Handle(t Turn, _ wire.Datagram, to []*Participant) {
	for _, d := range e.answers {
		_ = t.Send(to[0], d) // what is lost, the test misses
	}
}

// A role whose orders go on and on, because what waits leads to the next one when it is released,
// is noted once among those that wait.
func TestOneWaitsOnce(t *testing.T) {
	n, _ := served(t, Options{})
	var w wire.Writer
	message := func(kind wire.MsgType, to wire.Channel) wire.Datagram {
		w.Reset()
		d, err := w.Header(77, kind, to).Datagram()
		must(t, err)
		return slices.Clone(d)
	}
	turn := n.Begin()
	ordering, err := turn.JoinParty(&Party{Handler: &echoes{[]wire.Datagram{message(creates, controlAt), message(tells, 6)}}, InOrder: true}, "orders")
	must(t, err)
	must(t, turn.Subscribe(ordering, 5))
	other, err := turn.JoinParty(&Party{Handler: &echoes{[]wire.Datagram{message(tells, 5)}}}, "answers")
	must(t, err)
	must(t, turn.Subscribe(other, 6))
	must(t, turn.Route(other, message(tells, 5)))
	turn.End()
	for serial := range 10 {
		turn := n.Begin()
		if held := len(n.orders.held); held != 1 || len(ordering.ordering.queue) != 1 {
			t.Errorf("round %d: noted %d times, with %d messages", serial, held, len(ordering.ordering.queue))
		}
		turn.End()
		done(n, "server", serial+1)
	}
}

// What has an object ask or tell its children, which are perhaps on another state server, does
// not overtake the updates of these.
func TestChildrenHaveTheirUpdates(t *testing.T) {
	const pond, cat = wire.Channel(10_001), wire.Channel(20_001)
	for _, asks := range []wire.MsgType{wire.StateServerObjectGetZonesObjects, wire.StateServerObjectSetAI, wire.StateServerObjectDeleteZone} {
		for _, several := range []bool{false, true} {
			n, p := served(t, Options{})
			if several {
				serverBeats(n, "second", Claim{Service: ServesControl, Lo: controlAt + 1, Hi: controlAt + 1}, Claim{Service: ServesAnyObject})
				queued(n)
			}
			give(t, p, wire.StateServerObjectSetFields, cat)
			give(t, p, asks, pond)
			got := went(n)
			at := slices.Index(got, fmt.Sprint(wire.StateServerObjectSetFields, " to ", cat))
			if waits := !slices.Contains(got, fmt.Sprint(asks, " to ", pond)); at != 0 || waits != several {
				t.Errorf("%v behind an update, several state servers %v: written %v", asks, several, got)
			}
		}
	}
}

// An order to delete children may end sessions elsewhere: what comes behind it to the same object waits.
func TestSessionsEndWithChildren(t *testing.T) {
	const pond = wire.Channel(10_001)
	n, p := served(t, Options{})
	give(t, p, wire.StateServerObjectDeleteZone, pond)
	give(t, p, wire.StateServerObjectDeleteRAM, pond)
	if got := went(n); len(got) == 0 || slices.Contains(got, fmt.Sprint(wire.StateServerObjectDeleteRAM, " to ", pond)) {
		t.Errorf("written at once: %v", got)
	}
}
