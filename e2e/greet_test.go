package e2e

import (
	"fmt"

	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"natstron/bridge/md/mdtest"
)

// Newcomers are greeted: who serves what already, who has other DC files, who lacks permissions.

// serving is a configuration of one role over NATS, with its status page at an address.
func serving(name, nats, web, role string) string {
	return fmt.Sprintf("daemon: {name: %s}\ngeneral: {dc_files: [game.dc]}\nbackbone: {urls: ['%s']}\nweb: {bind: '%s'}\nroles: [%s]\n", name, nats, web, role)
}

// A process does not serve what another one serves. It says who has what, on both sides,
// opens no port, and begins when the other one has ended, however that ended.
func TestClaimsAreGreeted(t *testing.T) {
	t.Parallel()
	const agent = "{type: clientagent, bind: '127.0.0.1:0', channels: {min: %d, max: %d}}"
	for _, test := range []struct{ name, first, second, has string }{
		{"stateserver", "{type: stateserver, control: 402000}", "{type: stateserver, control: 402000}", "control channel 402000 (state server)"},
		{"clientagent", fmt.Sprintf(agent, 1000000, 1009999), fmt.Sprintf(agent, 1009999, 1010005), "client channels 1000000 to 1009999 (client agent)"},
		{"dbss", "{type: dbss, database: 4003, ranges: [{min: 5000, max: 6000}]}", "{type: dbss, database: 4004, ranges: [{min: 6000, max: 6001}]}", "dbss doIds 5000 to 6000 (dbss)"},
		{"database", "{type: database, control: 4003, generate: {min: 100000, max: 100999}}", "{type: database, control: 4003, generate: {min: 200000, max: 200999}}", "control channel 4003 (database server)"},
		{"generate", "{type: database, control: 4003, generate: {min: 100000, max: 100999}}", "{type: database, control: 4004, generate: {min: 100999, max: 200999}}", "generated doIds 100000 to 100999 (database server)"},
		{"given doIds", "{type: stateserver, control: 402000, generate: {min: 100000, max: 100999}}", "{type: stateserver, control: 402001, generate: {min: 100999, max: 101999}}", "given doIds 100000 to 100999 (state server)"},
		{"given and stored", "{type: stateserver, control: 402000, generate: {min: 100000, max: 100999}}", "{type: database, control: 4003, generate: {min: 100999, max: 101999}}", "given doIds 100000 to 100999 (state server)"},
		{"two roles", "{type: stateserver, control: 1005000}", fmt.Sprintf(agent, 1000000, 1009999), "control channel 1005000 (state server)"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			nats, _ := natsServer(t)
			addr := loopbackNetwork(t)
			first := run(t, serving("first", nats, addr()+":8080", test.first), withDC(t))
			at := addr() + ":8080"
			second := newcomer(t, serving("second", nats, at, test.second), withDC(t))
			second.waitFor(test.has + " of the process first (")
			first.waitFor(" of the process second (")
			code, body := get(t, "http://"+at+"/readyz")
			if contains(t, body, test.has+" of the process first ("); code != 503 {
				t.Errorf("/readyz: %d", code)
			}
			if strings.Contains(second.text(), "ready ") || strings.Contains(second.text(), "listening for clients") {
				t.Errorf("it serves:\n%s", second.text())
			}
			until(t, "the status of both", func() bool {
				s := first.snapshot()
				return s.Ready && len(s.Backbone.Clashes) == 1 && len(s.Backbone.Peers) == 1 && s.Backbone.Peers[0].Waiting
			})
			first.signal(map[bool]os.Signal{true: os.Kill, false: syscall.SIGTERM}[test.name == "stateserver"])
			second.said("took")
			if s := second.snapshot(); !s.Ready || len(s.Backbone.Clashes) > 0 {
				t.Errorf("when the first one has ended: %v, %v", s.NotReady, s.Backbone.Clashes)
			}
		})
	}
}

// A state server that was killed is back at once: the claims of the dead process have ended.
func TestRestartAfterKill(t *testing.T) {
	t.Parallel()
	nats, _ := natsServer(t)
	addr := loopbackNetwork(t)
	run(t, serving("witness", nats, addr()+":8080", "{type: stateserver, control: 402001}"), withDC(t))
	config := serving("stateserver", nats, addr()+":8080", "{type: stateserver, control: 402000}")
	first := run(t, config, withDC(t))
	for range 3 {
		first.signal(os.Kill)
		first.wait()
		began := time.Now()
		first = run(t, config, withDC(t))
		if took := time.Since(began); took > mdtest.Patience/4 {
			t.Errorf("it was back after %v", took)
		}
	}
}

