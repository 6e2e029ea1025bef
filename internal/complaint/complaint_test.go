package complaint

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// Each kind has its own second, and a line tells how many were left out before it.
func TestLimiter(t *testing.T) {
	start := time.Unix(1000, 0)
	for _, test := range []struct {
		name  string
		every time.Duration
		calls string // kind@milliseconds
		want  string // kind, and +others, of those that were logged
	}{
		{"a second by default", 0, "a@0 a@999 a@1000", "a a+1"},
		{"kinds", 0, "a@0 b@1 a@2 b@3 b@4 a@1500 b@1500", "a b a+1 b+2"},
		{"counted from the one that was logged", 0, "a@0 a@900 a@1100 a@1900 a@2200", "a a+1 a+1"},
		{"another time", time.Minute, "a@0 a@59999 a@60000", "a a+1"},
		{"none left out", time.Nanosecond, "a@0 a@1 a@2", "a a a"},
		{"reset", 0, "a@0 a@1 reset@2 a@3", "a a"},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := Limiter{Every: test.every}
			var got []string
			for call := range strings.FieldsSeq(test.calls) {
				name, at, _ := strings.Cut(call, "@")
				if name == "reset" {
					l.Reset()
					continue
				}
				var ms int
				if _, err := fmt.Sscan(at, &ms); err != nil {
					t.Fatal(err)
				}
				others, ok := l.Due(name, start.Add(time.Duration(ms)*time.Millisecond))
				if !ok {
					continue
				}
				if !others.Equal(slog.Attr{}) {
					name += "+" + others.Value.String()
				}
				got = append(got, name)
			}
			if got := strings.Join(got, " "); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// A line without others has no word of them.
func TestOthersInLog(t *testing.T) {
	var l Limiter
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}))
	now := time.Unix(1000, 0)
	for _, at := range []time.Duration{0, 1, 2, time.Second} {
		if others, ok := l.Due("a", now.Add(at)); ok {
			log.Warn("refused", "sender", 5, others)
		}
	}
	want := "level=WARN msg=refused sender=5\nlevel=WARN msg=refused sender=5 others=2\n"
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}
