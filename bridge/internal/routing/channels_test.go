package routing

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"natstron/bridge/wire"
)

func TestChannelSetAgainstAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s Channels
		model := map[wire.Channel]bool{}
		universe := rapid.Uint64Range(0, 20)
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				if c := wire.Channel(universe.Draw(t, "channel")); !model[c] {
					s.add(c)
					model[c] = true
				}
			},
			"remove": func(t *rapid.T) {
				c := wire.Channel(universe.Draw(t, "channel"))
				s.remove(c)
				delete(model, c)
			},
			"": func(t *rapid.T) {
				if s.Len() != len(model) {
					t.Fatalf("%d channels, want %d", s.Len(), len(model))
				}
				for c := range wire.Channel(21) {
					if s.Has(c) != model[c] {
						t.Fatalf("has %d: %v, want %v", c, s.Has(c), model[c])
					}
				}
				o := Span{5, 12}
				in := s.Within(o)
				if !slices.IsSorted(in) {
					t.Fatalf("not sorted: %v", in)
				}
				for _, c := range in {
					if !o.Contains(c) || !model[c] {
						t.Fatalf("%d is not in both the set and 5 to 12", c)
					}
				}
				want := 0
				for c := range model {
					if o.Contains(c) {
						want++
					}
				}
				if len(in) != want {
					t.Fatalf("%d within 5 to 12, want %d", len(in), want)
				}
				for _, n := range []int{0, 3, 100} {
					some := s.Some(n)
					slices.Sort(some)
					if len(slices.Compact(some)) != min(n, len(model)) {
						t.Fatalf("some(%d) of %d: %v", n, len(model), some)
					}
				}
			},
		})
	})
}

func TestSubscribersAgainstASet(t *testing.T) {
	who := []*member{{id: 1}, {id: 2}, {id: 3}, {id: 4}}
	rapid.Check(t, func(t *rapid.T) {
		var s Subscribers[*member]
		model := map[*member]bool{}
		t.Repeat(map[string]func(*rapid.T){
			"plus": func(t *rapid.T) {
				if p := rapid.SampledFrom(who).Draw(t, "who"); !model[p] {
					s = s.plus(p)
					model[p] = true
				}
			},
			"minus": func(t *rapid.T) {
				p := rapid.SampledFrom(who).Draw(t, "who")
				s = s.minus(p)
				delete(model, p)
			},
			"": func(t *rapid.T) {
				got := map[*member]int{}
				if s.First != nil {
					got[s.First]++
				} else if s.rest != nil {
					t.Fatal("others, but no first one")
				}
				for _, p := range s.Others() {
					got[p]++
				}
				for _, p := range who {
					want := 0
					if model[p] {
						want = 1
					}
					if got[p] != want {
						t.Fatalf("participant %d: %d times, want %d", p.id, got[p], want)
					}
				}
			},
		})
	})
}
