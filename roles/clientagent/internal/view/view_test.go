package view

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/msgtext"
	"natstron/roles/clientagent/internal/parenting"
)

// TestScripts runs the scripts in testdata. Each is a client with the channel 1000
// and its session, and reads like the protocol's document: what happens, and after
// the line what the view does because of it. Commands:
//
//	add ID CONTEXT ZONE… [for=CALLER]    an interest in zones of the parent 7000
//	remove ID CONTEXT [for=CALLER]
//	hear                                 datagrams, one a line: SENDER[>ZONE] MESSAGE ARGUMENTS
//	late                                 the time of all interests is up
//	hold, release                        the time until subscriptions are in force everywhere
//	channel ZONE                         the cluster opens the zone's for the client
//	full                                 there are no more channels
//	declare DO CLASS, undeclare DO
//	moving DO ZONE                       the client asks what it owns to move
//	session DO                           makes it a session object
//	load ID ZONE…                        what the interests would ask for
//	knows DO…
//	rules                                ducks are avatars, and rules of parents are known
//	told                                 the rules' own datagrams, as hear
//	end                                  the session ends
//
// In what the view does, + and - are subscriptions; what the rules do begins with "rules".
func TestScripts(t *testing.T) { testScripts(t, func(*script) {}) }

// TestScriptsMoved runs them with a view that goes to another agent after each command, if
// nothing is being opened then: what follows is the same.
func TestScriptsMoved(t *testing.T) {
	moves := 0
	testScripts(t, func(s *script) {
		if s.move() {
			moves++
		}
	})
	if moves < 50 {
		t.Errorf("the views moved only %d times", moves)
	}
}

func testScripts(t *testing.T, after func(*script)) {
	t.Helper()
	file, err := dc.ParseFiles("../../testdata/park.dc")
	if err != nil {
		t.Fatal(err)
	}
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		s := &script{t: t, file: file, opened: map[wire.Channel]bool{}, now: time.Unix(0, 0)}
		gate, _ := file.ClassByName("Gate")
		s.views = Views{
			File: file, Uberdogs: map[wire.DoID]*dc.Class{gateID: gate}, Timeout: time.Second,
			Alarm:  func(after time.Duration) { s.did("alarm in %v", after) },
			Opened: func(took time.Duration) { s.did("all answered in %v", took) },
			Now:    func() time.Time { return s.now },
		}
		s.view = s.views.New(s, 0)
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			s.t = t
			s.run(d)
			s.now = s.now.Add(time.Millisecond)
			s.check()
			after(s)
			out := s.out.String()
			s.out.Reset()
			return out
		})
	})
}

