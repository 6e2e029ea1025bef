package e2e

import (
	"encoding/binary"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
)

// Processes on one backbone: they join, are killed, frozen and end; the backbone is lost.

// natsServer runs a NATS server in this process, which takes clients and leaf
// nodes on free ports.
func natsServer(t testing.TB) (clients, leaves string) {
	t.Helper()
	o := &server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true}
	o.LeafNode.Host, o.LeafNode.Port = "127.0.0.1", server.RANDOM_PORT
	s := startNATS(t, o)
	return s.ClientURL(), fmt.Sprintf("nats://127.0.0.1:%d", o.LeafNode.Port)
}

// startNATS starts a NATS server that runs until the test ends.
func startNATS(t testing.TB, o *server.Options) *server.Server {
	t.Helper()
	s, err := server.NewServer(o)
	must(t, err)
	go s.Start()
	if !s.ReadyForConnections(mdtest.Patience) {
		t.Fatal("the NATS server did not start")
	}
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	return s
}

const port = "messagedirector: {bind: '127.0.0.1:0'}\n"

// joined are the ways in which processes share a backbone. Each returns the
// configuration of every process.
var joined = map[string]func(t *testing.T) string{
	"one NATS server": func(t *testing.T) string {
		clients, _ := natsServer(t)
		return fmt.Sprintf("backbone: {urls: ['%s']%s}\n%s", clients, patient, port)
	},
	"leaf nodes": func(t *testing.T) string {
		_, leaves := natsServer(t)
		return fmt.Sprintf("backbone: {embedded: {listen: none, leaf: {remotes: [{urls: ['%s']}]}}%s}\n%s", leaves, patient, port)
	},
}

// Two participants on two processes exchange datagrams in both directions, with
// some at several channels of the other: each arrives once, in order.
func TestTwoProcesses(t *testing.T) {
	for name, configure := range joined {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			configuration := configure(t)
			da, db := run(t, configuration), run(t, configuration)
			a, b := da.dial(), db.dial()
			a.Subscribe(1001, 1002)
			b.Control(wire.Control{Type: wire.ControlAddRange, Channel: 2000, High: 2999})
			b.Subscribe(1 << 40)
			a.Settle(db.port(), 9001)
			b.Settle(da.port(), 9002)

			const count, window = 20_000, 2_000
			var done sync.WaitGroup
			exchange := func(from, to *mdtest.Client, recipients ...wire.Channel) {
				ahead, failed := make(chan struct{}, window), make(chan struct{})
				done.Go(func() {
					for i := range count {
						select {
						case ahead <- struct{}{}:
						case <-failed:
							return
						}
						from.Send(mdtest.Datagram(t, func(w *wire.Writer) {
							w.Header(7, 1234, recipients[:1+i%len(recipients)]...).Uint32(uint32(i))
						}))
					}
				})
				done.Go(func() {
					for i := range count {
						d, err := to.Receive()
						if err != nil {
							t.Errorf("waiting for %d: %v", i, err)
							close(failed)
							return
						}
						if n := binary.LittleEndian.Uint32(d[len(d)-4:]); n != uint32(i) {
							t.Errorf("received %d (%x), want %d", n, []byte(d), i)
							close(failed)
							return
						}
						<-ahead
					}
				})
			}
			exchange(a, b, 2000, 2999, 1<<40)
			exchange(b, a, 1001, 1002, 5)
			done.Wait()
		})
	}
}

// cluster starts n processes on one NATS server.
func cluster(t *testing.T, n int) []*daemon {
	t.Helper()
	clients, _ := natsServer(t)
	var all []*daemon
	for i := range n {
		all = append(all, run(t, fmt.Sprintf("daemon: {name: 'astrond %d'}\nbackbone: {urls: ['%s']%s}\n%s", i, clients, quick, port)))
	}
	return all
}

// listener subscribes to channel at d, so that a message from another process of
// the cluster arrives.
func listener(d, other *daemon, channel wire.Channel) *mdtest.Client {
	d.t.Helper()
	c := d.dial()
	c.Subscribe(channel)
	c.Settle(other.port(), channel+1)
	return c
}

// leaver connects to d and leaves post-removes to channel, acted on.
func leaver(t *testing.T, d *daemon, channel wire.Channel) (*mdtest.Client, []wire.Datagram) {
	t.Helper()
	c := d.dial()
	var left []wire.Datagram
	for i := range 3 {
		left = append(left, mdtest.Text(t, 77, fmt.Sprint("post-remove ", i), channel))
		c.PostRemove(77, left[i])
	}
	c.Settle(d.port(), 9100)
	return c, left
}

// wantExactly waits for all of these in order, and sees that nothing else came
// before a last message from other.
func wantExactly(t *testing.T, c *mdtest.Client, other *daemon, channel wire.Channel, want []wire.Datagram) {
	t.Helper()
	for _, d := range want {
		c.Want(d)
	}
	// Every survivor sends them. What each of them published before this moment
	// is ahead of what it publishes now.
	last := mdtest.Text(t, 78, "the last", channel)
	other.dial().Send(last)
	c.Want(last)
}

