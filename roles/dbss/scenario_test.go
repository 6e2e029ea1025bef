package dbss

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"natstron/bridge/wire"
	"natstron/internal/msgtext"
)

// TestScenarios runs the scripts in testdata/scenarios. Each is a cluster of its
// own, and reads like the protocol's document: what is sent, and after the line
// who receives what because of it. The database is a participant as any other, so
// the scripts show what it is asked, and answer in its place. Commands:
//
//	dbss ranges=FIRST-LAST…           a database-state server; the database is 1200
//	     [max-waiting=N] [max-questions=N] [max-objects=N]
//	participant NAME CHANNEL…         who records what it gets
//	send from=NAME [as=CHANNEL]       a message a line: RECIPIENTS MESSAGE ARGUMENTS
//	burst from=NAME                   the same, all before any is handled
//	silent from=NAME                  as send, but shows nothing that comes of it
//	wait DURATION                     time goes by
//	stats
//
// Contexts to the database count up from 1 here. Received messages are written
// with their sender and without their recipients, sorted by who got them and then
// in order.
func TestScenarios(t *testing.T) {
	datadriven.Walk(t, "testdata/scenarios", func(t *testing.T, path string) {
		s := &scenario{newCluster(t)}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			return s.run(t, d)
		})
	})
}

type scenario struct{ c *cluster }

func (s *scenario) run(t *testing.T, d *datadriven.TestData) string {
	t.Helper()
	s.c.t = t
	switch d.Cmd {
	case "dbss":
		s.c.server(s.options(t, d))
	case "participant":
		var channels []wire.Channel
		for _, a := range d.CmdArgs[1:] {
			channels = append(channels, s.channel(t, a.Key))
		}
		s.c.join(d.CmdArgs[0].Key, channels...)
	case "send", "burst", "silent":
		s.send(t, d)
		out := s.received()
		if d.Cmd == "silent" {
			return ""
		}
		return out
	case "wait":
		by, err := time.ParseDuration(d.CmdArgs[0].Key)
		if err != nil {
			t.Fatalf("%s: %v", d.Pos, err)
		}
		s.c.wait(by)
		return s.received()
	case "stats":
		return s.stats()
	default:
		t.Fatalf("%s: what is %q?", d.Pos, d.Cmd)
	}
	return ""
}

func (s *scenario) options(t *testing.T, d *datadriven.TestData) Options {
	t.Helper()
	var o Options
	var ranges []string
	for _, a := range d.CmdArgs {
		if a.Key == "ranges" {
			ranges = a.Vals
		}
	}
	for _, text := range ranges {
		var r wire.DoIDRange
		if _, err := fmt.Sscanf(text, "%d-%d", &r.Min, &r.Max); err != nil {
			t.Fatalf("%s: %v", d.Pos, err)
		}
		o.Ranges = append(o.Ranges, r)
	}
	d.MaybeScanArgs(t, "max-waiting", &o.MaxWaiting)
	d.MaybeScanArgs(t, "max-questions", &o.MaxQuestions)
	d.MaybeScanArgs(t, "max-objects", &o.MaxObjects)
	return o
}

func (s *scenario) send(t *testing.T, d *datadriven.TestData) {
	t.Helper()
	var from, as string
	d.ScanArgs(t, "from", &from)
	d.MaybeScanArgs(t, "as", &as)
	a := s.actor(t, from)
	sender := a.channel
	if as != "" {
		sender = s.channel(t, as)
	}
	for line := range strings.Lines(d.Input) {
		datagram, err := msgtext.Parse(s.c.file, sender, strings.TrimSpace(line))
		if err != nil {
			t.Fatalf("%s: %v", d.Pos, err)
		}
		if err := a.p.Send(datagram); err != nil {
			t.Fatal(err)
		}
		if d.Cmd != "burst" {
			s.c.settle()
		}
	}
	s.c.settle()
}

func (s *scenario) channel(t *testing.T, text string) wire.Channel {
	t.Helper()
	c, err := wire.ParseChannel(text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (s *scenario) actor(t *testing.T, name string) *actor {
	t.Helper()
	for _, a := range s.c.actors {
		if a.name == name {
			return a
		}
	}
	t.Fatalf("nobody is called %q", name)
	return nil
}

// received is what all have got, and what the servers logged.
func (s *scenario) received() string {
	var b strings.Builder
	for _, a := range s.c.actors {
		for _, d := range a.take() {
			fmt.Fprintf(&b, "%s <- %s\n", a.name, msgtext.Text(s.c.file, d))
		}
	}
	for _, line := range s.c.log.Take() {
		if line != "" {
			fmt.Fprintf(&b, "log: %s\n", plain.ReplaceAllString(line, ""))
		}
	}
	return b.String()
}

// plain leaves the time out of a log line, and what all of them begin with.
var plain = regexp.MustCompile(`time=\S+ level=\S+ msg=`)

func (s *scenario) stats() string {
	var b strings.Builder
	for _, r := range s.c.servers {
		stats := r.Stats()
		fmt.Fprintf(&b, "%s: %d active, %d loading, %d bytes wait, %d questions\n",
			r.Name(), stats.Objects(), stats.Loading, stats.WaitingBytes, stats.Questions)
		fmt.Fprintf(&b, "  %d activated, on average in %v\n", stats.Activation.Count, stats.Activation.Mean())
		fmt.Fprintf(&b, "  %d written, %d ignored, %d unexpected\n", stats.Written, stats.Ignored, stats.Unexpected)
		for _, why := range slices.Sorted(maps.Keys(stats.Failed)) {
			fmt.Fprintf(&b, "  failed, %s: %d\n", why, stats.Failed[why])
		}
		for _, reason := range slices.Sorted(maps.Keys(stats.Refused)) {
			fmt.Fprintf(&b, "  refused, %s: %d\n", reason, stats.Refused[reason])
		}
	}
	return b.String()
}
