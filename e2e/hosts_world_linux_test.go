package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"natstron/bridge/md/mdtest"
)

// astrond bench world on several such hosts, as docs/scale.md has it.

// spread is a world on four hosts: the NATS server, a login manager, AIs and clients on the first one, state
// servers and client agents on the others. The processes are started as docs/scale.md says.
type spread struct {
	*network
	nats    string
	world   []string           // options of the bench
	servers map[string]*daemon // by name
}

// spreadWorld starts all but the bench. With leaves, each host has a NATS server of its own.
func spreadWorld(t *testing.T, n *network, leaves bool, world ...string) *spread {
	t.Helper()
	s := &spread{network: n, nats: "nats://10.77.0.1:4222", servers: map[string]*daemon{}}
	hub := "{listen: '0.0.0.0:4222', monitor: '10.77.0.1:8222', leaf: {listen: '0.0.0.0:7422'}}"
	n.hosts[0].launch(prepare(t, "daemon: {name: hub}\nbackbone: {embedded: "+hub+"}\n")).waitFor("ready")
	if leaves {
		s.nats = "nats://127.0.0.1:4222"
		for i, h := range n.hosts[1:] {
			leaf := fmt.Sprintf("daemon: {name: leaf-%d}\nbackbone: {embedded: {listen: '127.0.0.1:4222', leaf: {remotes: [{urls: ['nats-leaf://10.77.0.1:7422']}]}}}\n", i+2)
			h.launch(prepare(t, leaf)).waitFor("ready")
		}
	}
	s.world = append([]string{"bench", "world", "--stateservers", "2", "--agents", "10.77.0.3:7198,10.77.0.4:7198", "--nats", s.nats}, world...)
	dir := filepath.Join(t.TempDir(), "world")
	if out, errOut, code := astrond(t, append(s.world, "--md", "10.77.0.2:7199", "--write", dir)...); code != 0 {
		t.Fatalf("exit code %d: %s%s", code, out, errOut)
	}
	for name, at := range map[string]int{"stateserver-1": 2, "stateserver-2": 4, "clientagent-1": 3, "clientagent-2": 4} {
		s.servers[name] = n.hosts[at-1].launch(command(t, "--boring", filepath.Join(dir, name, "astrond.yml")))
	}
	for _, d := range s.servers {
		d.waitFor("ready")
	}
	return s
}

// bench runs clients on the first host.
func (s *spread) bench(args ...string) (r worldReport, code int) {
	s.t.Helper()
	file := filepath.Join(s.t.TempDir(), "report.json")
	d := s.hosts[0].launch(command(s.t, append(append([]string{}, s.world...), append(args, "-o", file)...)...))
	return s.result(d, file)
}

func (s *spread) result(d *daemon, file string) (r worldReport, code int) {
	s.t.Helper()
	select {
	case <-d.ended:
	case <-time.After(3 * time.Minute):
		s.t.Fatal("the bench does not end")
	}
	s.t.Log(d.text())
	if text, err := os.ReadFile(file); err == nil {
		must(s.t, json.Unmarshal(text, &r))
	}
	return r, d.cmd.ProcessState.ExitCode()
}

// A world on several hosts: what its clients see is whole, however long packets take and though some are
// lost, over one NATS server, over one for each host, and over a message director.
func TestHosts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		delay  time.Duration
		loss   float64
		leaves bool
		over   string
	}{
		{"1 ms", time.Millisecond, 0, false, "--nats"},
		{"20 ms", 20 * time.Millisecond, 0, false, "--nats"},
		{"5 ms, 1 % lost", 5 * time.Millisecond, 0.01, false, "--nats"},
		{"leaf nodes, 20 ms", 20 * time.Millisecond, 0, true, "--nats"},
		{"leaf nodes, 5 ms, 1 % lost", 5 * time.Millisecond, 0.01, true, "--nats"},
		{"a message director, 1 ms", time.Millisecond, 0, false, "--md"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			n := newNetwork(t, 4, test.delay, test.loss)
			s := spreadWorld(t, n, test.leaves, strings.Fields(hostsWorld)...)
			if test.over == "--md" {
				s.world = append(s.world[:6:6], append([]string{"--md", "10.77.0.2:7199"}, s.world[8:]...)...)
			}
			r, code := s.bench("--monitor", "http://10.77.0.1:8222")
			if code != 0 || r.Bots.LoggedIn != hostsClients || r.Bots.Seen < 100 || r.NATS.In == 0 {
				t.Errorf("exit code %d: %+v", code, r)
			}
		})
	}
}

const (
	hostsWorld   = "--objects 200 --updates 200 --zones 100 --clients 40 --walk 500ms --move 2s --ramp 40 --duration 4s"
	hostsClients = 40
)

// A host whose link is down for five seconds: the others find its processes dead, and tell so; these come
// back with the link, or end, so that a supervisor starts them again. Then the world is whole.
func TestHostCutOff(t *testing.T) {
	t.Parallel()
	n := newNetwork(t, 4, time.Millisecond, 0)
	s := spreadWorld(t, n, false, strings.Fields(hostsWorld)...)
	file := filepath.Join(t.TempDir(), "report.json")
	during := n.hosts[0].launch(command(t, append(append([]string{}, s.world...), "--duration", "12s", "-o", file)...))
	during.waitFor("clients connect")
	away := n.hosts[3]
	time.Sleep(2 * time.Second) // all play for a while
	away.cut.Store(true)
	for _, name := range []string{"stateserver-1", "clientagent-1"} {
		for _, dead := range []string{"stateserver-2", "clientagent-2"} {
			waitForAll(s.servers[name], "node is dead", "node="+dead)
		}
	}
	time.Sleep(2 * time.Second) // it is away for five seconds in all
	away.cut.Store(false)
	r, code := s.result(during, file)
	if f := r.Bots.Faults; code != 1 || f.Doubled+f.Reordered+f.Strays+f.Invalid > 0 {
		t.Errorf("exit code %d while a host was away: %+v", code, r.Bots)
	}
	for name, d := range s.servers {
		select {
		case <-d.ended:
			t.Logf("%s ended, and is started again", name)
			again := away.launch(command(t, d.cmd.Args[1:]...))
			again.waitFor("ready")
		default:
		}
	}
	r, code = s.bench()
	if code != 0 || r.Bots.LoggedIn != hostsClients {
		t.Errorf("exit code %d when the host is back: %+v", code, r.Bots)
	}
}

// waitForAll waits for one line that has all of these.
func waitForAll(d *daemon, what ...string) {
	d.t.Helper()
	for deadline := time.Now().Add(mdtest.Patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		for line := range strings.Lines(d.text()) {
			has := func(w string) bool { return !strings.Contains(line, w) }
			if !slices.ContainsFunc(what, has) {
				return
			}
		}
	}
	d.t.Fatalf("it did not say %q:\n%s", what, d.text())
}
