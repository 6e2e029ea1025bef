package e2e

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"natstron/bridge/md/mdtest"
)

// How a daemon starts, logs and ends.

// Without a configuration of the backbone several daemons start on one machine at the same
// moment: one has the default port, the others log the ones that they took.
func TestDefaultBackbone(t *testing.T) {
	t.Parallel()
	var all []*daemon
	for range 4 {
		all = append(all, prepare(t, "daemon: {name: twin}\n"))
	}
	for _, d := range all {
		d.launch()
	}
	where := map[string]bool{}
	for _, d := range all {
		where[d.nats()] = true
		conn, err := net.Dial("tcp", strings.TrimPrefix(d.nats(), "nats://"))
		must(t, err)
		_ = conn.Close() // it was there
	}
	if len(where) != len(all) {
		t.Errorf("%d daemons are at %v", len(all), where)
	}
}

// A port in use is a fault of the configuration, at its place there.
func TestPortInUse(t *testing.T) {
	t.Parallel()
	d := run(t, alone+port+"roles:\n"+fmt.Sprintf(logger, ""))
	for _, test := range []struct{ section, place, taken string }{
		{"messagedirector:\n    bind: ", "astrond.yml:3:11: messagedirector.bind: ", d.port()},
		{"web:\n    bind: ", "astrond.yml:3:11: web.bind: ", d.port()},
		{"roles:\n    - type: eventlogger\n      bind: ", "astrond.yml:4:13: roles[0].bind: ", d.where("receiving events")},
	} {
		second := start(t, alone+test.section+test.taken+"\n")
		second.ends(1)
		second.waitFor(test.place + test.taken + " is in use")
		contains(t, second.text(), "another astrond?")
	}
}

// Names in a configuration are relative to its folder, wherever astrond starts;
// it warns of what its DC files probably do not mean.
func TestNamesAreRelative(t *testing.T) {
	t.Parallel()
	d := run(t, alone+"general: {dc_files: [game.dc]}\nuberdogs: [{id: 4665, class: LoginManager}]\n", func(dir string) {
		text := "dclass LoginManager : Unheard { login(string name) clsend airecv; };\n"
		if err := os.WriteFile(filepath.Join(dir, "game.dc"), []byte(text), 0o600); err != nil {
			t.Error(err)
		}
	})
	if line := d.waitFor("Unheard"); !strings.Contains(line, "WARNING") || !strings.Contains(line, "game.dc:1:") {
		t.Errorf("the doubt reads %q", line)
	}
	d.waitFor("this process only runs its backbone")
}

// The log for machines, on standard output and in a file.
func TestLogFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "astrond.log")
	d := start(t, alone+port, "--log-format", "json", "--log", file, "-l", "debug")
	var ready struct {
		Level, Msg, Component string
		Address               string `json:"message_director"`
	}
	must(t, json.Unmarshal([]byte(d.waitFor(`"msg":"ready"`)), &ready))
	if ready.Level != "info" || ready.Component != "Main" {
		t.Errorf("ready: %+v", ready)
	}
	mdtest.Dial(t, ready.Address)
	d.signal(os.Interrupt)
	d.ends(0)
	text := read(t, file)
	if text != d.text() {
		t.Errorf("the file has\n%s\nbut standard output has\n%s", text, d.text())
	}
	if !strings.Contains(d.text(), `"msg":"stopped"`) {
		t.Error("the log does not tell of the end")
	}
}

// A reader of the log that goes away does not take the daemon with it.
func TestLogReaderGoesAway(t *testing.T) {
	t.Parallel()
	d := prepare(t, alone+port)
	read, written, err := os.Pipe()
	must(t, err)
	d.cmd.Stdout = written
	file := filepath.Join(d.dir, "log")
	d.cmd.Args = append(d.cmd.Args, "--log", file)
	must(t, read.Close())
	d.launch()
	_ = written.Close() // the daemon has its own
	poll := time.NewTicker(10 * time.Millisecond)
	defer poll.Stop()
	deadline := time.After(mdtest.Patience)
	for ready := false; !ready; {
		select {
		case <-poll.C:
			text, _ := os.ReadFile(file) // not there yet, perhaps
			ready = strings.Contains(string(text), "ready")
		case <-d.ended:
			t.Fatalf("astrond ended: %v", d.err)
		case <-deadline:
			t.Fatal("astrond is not ready")
		}
	}
	d.signal(syscall.SIGTERM)
	d.ends(0)
}

// A participant that does not read delays a shutdown by a second; a second signal ends
// the process at once.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel()
	d := run(t, alone+port)
	c, sender := d.dial(), d.dial()
	c.Subscribe(5000)
	c.Settle(d.port(), 9000)
	for range 400 { // more than the sockets hold, less than the queue
		sender.Send(mdtest.Text(t, 1, strings.Repeat("x", 60_000), 5000))
	}
	sender.Subscribe(6000)
	sender.Settle(d.port(), 9001)
	d.signal(syscall.SIGTERM)
	d.waitFor("stopping")
	d.signal(syscall.SIGTERM)
	d.ends(1)
	d.waitFor("second signal")
}

// SIGTERM ends a daemon within 5 s, even if its backbone does not answer and a participant
// does not read.
func TestEndsInTimeWhateverHangs(t *testing.T) {
	t.Parallel()
	hub := run(t, "backbone: {embedded: {listen: '127.0.0.1:0'}}\n")
	d := run(t, fmt.Sprintf("backbone: {urls: ['%s'], ping_interval: 1m}\n%s", hub.nats(), port))
	c, sender := d.dial(), d.dial()
	c.Subscribe(5000)
	c.Settle(d.port(), 9000)
	hub.signal(freezeSignal)
	for range 400 {
		sender.Send(mdtest.Text(t, 1, strings.Repeat("x", 60_000), 5000))
	}
	began := time.Now()
	d.signal(syscall.SIGTERM)
	d.wait()
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("the end took %v", took)
	}
}
