package identity

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestIdentityReadsWhatItWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Identity{
			Origin:      rapid.StringMatching(`[A-Za-z0-9]{1,40}(-pr)?`).Draw(t, "origin"),
			Seq:         rapid.Uint64Min(1).Draw(t, "seq"),
			Participant: rapid.Uint64Max(1<<63-1).Draw(t, "participant"),
			Kept:        rapid.Bool().Draw(t, "kept"),
		}
		got, ok := Parse(string(want.Append(nil)))
		if !ok || got != want {
			t.Fatalf("%q was read as %+v, %v", want.Append(nil), got, ok)
		}
	})
}

func TestIdentityRefusesOtherReplies(t *testing.T) {
	for _, reply := range []string{
		"", "_A", "_A.", "_A..", "_A...", "_A.x", "_A.x.1", "_A.x.1.", "_A.x..1", "_A..1.1", "_A.x.1.1.1", "_A.x.1.1.",
		"_A.x.0.1", "_A.x.-1.1", "_A.x.1.-1", "_A.x.a.1", "_A.x.1.a", "_A.x.18446744073709551616.1", "_A.x.1.18446744073709551616",
		"_INBOX.x.1.1", "_a.x.1.1", "A.x.1.1", " _A.x.1.1", "_A.x.1.1 ", "_A." + strings.Repeat("x", 65) + ".1.1",
	} {
		if id, ok := Parse(reply); ok {
			t.Errorf("%q was read as %+v", reply, id)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("_A.abc.1.2")
	f.Add("_A.abc-pr.18446744073709551615.0")
	f.Add("_INBOX.x")
	f.Fuzz(func(t *testing.T, reply string) {
		id, ok := Parse(reply)
		if !ok {
			return
		}
		if again, ok := Parse(string(id.Append(nil))); !ok || again != id {
			t.Fatalf("%q is %+v, and that is %+v", reply, id, again)
		}
		seen := NewSenders[struct{}](nil)
		if !seen.Fresh(id) || seen.Fresh(id) {
			t.Fatalf("%+v is not fresh exactly once", id)
		}
	})
}

func TestFreshDatagrams(t *testing.T) {
	s := NewSenders[struct{}](nil)
	for _, step := range []struct {
		origin string
		seq    uint64
		want   bool
	}{
		{"a", 1, true}, {"a", 1, false}, {"a", 2, true}, {"a", 1, false}, {"a", 2, false},
		{"a", 9, true}, {"a", 5, false}, {"a", 10, true},
		{"b", 1, true}, {"b", 1, false}, {"a", 10, false},
		{"c", math.MaxUint64, true}, {"c", math.MaxUint64, false}, {"c", 1, false},
	} {
		if got := s.Fresh(Identity{Origin: step.origin, Seq: step.seq}); got != step.want {
			t.Errorf("%s.%d: fresh is %v, want %v", step.origin, step.seq, got, step.want)
		}
	}
	s.Forget("a")
	if !s.Fresh(Identity{Origin: "a", Seq: 1}) {
		t.Error("a forgotten origin is remembered")
	}
	if s.Fresh(Identity{Origin: "b", Seq: 1}) {
		t.Error("forgetting one origin forgot another")
	}
}

// Post-removes come in any order, from several nodes, and are remembered one by
// one for at least the time between two calls of age.
func TestFreshPostRemoves(t *testing.T) {
	s := NewSenders[struct{}](nil)
	fresh := func(seq uint64, want bool) {
		t.Helper()
		if got := s.Fresh(Identity{Origin: "a" + PostRemoveSuffix, Seq: seq}); got != want {
			t.Errorf("post-remove %d: fresh is %v, want %v", seq, got, want)
		}
	}
	fresh(9, true)
	fresh(3, true)
	fresh(9, false)
	fresh(3, false)
	if !s.Fresh(Identity{Origin: "a", Seq: 2}) {
		t.Error("a datagram is taken for a post-remove of the same origin")
	}
	s.Age()
	fresh(9, false)
	fresh(4, true)
	s.Forget("a")
	fresh(4, false)
	s.Age()
	fresh(4, false)
	s.Age()
	fresh(4, true)
}

// What is remembered of origins that anybody can invent is bounded.
func TestInventedOrigins(t *testing.T) {
	s := NewSenders[struct{}](nil)
	for i := range MaxSenders + 1000 {
		s.Fresh(Identity{Origin: fmt.Sprint("o", i), Seq: 1})
	}
	if s.Len() != MaxSenders {
		t.Errorf("%d origins remembered", s.Len())
	}
}

// A sender lives as long as it is used, or its owner needs it.
func TestSendersAge(t *testing.T) {
	s := NewSenders(func(needed bool) bool { return needed })
	for _, origin := range []string{"used", "unused", "needed"} {
		s.Fresh(Identity{Origin: origin, Seq: 5})
	}
	s.Find("needed").Info = true
	for range 3 {
		s.Age()
		s.Fresh(Identity{Origin: "used", Seq: 5})
	}
	for origin, want := range map[string]bool{"used": false, "unused": true, "needed": false} {
		if got := s.Fresh(Identity{Origin: origin, Seq: 5}); got != want {
			t.Errorf("%s: its datagram is fresh: %v", origin, got)
		}
	}
}
