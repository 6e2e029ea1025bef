package e2e

import (
	"os"
	"slices"
	"testing"
	"time"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
	"natstron/internal/status"
)

// Who connects again at once comes behind what its dead process left.

// A process is killed, and its participant connects again at once: to another process, or
// to the same one, started again. What the dead process leaves behind comes before anything
// that the participant does then, and soon.
func TestBackAtOnceAfterKill(t *testing.T) {
	for name, configure := range joined {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			configuration := configure(t)
			const web = "web: {bind: '127.0.0.1:0'}\n"
			watch, other := run(t, "daemon: {name: watch}\n"+configuration+web), run(t, "daemon: {name: other}\n"+configuration+web)
			for grave, elsewhere := range map[wire.Channel]bool{5000: true, 6000: false} {
				dying := run(t, "daemon: {name: dying}\n"+configuration)
				c := listener(watch, other, grave)
				_, left := leaver(t, dying, grave)
				c.Settle(dying.port(), grave+10) // what it left is known
				until(t, "that NATS can tell when it is gone", func() bool {
					return canTell(watch, "dying") && canTell(other, "dying")
				})
				began := time.Now()
				dying.signal(os.Kill)
				next := other
				if !elsewhere {
					next = run(t, "daemon: {name: dying}\n"+configuration)
				}
				again := mdtest.Text(t, 77, "made again", grave)
				next.dial().Send(again)
				for _, d := range append(left, again) {
					c.Want(d)
				}
				t.Logf("all was there %v after the kill; elsewhere: %v", time.Since(began).Round(time.Millisecond), elsewhere)
			}
		})
	}
}

// canTell reports whether d knows as soon as the connection to NATS ends that a process is gone.
func canTell(d *daemon, name string) bool {
	return slices.ContainsFunc(d.snapshot().Backbone.Peers, func(p status.Peer) bool {
		return p.Name == name && p.PostRemoves > 0 && p.Provable
	})
}
