package e2e

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

type worldReport struct {
	World     struct{ Objects, Clients int }
	Processes []struct {
		Name     string
		Resident int64 `json:"resident_bytes"`
	}
	NATS struct {
		Subscriptions int
		In            float64 `json:"in_messages_per_second"`
	}
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
	if got := strings.Join(names, " "); got != "hub stateserver-1 stateserver-2 gate ai-1 ai-2 clientagent-1 clientagent-2" || r.NATS.In == 0 {
		t.Errorf("processes %s, %+v", got, r.NATS)
	}
	r = measure("b.json", "--one")
	if len(r.Processes) != 1 || r.Processes[0].Name != "world" {
		t.Errorf("%+v", r.Processes)
	}
	out, _, code := astrond(t, "bench", "world", "--compare", filepath.Join(dir, "a.json"), filepath.Join(dir, "b.json"))
	if code != 0 || !strings.Contains(out, "bots.latency.p99") || !strings.Contains(out, "processes.0.resident_bytes") {
		t.Errorf("exit code %d:\n%s", code, out)
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
	} {
		if _, errOut, code := astrond(t, strings.Fields(args)...); code != 1 || !strings.Contains(errOut, want) {
			t.Errorf("%s: exit code %d, %s, want %s", args, code, errOut, want)
		}
	}
}
