package md

import (
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"natstron/bridge"
	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
	"natstron/internal/alive"
	"natstron/internal/alive/alivetest"
	"natstron/internal/msgtext"
)

const hostTimeout = 2 * time.Second

// Participants whose hosts vanish leave, and so their post-removes are sent, whether or
// not they are being sent to. One that stands still on a host that answers stays.
func TestHostsThatVanish(t *testing.T) {
	t.Parallel()
	log := new(msgtext.Log)
	node := startNode(t, bridge.Options{})
	s := startServer(t, node, Options{HostTimeout: hostTimeout, Log: slog.New(slog.NewTextHandler(log, nil))})
	watcher := dial(t, s)
	watcher.Subscribe(5000)
	quiet, busy, standing := dial(t, s), dial(t, s), dial(t, s)
	gone := map[string]string{}
	for name, c := range map[string]*mdtest.Client{"quiet": quiet, "busy": busy, "standing": standing} {
		c.Subscribe(6000)
		settle(c, s)
		d := mdtest.Text(t, 1, name, 5000)
		c.PostRemove(1, d)
		settle(c, s)
		gone[string(d)] = name
	}
	quiet.Control(wire.Control{Type: wire.ControlRemoveChannel, Channel: 6000})
	settle(quiet, s)
	settle(watcher, s)
	alivetest.Vanish(t, quiet.Conn)
	alivetest.Vanish(t, busy.Conn)
	other := dial(t, s)
	sent := mdtest.Text(t, 1, strings.Repeat("x", 60_000), 6000)
	for range 200 { // more than connections hold
		other.Send(sent)
	}
	for range 2 {
		d, err := watcher.Receive()
		must(t, err)
		if name := gone[string(d)]; name != "quiet" && name != "busy" {
			t.Errorf("%q is gone", name)
		}
	}
	if !strings.Contains(log.String(), alive.ErrVanished.Error()) {
		t.Error("the log does not say that a host does not answer")
	}
	for range 200 {
		standing.Want(sent)
	}
}

// The upstream is lost when its host has vanished.
func TestUpstreamHostVanishes(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer ln.Close()
	node := startNode(t, bridge.Options{})
	u, err := Connect(t.Context(), node, ln.Addr().String(), Options{HostTimeout: hostTimeout})
	must(t, err)
	above, err := ln.Accept()
	must(t, err)
	defer above.Close()
	alivetest.Vanish(t, above)
	c := dial(t, startServer(t, node, Options{}))
	c.Send(mdtest.Text(t, 1, "going up", 5000))
	ended := make(chan error, 1)
	go func() { ended <- u.Run() }()
	select {
	case err := <-ended:
		if !errors.Is(err, ErrUpstreamLost) || !errors.Is(err, alive.ErrVanished) {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(mdtest.Patience):
		t.Error("nobody noticed")
	}
}
