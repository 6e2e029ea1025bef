package md

import (
	"runtime"
	"testing"

	"natstron/bridge"
	"natstron/bridge/md/mdtest"
	"natstron/internal/wire"
)

// What is done on one connection after another takes effect in that order, though
// nothing but time connects them: an AI process that subscribes on one, and then
// sends on another, gets what it sent. Only Linux tells in which order sockets
// became readable.
func TestQuietConnectionsAreReadInOrder(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("connections are read by goroutines here")
	}
	s := startServer(t, startNode(t, bridge.Options{}), Options{})
	var subscribers []*mdtest.Client
	for range 6 {
		subscribers = append(subscribers, dial(t, s))
	}
	sender, guard := dial(t, s), dial(t, s)
	guard.Subscribe(9999)
	settle(guard, s)
	for round := range 300 {
		channel := wire.Channel(5000 + round)
		for _, c := range subscribers {
			c.Subscribe(channel)
		}
		d := mdtest.Text(t, 1, "all of you", channel, 9999)
		sender.Send(d)
		guard.Want(d)
		for _, c := range subscribers {
			c.Want(d)
			c.Control(wire.Control{Type: wire.ControlRemoveChannel, Channel: channel})
		}
	}
}
