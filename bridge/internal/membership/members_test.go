package membership

import (
	gocmp "cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"natstron/bridge/internal/link"
	"natstron/bridge/wire"
)

// The smaller half moves, and of equal ones the one further back.
func TestWhichHalfMoves(t *testing.T) {
	nodes := func(serving string, joining string) map[string]bool {
		all := map[string]bool{}
		for _, c := range serving {
			all[string(c)] = true
		}
		for _, c := range joining {
			all[string(c)] = false
		}
		return all
	}
	at := func(self bool, serving, joining string) Report {
		return Report{Self: self, Nodes: nodes(serving, joining)}
	}
	for _, test := range []struct {
		name    string
		here    map[string]bool
		reports []Report
		want    int
	}{
		{"nobody anywhere", nodes("", "x"), []Report{at(true, "", "x"), at(false, "", "")}, -1},
		{"all are here", nodes("abx", ""), []Report{at(true, "abx", ""), at(false, "", "")}, -1},
		{"the servers are connected", nodes("abx", ""), []Report{at(true, "abx", ""), at(true, "ab", "")}, -1},
		{"connected, and slow", nodes("abx", ""), []Report{at(true, "abx", ""), at(false, "ab", "")}, -1},
		{"a newcomer, and all are elsewhere", nodes("", "x"), []Report{at(true, "", "x"), at(false, "a", "")}, 1},
		{"those that the newcomer is to find", nodes("a", ""), []Report{at(false, "", "x"), at(true, "a", "")}, -1},
		{"a smaller half", nodes("ax", ""), []Report{at(true, "ax", ""), at(false, "bcd", "")}, 1},
		{"the larger half", nodes("abx", ""), []Report{at(true, "abx", ""), at(false, "cd", "")}, -1},
		{"equal, the first", nodes("ax", ""), []Report{at(true, "ax", ""), at(false, "bc", "")}, -1},
		{"equal, the second", nodes("ax", ""), []Report{at(false, "bc", ""), at(true, "ax", "")}, 0},
		{"both are joining, the second", nodes("", "x"), []Report{at(false, "", "y"), at(true, "", "x")}, 0},
		{"both are joining, the first", nodes("", "x"), []Report{at(true, "", "x"), at(false, "", "y")}, -1},
		{"of two others the larger", nodes("x", ""), []Report{at(true, "x", ""), at(false, "ab", ""), at(false, "cde", "")}, 2},
	} {
		if got := Better(test.reports, test.here); got != test.want {
			t.Errorf("%s: to %d, want %d", test.name, got, test.want)
		}
	}
}

// Two places meet where both have a connection.
func TestPlacesMeet(t *testing.T) {
	leaf := func(id string, hubs ...string) Place { return Place{Server: id, Hubs: hubs} }
	client := func(id, name string) Place { return Place{Server: id, At: name} }
	for _, test := range []struct {
		a, b Place
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
		{Place{}, Place{}, false},
	} {
		if got := test.a.meets(test.b); got != test.want || test.b.meets(test.a) != got {
			t.Errorf("%+v meets %+v: %v, want %v", test.a, test.b, got, test.want)
		}
	}
}

// The check sum depends on which post-removes there are, not on how they came
// and went, and differs for different ones.
func TestPostRemoveCheckSum(t *testing.T) {
	seqs := rapid.SliceOfDistinct(rapid.Uint64Range(1, 40), rapid.ID[uint64])
	rapid.Check(t, func(t *rapid.T) {
		var s postRemoves
		model := map[uint64]bool{}
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				seq := rapid.Uint64Range(1, 40).Draw(t, "seq")
				s.add(PostRemove{Seq: seq})
				model[seq] = true
			},
			"remove": func(t *rapid.T) {
				seq := rapid.Uint64Range(1, 40).Draw(t, "seq")
				s.remove(seq)
				delete(model, seq)
			},
			"": func(t *rapid.T) {
				var fresh postRemoves
				for seq := range model {
					fresh.add(PostRemove{Seq: seq})
				}
				if fresh.check != s.check || len(fresh.bySeq) != len(s.bySeq) {
					t.Fatalf("sum %x of %d, want %x of %d", s.check, len(s.bySeq), fresh.check, len(fresh.bySeq))
				}
				all := s.ordered()
				if !slices.IsSortedFunc(all, func(a, b PostRemove) int { return gocmp.Compare(a.Seq, b.Seq) }) || len(all) != len(model) {
					t.Fatalf("not in order, or not all: %+v", all)
				}
			},
		})
		other := map[uint64]bool{}
		var s2 postRemoves
		for _, seq := range seqs.Draw(t, "others") {
			s2.add(PostRemove{Seq: seq})
			other[seq] = true
		}
		if same := cmp.Equal(model, other); same != (s.check == s2.check) {
			t.Fatalf("%v and %v: same sum: %v", model, other, !same)
		}
	})
}

