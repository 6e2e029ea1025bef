package e2e

import (
	"strings"
	"testing"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
)

// The log's level, shown and changed while a daemon runs.

// astrond log shows and changes what running processes log: each message at the level packet.
func TestLogCommand(t *testing.T) {
	t.Parallel()
	d := run(t, "daemon: {name: north}\nmessagedirector: {bind: '127.0.0.1:0'}\nbackbone: {embedded: {listen: '127.0.0.1:0'}}\n")
	nats := "--nats=" + d.nats()

	stdout, stderr, code := astrond(t, "log", nats)
	if contains(t, stdout, "north (", "): info\n"); code != 0 {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	stdout, stderr, code = astrond(t, "log", nats, "--process", "north", "packet", "backbone")
	if contains(t, stdout, "): info, Backbone packet\n"); code != 0 {
		t.Errorf("exit code %d: %s", code, stderr)
	}
	d.waitFor("an operator changed the log level")
	c := d.dial()
	until(t, "a message in the log", func() bool {
		c.Send(mdtest.Datagram(t, func(w *wire.Writer) { w.Header(5000, wire.StateServerObjectSetField, 7000).Uint8(1) }))
		return strings.Contains(d.text(), "routed msgtype=STATESERVER_OBJECT_SET_FIELD sender=5000 to=7000")
	})
	stdout, _, _ = astrond(t, "log", nats, "default")
	contains(t, stdout, "): info\n")

	for args, want := range map[[3]string]string{
		{"log", nats, "loud"}:            "unknown log level",
		{"log", nats, "--process=south"}: `no process is called "south"`,
	} {
		if _, stderr, code := astrond(t, args[:]...); code == 0 {
			t.Errorf("exit code 0 of %v", args)
		} else {
			contains(t, stderr, want)
		}
	}
}
