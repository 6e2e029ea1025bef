package bridge

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
func pointSpan() *rapid.Generator[span] {
	return rapid.Custom(func(t *rapid.T) span {
		i := rapid.IntRange(0, len(points)-1).Draw(t, "from")
		j := min(len(points)-1, i+rapid.OneOf(rapid.IntRange(0, 3), rapid.IntRange(0, len(points))).Draw(t, "to"))
		return span{points[i], points[j]}
	})
}

func TestSpansAgainstASet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var have spans
		model := map[wire.Channel]bool{}
		t.Repeat(map[string]func(*rapid.T){
			"plus": func(t *rapid.T) {
				s := pointSpan().Draw(t, "span")
				before := slices.Clone(have)
				next := have.plus(s)
				unchanged(t, before, have)
				have = next
				mark(model, s, true)
			},
			"minus": func(t *rapid.T) {
				s := pointSpan().Draw(t, "span")
				before := slices.Clone(have)
				next := have.minus(s)
				unchanged(t, before, have)
				have = next
				mark(model, s, false)
			},
			"": func(t *rapid.T) {
				for i, s := range have {
					if s.lo > s.hi || (i > 0 && (s.lo <= have[i-1].hi || s.touches(have[i-1]))) {
						t.Fatalf("not sorted with gaps between: %v", have)
					}
				}
				o := pointSpan().Draw(t, "other")
				overlap := false
				for _, c := range points {
					overlap = overlap || (o.contains(c) && model[c])
				}
				if overlap && !have.overlaps(o) {
					t.Fatalf("overlaps %v: false, in %v", o, have)
				}
				if naive := slices.ContainsFunc(have, o.overlaps); naive != have.overlaps(o) {
					t.Fatalf("overlaps %v: %v, want %v, in %v", o, !naive, naive, have)
				}
				for _, c := range points {
					if have.contains(c) != model[c] {
						t.Fatalf("contains %d: %v, want %v, in %v", c, have.contains(c), model[c], have)
					}
				}
			},
		})
	})
}

func unchanged(t *rapid.T, before, after spans) {
	if !slices.Equal(before, after) {
		t.Fatalf("changed the set that it was called on: %v, before %v", after, before)
	}
}

func mark(model map[wire.Channel]bool, s span, on bool) {
	for _, c := range points {
		if s.contains(c) {
			model[c] = on
		}
	}
}

func TestSpanMinus(t *testing.T) {
	const most = wire.MaxChannel
	for _, test := range []struct {
		s, o span
		want []span
	}{
		{span{10, 20}, span{30, 40}, []span{{10, 20}}},
		{span{10, 20}, span{21, 40}, []span{{10, 20}}},
		{span{10, 20}, span{20, 40}, []span{{10, 19}}},
		{span{10, 20}, span{0, 10}, []span{{11, 20}}},
		{span{10, 20}, span{12, 12}, []span{{10, 11}, {13, 20}}},
		{span{10, 20}, span{10, 20}, nil},
		{span{10, 20}, span{0, most}, nil},
		{span{0, most}, span{0, 0}, []span{{1, most}}},
		{span{0, most}, span{most, most}, []span{{0, most - 1}}},
		{span{0, most}, span{0, most}, nil},
		{span{0, most}, span{5, 6}, []span{{0, 4}, {7, most}}},
		{span{most, most}, span{0, 0}, []span{{most, most}}},
	} {
		if diff := cmp.Diff(test.want, test.s.minus(nil, test.o), cmp.AllowUnexported(span{})); diff != "" {
			t.Errorf("%v without %v: (-want +got)\n%s", test.s, test.o, diff)
		}
	}
}

func TestSpanTouches(t *testing.T) {
	const most = wire.MaxChannel
	for _, test := range []struct {
		a, b span
		want bool
	}{
		{span{1, 2}, span{3, 4}, true},
		{span{1, 2}, span{4, 5}, false},
		{span{1, 3}, span{3, 5}, true},
		{span{most, most}, span{0, 0}, false},
		{span{0, most}, span{5, 5}, true},
		{span{most - 1, most - 1}, span{most, most}, true},
	} {
		if test.a.touches(test.b) != test.want || test.b.touches(test.a) != test.want {
			t.Errorf("%v and %v: want %v", test.a, test.b, test.want)
		}
	}
}

func TestSegmentsAgainstAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		who := []*Participant{{id: 1}, {id: 2}, {id: 3}}
		var have segments
		model := map[wire.Channel]map[uint64]bool{}
		for _, c := range points {
			model[c] = map[uint64]bool{}
		}
		change := func(on bool) func(*rapid.T) {
			return func(t *rapid.T) {
				p := rapid.SampledFrom(who).Draw(t, "who")
				s := pointSpan().Draw(t, "span")
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
					if s.contains(c) {
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
					if s.lo > s.hi || (i > 0 && s.lo <= have[i-1].hi) || len(s.who) == 0 {
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
func sketch(s segments) (text []string) {
	for _, one := range s {
		line := fmt.Sprintf("%d-%d:", one.lo, one.hi)
		for _, p := range one.who {
			line += fmt.Sprintf(" %d", p.id)
		}
		text = append(text, line)
	}
	return text
}

// Participants that come and go must not leave ever more segments behind.
func TestSegmentsDoNotCrumble(t *testing.T) {
	all := &Participant{id: 1}
	other := &Participant{id: 2}
	s := segments(nil).plus(all, span{0, wire.MaxChannel})
	for i := range wire.Channel(100) {
		s = s.plus(other, span{10 * i, 10*i + 5})
	}
	for i := range wire.Channel(100) {
		s = s.minus(other, span{10 * i, 10*i + 5})
	}
	if diff := cmp.Diff([]string{"0-18446744073709551615: 1"}, sketch(s)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
