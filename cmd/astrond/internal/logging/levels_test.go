package logging

import (
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"natstron/internal/status"
)

// Levels change while a log is in use, of all components or of one, in both formats.
func TestLevelsChange(t *testing.T) {
	for _, json := range []bool{false, true} {
		var b strings.Builder
		log, outputs, err := Open(Options{Console: &b, JSON: json})
		if err != nil {
			t.Fatal(err)
		}
		log = WithWarnings(log, new(status.Warnings))
		agent, backbone := Component(log, "Client Agent").With("role", 1), Component(log, "Backbone")
		nats := backbone.With("component", "nats")
		say := func(what string) {
			for _, l := range []*slog.Logger{log, agent, backbone, nats, agent.WithGroup("g").With("component", "nats")} {
				l.Debug("said " + what)
			}
		}
		say("nothing")
		outputs.Levels.Set("Client Agent", slog.LevelDebug)
		say("agent")
		outputs.Levels.Set("nats", LevelPacket)
		outputs.Levels.Set("Client Agent", slog.LevelWarn)
		agent.Info("said left out")
		agent.Warn("said shown")
		say("nats")
		if diff := cmp.Diff(map[string]string{"": "info", "nats": "packet", "Client Agent": "warning"}, outputs.Levels.Names()); diff != "" {
			t.Error(diff)
		}
		outputs.Levels.Set("", slog.LevelDebug)
		say("all")
		outputs.Levels.Reset("")
		say("nothing")
		if diff := cmp.Diff(map[string]string{"": "info"}, outputs.Levels.Names()); diff != "" {
			t.Error(diff)
		}
		outputs.Close()
		for what, want := range map[string]int{"nothing": 0, "agent": 2, "left out": 0, "shown": 1, "nats": 1, "all": 5} {
			if got := strings.Count(b.String(), "said "+what); got != want {
				t.Errorf("JSON %v: %q is there %d times, want %d:\n%s", json, what, got, want, b.String())
			}
		}
	}
}

// All parts that speak are components that an operator can name.
func TestComponents(t *testing.T) {
	root := filepath.Join("..", "..", "..", "..")
	said := regexp.MustCompile(`Component\([^)]*, "([^"]+)"\)|With\("component", "([^"]+)"\)`)
	var found []string
	for _, dir := range []string{"cmd", "bridge", "roles", "internal", "storage"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, _ os.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			for _, m := range said.FindAllStringSubmatch(string(text), -1) {
				found = append(found, m[1]+m[2])
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(found)
	if diff := cmp.Diff(slices.Sorted(slices.Values(Components())), slices.Compact(found)); diff != "" {
		t.Errorf("(-listed +found)\n%s", diff)
	}
	for name, want := range map[string]string{"clientagent": "Client Agent", "CLIENT AGENT": "Client Agent", "dbss": "DBSS", "state-server": "State Server"} {
		if got, ok := ComponentNamed(name); !ok || got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
	if _, ok := ComponentNamed("nobody"); ok {
		t.Error("there is a component called nobody")
	}
}
