package routing

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"natstron/bridge/wire"
)

// points are the channels that the naive models of this package know one by
// one: some at either end of all channels, some at the edges of buckets.
var points = []wire.Channel{
	0, 1, 2, 3, 4, 5, 6,
	999_998, 999_999, 1_000_000, 1_000_001,
	99_999_999, 100_000_000, 100_000_001, 101_000_000,
	1<<32 - 2, 1<<32 - 1, 1 << 32, 1<<32 + 1, 1<<32 + 2, 2<<32 - 1, 2 << 32,
	20<<32 + 7, 40<<32 + 7,
	wire.MaxChannel - 3, wire.MaxChannel - 2, wire.MaxChannel - 1, wire.MaxChannel,
}

func anyPoint() *rapid.Generator[wire.Channel] { return rapid.SampledFrom(points) }

// pointSpan draws a range between two points, often a short one.
func pointSpan() *rapid.Generator[Span] {
	return rapid.Custom(func(t *rapid.T) Span {
		i := rapid.IntRange(0, len(points)-1).Draw(t, "from")
		j := min(len(points)-1, i+rapid.OneOf(rapid.IntRange(0, 3), rapid.IntRange(0, len(points))).Draw(t, "to"))
		return Span{points[i], points[j]}
	})
}

func TestSpansAgainstASet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var have Spans
		model := map[wire.Channel]bool{}
		t.Repeat(map[string]func(*rapid.T){
			"plus": func(t *rapid.T) {
				s := pointSpan().Draw(t, "Span")
				before := slices.Clone(have)
				next := have.Plus(s)
				unchanged(t, before, have)
				have = next
				mark(model, s, true)
			},
			"minus": func(t *rapid.T) {
				s := pointSpan().Draw(t, "Span")
				before := slices.Clone(have)
				next := have.Minus(s)
				unchanged(t, before, have)
				have = next
				mark(model, s, false)
			},
			"": func(t *rapid.T) {
				for i, s := range have {
					if s.Lo > s.Hi || (i > 0 && (s.Lo <= have[i-1].Hi || s.touches(have[i-1]))) {
						t.Fatalf("not sorted with gaps between: %v", have)
					}
				}
				o := pointSpan().Draw(t, "other")
				overlap := false
				for _, c := range points {
					overlap = overlap || (o.Contains(c) && model[c])
				}
				if overlap && !have.Overlaps(o) {
					t.Fatalf("overlaps %v: false, in %v", o, have)
				}
				if naive := slices.ContainsFunc(have, o.overlaps); naive != have.Overlaps(o) {
					t.Fatalf("overlaps %v: %v, want %v, in %v", o, !naive, naive, have)
				}
				for _, c := range points {
					if have.Contains(c) != model[c] {
						t.Fatalf("contains %d: %v, want %v, in %v", c, have.Contains(c), model[c], have)
					}
				}
			},
		})
	})
}

func unchanged(t *rapid.T, before, after Spans) {
	if !slices.Equal(before, after) {
		t.Fatalf("changed the set that it was called on: %v, before %v", after, before)
	}
}

func mark(model map[wire.Channel]bool, s Span, on bool) {
	for _, c := range points {
		if s.Contains(c) {
			model[c] = on
		}
	}
}

func TestSpanMinus(t *testing.T) {
	const most = wire.MaxChannel
	for _, test := range []struct {
		s, o Span
		want []Span
	}{
		{Span{10, 20}, Span{30, 40}, []Span{{10, 20}}},
		{Span{10, 20}, Span{21, 40}, []Span{{10, 20}}},
		{Span{10, 20}, Span{20, 40}, []Span{{10, 19}}},
		{Span{10, 20}, Span{0, 10}, []Span{{11, 20}}},
		{Span{10, 20}, Span{12, 12}, []Span{{10, 11}, {13, 20}}},
		{Span{10, 20}, Span{10, 20}, nil},
		{Span{10, 20}, Span{0, most}, nil},
		{Span{0, most}, Span{0, 0}, []Span{{1, most}}},
		{Span{0, most}, Span{most, most}, []Span{{0, most - 1}}},
		{Span{0, most}, Span{0, most}, nil},
		{Span{0, most}, Span{5, 6}, []Span{{0, 4}, {7, most}}},
		{Span{most, most}, Span{0, 0}, []Span{{most, most}}},
	} {
		if diff := cmp.Diff(test.want, test.s.minus(nil, test.o)); diff != "" {
			t.Errorf("%v without %v: (-want +got)\n%s", test.s, test.o, diff)
		}
	}
}

