package bridge

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestIdentityReadsWhatItWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := identity{
			origin:      rapid.StringMatching(`[A-Za-z0-9]{1,40}(-pr)?`).Draw(t, "origin"),
			seq:         rapid.Uint64Min(1).Draw(t, "seq"),
			participant: rapid.Uint64().Draw(t, "participant"),
		}
		got, ok := parseIdentity(string(want.append(nil)))
		if !ok || got != want {
			t.Fatalf("%q was read as %+v, %v", want.append(nil), got, ok)
		}
	})
}

func TestIdentityRefusesOtherReplies(t *testing.T) {
	for _, reply := range []string{
		"", "_A", "_A.", "_A..", "_A...", "_A.x", "_A.x.1", "_A.x.1.", "_A.x..1", "_A..1.1", "_A.x.1.1.1", "_A.x.1.1.",
		"_A.x.0.1", "_A.x.-1.1", "_A.x.1.-1", "_A.x.a.1", "_A.x.1.a", "_A.x.18446744073709551616.1", "_A.x.1.18446744073709551616",
		"_INBOX.x.1.1", "_a.x.1.1", "A.x.1.1", " _A.x.1.1", "_A.x.1.1 ", "_A." + strings.Repeat("x", 65) + ".1.1",
	} {
		if id, ok := parseIdentity(reply); ok {
			t.Errorf("%q was read as %+v", reply, id)
		}
	}
}

func FuzzParseIdentity(f *testing.F) {
	f.Add("_A.abc.1.2")
	f.Add("_A.abc-pr.18446744073709551615.0")
	f.Add("_INBOX.x")
	f.Fuzz(func(t *testing.T, reply string) {
		id, ok := parseIdentity(reply)
		if !ok {
			return
		}
		if again, ok := parseIdentity(string(id.append(nil))); !ok || again != id {
			t.Fatalf("%q is %+v, and that is %+v", reply, id, again)
		}
		seen := newIdentities()
		if !seen.fresh(id) || seen.fresh(id) {
			t.Fatalf("%+v is not fresh exactly once", id)
		}
	})
}

func TestIdentitiesOfDatagrams(t *testing.T) {
	s := newIdentities()
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
		if got := s.fresh(identity{origin: step.origin, seq: step.seq}); got != step.want {
			t.Errorf("%s.%d: fresh is %v, want %v", step.origin, step.seq, got, step.want)
		}
	}
	s.forget("a")
	if !s.fresh(identity{origin: "a", seq: 1}) {
		t.Error("a forgotten origin is remembered")
	}
	if s.fresh(identity{origin: "b", seq: 1}) {
		t.Error("forgetting one origin forgot another")
	}
}

// Post-removes come in any order, from several nodes, and are remembered one by
// one for at least the time between two calls of age.
func TestIdentitiesOfPostRemoves(t *testing.T) {
	s := newIdentities()
	fresh := func(seq uint64, want bool) {
		t.Helper()
		if got := s.fresh(identity{origin: "a" + postRemoveSuffix, seq: seq}); got != want {
			t.Errorf("post-remove %d: fresh is %v, want %v", seq, got, want)
		}
	}
	fresh(9, true)
	fresh(3, true)
	fresh(9, false)
	fresh(3, false)
	if !s.fresh(identity{origin: "a", seq: 2}) {
		t.Error("a datagram is taken for a post-remove of the same origin")
	}
	s.age()
	fresh(9, false)
	fresh(4, true)
	s.forget("a")
	fresh(4, false)
	s.age()
	fresh(4, false)
	s.age()
	fresh(4, true)
}
