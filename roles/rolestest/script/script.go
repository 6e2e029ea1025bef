package script

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/msgtext"
)

// Script runs the commands of a script. Those that the scripts of all roles have are:
//
//	participant NAME [on=NODE] CHANNEL…   who records what it gets; CHANNEL..CHANNEL is a range
//	send from=NAME [as=CHANNEL]           a message a line: RECIPIENTS MESSAGE ARGUMENTS
//	burst from=NAME [as=CHANNEL]          the same, all before any is waited for
//	silent from=NAME [as=CHANNEL]         as send, but shows nothing that comes of it
//	leave NAME
//	dc [plain] [unsorted]                 a DC file instead of the cluster's, see [dc.Inheritance]
//
// A recipient, or a channel, is a number or PARENT:ZONE; 1:PARENT is the channel of a
// parent's children. Received messages are written with their sender and without their
// recipients, sorted by who got them and then in order.
type Script struct {
	*Cluster
	// Commands are the role's own. They return what they show.
	Commands map[string]func(Args) string
	// Settle waits until nothing is under way any more, and has all record what they
	// got. from has just sent a message; it is nil if a participant has come or gone.
	Settle func(from *Actor, sent wire.Datagram)
	// Sent is called when a message was sent, before Settle.
	Sent func()
	// Each has send show what comes of each message before what comes of the next.
	Each bool
	// LogLine is what is shown of a line of the log; empty: nothing. Without it, all is
	// shown but the time, the level and "msg=".
	LogLine func(line string) string
}

// plain is what all lines of a log begin with.
var plain = regexp.MustCompile(`time=\S+ level=\S+ msg=`)

// Args are the arguments of a command.
type Args struct {
	Names  []string            // those without a value
	Values map[string][]string // of the others
	Input  string              // the lines below the command
}

// Get is the value of an argument, or empty.
func (a Args) Get(key string) string {
	if values := a.Values[key]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// Run runs one command, and returns what it shows.
func (s *Script) Run(t *testing.T, d *datadriven.TestData) string {
	t.Helper()
	args := Args{Values: map[string][]string{}, Input: d.Input}
	for _, a := range d.CmdArgs {
		if len(a.Vals) == 0 {
			args.Names = append(args.Names, a.Key)
		} else {
			args.Values[a.Key] = a.Vals
		}
	}
	if s.Cluster != nil { // else a command starts it
		s.T = t
	}
	if run, ok := s.Commands[d.Cmd]; ok {
		return run(args)
	}
	switch d.Cmd {
	case "participant":
		s.participant(args)
	case "leave":
		a := s.Actor(args.Names[0])
		a.Leave()
		s.Actors = slices.DeleteFunc(s.Actors, func(b *Actor) bool { return a == b })
		s.Settle(nil, nil)
	case "dc":
		how := dc.Inheritance{Plain: slices.Contains(args.Names, "plain"), Unsorted: slices.Contains(args.Names, "unsorted")}
		var err error
		if s.File, err = how.Parse([]dc.Source{{Name: "scenario.dc", Text: d.Input}}); err != nil {
			t.Fatal(err)
		}
	case "send", "burst":
		return s.send(args, d.Input, d.Cmd == "burst")
	case "silent":
		s.send(args, d.Input, false)
	default:
		t.Fatalf("%s: what is %q?", d.Pos, d.Cmd)
	}
	return ""
}

func (s *Script) participant(args Args) {
	s.T.Helper()
	var channels []wire.Channel
	var ranges [][2]wire.Channel
	for _, text := range args.Names[1:] {
		low, high, isRange := strings.Cut(text, "..")
		channels = append(channels, s.Chan(low))
		if isRange {
			ranges = append(ranges, [2]wire.Channel{s.Chan(low), s.Chan(high)})
		}
	}
	a := s.JoinAt(args.Get("on"), args.Names[0], channels...)
	for _, r := range ranges {
		if err := a.SubscribeRange(r[0], r[1]); err != nil {
			s.T.Fatal(err)
		}
	}
	s.Settle(nil, nil)
}

func (s *Script) send(args Args, input string, burst bool) string {
	s.T.Helper()
	a := s.Actor(args.Get("from"))
	sender := a.Channel
	if as := args.Get("as"); as != "" {
		sender = s.Chan(as)
	}
	var out strings.Builder
	var last wire.Datagram
	for line := range strings.Lines(input) {
		last = s.SayAs(a, sender, strings.TrimSpace(line))
		if s.Sent != nil {
			s.Sent()
		}
		if !burst {
			s.Settle(a, last)
		}
		if s.Each {
			out.WriteString(s.Shown())
		}
	}
	if !s.Each {
		s.Settle(a, last)
		out.WriteString(s.Shown())
	}
	return out.String()
}

// Chan is a channel as scripts have it.
func (s *Script) Chan(text string) wire.Channel {
	s.T.Helper()
	c, err := wire.ParseChannel(text)
	if err != nil {
		s.T.Fatal(err)
	}
	return c
}

// Shown is what all have recorded, and what was logged, since the last call.
func (s *Script) Shown() string {
	var b strings.Builder
	for _, a := range s.Actors {
		for _, d := range a.Take() {
			fmt.Fprintf(&b, "%s <- %s\n", a.Name, msgtext.Text(s.File, d))
		}
	}
	for _, line := range s.Log.Take() {
		if s.LogLine == nil {
			line = plain.ReplaceAllString(line, "")
		} else {
			line = s.LogLine(line)
		}
		if line != "" {
			fmt.Fprintf(&b, "log: %s\n", line)
		}
	}
	return b.String()
}
