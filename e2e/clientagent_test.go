package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
	"natstron/roles/clientagent/clienttest"
)

// A client agent is killed, or has no backbone.

// apart is a client agent in a process of its own, and another process of the same
// cluster, with the server that lets clients in.
func apart(t testing.TB, backbone string) (agent, other *daemon, ai *mdtest.Client) {
	t.Helper()
	agent = run(t, fmt.Sprintf(`
backbone: %s
general: {dc_files: [game.dc]}
uberdogs:
  - {id: 5000, class: Gate, anonymous: true}
roles:
  - type: clientagent
    bind: 127.0.0.1:0
    channels: {min: 1000000000, max: 1009999999}
%s`, backbone, port), with(t, "game.dc", parkClass))
	other = run(t, fmt.Sprintf("backbone: %s\n%s", backbone, port))
	ai = other.dial()
	ai.Subscribe(parkGate.Channel())
	ai.Settle(agent.port(), 9001)
	return agent, other, ai
}

// enter is a client that has said something to the UberDOG, which thus learns its
// channel.
func (d *daemon) enter(ai *mdtest.Client) (*clienttest.Client, wire.Channel) {
	d.t.Helper()
	c := d.player()
	c.SetField(parkGate, 0, "me")
	datagram, err := ai.Receive()
	must(d.t, err)
	m, err := datagram.Message()
	must(d.t, err)
	return c, m.Sender
}

// order tells a client's session something.
func order(t testing.TB, ai *mdtest.Client, client wire.Channel, kind wire.MsgType, build func(w *wire.Writer)) {
	t.Helper()
	ai.Send(mdtest.Datagram(t, func(w *wire.Writer) { build(w.Header(parkGate.Channel(), kind, client)) }))
}

// When a client agent is killed, the other processes delete the session objects of
// its clients, and send their post-removes: once.
func TestClientAgentKilled(t *testing.T) {
	t.Parallel()
	clients, _ := natsServer(t)
	agent, other, ai := apart(t, fmt.Sprintf("{urls: ['%s']%s}", clients, quick))
	_, client := agent.enter(ai)
	watcher := other.dial()
	watcher.Subscribe(7001, 7002)
	watcher.Settle(agent.port(), 9002)
	goodbye := mdtest.Text(t, 77, "goodbye", 7002)
	order(t, ai, client, wire.ClientAgentAddSessionObject, func(w *wire.Writer) { w.DoID(7001) })
	order(t, ai, client, wire.ClientAgentAddPostRemove, func(w *wire.Writer) { w.Blob(goodbye) })
	order(t, ai, client, wire.ClientAgentGetTLVs, func(w *wire.Writer) { w.Uint32(1) })
	if _, err := ai.Receive(); err != nil { // now it has handled all of it
		t.Fatal(err)
	}
	other.waitFor("node joined")
	agent.signal(os.Kill)
	seen := map[wire.Channel]int{}
	for range 2 {
		d, err := watcher.Receive()
		must(t, err)
		seen[d.Recipient(0)]++
	}
	if seen[7001] != 1 || seen[7002] != 1 {
		t.Errorf("sent to 7001 and 7002: %v, want one each", seen)
	}
	last := mdtest.Text(t, 1, "the last", 7001)
	ai.Send(last)
	watcher.Want(last)
}

// When the backbone is lost, clients may have missed something: they are told, and
// let in again when it is back.
func TestClientAgentWithoutBackbone(t *testing.T) {
	t.Parallel()
	hub := run(t, "backbone: {embedded: {listen: '127.0.0.1:0'}}\n")
	agent, _, ai := apart(t, fmt.Sprintf("{urls: ['%s']%s}", hub.nats(), quick))
	c, _ := agent.enter(ai)
	address := strings.TrimPrefix(hub.nats(), "nats://")
	hub.signal(os.Kill)
	c.UntilEject(wire.EjectGeneric)
	agent.waitFor("the backbone was lost")

	hub = run(t, fmt.Sprintf("backbone: {embedded: {listen: '%s'}}\n%s", address, port))
	ai = hub.dial()
	ai.Subscribe(parkGate.Channel())
	poll(t, func() bool { // until the agent is back, it serves nobody
		again := clienttest.Dial(t, agent.where("listening for clients"))
		defer again.Conn.Close()
		again.Send(wire.ClientHello, func(w *wire.Writer) { w.Uint32(gameHash(t, agent.dir)).Text("dev") })
		kind, _, err := again.Receive()
		return err == nil && kind == wire.ClientHelloResp
	}, func() string { return "clients to be let in again" })
	ai.Settle(agent.port(), 9001)
	agent.enter(ai)
}
