package inspect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"natstron/bridge/wire"
	"natstron/internal/status"
)

// processes is a cluster whose processes answer with what is given.
func processes(answers func(q Question) []Answer) Asker {
	return func(_ context.Context, request []byte, take func([]byte) bool) error {
		var q Question
		if err := json.Unmarshal(request, &q); err != nil {
			return err
		}
		for _, a := range answers(q) {
			text, err := json.Marshal(a)
			if err != nil {
				return err
			}
			if !take(text) {
				return nil
			}
		}
		return nil
	}
}

func from(name string) Process { return Process{Name: name, Origin: "origin of " + name} }

func TestCollectorKeepsAPage(t *testing.T) {
	c := Collector[Count]{From: 10, Rows: 3}
	for _, id := range []uint32{30, 9, 14, 10, 12, 11, 5, 20} {
		c.Add(Count{ID: id})
	}
	p := c.Page()
	var ids []uint32
	for _, r := range p.Rows {
		ids = append(ids, r.ID)
	}
	if !slices.Equal(ids, []uint32{10, 11, 12}) || p.Total != 8 || !p.More {
		t.Errorf("the page is %v, %d in all, more %v", ids, p.Total, p.More)
	}
	last := Collector[Count]{From: 20, Rows: 3}
	last.Add(Count{ID: 20})
	if p := last.Page(); len(p.Rows) != 1 || p.More {
		t.Errorf("the last page is %v, more %v", p.Rows, p.More)
	}
}

// The rows of all processes make one page, whose objects are added up.
func TestAskAddsUp(t *testing.T) {
	ask := processes(func(q Question) []Answer {
		if q.What != Zones || q.Parent != 4618 || q.Rows() != 2 {
			t.Errorf("the question is %+v", q)
		}
		return []Answer{
			{From: from("b"), Peers: []Peer{{Name: "a", Origin: "origin of a"}, {Name: "tool", Origin: "x"}}, Counts: &Page[Count]{Rows: []Count{{1, 5}, {3, 7}}, Total: 2}},
			{From: from("a"), Busy: true, Counts: &Page[Count]{Rows: []Count{{1, 2}, {2, 1}}, Total: 2}},
			{From: Process{Name: "of no origin"}},
		}
	})
	r, err := Ask(t.Context(), ask, Question{What: Zones, Parent: 4618, Limit: 2})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&Page[Count]{Rows: []Count{{1, 7}, {2, 1}}, Total: 3, More: true}, r.Counts); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Process{from("a"), from("b")}, r.Answered); diff != "" {
		t.Error(diff)
	}
	if len(r.Busy) != 1 || r.Busy[0].Name != "a" || len(r.Silent) != 1 || r.Silent[0].Name != "tool" {
		t.Errorf("busy are %v, silent %v", r.Busy, r.Silent)
	}
	broken := errors.New("broken")
	if _, err := Ask(t.Context(), func(context.Context, []byte, func([]byte) bool) error { return broken }, Question{}); !errors.Is(err, broken) {
		t.Errorf("the error is %v", err)
	}
}

// It does not wait when all that are known have answered.
func TestAskIsDoneWithTheLastAnswer(t *testing.T) {
	taken := 0
	ask := func(_ context.Context, _ []byte, take func([]byte) bool) error {
		for _, a := range []Answer{{From: from("a"), Peers: []Peer{{Origin: "origin of b"}}}, {From: from("b"), Peers: []Peer{{Origin: "origin of a"}}}, {From: from("c")}} {
			text, err := json.Marshal(a)
			if err != nil {
				return err
			}
			if taken++; !take(text) {
				return nil
			}
		}
		return errors.New("it waits for more")
	}
	if _, err := Ask(t.Context(), ask, Question{What: Clients}); err != nil || taken != 2 {
		t.Errorf("%v after %d answers", err, taken)
	}
}