// move makes the view another one, as an agent does that takes it over.
func (s *script) move() bool {
	v := s.view
	if v.closed || len(v.requests) > 0 || len(v.pending) > 0 {
		return false
	}
	if at := v.avatar.at.Parent; at > wire.LastReservedDoID && !s.views.Rules.Settled(at) {
		return false // the new view would wait for the rule, though the time may be up
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(v.Move()); err != nil {
		s.t.Fatal(err)
	}
	var m Moved
	if err := gob.NewDecoder(&b).Decode(&m); err != nil {
		s.t.Fatal(err)
	}
	shown := s.out.String()
	s.view = s.views.New(s, v.request)
	if err := s.view.Restore(m); err != nil {
		s.t.Fatal(err)
	}
	v.Close()
	if did := strings.TrimPrefix(s.out.String(), shown); did != "" {
		s.t.Errorf("a move did:\n%s", did)
	}
	return true
}

const (
	gateID  wire.DoID    = 5000 // an UberDOG
	pondID  wire.DoID    = 7000 // the parent
	channel wire.Channel = 1000
)

// script is a session that writes down what the view does to it.
type script struct {
	t      *testing.T
	file   *dc.File
	views  Views
	view   *View
	now    time.Time
	out    strings.Builder
	opened map[wire.Channel]bool
	full   bool
	hold   bool
	held   []func()
}

func (s *script) did(format string, args ...any) { fmt.Fprintf(&s.out, format+"\n", args...) }

func (s *script) Channel() wire.Channel      { return channel }
func (s *script) Opened(c wire.Channel) bool { return s.opened[c] }
func (s *script) Send(frame []byte) {
	s.did("client <- %s", msgtext.ClientText(s.file, frame[wire.FrameHeader:]))
}

func (s *script) Tell(w *wire.Writer) {
	d, err := w.Datagram()
	if err != nil {
		s.t.Fatal(err)
	}
	s.did("%d <- %s", d.Recipient(0), msgtext.Text(s.file, d))
}

func (s *script) Subscribe(c wire.Channel) error {
	if s.full {
		return errors.New("there are too many")
	}
	s.did("+ %v", c.Location())
	return nil
}

func (s *script) Unsubscribe(c wire.Channel) { s.did("- %v", c.Location()) }

func (s *script) WhenInForce(_ []wire.Channel, do func()) {
	if s.hold {
		s.held = append(s.held, do)
		return
	}
	do()
}

func (s *script) Deaf(err error) {
	s.did("deaf: %v", err)
	s.view.Close()
}

// ruleScript is what a script's rules act on.
type ruleScript struct{ *script }

func (s ruleScript) Channel() wire.Channel { return 900 }
func (s ruleScript) Tell(w *wire.Writer) {
	d, err := w.Datagram()
	if err != nil {
		s.t.Fatal(err)
	}
	s.did("rules: %d <- %s", d.Recipient(0), msgtext.Text(s.file, d))
}
func (s ruleScript) Subscribe(c wire.Channel) error {
	s.did("rules: + %v", c.Location())
	return nil
}
func (s ruleScript) Unsubscribe(c wire.Channel) { s.did("rules: - %v", c.Location()) }
func (s ruleScript) Log(_ slog.Level, message string, args ...any) {
	s.did("rules: log: %s %v", message, args)
}

func (s *script) Lost(do wire.DoID, how Loss) {
	s.did("the session object %d %v", do, how)
	s.view.Close()
}

func (s *script) Refuse(d *Datagram, err error) { s.did("refused %v: %v", d.Type, err) }

func (s *script) Log(_ slog.Level, message string, args ...any) {
	s.did("log: %s %v", message, args)
}

func (s *script) run(d *datadriven.TestData) {
	var numbers []uint64
	caller := wire.Channel(0)
	for _, a := range d.CmdArgs {
		word := a.Key
		if a.Key == "for" {
			word = a.Vals[0]
		}
		n, err := strconv.ParseUint(word, 10, 64)
		switch {
		case err != nil: // a word
		case a.Key == "for":
			caller = wire.Channel(n)
		default:
			numbers = append(numbers, n)
		}
	}
	do := func() wire.DoID { return wire.DoID(numbers[0]) }
	interest := func(zones []uint64) *Interest {
		var all []wire.Zone
		for _, z := range zones {
			all = append(all, wire.Zone(z))
		}
		return NewInterest(uint16(numbers[0]), pondID, all...)
	}
	switch d.Cmd {
	case "add":
		var err error
		if caller != 0 {
			err = s.view.AddFor(caller, interest(numbers[1:]))
		} else {
			err = s.view.Add(interest(numbers[2:]), uint32(numbers[1]))
		}
		if err != nil {
			s.did("error: %v", err)
		}
	case "remove":
		if caller == 0 {
			s.view.Remove(uint16(numbers[0]), uint32(numbers[1]))
		} else if !s.view.RemoveFor(caller, uint16(numbers[0])) {
			s.did("it is not open")
		}
	case "hear":
		for line := range strings.Lines(d.Input) {
			s.hear(strings.TrimSpace(line))
		}
	case "late":
		s.now = s.now.Add(s.views.Timeout)
		for s.views.Expire() {
			s.did("expired")
		}
	case "hold":
		s.hold = true
	case "release":
		held := s.held
		s.hold, s.held = false, nil
		for _, do := range held {
			do()
		}
	case "channel":
		s.opened[wire.Location{Parent: pondID, Zone: wire.Zone(numbers[0])}.Channel()] = true
	case "full":
		s.full = true
	case "declare":
		class, ok := s.file.ClassByName(d.CmdArgs[1].Key)
		id := uint16(9999)
		if ok {
			id, _ = class.ID()
		}
		fresh, err := s.view.Declare(do(), wire.DClassID(id))
		s.did("%v %v", fresh, err)
	case "undeclare":
		s.view.Undeclare(do())
	case "moving":
		s.view.Moving(do(), wire.Location{Parent: pondID, Zone: wire.Zone(numbers[1])})
	case "session":
		s.did("%v", s.view.AddSessionObject(do()))
	case "load":
		s.did("%+v, %d pending", s.view.LoadWith(interest(numbers[1:])), s.view.Pending())
	case "knows":
		for _, n := range numbers {
			do, class := wire.DoID(n), "nothing"
			if c := s.view.ClassOf(do); c != nil {
				class = c.Name()
			}
			s.did("%d: %s, seen %v, owned %v, known before %v", do, class, s.view.Sees(do), s.view.Owns(do), s.view.Knew(do))
		}
	case "rules":
		s.views.Avatar, _ = s.file.ClassByName("Duck")
		s.views.Rules = &parenting.Table{
			File: s.file, Backbone: ruleScript{s}, Patience: time.Second, Now: func() time.Time { return s.now },
		}
	case "told":
		for line := range strings.Lines(d.Input) {
			parsed := s.parse(strings.TrimSpace(line))
			m, err := parsed.Message()
			if err == nil {
				err = s.views.Rules.Hear(m.Type, m.Payload.Rest())
			}
			if err != nil {
				s.did("error: %v", err)
			}
		}
	case "end":
		s.view.Close()
	default:
		s.t.Fatalf("%s: what is %q?", d.Pos, d.Cmd)
	}
}

func (s *script) hear(line string) {
	s.t.Helper()
	parsed := s.parse(line)
	d, err := s.views.Read(parsed)
	switch {
	case err != nil:
		s.t.Fatal(err)
	case !d.OfObjects():
		s.did("%v is not about objects", d.Type)
	default:
		if err := s.view.Handle(d); err != nil {
			s.did("error: %v", err)
		}
	}
	for i := range parsed {
		parsed[i] = 0xff // it was valid during the call
	}
}

// parse is a datagram, to the client, or to a zone: SENDER[>ZONE] MESSAGE ARGUMENTS.
func (s *script) parse(line string) wire.Datagram {
	s.t.Helper()
	from, message, _ := strings.Cut(line, " ")
	from, zone, toZone := strings.Cut(from, ">")
	sender, err := wire.ParseChannel(from)
	if err != nil {
		s.t.Fatal(err)
	}
	to := fmt.Sprint(channel)
	if toZone {
		to = fmt.Sprintf("%d:%s", pondID, zone)
	}
	d, err := msgtext.Parse(s.file, sender, to+" "+message)
	if err != nil {
		s.t.Fatal(err)
	}
	return d
}

// check reports whether the books of the view agree with each other.
func (s *script) check() {
	t, v := s.t, s.view
	t.Helper()
	named, shown := 0, map[wire.Location]int{}
	for _, i := range v.interests {
		named += i.size()
		for _, z := range i.Zones {
			shown[i.at(z)]++
		}
	}
	for at := range v.avatar.area.Minus(parenting.Area{}) {
		shown[at]++
	}
	if named != v.named || len(shown) != len(v.zones) {
		t.Errorf("%d zones are named, it counts %d; %d are open, it has %d", named, v.named, len(shown), len(v.zones))
	}
	asking := map[*operation]int{}
	for at, z := range v.zones {
		if z.interests != shown[at] {
			t.Errorf("%v is in %d interests, it counts %d", at, shown[at], z.interests)
		}
		if z.op != nil {
			asking[z.op]++
			if v.requests[z.op.request] != z.op {
				t.Errorf("%v waits for a request that is forgotten", at)
			}
		}
	}
	for op, n := range asking {
		if op.open != n {
			t.Errorf("%d zones wait for interest %d, it counts %d", n, op.interest, op.open)
		}
	}
	for do, op := range v.pending {
		if op.done || !slices.Contains(op.objects, do) {
			t.Errorf("object %d waits for interest %d, which does not wait", do, op.interest)
		}
	}
	there := map[wire.Location]int{}
	for do, o := range v.objects {
		_, stray := v.strays[do]
		z := v.zones[o.location]
		switch {
		case o.known&visible == 0 && stray, stray && z != nil:
			t.Errorf("object %d is a stray", do)
		case o.known&visible != 0 && !stray && (z == nil || !slices.Contains(z.objects, do)):
			t.Errorf("object %d is not listed where it is", do)
		case o.known&visible != 0 && z != nil:
			there[o.location]++
		}
		if o.known == 0 || o.class == nil {
			t.Errorf("object %d is known for no reason, or without a class", do)
		}
	}
	for at, z := range v.zones {
		if z.visible != there[at] {
			t.Errorf("%d objects are in %v, it counts %d", there[at], at, z.visible)
		}
	}
}

func TestPastIsBounded(t *testing.T) {
	var v View
	for do := range wire.DoID(10 * maxPast) {
		v.past.add(do)
	}
	if n := len(v.past.new) + len(v.past.old); n > 2*maxPast {
		t.Errorf("%d objects are remembered", n)
	}
	for do := wire.DoID(9*maxPast + 1); do < 10*maxPast; do++ {
		if !v.Knew(do) {
			t.Fatalf("%d is forgotten, though it is one of the last %d", do, maxPast)
		}
	}
}
