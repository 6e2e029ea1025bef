package e2e

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"natstron/bridge/wire"
)

type worldReport struct {
	World     struct{ Objects, Clients, Connections int }
	Processes []struct {
		Name     string
		Resident int64 `json:"resident_bytes"`
	}
	NATS struct {
		Subscriptions int
		In            float64 `json:"in_messages_per_second"`
	}
	Servers []struct {
		Name          string
		Subscriptions int
		In            float64 `json:"in_messages_per_second"`
	} `json:"nats_servers"`
	Bots botsReport
}

// A world of several processes: they start, its clients see what its AIs do, and all of them end.
func TestBenchWorld(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	measure := func(name string, args ...string) (r worldReport) {
		t.Helper()
		file := filepath.Join(dir, name)
		out, errOut, code := astrond(t, append([]string{"bench", "world", "-o", file, "--objects", "40", "--updates", "100", "--zones", "9", "--width", "3",
			"--clients", "6", "--walk", "100ms", "--ramp", "100", "--duration", "1s"}, args...)...)
		if code != 0 || !strings.Contains(out, "faults  0 lost") {
			t.Fatalf("exit code %d:\n%s%s", code, out, errOut)
		}
		must(t, json.Unmarshal([]byte(read(t, file)), &r))
		if r.World.Objects != 40 || r.Bots.LoggedIn != 6 || r.Bots.Seen < 100 || r.Bots.Latency.Count != r.Bots.Seen || r.NATS.Subscriptions == 0 {
			t.Errorf("%+v", r)
		}
		return r
	}
	r := measure("a.json", "--stateservers", "2", "--agents", "2", "--ais", "2", "--move", "300ms")
	var names []string
	for _, p := range r.Processes {
		names = append(names, p.Name)
	}
	if got := strings.Join(names, " "); got != "hub stateserver-1 stateserver-2 clientagent-1 clientagent-2 gate ai-1 ai-2" || r.NATS.In == 0 {
		t.Errorf("processes %s, %+v", got, r.NATS)
	}
	r = measure("b.json", "--one", "--profiles", filepath.Join(dir, "profiles"))
	if len(r.Processes) != 1 || r.Processes[0].Name != "world" {
		t.Errorf("%+v", r.Processes)
	}
	for _, kind := range []string{"cpu", "mutex", "block"} {
		if read(t, filepath.Join(dir, "profiles", "world."+kind)) == "" {
			t.Errorf("the %s profile is empty", kind)
		}
	}
	for _, servers := range [][]string{{"--stateservers", "2"}, {"--one", "--stateservers", "30"}} { // AIs that are connections
		r = measure("c.json", append(servers, "--connections", "7")...)
		if r.World.Connections != 7 {
			t.Errorf("%+v", r)
		}
	}
	out, _, code := astrond(t, "bench", "world", "--compare", filepath.Join(dir, "a.json"), filepath.Join(dir, "b.json"))
	if code != 0 || !strings.Contains(out, "bots.latency.p99") || !strings.Contains(out, "processes.0.resident_bytes") {
		t.Errorf("exit code %d:\n%s", code, out)
	}
}

// A world may have hubs, and processes that are leaf nodes of them: the hubs see what crosses.
func TestBenchWorldHubs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args    string
		servers string
	}{
		{"--hubs 2", "hub hub-2"},
		{"--hubs 2 --leaves", "hub hub-2 stateserver-1 clientagent-1 gate ai-1"},
	} {
		out, errOut, code := astrond(t, append([]string{"bench", "world", "--json", "--objects", "20", "--updates", "100", "--zones", "9", "--width", "3", "--clients", "4", "--duration", "1s"}, strings.Fields(test.args)...)...)
		var r worldReport
		if err := json.Unmarshal([]byte(out), &r); err != nil || code != 0 {
			t.Fatalf("%s: exit code %d, %v:\n%s%s", test.args, code, err, out, errOut)
		}
		var names []string
		for _, s := range r.Servers {
			names = append(names, s.Name)
			if s.Subscriptions == 0 || s.In == 0 {
				t.Errorf("%s: %+v", test.args, s)
			}
		}
		if got := strings.Join(names, " "); got != test.servers || r.Bots.Seen < 50 {
			t.Errorf("%s: servers %s, want %s; %+v", test.args, got, test.servers, r.Bots)
		}
	}
}

