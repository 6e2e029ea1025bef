package database

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"natstron/bridge/wire"
	"natstron/internal/msgtext"
	"natstron/storage"
)

// TestScenarios runs the scripts in testdata/scenarios, each on every backend, with
// the same result. They read like the protocol's document: what is sent, and after
// the line who receives what because of it. Commands:
//
//	server control=CHANNEL ids=MIN-MAX [broadcast=false]   on a new, empty store
//	restart [dc=FILE]          ends it, and starts it again on the same store
//	participant NAME CHANNEL…  who records what it gets; CHANNEL..CHANNEL is a range
//	send from=NAME             a message a line: RECIPIENTS MESSAGE ARGUMENTS
//	stats
//
// Received messages are written with their sender and without their recipients,
// sorted by who got them and then in order.
func TestScenarios(t *testing.T) {
	for _, b := range backends() {
		t.Run(b.name, func(t *testing.T) {
			datadriven.Walk(t, "testdata/scenarios", func(t *testing.T, path string) {
				s := &scenario{backend: b, c: newCluster(t)}
				datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
					s.c.t = t
					return s.run(d)
				})
			})
		})
	}
}

type scenario struct {
	c       *cluster
	backend backend
	place   string
	options Options
	ids     storage.Range
}

func (s *scenario) run(d *datadriven.TestData) string {
	t := s.c.t
	t.Helper()
	switch d.Cmd {
	case "server":
		var ids string
		s.options.Broadcast = true
		for _, a := range d.CmdArgs {
			switch a.Key {
			case "control":
				s.options.Control = s.channel(a.Vals[0])
			case "ids":
				ids = a.Vals[0]
			case "broadcast":
				s.options.Broadcast = a.Vals[0] == "true"
			}
		}
		low, high, _ := strings.Cut(ids, "-")
		s.ids = storage.Range{Min: wire.DoID(s.channel(low)), Max: wire.DoID(s.channel(high))}
		s.place = s.backend.place(t)
		s.serve()
	case "restart":
		s.c.end()
		if len(d.CmdArgs) > 0 {
			s.c.file = parseDC(t, "testdata/"+d.CmdArgs[0].Vals[0])
		}
		s.serve()
	case "participant":
		s.join(d.CmdArgs)
	case "send":
		return s.send(d)
	case "stats":
		return s.stats()
	default:
		t.Fatalf("%s: what is %q?", d.Pos, d.Cmd)
	}
	return ""
}

func (s *scenario) serve() {
	o := s.options
	o.Open = func(context.Context) (storage.Store, error) { return s.backend.open(s.place, s.ids, s.c.file) }
	s.c.serve(o)
	s.c.logged("opened the database")
}

func (s *scenario) join(args []datadriven.CmdArg) {
	t := s.c.t
	t.Helper()
	low, high, isRange := strings.Cut(args[1].Key, "..")
	a := s.c.join(args[0].Key, s.channel(low))
	if isRange {
		if err := a.p.SubscribeRange(s.channel(low), s.channel(high)); err != nil {
			t.Fatal(err)
		}
	}
	for _, more := range args[2:] {
		if err := a.p.Subscribe(s.channel(more.Key)); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *scenario) send(d *datadriven.TestData) string {
	t := s.c.t
	t.Helper()
	a := s.actor(d.CmdArgs[0].Vals[0])
	var out strings.Builder
	for line := range strings.Lines(d.Input) {
		datagram, err := msgtext.Parse(s.c.file, a.channel, strings.TrimSpace(line))
		if err != nil {
			t.Fatalf("%s: %v", d.Pos, err)
		}
		if err := a.p.Send(datagram); err != nil {
			t.Fatal(err)
		}
		s.c.settle(a, datagram)
		s.c.role.complaints.Reset() // whatever comes next is logged, too
		out.WriteString(s.received())
	}
	return out.String()
}

func (s *scenario) channel(text string) wire.Channel {
	s.c.t.Helper()
	c, err := wire.ParseChannel(text)
	if err != nil {
		s.c.t.Fatal(err)
	}
	return c
}

func (s *scenario) actor(name string) *actor {
	s.c.t.Helper()
	for _, a := range s.c.actors {
		if a.name == name {
			return a
		}
	}
	s.c.t.Fatalf("nobody is called %q", name)
	return nil
}

// received is what all have got, and what the server logged.
func (s *scenario) received() string {
	var b strings.Builder
	for _, a := range s.c.actors {
		for _, d := range a.received {
			fmt.Fprintf(&b, "%s <- %s\n", a.name, msgtext.Text(s.c.file, d))
		}
		a.received = nil
	}
	for _, line := range s.c.log.Take() {
		if line != "" && !strings.Contains(line, asked) {
			line = plain.ReplaceAllString(line, "")
			fmt.Fprintf(&b, "log: %s\n", reason.ReplaceAllString(line, "$1…$2"))
		}
	}
	return b.String()
}

// asked is in what is logged about the harness's own questions.
var asked = fmt.Sprintf("sender=%d ", markerChannel)

// reason is why a value cannot be read, which backends say in their own words.
var reason = regexp.MustCompile(`(cannot be read: ).*(" do_id=)`)

// plain leaves out of a log line the time, and what all of them begin with.
var plain = regexp.MustCompile(`time=\S+ level=|msg="a request failed" role=\S+ `)

func (s *scenario) stats() string {
	var b strings.Builder
	stats := s.c.role.Stats()
	for _, msg := range append([]wire.MsgType{0}, wire.MsgTypes()...) {
		for _, result := range Results() {
			if n := stats.Operations[msg][result]; n > 0 {
				fmt.Fprintf(&b, "%s %s: %d\n", msg, result, n)
			}
		}
	}
	fmt.Fprintf(&b, "left out: %d, announced: %d\n", stats.LeftOut, stats.Announced)
	return b.String()
}
