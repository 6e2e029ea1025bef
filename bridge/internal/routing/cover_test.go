package routing

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"natstron/bridge/wire"
)

func TestCoverOfARange(t *testing.T) {
	for _, test := range []struct {
		lo, hi wire.Channel
		want   string
	}{
		{5, 4, ""},
		{402000001, 402000001, "astron.0.4.2.402000001"},
		{402000001, 402000002, "astron.0.4.2.*"},
		{402000000, 402999999, "astron.0.4.2.*"},
		{999999, 1000000, "astron.0.0.0.* astron.0.0.1.*"},
		{100000000, 399999999, "astron.0.1.> astron.0.2.> astron.0.3.>"},
		{199000000, 399999999, "astron.0.1.99.* astron.0.2.> astron.0.3.>"},
		{0, 1<<32 - 1, "astron.0.>"},
		{1, 1 << 32, "astron.0.> astron.1.*"},
		{4618 << 32, 4618<<32 | 0xffffffff, "astron.4618.*"},
		{4618<<32 | 5, 4620<<32 | 5, "astron.4618.* astron.4619.* astron.4620.*"},
		{0, wire.MaxChannel, "astron.>"},
		{1 << 32, wire.MaxChannel, "astron.>"},
		{wire.MaxChannel, wire.MaxChannel, "astron.4294967295.4294967295"},
		{wire.MaxChannel - 1, wire.MaxChannel, "astron.4294967295.*"},
	} {
		got := strings.Join(subjects(CoverRange(test.lo, test.hi)), " ")
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%d to %d: (-want +got)\n%s", test.lo, test.hi, diff)
		}
	}
}

// The most that a range below 1<<32 becomes is 14 whole hundreds of millions
// and 2·16 single millions; above it, 15 parents.
const mostCovers = 14 + 2*maxCovers + 15

func TestCoverTakesInEveryChannel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anySpan().Draw(t, "range")
		covers := CoverRange(s.Lo, s.Hi)
		if len(covers) == 0 || len(covers) > mostCovers {
			t.Fatalf("%d to %d: %d covers", s.Lo, s.Hi, len(covers))
		}
		subjects := subjects(covers)
		for range 20 {
			c := inside(s).Draw(t, "channel")
			hits := 0
			for i, wildcard := range subjects {
				hit := heard(wildcard, subject(c))
				if hit {
					hits++
				}
				if got := covers[i].Contains(CoverOf(c)); got != hit {
					t.Fatalf("%q has %d: contains says %v", wildcard, c, got)
				}
			}
			if hits != 1 {
				t.Fatalf("%d is in %d of %q", c, hits, subjects)
			}
		}
		for i, a := range covers {
			for j, b := range covers {
				if i != j && a.Contains(b) {
					t.Fatalf("%q has %q in it", subjects[i], subjects[j])
				}
			}
		}
	})
}

// A cover's wider ones are those whose subjects hear all that its subject hears.
func TestWiderCoversHearMore(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := anyChannel().Draw(t, "channel")
		subject := subject(c)
		steps := 0
		for have, ok := CoverOf(c), true; ok; have, ok = have.wider() {
			if pattern := string(have.Append(nil, "astron")); !heard(pattern, subject) {
				t.Fatalf("%q does not hear %q", pattern, subject)
			}
			if !have.Contains(CoverOf(c)) {
				t.Fatalf("%+v does not contain %d", have, c)
			}
			if steps++; steps > 5 {
				t.Fatal("wider does not end")
			}
		}
	})
}
