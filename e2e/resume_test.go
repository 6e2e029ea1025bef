package e2e

import (
	"context"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"

	"natstron/bridge/wire"
	client "natstron/clients/go"
)

// Clients that come back: after a lost connection, and while all client agents restart.

// The example's client comes back when its connection is lost, and its avatar never leaves.
func TestExampleHelloComesBack(t *testing.T) {
	t.Parallel()
	interpreter, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3 here")
	}
	d := example(t, "hello")
	cuts := cuttable(t, d.where("listening for clients"))
	ai := python(t, interpreter, d.dir, "ai.py", d.port())
	ai.waitFor("waiting for players")
	ada := python(t, interpreter, d.dir, "client.py", "Ada", cuts.address)
	ada.waitFor("bird moves to ")
	bob := python(t, interpreter, d.dir, "client.py", "Bob", d.where("listening for clients"))
	bob.waitFor("Ada moves to ")
	for range 2 {
		cuts.cut()
		ada.waitFor("the connection is lost")
		ada.waitFor("back again")
		ada.waitFor("Bob moves to ")
		bob.waitFor("Ada moves to ")
	}
	if strings.Contains(bob.text(), "Ada leaves") {
		t.Error("the session ended")
	}
}

// cutter passes connections on, and can cut them.
type cutter struct {
	address string
	mu      sync.Mutex
	open    []net.Conn
}

func cuttable(t testing.TB, target string) *cutter {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	c := &cutter{address: l.Addr().String()}
	t.Cleanup(func() { _ = l.Close(); c.cut() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", target)
			if err != nil {
				_ = near.Close()
				return
			}
			c.mu.Lock()
			c.open = append(c.open, near, far)
			c.mu.Unlock()
			go func() { _, _ = io.Copy(near, far); _ = near.Close() }()
			go func() { _, _ = io.Copy(far, near); _ = far.Close() }()
		}
	}()
	return c
}

// cut cuts all connections that there are.
func (c *cutter) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.open {
		_ = conn.Close()
	}
	c.open = nil
}

// Restarting all client agents, one after the other, costs a client that comes back nothing: it is
// told everything, in order, and keeps its channel.
func TestRollingRestart(t *testing.T) {
	t.Parallel()
	clients, _ := natsServer(t)
	backbone := fmt.Sprintf("{urls: ['%s']}", clients)
	director := run(t, fmt.Sprintf("backbone: %s\n%s", backbone, port))
	ai := director.dial()
	ai.Subscribe(parkGate.Channel())
	agent := func(i int) *daemon {
		return run(t, fmt.Sprintf(`
daemon: {name: gate%d}
backbone: %s
general: {dc_files: [game.dc]}
uberdogs:
  - {id: 5000, class: Gate, anonymous: true}
roles:
  - type: clientagent
    bind: 127.0.0.1:0
    channels: {min: %d, max: %d}
    drain_timeout: 1m
    resume: {within: 30s, keys: [a secret of the test]}
`, i, backbone, 1_000_000_000+i*1_000_000, 1_000_000_999+i*1_000_000), with(t, "game.dc", parkClass))
	}
	agents := []*daemon{agent(0), agent(1)}
	var mu sync.Mutex
	target := agents[0].where("listening for clients")
	goTo := func(d *daemon) {
		mu.Lock()
		defer mu.Unlock()
		target = d.where("listening for clients")
	}
	c, err := client.Dial(t.Context(), client.Options{
		Addresses: []string{""}, Hash: gameHash(t, agents[0].dir), Version: "dev",
		Dialer: func(ctx context.Context, _ string) (net.Conn, error) {
			mu.Lock()
			address := target
			mu.Unlock()
			return new(net.Dialer).DialContext(ctx, "tcp", address)
		},
	})
	must(t, err)
	must(t, c.Send(wire.ClientObjectSetField, func(w *wire.Writer) { w.DoID(parkGate).FieldID(0).Text("me") }))
	datagram, err := ai.Receive()
	must(t, err)
	m, err := datagram.Message()
	must(t, err)
	order(t, ai, m.Sender, wire.ClientAgentSetState, func(w *wire.Writer) { w.Uint16(2) })
	const letter wire.ClientMsgType = 50_000
	say := func(n uint32) {
		order(t, ai, m.Sender, wire.ClientAgentSendDatagram, func(w *wire.Writer) {
			var b wire.Writer
			frame, _ := b.BeginFrame().ClientMsgType(letter).Uint32(n).Frame()
			w.Blob(frame[wire.FrameHeader:])
		})
	}
	say(0)
	heard := make(chan uint32, 1<<16)
	go func() {
		defer close(heard)
		for {
			kind, r, err := c.Receive()
			if err != nil || kind != letter {
				t.Logf("the client is told %v: %v", kind, err)
				return
			}
			heard <- r.Uint32()
			if !c.CanResume() && c.KeepSession() != nil {
				return
			}
		}
	}()
	next := uint32(0)
	until := func(n uint32) {
		t.Helper()
		for next <= n {
			got, ok := <-heard
			if !ok || got != next {
				t.Fatalf("letter %d comes (%v), want %d", got, ok, next)
			}
			next++
		}
	}
	until(0)
	poll(t, c.CanResume, func() string { return "the client to have a token" })
	sent := uint32(0)
	for round := range 4 {
		old, other := round%2, 1-round%2
		goTo(agents[other])
		agents[old].signal(syscall.SIGTERM)
		for range 200 {
			sent++
			say(sent)
		}
		agents[old].ends(0)
		until(sent)
		agents[old] = agent(old)
	}
	must(t, c.Close())
}