// Other DC files: a newcomer serves nothing, and both say so; or it serves and says so.
func TestDCMismatch(t *testing.T) {
	t.Parallel()
	nats, _ := natsServer(t)
	addr := loopbackNetwork(t)
	other := func(dir string) { write(t, filepath.Join(dir, "game.dc"), "dclass Other { };\n") }
	first := run(t, serving("first", nats, addr()+":8080", "{type: stateserver, control: 402000}"), withDC(t))
	at := addr() + ":8080"
	config := serving("second", nats, at, "{type: stateserver, control: 402001}")
	second := newcomer(t, config, other)
	contains(t, second.waitFor("has other DC files"), "ERROR", "first (", "general.dc_files")
	contains(t, first.waitFor("has other DC files"), "ERROR", "second (")
	code, body := get(t, "http://"+at+"/readyz")
	if contains(t, body, "the process first ("); code != 503 {
		t.Errorf("/readyz: %d", code)
	}
	until(t, "the mismatch on the page", func() bool { s := first.snapshot(); return s.Ready && len(s.Backbone.DCMismatches) == 1 })
	if _, metrics := first.web("/metrics"); !strings.Contains(metrics, "astrond_backbone_dc_mismatches 1") {
		t.Error("the mismatch is not among the metrics")
	}
	second.signal(syscall.SIGTERM)
	if code := second.wait(); code != 0 {
		t.Errorf("told to end while it waits: exit code %d", code)
	}

	third := run(t, strings.Replace(config, "game.dc]", "game.dc], dc_mismatch: warn", 1), other)
	contains(t, third.waitFor("has other DC files"), "ERROR")
	if s := third.snapshot(); !s.Ready || len(s.Backbone.DCMismatches) != 1 {
		t.Errorf("with warn: %v, %v", s.NotReady, s.Backbone.DCMismatches)
	}
}

// composeNATS is a NATS server with compose's users.
func composeNATS(t *testing.T) string {
	t.Helper()
	text := read(t, root, "examples", "compose", "nats.conf")
	file := filepath.Join(t.TempDir(), "nats.conf")
	write(t, file, strings.NewReplacer("$NATS_PASSWORD", "'natstron'", "/data", t.TempDir()).Replace(text))
	o, err := server.ProcessConfigFile(file)
	must(t, err)
	o.Host, o.Port, o.HTTPPort, o.NoSigs, o.NoLog = "127.0.0.1", server.RANDOM_PORT, 0, true, true
	o.LeafNode.Host, o.LeafNode.Port = "127.0.0.1", server.RANDOM_PORT
	return startNATS(t, o).ClientURL()
}

// A process whose user may only watch ends at once and says what to permit; so do the
// commands. With the right user they work.
func TestPermissions(t *testing.T) {
	t.Parallel()
	nats := composeNATS(t)
	d := newcomer(t, "backbone: {urls: ['"+nats+"']}\nmessagedirector: {bind: '127.0.0.1:0'}\n")
	if code := d.wait(); code != 1 {
		t.Errorf("exit code %d", code)
	}
	contains(t, d.text(), "this user may not publish to astron.>, astronctl.>, astronping.>, and not subscribe to astronping.>",
		"permit the user that connects without a name to publish and subscribe to astron.>, astronctl.>, astronping.>")
	if n := strings.Count(d.text(), "violation"); n != 1 {
		t.Errorf("it says so %d times:\n%s", n, d.text())
	}
	for command, want := range map[string]string{
		"object --nats URL 5":            "publish and subscribe to astron.>, astronctl.>, astronping.>",
		"drain --nats URL":               "publish to astronctl.> and subscribe to _INBOX.>",
		"drain --nats URL x":             "publish to astronctl.> and subscribe to _INBOX.>",
		"tap --nats URL --prefix secret": "subscribe to secret.>",
	} {
		_, errOut, code := astrond(t, strings.Fields(strings.Replace(command, "URL", nats, 1))...)
		if contains(t, errOut, "This command must "+want); code != 1 {
			t.Errorf("%s: exit code %d", command, code)
		}
	}
	with := strings.Replace(nats, "nats://", "nats://natstron:natstron@", 1)
	run(t, "backbone: {urls: ['"+with+"']}\nmessagedirector: {bind: '127.0.0.1:0'}\n")
	if _, errOut, code := astrond(t, "object", "--nats", with, "--timeout", "100ms", "5"); code != 1 || !strings.Contains(errOut, "no answer for object 5") {
		t.Errorf("with the right user: %d, %s", code, errOut)
	}
}
