package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

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
