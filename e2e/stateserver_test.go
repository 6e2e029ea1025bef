package e2e

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/msgtext"
)

// The state server's scripts, played against whole daemons, also with each role in its own process.

const stateServerTests = "../roles/stateserver/testdata/"

// TestStateServerScenarios plays the state server's scripts, which show every
// message of the protocol, with whole daemons: each node of a script is a process,
// and its participants are connections to it. What they receive must be what the
// scripts say, in any order; what is logged is not looked at. Apart means that the
// participants are connected to another process than the state server's.
func TestStateServerScenarios(t *testing.T) {
	paths, err := filepath.Glob(stateServerTests + "scenarios/*")
	if err != nil || len(paths) == 0 {
		t.Fatalf("%d scripts, %v", len(paths), err)
	}
	for _, path := range paths {
		text := read(t, path)
		play := func(name string, apart bool) {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				s := startScript(t, text, apart)
				datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string { return s.run(t, d) })
			})
		}
		name := filepath.Base(path)
		play(name, false)
		// What follows a creation at once is only sure to arrive within a process.
		if !strings.Contains(text, "\nserver on=b") && !strings.Contains(text, "\nburst") {
			play(name+" apart", true)
		}
	}
}

// script is one script that is played.
type script struct {
	file    *dc.File
	daemons map[string]*daemon // by the names of the nodes
	apart   *daemon            // where participants connect, if not at their nodes
	actors  []*scriptActor
	markers []*scriptActor // one at each daemon
	probes  []wire.DoID    // an object on each state server
	round   uint32
}

// scriptActor is a participant of a script.
type scriptActor struct {
	*mdtest.Client
	name     string
	channel  wire.Channel
	received []wire.Datagram
}

const (
	firstMarker wire.Channel = 900_000_000 // of the participants that find out when all is quiet
	firstProbe  wire.DoID    = 910_000_000
	firstRound               = 0xBA000000 // the contexts of their questions
)

var (
	clusterLine = regexp.MustCompile(`(?m)^cluster (.*)$`)
	dcBlock     = regexp.MustCompile(`(?m)^dc(.*)\n((?:.+\n)*?)----$`)
	serverBlock = regexp.MustCompile(`(?m)^server on=(\S+) control=(\d+)\n((?:.+\n)*?)----$`)
)

// dcFiles reads the DC file that a script has its own classes in, or else the common
// one, and is the section of the configuration that does so, too.
func (s *script) dcFiles(t *testing.T, text string) string {
	t.Helper()
	own := dcBlock.FindStringSubmatch(text)
	if own == nil {
		path, file := townFile(t)
		s.file = file
		return fmt.Sprintf("general: {dc_files: ['%s']}\n", path)
	}
	path := filepath.Join(t.TempDir(), "scenario.dc")
	write(t, path, own[2])
	how := dc.Inheritance{Plain: strings.Contains(own[1], "plain"), Unsorted: strings.Contains(own[1], "unsorted")}
	var err error
	if s.file, err = how.ParseFiles(path); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("general: {dc_files: ['%s'], dc_virtual_inheritance: %t, dc_sort_inheritance_by_file: %t}\n", path, !how.Plain, !how.Unsorted)
}

// staticObjects is a script's static objects as a configuration has them.
func staticObjects(lines string) string {
	var objects []string
	for line := range strings.Lines(lines) {
		words := strings.Fields(line)
		var fields []string
		for _, word := range words[2:] {
			name, value, _ := strings.Cut(word, "=")
			fields = append(fields, name+": '"+value+"'")
		}
		objects = append(objects, fmt.Sprintf("{id: %s, class: %s, fields: {%s}}", words[0], words[1], strings.Join(fields, ", ")))
	}
	return strings.Join(objects, ", ")
}

// startScript starts the processes that a script speaks of.
func startScript(t *testing.T, text string, apart bool) *script {
	t.Helper()
	s := &script{daemons: map[string]*daemon{}}
	general := s.dcFiles(t, text)
	backbone := "{embedded: {listen: '127.0.0.1:0'}" + patient + "}"
	join := func(roles string) *daemon {
		d := run(t, "backbone: "+backbone+"\n"+general+port+roles)
		if len(s.markers) == 0 {
			backbone = fmt.Sprintf("{urls: ['%s']%s}", d.nats(), patient)
		}
		n := len(s.markers)
		s.markers = append(s.markers, s.dial(d, "marker", firstMarker+wire.Channel(n)))
		return d
	}
	var controls []wire.Channel
	for _, name := range strings.Fields(clusterLine.FindStringSubmatch(text)[1]) {
		roles := "roles:\n"
		for _, m := range serverBlock.FindAllStringSubmatch(text, -1) {
			if m[1] == name {
				control, err := wire.ParseChannel(m[2])
				must(t, err)
				controls = append(controls, control)
				roles += "  - {type: stateserver, control: " + m[2] + ", objects: [" + staticObjects(m[3]) + "]}\n"
			}
		}
		s.daemons[name] = join(roles)
	}
	if apart {
		s.apart = join("")
	}
	for i, control := range controls {
		probe := firstProbe + wire.DoID(i)
		s.probe(t, probe, control)
		s.probes = append(s.probes, probe)
	}
	s.settle(t)
	return s
}

func (s *script) dial(d *daemon, name string, channels ...wire.Channel) *scriptActor {
	a := &scriptActor{Client: d.dial(), name: name, channel: channels[0]}
	a.Subscribe(channels...)
	return a
}

