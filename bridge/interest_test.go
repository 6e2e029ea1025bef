package bridge

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"natstron/internal/wire"
)

// fakeServer stands in for the embedded server's subscription table.
type fakeServer struct {
	own     []cover // as far as the node's commands have been carried out
	foreign map[string]int
	clients int
}

func (s *fakeServer) anybody() bool { return s.clients > 0 }

func (s *fakeServer) count(subject string) int {
	n := 0
	for _, c := range s.own {
		if heard(string(c.append(nil, DefaultPrefix)), subject) {
			n++
		}
	}
	return n + s.others(subject)
}

func (s *fakeServer) others(subject string) int {
	n := 0
	for pattern, times := range s.foreign {
		if heard(pattern, subject) {
			n += times
		}
	}
	return n
}

// The node's commands reach the server late, and their confirmation the node
// still later; whatever the interleaving, a foreign subscription is never missed,
// and when all is confirmed none is imagined.
func TestInterestNeverMissesAForeignSubscription(t *testing.T) {
	covers := []cover{
		coverOf(5), coverOf(6), coverOf(1 << 33), bucketOf(5), {level: levelA, lo: 0}, {level: levelLow}, {level: levelAll}, bucketOf(1 << 33),
	}
	subjects := []string{"astron.0.0.0.5", "astron.0.0.0.*", "astron.0.>", "astron.>", ">", "astron.2.*", "other.>"}
	type command struct {
		op
		on bool
	}
	rapid.Check(t, func(t *rapid.T) {
		srv := &fakeServer{foreign: map[string]int{}}
		i := newInterest(Subjects{Prefix: DefaultPrefix}, srv.anybody, srv.count)
		wanted := map[cover]bool{}
		var queue, done []command // on their way to the server; confirmations on their way back
		generation := uint64(0)
		carryOut := func() {
			c := queue[0]
			queue = queue[1:]
			if c.on {
				srv.own = append(srv.own, c.cover)
				done = append(done, c)
			} else {
				k := slices.Index(srv.own, c.cover)
				srv.own = slices.Delete(srv.own, k, k+1)
			}
		}
		confirm := func() {
			i.confirm(done[0].cover, done[0].generation)
			done = done[1:]
		}
		t.Repeat(map[string]func(*rapid.T){
			"change": func(t *rapid.T) {
				c := rapid.SampledFrom(covers).Draw(t, "cover")
				wanted[c] = !wanted[c]
				generation++
				i.pending(c, generation, wanted[c])
				queue = append(queue, command{op{cover: c, generation: generation}, wanted[c]})
			},
			"carry out": func(*rapid.T) {
				if len(queue) > 0 {
					carryOut()
				}
			},
			"confirm": func(*rapid.T) {
				if len(done) > 0 {
					confirm()
				}
			},
			"foreign comes": func(t *rapid.T) { srv.foreign[rapid.SampledFrom(subjects).Draw(t, "subject")]++ },
			"foreign goes": func(t *rapid.T) {
				if s := rapid.SampledFrom(subjects).Draw(t, "subject"); srv.foreign[s] > 0 {
					srv.foreign[s]--
				}
			},
			"": func(t *rapid.T) {
				for _, c := range []wire.Channel{5, 6, 7, 1 << 33, 1<<33 + 1, 1 << 40} {
					foreign := srv.others(Subjects{}.Subject(c)) > 0
					if foreign && !i.others(c) {
						t.Fatalf("somebody listens to %d, and is not noticed", c)
					}
				}
			},
		})
		for len(queue) > 0 {
			carryOut()
		}
		for len(done) > 0 {
			confirm()
		}
		for _, c := range []wire.Channel{5, 6, 7, 1 << 33, 1 << 40} {
			if foreign := srv.others(Subjects{}.Subject(c)) > 0; i.others(c) != foreign {
				t.Fatalf("at rest, others on %d: %v, want %v", c, i.others(c), foreign)
			}
		}
	})
}

func TestInterestAsksOnceATurn(t *testing.T) {
	asked := 0
	i := newInterest(Subjects{}, func() bool { asked++; return asked > 1 }, func(string) int { return 0 })
	if !i.alone(1) || !i.alone(1) {
		t.Error("turn 1: not alone")
	}
	if i.alone(2) || i.alone(2) {
		t.Error("turn 2: still alone")
	}
	if asked != 2 {
		t.Errorf("asked %d times in 2 turns", asked)
	}
	i.restart()
	if i.alone(2); asked != 3 {
		t.Error("a new connection trusts the answer of the old one")
	}
}

func TestInterestForgetsTheOldConnection(t *testing.T) {
	count := 1
	i := newInterest(Subjects{}, func() bool { return true }, func(string) int { return count })
	i.pending(coverOf(5), 1, true)
	i.confirm(coverOf(5), 1)
	if i.others(5) {
		t.Fatal("our own subscription counts as somebody else's")
	}
	i.restart()
	if !i.others(5) {
		t.Error("a subscription of the old connection is subtracted from what the new one counts")
	}
	i.pending(coverOf(5), 2, true)
	i.confirm(coverOf(5), 1) // late, of the old connection
	if !i.others(5) {
		t.Error("a confirmation of the old connection counts for the new one")
	}
}