// What a node sends fits into what it asks a server for.
func TestWantedPayload(t *testing.T) {
	size := func(note any) int {
		b, err := json.Marshal(note)
		if err != nil {
			t.Fatal(err)
		}
		return len(b)
	}
	origin := strings.Repeat("O", 22)
	longest := wire.Datagram(make([]byte, MaxPostRemove))
	pr := PostRemove{Origin: origin, Seq: math.MaxUint64, Participant: math.MaxUint64, Sender: wire.MaxChannel, Datagram: longest}
	add := size(postRemoveNote{Add: noteOf(pr, "another", time.Now().Add(time.Hour))})
	if add > link.WantedPayload || add > len(longest)*4/3+noteFrame {
		t.Errorf("the note of a post-remove has %d bytes", add)
	}
	for _, payload := range []int64{0, link.LeastPayload, link.WantedPayload} {
		m := New(Config{})
		m.SetPayload(payload)
		seqs := make([]uint64, m.clearedAtOnce())
		for i := range seqs {
			seqs[i] = math.MaxUint64 - uint64(i)
		}
		most := link.WantedPayload
		if payload > 0 {
			most = int(payload)
		}
		if got := size(postRemoveNote{Clear: seqs}); got > most {
			t.Errorf("a note that clears has %d bytes where %d fit", got, payload)
		}
	}
	beat := HeartbeatNote{Name: strings.Repeat("\"", maxName), Place: Place{Server: strings.Repeat("N", 56)}, Kept: true,
		Participants: math.MaxInt, PostRemoves: math.MaxInt, Check: math.MaxUint64}
	for range wasMax {
		beat.Was = append(beat.Was, origin)
	}
	for range maxClaims {
		beat.Claims = append(beat.Claims, Claim{Service: AnyObject, Lo: wire.MaxChannel, Hi: wire.MaxChannel})
	}
	if got := size(beat); got > link.LeastPayload {
		t.Errorf("a heartbeat has %d bytes", got)
	}
}

// Whatever stands on the control subjects: no panic, no end, no more memory than is allowed,
// and what is not understood is counted.
func TestNotesThatNobodyShouldWrite(t *testing.T) {
	s := newStage(t, false, 1<<30)
	for _, kind := range []string{KindHeartbeat, KindPostRemove, KindHello, KindDead} {
		for _, payload := range []string{"", "x", "[]", `{"`, `{"origin":5,"seq":-1,"add":5,"to":5}`, "\xff"} {
			before := s.m.Stats().BadNotes
			s.hear(kind, "somebody", payload)
			if s.m.Stats().BadNotes == before {
				t.Errorf("%s: %q is not counted as bad", kind, payload)
			}
		}
	}
	s.hear(KindPostRemove, "somebody", postRemoveNote{Add: &addNote{Seq: 1, Datagram: []byte{9}}})
	s.hear(KindPostRemove, "somebody", postRemoveNote{Add: &addNote{Seq: 2, Datagram: make([]byte, wire.MaxLength)}})
	for i, origin := range []string{"a.b", "a b", "a\r\nPUB x 0\r\n", ">", strings.Repeat("a", 65)} {
		s.hear(KindPostRemove, "somebody", postRemoveNote{Add: &addNote{Origin: origin, Seq: uint64(10 + i), Datagram: datagram("x")}})
	}
	if got := len(s.m.find("somebody").postRemoves.bySeq); got != 0 {
		t.Errorf("%d post-removes are kept that could not be routed", got)
	}
	s.hear(KindHeartbeat, s.m.origin, HeartbeatNote{Name: "myself?"})
	if s.m.find(s.m.origin) != nil {
		t.Error("the node is its own peer")
	}
}

// Anybody who may publish can say anything under any node's name. It costs neither time nor
// memory nor log lines without end.
func TestForgedNotes(t *testing.T) {
	s := newStage(t, false, 1<<30)
	huge := `{"name":"` + strings.Repeat("A", 900_000) + `"}`
	began := time.Now()
	for i := range 200 {
		s.hear(KindHeartbeat, fmt.Sprint("huge", i), huge)
		s.hear(KindPostRemove, "huge", `{"clear":[`+strings.Repeat("1,", 400_000)+`1]}`)
		s.hear(KindHeartbeat, "garbled", "\x00\xff")
		s.hear(KindHeartbeat, strings.Repeat("x", 3000), HeartbeatNote{})
		s.hear(KindSettled, "self", settledNote{Origin: "a b"})
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("taking no notes takes %v", took)
	}
	if stats := s.m.Stats(); stats.BadNotes != 1000 || stats.Peers != 1 {
		t.Errorf("%d bad notes, %d peers, want 1,000 and the garbled one", stats.BadNotes, stats.Peers)
	}
	if lines := s.take(); len(lines) > 10 {
		t.Errorf("%d lines: %q", len(lines), lines)
	}
}

