package link

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"pgregory.net/rapid"

	"natstron/bridge/internal/routing"
	"natstron/bridge/internal/transport"
	"natstron/bridge/wire"
)

const prefix = "astron"

// matches reports whether a NATS pattern matches a subject.
func matches(pattern, subject string) bool {
	p, s := strings.Split(pattern, "."), strings.Split(subject, ".")
	for i, token := range p {
		if token == ">" {
			return len(s) > i
		}
		if i >= len(s) || (token != "*" && token != s[i]) {
			return false
		}
	}
	return len(p) == len(s)
}

// On a real server, with any subscriptions of the node and of others, a
// subscription of somebody else's is never missed; and where neither listens,
// the answer is no. (The server's own count of matching subscriptions is not to
// be relied on: it follows one branch only.)
func TestInterestNeverMissesAnybody(t *testing.T) {
	so := &server.Options{DontListen: true, NoSigs: true, NoLog: true}
	e, err := transport.Start(context.Background(), so, transport.Access{}, 10*time.Second, slog.New(slog.DiscardHandler))
	must(t, err)
	t.Cleanup(e.Shutdown)
	connect := func() *nats.Conn {
		nc, err := e.Dial()
		must(t, err)
		t.Cleanup(nc.Close)
		return nc
	}
	mine, theirs := connect(), connect()
	channels := []wire.Channel{5, 6, 1_000_005, 100_000_005, 1 << 33, 1<<33 + 1, 4618 << 32}
	ours := []routing.Cover{
		routing.CoverOf(5), routing.CoverOf(6), routing.CoverOf(1 << 33), routing.All,
	}
	for _, s := range []routing.Span{{Lo: 5, Hi: 6}, {Lo: 1 << 33, Hi: 1<<33 + 1}, {Lo: 0, Hi: 99_999_999}, {Lo: 0, Hi: 1<<32 - 1}} {
		ours = append(ours, routing.CoverRange(s.Lo, s.Hi)[0])
	}
	patterns := []string{
		"astron.0.0.0.5", "astron.0.0.0.*", "astron.0.0.>", "astron.0.>", "astron.>", ">", "*.>", "astron.*.0", "astron.2.*",
		"astron.*.*.*.6", "other.>",
	}
	turn := uint64(0)
	rapid.Check(t, func(t *rapid.T) {
		turn++
		var subs []*nats.Subscription
		subscribe := func(nc *nats.Conn, subject string) {
			sub, err := nc.SubscribeSync(subject)
			must(t, err)
			subs = append(subs, sub)
		}
		var own []routing.Cover
		for _, c := range rapid.SliceOfDistinct(rapid.SampledFrom(ours), rapid.ID).Draw(t, "own") {
			own = append(own, c)
			subscribe(mine, string(c.Append(nil, prefix)))
		}
		foreign := rapid.SliceOfDistinct(rapid.SampledFrom(patterns), rapid.ID).Draw(t, "foreign")
		for _, p := range foreign {
			subscribe(theirs, p)
		}
		flush := func() {
			must(t, mine.Flush())
			must(t, theirs.Flush())
		}
		flush()
		i := NewInterest(e.Listeners(), prefix, func(c wire.Channel) bool {
			return slices.ContainsFunc(own, func(have routing.Cover) bool { return have.Contains(routing.CoverOf(c)) })
		})
		for _, c := range channels {
			subject := string(routing.CoverOf(c).Append(nil, prefix))
			there := slices.ContainsFunc(foreign, func(p string) bool { return matches(p, subject) })
			if got := i.others(c, turn); there && !got {
				t.Errorf("%s: a subscription of somebody else's was missed", subject)
			} else if got && !there && !i.own(c) {
				t.Errorf("%s: nobody listens, yet somebody is said to", subject)
			}
		}
		for _, sub := range subs {
			must(t, sub.Unsubscribe())
		}
		flush()
	})
}

// crowd is a server with somebody there or not, who listens to everything.
type crowd struct {
	asked int
	there bool
}

func (c *crowd) Anybody() bool     { c.asked++; return c.there }
func (c *crowd) Heard(string) bool { c.asked++; return c.there }

// Whether anybody is there is asked once a turn.
func TestAloneIsAskedOnceATurn(t *testing.T) {
	c := &crowd{}
	i := NewInterest(c, prefix, nil)
	for range 2 {
		if !i.alone(1) {
			t.Error("nobody is there, yet somebody is said to be")
		}
	}
	if c.asked != 1 {
		t.Errorf("asked %d times in a turn", c.asked)
	}
	c.there = true
	if !i.alone(1) {
		t.Error("the answer changed within a turn")
	}
	if i.alone(2) {
		t.Error("somebody is there since the turn before")
	}
}

// Whether anybody listens to a channel is asked once a turn. Channels do not take each other's
// answers.
func TestOthersAreAskedForOnceATurn(t *testing.T) {
	c := &crowd{}
	i := NewInterest(c, prefix, func(c wire.Channel) bool { return c == 7 })
	another := wire.Channel(5 + len(i.asked))
	for range 2 {
		if i.others(5, 1) {
			t.Error("nobody listens, yet somebody is said to")
		}
	}
	if c.asked != 1 {
		t.Errorf("asked %d times in a turn", c.asked)
	}
	c.there = true
	if i.others(5, 1) {
		t.Error("the answer changed within a turn")
	}
	if !i.others(another, 1) {
		t.Error("the answer is that of another channel")
	}
	if !i.others(5, 2) || !i.others(another, 2) {
		t.Error("somebody listens since the turn before")
	}
	if c.there = false; !i.others(7, 2) {
		t.Error("where the node listens itself, somebody may")
	}
}
