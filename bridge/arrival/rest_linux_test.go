package arrival

import (
	"net"
	"runtime"
	"strings"
	"testing"
	"time"
)

// resting reports whether a loop waits in the runtime's poller.
func resting() bool {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	return strings.Contains(string(stacks), "arrival.(*rest).wait")
}

// A loop to which nothing comes does not keep a processor of the runtime. What comes then is
// read, whenever it does: while the loop rests, is about to, or was never going to.
func TestRest(t *testing.T) {
	l := start(t)
	near, far := dial(t)
	got := make(chan string, 1)
	r := serve(t, l, near, far, func(frame string) (<-chan struct{}, error) {
		got <- frame
		return nil, nil
	})
	for end := time.Now().Add(patience); !resting(); runtime.Gosched() {
		if time.Now().After(end) {
			t.Fatal("a loop to which nothing comes does not rest")
		}
	}
	for pause := restAfter / 2; pause < 2*restAfter; pause += restAfter / 10 {
		for range 2 * restless { // then it does not rest
			r.send("soon")
			receive(t, got)
		}
		time.Sleep(pause)
		r.send("later")
		if f := receive(t, got); f != "later" {
			t.Fatalf("%q came", f)
		}
	}
	must(t, r.conn.Close())
	r.wantEnd(net.ErrClosed)
}