// elsewhere is a world's state servers and client agents, started by hand from the configurations that
// the bench has written.
func elsewhere(t *testing.T, args ...string) (agents []string, nats, md string) {
	t.Helper()
	hub := run(t, "backbone: {embedded: {listen: '127.0.0.1:0'}}\n")
	nats = hub.nats()
	md = freeAddress(t)
	for _, p := range freePorts(t, 2) {
		agents = append(agents, fmt.Sprint("127.0.0.1:", p))
	}
	dir := filepath.Join(t.TempDir(), "world")
	out, errOut, code := astrond(t, append([]string{"bench", "world", "--agents", strings.Join(agents, ","), "--nats", nats, "--md", md, "--write", dir}, args...)...)
	if code != 0 {
		t.Fatalf("exit code %d: %s%s", code, out, errOut)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*", "astrond.yml"))
	must(t, err)
	for _, file := range files {
		d := command(t, "--boring", file)
		d.launch()
		d.waitFor("ready")
	}
	return agents, nats, md
}

// The bench measures processes that somebody else has started: its AIs reach them over NATS, or over a
// message director.
func TestBenchWorldElsewhere(t *testing.T) {
	t.Parallel()
	world := strings.Fields("--stateservers 2 --objects 40 --zones 9 --width 3 --clients 6 --walk 100ms --move 300ms --duration 1s")
	for _, over := range []string{"--nats", "--md"} {
		agents, nats, md := elsewhere(t, world...)
		at := map[string]string{"--nats": nats, "--md": md}[over]
		out, errOut, code := astrond(t, append([]string{"bench", "world", "--json", "--agents", strings.Join(agents, ","), over, at, "--updates", "100", "--ais", "2"}, world...)...)
		var r worldReport
		if err := json.Unmarshal([]byte(out), &r); err != nil || code != 0 {
			t.Fatalf("%s: exit code %d, %v:\n%s%s", over, code, err, out, errOut)
		}
		if len(r.Processes) != 3 || r.Bots.LoggedIn != 6 || r.Bots.Seen < 100 { // the gate and the AIs
			t.Errorf("%s: %+v", over, r)
		}
	}
}

// What an agent leaves in sight of clients that have not moved, and that should see it no more, bots
// call ghosts: a proxy keeps the leavings from them.
func TestBotsFindGhostsThatMoved(t *testing.T) {
	t.Parallel()
	world := strings.Fields("--stateservers 1 --objects 0 --updates 0 --zones 25 --width 5 --sight 1 --clients 10 --walk 0s --move 200ms --duration 2s")
	agents, nats, _ := elsewhere(t, world...)
	var kept atomic.Int64
	for i, agent := range agents {
		agents[i] = between(t, agent, func() func(f []byte, pass func([]byte) bool) bool {
			return func(f []byte, pass func([]byte) bool) bool {
				r := wire.NewReader(f)
				if r.ClientMsgType() == wire.ClientObjectLeaving {
					kept.Add(1)
					return true
				}
				return pass(f)
			}
		})
	}
	out, errOut, code := astrond(t, append([]string{"bench", "world", "--json", "--agents", strings.Join(agents, ","), "--nats", nats}, world...)...)
	var r worldReport
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("%v:\n%s%s", err, out, errOut)
	}
	f := r.Bots.Faults
	if code != 1 || kept.Load() == 0 || f.Ghosts == 0 || int64(f.Ghosts+f.Doubled) > kept.Load() || f.Lost+f.Reordered+f.Missing+f.Strays+f.Invalid > 0 {
		t.Errorf("exit code %d, %d leavings were kept: %+v", code, kept.Load(), f)
	}
}

func TestBenchWorldMisused(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"bench":                              "say what: astrond bench world",
		"bench wrld":                         "did you mean world?",
		"bench world x":                      "it takes no arguments",
		"bench world --clients 0":            "--clients takes a number up to",
		"bench world --stateservers 99":      "--stateservers takes a number up to 30, not 99",
		"bench world --compare nowhere.json": "name two reports",
		"bench world --agents x":             `"x" is no address as host:port`,
		"bench world --agents h:1":           "say with --nats or --md",
		"bench world --md h:1":               "name their client agents with --agents",
		"bench world --one --leaves":         "there is one process",
		"bench world --write x":              "--write needs",
	} {
		if _, errOut, code := astrond(t, strings.Fields(args)...); code != 1 || !strings.Contains(errOut, want) {
			t.Errorf("%s: exit code %d, %s, want %s", args, code, errOut, want)
		}
	}
}
