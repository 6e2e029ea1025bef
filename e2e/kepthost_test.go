package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/msgtext"
)

// jetStream is a NATS server with JetStream.
func jetStream(t testing.TB) string {
	t.Helper()
	s := startNATS(t, &server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true, JetStream: true, StoreDir: t.TempDir()})
	return s.ClientURL()
}

// keptServer is a state server that survives.
const keptServer = "roles: [{type: stateserver, control: 402000, survive: announced}]\n"

// keptHost is processes at one NATS server: one with the message director port, where an AI sends and
// somebody watches a location, and those with state servers that survive.
type keptHost struct {
	t         testing.TB
	head      string
	file      *dc.File
	others    *daemon
	ai, watch speaker
}

// newKeptHost starts the process with the port; rest are its roles.
func newKeptHost(t testing.TB, nats, path, rest string) *keptHost {
	t.Helper()
	file, err := dc.ParseFiles(path)
	must(t, err)
	h := &keptHost{t: t, file: file, head: fmt.Sprintf("general: {dc_files: ['%s']}\nbackbone: {urls: ['%s']%s}\n", path, nats, quick)}
	h.others = run(t, h.config("others", port+rest))
	h.ai, h.watch = speaker{h.others.dial(), t, file, 8000}, speaker{h.others.dial(), t, file, 8001}
	h.ai.Subscribe(8000)
	h.ai.Settle(h.others.port(), 9100)
	h.watch.Subscribe(8001, wire.Location{Parent: 5000, Zone: 1}.Channel())
	h.watch.Settle(h.others.port(), 9101)
	return h
}

// config is that of a process with these roles.
func (h *keptHost) config(name, roles string) string {
	return fmt.Sprintf("daemon: {name: %s}\n%s%s", name, h.head, roles)
}

// standby is a process that waits until the one that serves the same has ended.
func (h *keptHost) standby(number int, roles string) *daemon {
	h.t.Helper()
	d := newcomer(h.t, h.config(fmt.Sprint("standby", number), roles))
	d.waitFor("this process waits until that one has ended")
	return d
}

// createPebble creates object 6000 where it is watched.
func (h *keptHost) createPebble() {
	h.t.Helper()
	h.ai.say("402000 CREATE_OBJECT_WITH_REQUIRED do_id=6000 location=5000:1 dclass=Pebble setA(0) setB(2) setC(3)")
	h.watch.heard("6000: ENTER_LOCATION_WITH_REQUIRED do_id=6000 location=5000:1 dclass=Pebble setA(0) setB(2)")
}

// heard waits for datagrams, in any order. What is told twice may come besides, but not the
// end of object 6000, which does not end.
func (s speaker) heard(want ...string) {
	s.t.Helper()
	for len(want) > 0 {
		got := s.hear()
		if i := slices.Index(want, got); i >= 0 {
			want = slices.Delete(want, i, i+1)
		} else if strings.HasSuffix(got, "DELETE_RAM do_id=6000") {
			s.t.Fatalf("received %s, waiting for %q", got, want)
		}
	}
}

// countUp sets a field of an object to the numbers from first on, 2,000 a second, until stop is
// called, which returns the last one.
func (s speaker) countUp(field string, do, first int) (stop func() (last int)) {
	end, ended := make(chan struct{}), make(chan int)
	go func() {
		tick := time.NewTicker(500 * time.Microsecond)
		defer tick.Stop()
		for n := first; ; n++ {
			d, err := msgtext.Parse(s.file, 8000, fmt.Sprintf("%d SET_FIELD %d %s(%d)", do, do, field, n))
			if err == nil {
				_, err = s.Conn.Write(mdtest.Frame(d))
			}
			select {
			case <-tick.C:
			case <-end:
				if err != nil {
					s.t.Error(err)
				}
				ended <- n
				return
			}
		}
	}()
	return func() int {
		close(end)
		return <-ended
	}
}

// counting is what somebody hears of a field that is counted up.
type counting struct {
	speaker
	update           string // how an update is shown, with %d
	highest, missing int
	last             time.Time
	pause            time.Duration // the longest between two updates
}

func (c *counting) next() {
	var n int
	if _, err := fmt.Sscanf(c.hear(), c.update, &n); err != nil {
		return // what is told again
	}
	c.pause = max(c.pause, time.Since(c.last))
	c.last = time.Now()
	c.missing += max(0, n-c.highest-1)
	c.highest = max(c.highest, n)
}

// until hears the updates up to a number.
func (c *counting) until(n int) {
	for c.highest < n {
		c.next()
	}
}