func TestTroubles(t *testing.T) {
	p := func(name, hash string, claims ...Claim) Answer {
		return Answer{From: from(name), Peers: []Peer{{Origin: "origin of b"}, {Origin: "origin of c"}, {Origin: "origin of d"}}, Summary: &Summary{Process: status.Process{Name: name, DCHash: hash}, Ready: name != "c", NotReady: []string{"it is starting"}, Claims: claims}}
	}
	ask := processes(func(Question) []Answer {
		return []Answer{
			p("a", "0x1", Claim{"clients", 100, 200}, Claim{"any object", 0, 0}, Claim{"control", 7, 7}),
			p("b", "0x1", Claim{"clients", 150, 300}, Claim{"any object", 0, 0}, Claim{"control", 7, 7}),
			p("c", "0x2", Claim{"clients", 301, 400}),
			p("d", ""),
		}
	})
	r, err := Ask(t.Context(), ask, Question{What: Processes})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"a and b both serve clients 150 to 200.", "a and b both serve the control channel 7.", "c is not ready: it is starting.",
		"The processes have different DC files, so they number classes and fields differently: 0x1 at a, b; 0x2 at c.",
	}
	if diff := cmp.Diff(want, r.Troubles); diff != "" {
		t.Error(diff)
	}
}

// Every reason for which a client sees an object, or does not.
func TestWhy(t *testing.T) {
	const client, object, parent = wire.Channel(1000001), wire.DoID(7), wire.DoID(4618)
	session := Session{Row: Row{Channel: client, State: "established"}, Open: []Interest{{ID: 1, Parent: parent, Zones: []wire.Zone{5}}}}
	lazy, idle := session, session
	lazy.State, idle.Open = "anonymous", nil
	here := Held{Thing: Thing{DoID: object, Class: "Toon", Parent: parent, Zone: 6}, Active: true, Role: "stateserver[1]", Fields: []Field{{Name: "setGold", Owner: true}, {Name: "setName"}}}
	nowhere := here
	nowhere.Parent, nowhere.Zone = 0, 0
	asleep := Held{Thing: Thing{DoID: object}, Role: "dbss[1]"}
	viewer := func(v Viewer) []Viewer { v.Channel = client; return []Viewer{v} }
	for _, test := range []struct {
		name    string
		clients []Session
		objects []Held
		above   bool
		viewers []Viewer
		sees    bool
		because string
	}{
		{"sees it", []Session{session}, []Held{here}, true, viewer(Viewer{Relation: Relation{Sees: true}, Interests: []uint16{1}}), true,
			"has been shown the object, through its interest in 4618:6 (interest 1). It is not told of these fields, which are not broadcast: setGold."},
		{"sees a ghost", []Session{session}, nil, true, viewer(Viewer{Relation: Relation{Sees: true}}), true, "nobody has the object any more"},
		{"owns it", []Session{session}, []Held{nowhere}, true, viewer(Viewer{Relation: Relation{Owns: true}}), true, "owns the object"},
		{"no client", nil, []Held{here}, true, nil, false, "No client agent has a client with the channel 1000001."},
		{"no object", []Session{session}, nil, true, viewer(Viewer{Relation: Relation{Knew: true}}), false, "has object 7. It was shown the object before"},
		{"asleep", []Session{session}, []Held{asleep}, true, nil, false, "The object is not active: dbss[1] is responsible"},
		{"not logged in", []Session{lazy}, []Held{here}, true, nil, false, "its state is anonymous"},
		{"nowhere", []Session{session}, []Held{nowhere}, true, nil, false, "The object is nowhere"},
		{"other zone", []Session{session}, []Held{here}, true, viewer(Viewer{Near: session.Open}), false,
			"no interest in 4618:6, where the object is. Its interest 1 is in the same parent, in zone 5."},
		{"by a rule", []Session{session}, []Held{here}, true, viewer(Viewer{Relation: Relation{Sees: true}, Rule: true}), true,
			"through its interest in 4618:6 (by the rule of its avatar's parent)."},
		{"by both", []Session{session}, []Held{here}, true, viewer(Viewer{Relation: Relation{Sees: true}, Rule: true, Interests: []uint16{1}}), true,
			"(interest 1, and by the rule of its avatar's parent)."},
		{"past a rule", []Session{session}, []Held{here}, true, viewer(Viewer{Near: []Interest{{Rule: true, Parent: parent, Zones: []wire.Zone{4, 5}}}}), false,
			"no interest in 4618:6, where the object is. The rule of its avatar's parent shows it zone 4, 5."},
		{"other parent", []Session{session}, []Held{here}, true, viewer(Viewer{}), false, "None of its 1 interests is in parent 4618."},
		{"no interests", []Session{idle}, []Held{here}, true, viewer(Viewer{Relation: Relation{Declared: true}}), false, "It has no interests at all. It may send to the object all the same"},
		{"no parent", []Session{session}, []Held{here}, false, viewer(Viewer{Interests: []uint16{2}, Opening: &Opening{For: time.Second}}), false,
			"parent 4618 has not answered for 1s. Nobody has object 4618, so nobody can answer."},
		{"still opening", []Session{session}, []Held{here}, true, viewer(Viewer{Interests: []uint16{2}, Opening: &Opening{For: time.Second, Counted: true, Total: 3, Answered: 2, Late: true}}), false,
			"2 of its 3 objects have answered in 1s. Its time was up"},
		{"missed", []Session{session}, []Held{here}, true, viewer(Viewer{Interests: []uint16{2}}), false, "was not shown the object"},
		{"twice", []Session{session, session}, []Held{here, here}, true, viewer(Viewer{Interests: []uint16{2}}), false, "2 client agents have a client with this channel: their ranges overlap. 2 state servers have this object."},
	} {
		ask := processes(func(q Question) []Answer {
			a := Answer{From: from("a")}
			switch {
			case q.What == Client:
				a.Client = test.clients
			case q.What == Object && q.Object == object:
				a.Object = test.objects
			case q.What == Object && q.Object == parent && test.above:
				a.Object = []Held{{Active: true}}
			case q.What == Viewers:
				a.Viewers = &Page[Viewer]{Rows: test.viewers}
			}
			return []Answer{a}
		})
		v, err := Why(t.Context(), ask, client, object)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(v.Because, " "); v.Sees != test.sees || !strings.Contains(got, test.because) {
			t.Errorf("%s: sees %v: %s", test.name, v.Sees, got)
		}
	}
}