// Invented nodes are pinged, waited for, and told of, to a bounded number.
func TestInventedNodes(t *testing.T) {
	s := newStage(t, false, 1<<30)
	s.quiet = false
	count := func(prefix string) (n int) {
		for _, line := range s.take() {
			if strings.HasPrefix(line, prefix) {
				n++
			}
		}
		return n
	}
	atMost := func(what, prefix string, most int) {
		t.Helper()
		if got := count(prefix); got > most {
			t.Errorf("%s: %d, at most %d", what, got, most)
		}
	}
	for i := range MaxPeers + 100 {
		s.hear(KindHeartbeat, fmt.Sprint("node", i), HeartbeatNote{Name: strings.Repeat("n", 250), Place: Place{Server: fmt.Sprint(i)}})
	}
	if got := s.m.Stats().Peers; got != MaxPeers {
		t.Errorf("%d peers, want %d", got, MaxPeers)
	}
	atMost("pings at their first sight", "ping", 300)
	settled := false
	_, effects := s.m.WhenSettled(func() { settled = true }, s.now)
	s.perform(effects)
	atMost("pings for one who joins", "ping", strangersAtOnce)
	for range probesPerHeartbeat * strangeAfter {
		s.now = s.now.Add(s.m.ProbeEvery())
		s.perform(s.m.Probe(s.now))
	}
	if !settled {
		t.Error("one who joins is kept waiting")
	}
	s.take()
	s.beat(1, true)
	atMost("pings in a heartbeat", "ping", strangersAtOnce)
	s.coverage.Advance()
	effective := false
	ok, effects := s.m.Effective(s.coverage.Serial(), func() { effective = true }, s.now)
	s.perform(effects)
	s.beat(1, true) // no node that never answered is waited for
	if !ok && !effective {
		t.Error("a subscription waits for them")
	}
	s.take()
	s.quiet = true
	s.beat(24, true)
	if stats := s.m.Stats(); stats.Peers != 0 || len(s.m.dead) > 1 { // its own past would be one
		t.Errorf("%d peers, %d dead ones remembered", stats.Peers, len(s.m.dead))
	}
	lines := s.take()
	sent, logged := 0, 0
	for _, line := range lines {
		if strings.HasPrefix(line, "send") {
			sent++
		} else if strings.HasPrefix(line, "log") {
			logged++
		}
	}
	if sent > 100 || logged > 500 {
		t.Errorf("%d notes and %d lines of the log about the end of inventions", sent, logged)
	}
}

// Nodes that are pinged in turns are all pinged, whatever they are called.
func TestStrangersTakeTurns(t *testing.T) {
	s := newStage(t, false, 1<<30)
	const nodes = 3 * strangersAtOnce
	for i := range nodes {
		s.hear(KindHeartbeat, fmt.Sprintf("node%03d", i), HeartbeatNote{})
	}
	s.take()
	s.quiet = false
	s.beat(3, true)
	pinged := map[string]bool{}
	for _, line := range s.take() {
		if to, ok := strings.CutPrefix(line, "ping "); ok {
			pinged[to[:7]] = true
		}
	}
	if len(pinged) != nodes {
		t.Errorf("%d of %d nodes were pinged in three heartbeats", len(pinged), nodes)
	}
}

func FuzzStep(f *testing.F) {
	kinds := append(slices.Clone(ToAll), ToOne...)
	for i, seed := range []string{`{"was":["x"],"post_removes":3,"check":"7"}`, `{"add":{"seq":1,"participant":2,"sender":"3","datagram":"AQUAAAAAAAAA"}}`,
		`{"clear":[1,2]}`, `{"to":"self"}`, `{"origin":"self"}`, `{"round":1,"origin":"other"}`, `{"serial":"1","far":4,"origin":"other","done":true}`} {
		for j := range kinds {
			f.Add(uint8(i+j), "other", seed)
		}
	}
	f.Fuzz(func(t *testing.T, kind uint8, origin, payload string) {
		s := newStage(t, false, 1<<30)
		s.hear(kinds[int(kind)%len(kinds)], origin, payload)
		s.beat(24, true)
	})
}

// What waiting for subscriptions costs the node that waits, without the network.
func BenchmarkEffective(b *testing.B) {
	s := newStage(b, false, 1<<30)
	const others = 10
	var notes [others]string
	for i := range others {
		s.peers(Place{Server: fmt.Sprint("server", i)}, false, fmt.Sprint("node", i))
	}
	b.ReportAllocs()
	for b.Loop() {
		s.coverage.Advance()
		done := false
		_, effects := s.m.Effective(s.coverage.Serial(), func() { done = true }, s.now)
		s.perform(effects)
		for i := range notes {
			s.hear(KindHere, "self", fmt.Sprintf(`{"round":%d,"origin":"node%d"}`, s.m.effective.round, i))
		}
		if !done {
			b.Fatal("not in force")
		}
		s.out = s.out[:0]
	}
}
