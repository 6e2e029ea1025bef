package stateserver

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/msgtext"
)

// TestScenarios runs the scripts in testdata/scenarios. Each is a cluster of its
// own, and reads like the protocol's document: what is sent, and after the line
// who receives what because of it. Commands:
//
//	cluster NODE [NODE]               start; the first command
//	dc                                a DC file instead of town.dc
//	server on=NODE control=CHANNEL    a state server, with static objects, one a
//	                                  line: DOID DCLASS FIELD=VALUE…
//	participant NAME on=NODE CHANNEL… who records what it gets
//	send from=NAME [as=CHANNEL]       a message a line: RECIPIENTS MESSAGE ARGUMENTS
//	burst from=NAME                   the same, all before any is handled
//	silent from=NAME                  as send, but shows nothing that comes of it
//	leave NAME
//	stats
//
// A recipient, or a channel, is a number or PARENT:ZONE; 1:PARENT is the channel
// of a parent's children. Received messages are written with their sender and
// without their recipients, sorted by who got them and then in order.
func TestScenarios(t *testing.T) {
	datadriven.Walk(t, "testdata/scenarios", func(t *testing.T, path string) {
		s := &scenario{}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			return s.run(t, d)
		})
	})
}

type scenario struct{ c *cluster }

func (s *scenario) run(t *testing.T, d *datadriven.TestData) string {
	t.Helper()
	words := func() (names []string, values map[string]string) {
		values = map[string]string{}
		for _, a := range d.CmdArgs {
			if len(a.Vals) == 0 {
				names = append(names, a.Key)
			} else {
				values[a.Key] = a.Vals[0]
			}
		}
		return names, values
	}
	names, values := words()
	if d.Cmd == "cluster" {
		s.c = newCluster(t, names...)
		return ""
	}
	s.c.t = t
	switch d.Cmd {
	case "server":
		s.c.server(values["on"], s.channel(t, values["control"]), s.static(t, d.Input)...)
		s.c.settle()
	case "dc":
		var err error
		if s.c.file, err = dc.Parse([]dc.Source{{Name: "scenario.dc", Text: d.Input}}); err != nil {
			t.Fatal(err)
		}
	case "participant":
		var channels []wire.Channel
		for _, name := range names[1:] {
			channels = append(channels, s.channel(t, name))
		}
		s.c.join(names[0], values["on"], channels...)
		s.c.settle()
	case "leave":
		a := s.actor(t, names[0])
		a.p.Leave()
		s.c.actors = slices.DeleteFunc(s.c.actors, func(b *actor) bool { return a == b })
		s.c.settle()
	case "send", "burst", "silent":
		a := s.actor(t, values["from"])
		sender := a.channel
		if as := values["as"]; as != "" {
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
			for _, r := range s.c.servers {
				r.space.logAnew() // whatever comes next is logged, too
			}
		}
		s.c.settle()
		out := s.received()
		if d.Cmd == "silent" {
			return ""
		}
		return out
	case "stats":
		return s.stats()
	default:
		t.Fatalf("%s: what is %q?", d.Pos, d.Cmd)
	}
	return ""
}

func (s *scenario) static(t *testing.T, text string) (all []StaticObject) {
	t.Helper()
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		o := StaticObject{ID: wire.DoID(s.channel(t, words[0])), Class: words[1], Fields: map[string]string{}}
		for _, word := range words[2:] {
			name, value, _ := strings.Cut(word, "=")
			o.Fields[name] = value
		}
		all = append(all, o)
	}
	return all
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
		fmt.Fprintf(&b, "%s: %d objects\n", r.Name(), stats.Objects())
		for _, name := range slices.Sorted(maps.Keys(stats.Classes)) {
			c := stats.Classes[name]
			fmt.Fprintf(&b, "  %s: %d objects, %d bytes\n", name, c.Objects, c.Bytes)
		}
		for _, reason := range slices.Sorted(maps.Keys(stats.Refused)) {
			fmt.Fprintf(&b, "  refused %s: %d\n", reason, stats.Refused[reason])
		}
	}
	return b.String()
}
