package configfile

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// What is written by String is read back as the same value.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := size(rapid.Int64Min(0).Draw(t, "size"))
		if got, w := parseSize(s.String()); w != nil || got != s {
			t.Errorf("size %d is written %v and read %d, %v", int64(s), s, int64(got), w)
		}
		d := duration(rapid.Int64Range(0, int64(maxDuration/millisecond)).Draw(t, "milliseconds")) * millisecond
		if got, w := parseDuration(d.String()); w != nil || got != d {
			t.Errorf("duration %d is written %v and read %d, %v", d, d, got, w)
		}
		a := address{
			host: rapid.SampledFrom([]string{"127.0.0.1", "hub.example.org", "::1", "fe80::1%eth0", "localhost"}).Draw(t, "host"),
			port: rapid.Uint16().Draw(t, "port"),
		}
		if got, w := parseAddress(a.String(), "127.0.0.1", 7199, true); w != nil || got != a {
			t.Errorf("address %#v is written %v and read %#v, %v", a, a, got, w)
		}
		b := rapid.Bool().Draw(t, "bool")
		if got, w := parseBool(fmt.Sprint(b)); w != nil || got != b {
			t.Errorf("%v is read %v, %v", b, got, w)
		}
	})
}

// Two addresses clash whichever is asked.
func TestClashIsMutual(t *testing.T) {
	hosts := rapid.SampledFrom([]string{"0.0.0.0", "::", "127.0.0.1", "::1", "localhost", "10.0.0.1", "a.example.org", "A.example.org", "::ffff:127.0.0.1"})
	rapid.Check(t, func(t *rapid.T) {
		a := address{hosts.Draw(t, "a"), rapid.Uint16Range(0, 2).Draw(t, "a's port")}
		b := address{hosts.Draw(t, "b"), rapid.Uint16Range(0, 2).Draw(t, "b's port")}
		if a.clash(b) != b.clash(a) {
			t.Errorf("%v and %v clash one way only", a, b)
		}
		if a.port != 0 && !a.clash(a) {
			t.Errorf("%v does not clash with itself", a)
		}
	})
}

func TestEditDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "ab", 2}, {"bind", "bnid", 1}, {"bind", "bond", 1}, {"bind", "binds", 1}, {"kitten", "sitting", 3}} {
		if got := editDistance(tt.a, tt.b); got != tt.want {
			t.Errorf("from %q to %q: %d, want %d", tt.a, tt.b, got, tt.want)
		}
		if got := editDistance(tt.b, tt.a); got != tt.want {
			t.Errorf("from %q to %q: %d, want %d", tt.b, tt.a, got, tt.want)
		}
	}
}
