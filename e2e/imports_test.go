package e2e

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// rules are what a package may not import, and why. Patterns end in /... for a
// whole tree; the first that fits a package counts.
var rules = []struct {
	packages string
	forbids  []string
	because  string
}{
	{"natstron/bridge/wire", []string{"natstron/..."}, "the wire format is below everything"},
	{"natstron/dc/...", []string{"natstron/bridge/...", "natstron/roles/...", "natstron/storage/...", "natstron/cmd/...", "natstron/internal/config"},
		"the DC language is a library: it knows no server"},
	{"natstron/internal/configfile", []string{"natstron/bridge/...", "natstron/roles/...", "natstron/storage/...", "natstron/cmd/...", "natstron/dc/...", "natstron/internal/config"},
		"what reads configurations knows no section: each belongs to a package that does the work"},
	{"natstron/internal/config", []string{"natstron/cmd/..."}, "the program runs what is configured"},
	{"natstron/bridge/...", []string{"natstron/roles/...", "natstron/storage/...", "natstron/cmd/...", "natstron/dc/...", "natstron/internal/config"},
		"the backbone carries datagrams, whatever they mean"},
	{"natstron/storage/...", []string{"natstron/bridge/...", "natstron/roles/...", "natstron/cmd/...", "natstron/internal/config"},
		"storage knows objects, not who asks for them"},
	{"natstron/examples/...", []string{"natstron/internal/..."}, "an example does what any game can"},
	{"natstron/internal/web", []string{"natstron/bridge/...", "natstron/roles/...", "natstron/storage/...", "natstron/cmd/...", "natstron/internal/config", "natstron/internal/metrics"},
		"the web server shows what it is given, and knows no roles"},
	{"natstron/internal/status", []string{"natstron/..."}, "a snapshot is plain data, for whoever shows it"},
	{"natstron/cmd/astrond/internal/command/...", []string{"natstron/cmd/astrond/app"}, "the public door leads in, not out"},
	{"natstron/cmd/astrond/internal/daemon/...", []string{"natstron/cmd/astrond/app", "natstron/cmd/astrond/internal/command/..."},
		"commands start the daemon, not the other way round"},
	{"natstron/cmd/astrond/internal/...", []string{"natstron/cmd/astrond/app", "natstron/cmd/astrond/internal/command/...", "natstron/cmd/astrond/internal/daemon/..."},
		"the log and the board know nothing of what runs"},
	{"natstron/roles/...", []string{"natstron/cmd/..."}, "roles are started by the daemon, not the other way round"},
}

// owners are libraries that only one part of the project may know.
var owners = []struct{ library, owner, because string }{
	{"github.com/nats-io/...", "natstron/bridge", "roles talk through participants: only the bridge knows NATS"},
	{"go.mongodb.org/...", "natstron/storage", "only a storage backend knows its database"},
	{"modernc.org/...", "natstron/storage", "only a storage backend knows its database"},
	{"github.com/urfave/...", "natstron/cmd/astrond/internal/command", "the command line stays in the program"},
}

type listed struct {
	ImportPath string
	Imports    []string
}

func fits(pattern, importPath string) bool {
	if tree, ok := strings.CutSuffix(pattern, "/..."); ok {
		return importPath == tree || strings.HasPrefix(importPath, tree+"/")
	}
	return pattern == importPath
}

// Imports go one way. Test files are free.
func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "natstron/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(strings.NewReader(string(out)))
	count := 0
	for {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		count++
		check(t, p)
	}
	if count < 5 {
		t.Errorf("only %d packages were looked at", count)
	}
}

func check(t *testing.T, p listed) {
	t.Helper()
	for _, rule := range rules {
		if !fits(rule.packages, p.ImportPath) {
			continue
		}
		for _, imported := range p.Imports {
			// A tree may import itself, and everything may speak of the wire format.
			if fits(rule.packages, imported) || imported == "natstron/bridge/wire" {
				continue
			}
			if slices.ContainsFunc(rule.forbids, func(f string) bool { return fits(f, imported) }) {
				t.Errorf("%s imports %s, but %s", p.ImportPath, imported, rule.because)
			}
		}
		break
	}
	for _, o := range owners {
		if fits(o.owner+"/...", p.ImportPath) || strings.HasSuffix(path.Base(p.ImportPath), "test") {
			continue
		}
		for _, imported := range p.Imports {
			if fits(o.library, imported) {
				t.Errorf("%s imports %s, but %s", p.ImportPath, imported, o.because)
			}
		}
	}
}
