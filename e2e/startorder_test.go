package e2e

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// Processes that start before those that they need.

// A role of a game's own that starts before the database and the state server that it needs, in
// other processes, waits for them, says so once for each, and goes on when they are there.
func TestRoleStartsBeforeItsServers(t *testing.T) {
	t.Parallel()
	interpreter, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3 here")
	}
	hub := run(t, "backbone: {embedded: {listen: '127.0.0.1:0'}}\n")
	const folder = "../examples/uberdog"
	all := strings.ReplaceAll(read(t, folder, "astrond.yml"), "127.0.0.1:7198", "127.0.0.1:0")
	head, roles, _ := strings.Cut(all, "roles:\n")
	database, rest, _ := strings.Cut(roles, "  - type: stateserver\n")
	stateServer, own, found := strings.Cut(rest, "  # The example's own role")
	_, own, _ = strings.Cut(own, "\n")
	if !found || !strings.HasPrefix(own, "  - type: logins\n") {
		t.Fatalf("the example's configuration is another:\n%s", all)
	}
	process := func(roles string) *daemon {
		d := prepare(t, fmt.Sprintf("%sbackbone: {urls: ['%s']}\nroles:\n%s", head, hub.nats(), roles))
		copyFiles(t, folder, d.dir)
		return d
	}
	d := process(own)
	d.cmd.Path = built(t, "examples/uberdog")
	d.launch()
	const waits = "waits for a state server or a database server: nobody serves the channel yet"
	d.waitFor(waits)
	db := process(database)
	db.launch()
	d.waitFor("ready took")
	ss := process("  - type: stateserver\n" + stateServer)
	ss.launch()
	ss.waitFor("ready")
	ada := python(t, interpreter, d.dir, "client.py", "Ada", "lovelace", d.where("listening for clients"))
	ada.waitFor("Welcome, Ada! Visit number 1.")
	ada.waitFor("I have an avatar")
	if n := strings.Count(d.text(), waits); n != 1 {
		t.Errorf("it was logged %d times", n)
	}
}