func TestBytes(t *testing.T) {
	if got := string(Bytes([]byte{1, 0xab}, 10)); got != `"01ab"` {
		t.Error(got)
	}
	if got, want := string(Bytes(make([]byte, 5), 2)), fmt.Sprintf("%q", "0000… (5 bytes)"); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// Two processes may have one name, one host and one id: those of containers on the network of
// their host. Each is told of under its own address.
func TestProcessesOfOneName(t *testing.T) {
	p := func(origin string) Answer {
		from := Process{Name: "gate", Host: "box", PID: 1, Origin: origin, URL: "http://" + origin}
		return Answer{From: from, Peers: []Peer{{Origin: "a"}, {Origin: "b"}, {Origin: "c"}, {Origin: "d"}, {Origin: "e"}},
			Summary: &Summary{Process: status.Process{Name: "gate", Host: "box", PID: 1, DCHash: origin}}}
	}
	all := []Answer{p("a"), p("b"), p("c"), p("d"), p("e")}
	for range all { // whichever answers first
		all = append(all[1:], all[0])
		r, err := Ask(t.Context(), processes(func(Question) []Answer { return all }), Question{What: Processes})
		if err != nil || len(r.Processes) != len(all) {
			t.Fatalf("%d processes: %v", len(r.Processes), err)
		}
		for i, at := range r.From {
			if want := string("abcde"[i]); at.Origin != want || r.Processes[i].DCHash != want || r.Answered[i].Origin != want {
				t.Errorf("place %d has the process %s, the summary of %s and the answer of %s", i, at.Origin, r.Processes[i].DCHash, r.Answered[i].Origin)
			}
		}
	}
}