// A process that is killed cannot send its participants' post-removes. The
// others do, once.
func TestKilledProcess(t *testing.T) {
	t.Parallel()
	ds := cluster(t, 4)
	c := listener(ds[0], ds[1], 5000)
	_, left := leaver(t, ds[3], 5000)
	ds[0].waitFor("node joined the cluster node=\"astrond 3\"")
	ds[3].signal(os.Kill)
	wantExactly(t, c, ds[2], 5000, left)
	wantExactly(t, c, ds[1], 5000, nil)
}

// A process that was stopped until the others declared it dead disconnects its
// participants when it goes on, and joins again as a new one.
func TestFrozenProcess(t *testing.T) {
	t.Parallel()
	ds := cluster(t, 3)
	c := listener(ds[0], ds[1], 5000)
	frozen, left := leaver(t, ds[2], 5000)
	c.Settle(ds[2].port(), 9300) // the others know what it left
	ds[2].signal(freezeSignal)
	wantExactly(t, c, ds[1], 5000, left)
	ds[2].signal(thawSignal)
	if _, err := frozen.Receive(); err == nil {
		t.Error("the participant of a process that was given up is still connected")
	}
	ds[2].waitFor("joined the backbone again")
	again := ds[2].dial()
	again.Subscribe(6000)
	again.Settle(ds[0].port(), 9200)
	wantExactly(t, c, ds[2], 5000, nil) // it sent nothing twice
}

// SIGTERM closes all connections and sends all post-removes before the process
// ends.
func TestOrderlyEnd(t *testing.T) {
	t.Parallel()
	ds := cluster(t, 2)
	c := listener(ds[0], ds[1], 5000)
	leaving, left := leaver(t, ds[1], 5000)
	began := time.Now()
	ds[1].signal(syscall.SIGTERM)
	if code := ds[1].wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	t.Logf("ended after %v", time.Since(began).Round(time.Millisecond))
	if _, err := leaving.Receive(); err == nil {
		t.Error("the connection is still open")
	}
	for _, d := range left {
		c.Want(d)
	}
	ds[0].waitFor("node left the cluster")
}

// When the NATS server is lost, participants are disconnected, and refused as long as it
// is not back.
func TestLostBackbone(t *testing.T) {
	t.Parallel()
	hub := run(t, "backbone: {embedded: {listen: '127.0.0.1:0'}}\n")
	d := run(t, fmt.Sprintf("backbone: {urls: ['%s']%s}\n%s", hub.nats(), quick, port))
	c := d.dial()
	c.Settle(d.port(), 9000)
	hub.signal(os.Kill)
	if _, err := c.Receive(); err == nil {
		t.Error("the participant is still connected")
	}
	d.waitFor("lost the backbone")
	refused := d.dial()
	if _, err := refused.Receive(); err == nil {
		t.Error("a participant was taken while there is no backbone")
	}
}

// A process with an upstream ends when it loses the upstream.
func TestUpstream(t *testing.T) {
	t.Parallel()
	above := run(t, "backbone: {embedded: {listen: '127.0.0.1:0'}}\n"+port)
	below := run(t, fmt.Sprintf("backbone: {embedded: {listen: none}}\nmessagedirector: {bind: '127.0.0.1:0', connect: '%s'}\n", above.port()))
	a, b := above.dial(), below.dial()
	a.Subscribe(5000)
	b.Control(wire.Control{Type: wire.ControlAddRange, Channel: 6000, High: 6009})
	a.Settle(below.port(), 9000)
	b.Settle(above.port(), 9010)
	up, down := mdtest.Text(t, 6001, "up", 5000), mdtest.Text(t, 5000, "down", 6001)
	b.Send(up)
	a.Want(up)
	a.Send(down)
	b.Want(down)
	left := mdtest.Text(t, 6001, "gone", 5000)
	b.PostRemove(6001, left)
	b.Settle(above.port(), 9020)
	below.signal(os.Kill) // the message director above was given the post-remove
	a.Want(left)

	next := run(t, fmt.Sprintf("backbone: {embedded: {listen: none}}\nmessagedirector: {bind: '127.0.0.1:0', connect: '%s'}\n", above.port()))
	above.signal(os.Kill)
	next.ends(1)
}

// A process that joined after a post-remove was added knows it, and sends it as the only
// survivor.
func TestNewcomerKnowsPostRemoves(t *testing.T) {
	t.Parallel()
	ds := cluster(t, 2)
	_, left := leaver(t, ds[1], 5000)
	clients := strings.Trim(ds[0].said("nats"), "[]")
	newcomer := run(t, fmt.Sprintf("daemon: {name: newcomer}\nbackbone: {urls: ['%s']%s}\n%s", clients, quick, port))
	c := listener(newcomer, ds[0], 5000)
	ds[0].signal(syscall.SIGTERM)
	ds[0].wait()
	newcomer.waitFor("node left the cluster")
	ds[1].signal(os.Kill)
	wantExactly(t, c, newcomer, 5000, left)
}
