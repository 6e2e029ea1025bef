package e2e

import (
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"

	"natstron/bridge/wire"
	"natstron/roles/clientagent/clienttest"
)

// A client agent that drains lets no new clients in, and ends when the others have left.

// gate is a daemon with a client agent.
func gate(t testing.TB, name, drain string) *daemon {
	t.Helper()
	return run(t, fmt.Sprintf(`
daemon: {name: '%s'}
general: {dc_files: [game.dc]}
backbone: {embedded: {listen: '127.0.0.1:0'}}
roles:
  - type: clientagent
    bind: 127.0.0.1:0
    channels: {min: 1000000000, max: 1009999999}
    %s
`, name, drain), gateDC(t))
}

func gateDC(t testing.TB) func(dir string) {
	return with(t, "game.dc", "dclass Gate { enter(string name) clsend; };\n")
}

// player is a client that has said hello.
func (d *daemon) player() *clienttest.Client {
	d.t.Helper()
	c := clienttest.Dial(d.t, d.where("listening for clients"))
	c.Hello(gameHash(d.t, d.dir), "dev")
	return c
}

// refused wants nobody to listen any more.
func (d *daemon) refused(address string) {
	d.t.Helper()
	poll(d.t, func() bool {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			conn.Close()
		}
		return err != nil
	}, func() string { return "the port to be closed" })
}

// contains wants all of the texts to be in an output.
func contains(t testing.TB, output string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(output, text) {
			t.Errorf("%q is not in:\n%s", text, output)
		}
	}
}

// Told to end, a client agent lets nobody in, and the clients that are there
// finish; when the last one has left, the process ends.
func TestDrainBeforeTheEnd(t *testing.T) {
	t.Parallel()
	d := gate(t, "", "drain_timeout: 10m")
	c := d.player()
	d.signal(syscall.SIGTERM)
	d.waitFor("draining")
	d.refused(d.where("listening for clients"))
	c.Send(wire.ClientHeartbeat, nil) // it is still served
	c.Send(wire.ClientDisconnect, nil)
	d.ends(0)
}

// Clients that do not finish in time are told why, and so are they when somebody
// loses patience.
func TestDrainEnds(t *testing.T) {
	t.Parallel()
	for drain, impatient := range map[string]bool{"drain_timeout: 50ms": false, "drain_timeout: 10m": true} {
		d := gate(t, "", drain)
		c := d.player()
		d.signal(syscall.SIGTERM)
		d.waitFor("draining")
		if impatient {
			d.signal(syscall.SIGTERM)
		}
		c.UntilEject(wire.EjectMaintenance)
		d.ends(0)
	}
}

// astrond drain names the processes that can be drained, drains the one that is
// meant, and shows how far it is.
func TestDrainCommand(t *testing.T) {
	t.Parallel()
	d := gate(t, "north", "")
	c := d.player()
	nats := "--nats=" + d.nats()

	stdout, stderr, code := astrond(t, "drain", nats)
	contains(t, stdout, "north (", "has 1 clients")
	contains(t, stderr, "name the processes to drain")
	if code == 0 {
		t.Error("exit code 0 though nothing was drained")
	}
	_, stderr, code = astrond(t, "drain", nats, "south")
	if contains(t, stderr, `no process with a client agent is called "south"`); code == 0 {
		t.Error("exit code 0 for a process that is not there")
	}
	_, stderr, code = astrond(t, "drain", nats, "north")
	if contains(t, stderr, "--within"); code == 0 {
		t.Error("exit code 0 though it is not known how long to wait")
	}
	c.Send(wire.ClientHeartbeat, nil)

	drain := command(t, "drain", nats, "--within", "10m", "north")
	drain.launch()
	drain.waitFor("has 1 clients, ejected in")
	address := d.where("listening for clients")
	d.refused(address)
	c.Send(wire.ClientDisconnect, nil)
	drain.waitFor("is empty")
	drain.ends(0)

	stdout, stderr, code = astrond(t, "drain", nats, "--undo", "north")
	if contains(t, stdout, "north (", "has 0 clients"); code != 0 {
		t.Errorf("exit code %d of drain --undo: %s", code, stderr)
	}
	clienttest.Dial(t, address).Hello(gameHash(t, d.dir), "dev")
	d.signal(syscall.SIGTERM)
	d.ends(0)
}
