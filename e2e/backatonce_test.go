package e2e

import (
	"os"
	"testing"
	"time"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
)

// A process is killed, and its participant connects again at once: to another process, or
// to the same one, started again. What the dead process leaves behind comes before anything
// that the participant does then, and soon.
func TestBackAtOnceAfterKill(t *testing.T) {
	for name, configure := range joined {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			configuration := configure(t)
			watch, other := run(t, "daemon: {name: watch}\n"+configuration), run(t, "daemon: {name: other}\n"+configuration)
			for grave, elsewhere := range map[wire.Channel]bool{5000: true, 6000: false} {
				dying := run(t, "daemon: {name: dying}\n"+configuration)
				c := listener(watch, other, grave)
				_, left := leaver(t, dying, grave)
				c.Settle(dying.port(), grave+10) // what it left is known
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
