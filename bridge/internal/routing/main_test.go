package routing

import (
	"strings"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"natstron/bridge/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// member is a participant of the tests.
type member struct {
	id       uint64
	channels Channels
	ranges   Spans
}

// subject is that of a channel.
func subject(c wire.Channel) string { return string(CoverOf(c).Append(nil, "astron")) }

// subjects are those of some covers.
func subjects(covers []Cover) (all []string) {
	for _, c := range covers {
		all = append(all, string(c.Append(nil, "astron")))
	}
	return all
}

// anyChannel draws channels of every magnitude, and often one at an edge.
func anyChannel() *rapid.Generator[wire.Channel] {
	edges := rapid.SampledFrom([]wire.Channel{
		0, 1, 999_999, 1_000_000, 1_000_001, 99_999_999, 100_000_000, 4_199_999_999, 4_200_000_000,
		1<<32 - 1, 1 << 32, 1<<32 | 1, 2<<32 - 1, 2 << 32, 15<<32 | 7, 16 << 32, 17 << 32,
		1<<63 - 1, 1 << 63, wire.MaxChannel - 1<<32, wire.MaxChannel - 1, wire.MaxChannel,
	})
	near := rapid.Custom(func(t *rapid.T) wire.Channel {
		return edges.Draw(t, "edge") + wire.Channel(rapid.IntRange(-3, 3).Draw(t, "off"))
	})
	sized := rapid.Custom(func(t *rapid.T) wire.Channel {
		bits := rapid.IntRange(0, 63).Draw(t, "bits")
		return wire.Channel(rapid.Uint64().Draw(t, "channel") >> bits)
	})
	return rapid.OneOf(edges, near, sized)
}

// anySpan draws a range that is not reversed: wide, narrow or at an end.
func anySpan() *rapid.Generator[Span] {
	return rapid.Custom(func(t *rapid.T) Span {
		lo := anyChannel().Draw(t, "lo")
		hi := anyChannel().Draw(t, "hi")
		if width := rapid.Uint64().Draw(t, "width") >> rapid.IntRange(0, 64).Draw(t, "shift"); rapid.Bool().Draw(t, "by width") {
			hi = lo + wire.Channel(width)
		}
		return Span{min(lo, hi), max(lo, hi)}
	})
}

// inside draws a channel of s, often an end of it.
func inside(s Span) *rapid.Generator[wire.Channel] {
	return rapid.OneOf(
		rapid.SampledFrom([]wire.Channel{s.Lo, s.Hi, s.Lo + (s.Hi-s.Lo)/2}),
		rapid.Custom(func(t *rapid.T) wire.Channel {
			return wire.Channel(rapid.Uint64Range(uint64(s.Lo), uint64(s.Hi)).Draw(t, "channel"))
		}),
	)
}

// heard reports whether a NATS subscription gets what is sent to a subject. It is
// written from the NATS documentation, not from this package's covers.
func heard(subscription, subject string) bool {
	want, have := strings.Split(subscription, "."), strings.Split(subject, ".")
	for i, token := range want {
		if token == ">" {
			return len(have) > i
		}
		if i >= len(have) || (token != "*" && token != have[i]) {
			return false
		}
	}
	return len(want) == len(have)
}