func TestSpanTouches(t *testing.T) {
	const most = wire.MaxChannel
	for _, test := range []struct {
		a, b Span
		want bool
	}{
		{Span{1, 2}, Span{3, 4}, true},
		{Span{1, 2}, Span{4, 5}, false},
		{Span{1, 3}, Span{3, 5}, true},
		{Span{most, most}, Span{0, 0}, false},
		{Span{0, most}, Span{5, 5}, true},
		{Span{most - 1, most - 1}, Span{most, most}, true},
	} {
		if test.a.touches(test.b) != test.want || test.b.touches(test.a) != test.want {
			t.Errorf("%v and %v: want %v", test.a, test.b, test.want)
		}
	}
}

func TestSegmentsAgainstAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		who := []*member{{id: 1}, {id: 2}, {id: 3}}
		var have segments[*member]
		model := map[wire.Channel]map[uint64]bool{}
		for _, c := range points {
			model[c] = map[uint64]bool{}
		}
		change := func(on bool) func(*rapid.T) {
			return func(t *rapid.T) {
				p := rapid.SampledFrom(who).Draw(t, "who")
				s := pointSpan().Draw(t, "Span")
				before := sketch(have)
				old := have
				if on {
					have = have.plus(p, s)
				} else {
					have = have.minus(p, s)
				}
				if diff := cmp.Diff(before, sketch(old)); diff != "" {
					t.Fatalf("changed what it was called on:\n%s", diff)
				}
				for _, c := range points {
					if s.Contains(c) {
						model[c][p.id] = on
					}
				}
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"plus":  change(true),
			"minus": change(false),
			"": func(t *rapid.T) {
				for i, s := range have {
					if s.Lo > s.Hi || (i > 0 && s.Lo <= have[i-1].Hi) || len(s.who) == 0 {
						t.Fatalf("not sorted, overlapping or empty: %v", sketch(have))
					}
				}
				for _, c := range points {
					got := map[uint64]int{}
					for _, p := range have.at(c) {
						got[p.id]++
					}
					for _, p := range who {
						want := 0
						if model[c][p.id] {
							want = 1
						}
						if got[p.id] != want {
							t.Fatalf("at %d participant %d %d times, want %d: %v", c, p.id, got[p.id], want, sketch(have))
						}
					}
				}
			},
		})
	})
}

// sketch is segments as text.
func sketch(s segments[*member]) (text []string) {
	for _, one := range s {
		line := fmt.Sprintf("%d-%d:", one.Lo, one.Hi)
		for _, p := range one.who {
			line += fmt.Sprintf(" %d", p.id)
		}
		text = append(text, line)
	}
	return text
}

// Participants that come and go must not leave ever more segments behind.
func TestSegmentsDoNotCrumble(t *testing.T) {
	all := &member{id: 1}
	other := &member{id: 2}
	s := segments[*member](nil).plus(all, Span{0, wire.MaxChannel})
	for i := range wire.Channel(100) {
		s = s.plus(other, Span{10 * i, 10*i + 5})
	}
	for i := range wire.Channel(100) {
		s = s.minus(other, Span{10 * i, 10*i + 5})
	}
	if diff := cmp.Diff([]string{"0-18446744073709551615: 1"}, sketch(s)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