// probe creates an object, and waits until every process reaches it.
func (s *script) probe(t *testing.T, do wire.DoID, control wire.Channel) {
	t.Helper()
	class := s.file.Classes()[0]
	id, _ := class.ID()
	d := mdtest.Datagram(t, func(w *wire.Writer) {
		w.Header(firstMarker, wire.StateServerCreateObjectWithRequired, control).DoID(do).Location(wire.Location{}).DClassID(wire.DClassID(id))
		for _, f := range class.RequiredFields() {
			w.Raw(f.DefaultPacked())
		}
	})
	for _, m := range s.markers {
		asked := s.round
		for deadline := time.Now().Add(mdtest.Patience); ; {
			m.Send(d) // a second one is refused
			m.Send(s.question(t, m.channel, do))
			// The answer to any question will do: it may come when the next one has been asked.
			if got, err := m.ReceiveUntil(time.Now().Add(50 * time.Millisecond)); err == nil && s.answer(got) > asked {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("object %d is not reached", do)
			}
		}
	}
}

// question asks an object where it is, with a context that nobody else has.
func (s *script) question(t *testing.T, sender wire.Channel, do wire.DoID) wire.Datagram {
	t.Helper()
	s.round++
	return mdtest.Datagram(t, func(w *wire.Writer) {
		w.Header(sender, wire.StateServerObjectGetLocation, do.Channel()).Uint32(firstRound + s.round)
	})
}

// answer is which question of settle was answered, or 0.
func (s *script) answer(d wire.Datagram) uint32 {
	m, err := d.Message()
	if err != nil || m.Type != wire.StateServerObjectGetLocationResp {
		return 0
	}
	if c := m.Payload.Uint32(); c > firstRound {
		return c - firstRound
	}
	return 0
}

// hops is how many messages in a row follow from one message of a script at most.
const hops = 8

// settle waits until nothing that the participants sent is under way any more.
// An answer of every state server, to every process, arrives behind all that was
// sent before; then everything has come one message nearer to its end.
func (s *script) settle(t *testing.T) {
	t.Helper()
	all := slices.Concat(s.actors, s.markers)
	for i := range hops {
		if i > 0 {
			all = s.markers
		}
		for _, a := range all {
			for _, do := range s.probes {
				a.Send(s.question(t, a.channel, do))
				a.until(s, t, s.round)
			}
		}
	}
	for _, a := range s.actors { // what has been sent to them is ahead of the answer
		a.Send(s.question(t, a.channel, s.probes[0]))
		a.until(s, t, s.round)
	}
}

// until records what comes before the answer to a question.
func (a *scriptActor) until(s *script, t *testing.T, round uint32) {
	t.Helper()
	for {
		d, err := a.Receive()
		if err != nil {
			t.Fatalf("%s waits for an answer: %v", a.name, err)
		}
		switch n := s.answer(d); n {
		case round:
			return
		case 0:
			a.received = append(a.received, d)
		}
	}
}

func (s *script) run(t *testing.T, d *datadriven.TestData) string {
	t.Helper()
	var names []string
	values := map[string]string{}
	for _, a := range d.CmdArgs {
		if len(a.Vals) == 0 {
			names = append(names, a.Key)
		} else {
			values[a.Key] = a.Vals[0]
		}
	}
	switch d.Cmd {
	case "participant":
		var channels []wire.Channel
		for _, name := range names[1:] {
			channels = append(channels, scriptChannel(t, name))
		}
		on := s.daemons[values["on"]]
		if s.apart != nil {
			on = s.apart
		}
		s.actors = append(s.actors, s.dial(on, names[0], channels...))
		s.settle(t)
	case "leave":
		at := slices.IndexFunc(s.actors, func(a *scriptActor) bool { return a.name == names[0] })
		_ = s.actors[at].Conn.Close() // it leaves
		s.actors = slices.Delete(s.actors, at, at+1)
		s.settle(t)
	case "send", "burst", "silent":
		s.send(t, d, values["from"], values["as"])
		got := s.received()
		if d.Cmd != "silent" && !slices.Equal(got, saidToBeReceived(d.Expected)) {
			return strings.Join(got, "\n") + "\n"
		}
	}
	return d.Expected // cluster and server were started; stats are not to be seen here
}

func (s *script) send(t *testing.T, d *datadriven.TestData, from, as string) {
	t.Helper()
	a := s.actors[slices.IndexFunc(s.actors, func(a *scriptActor) bool { return a.name == from })]
	sender := a.channel
	if as != "" {
		sender = scriptChannel(t, as)
	}
	for line := range strings.Lines(d.Input) {
		datagram, err := msgtext.Parse(s.file, sender, strings.TrimSpace(line))
		if err != nil {
			t.Fatalf("%s: %v", d.Pos, err)
		}
		a.Send(datagram)
		if d.Cmd != "burst" {
			s.settle(t)
		}
	}
	s.settle(t)
}

// received is what all participants have got since the last call, sorted.
func (s *script) received() []string {
	var all []string
	for _, a := range s.actors {
		for _, d := range a.received {
			all = append(all, a.name+" <- "+msgtext.Text(s.file, d))
		}
		a.received = nil
	}
	slices.Sort(all)
	return all
}

// saidToBeReceived is that of a script's output, sorted.
func saidToBeReceived(output string) []string {
	var all []string
	for line := range strings.Lines(output) {
		if line = strings.TrimSpace(line); !strings.HasPrefix(line, "log: ") {
			all = append(all, line)
		}
	}
	slices.Sort(all)
	return all
}

func scriptChannel(t *testing.T, text string) wire.Channel {
	t.Helper()
	c, err := wire.ParseChannel(text)
	must(t, err)
	return c
}
