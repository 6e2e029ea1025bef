package database

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/roles/rolestest/script"
)

// mortal is a NATS server that can end and come back at the same place.
type mortal struct {
	t       testing.TB
	options server.Options
	server  *server.Server
}

func newMortal(t testing.TB) *mortal {
	m := &mortal{t: t}
	m.options.Host, m.options.Port = "127.0.0.1", server.RANDOM_PORT
	m.options.NoSigs, m.options.NoLog = true, true
	m.rise()
	t.Cleanup(m.die)
	return m
}

func (m *mortal) rise() {
	m.t.Helper()
	o := m.options
	s, err := server.NewServer(&o)
	must(m.t, err)
	s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		m.t.Fatal("the NATS server did not start")
	}
	m.server, m.options.Port = s, o.Port
}

func (m *mortal) die() {
	m.server.Shutdown()
	m.server.WaitForShutdown()
}

func (m *mortal) node(t testing.TB) *bridge.Node {
	return script.Start(t, bridge.Options{Name: t.Name(), External: &bridge.External{URLs: []string{m.server.ClientURL()}}})
}

// another returns a database server like the first one, on another node.
func another(t *testing.T, c *cluster, node *bridge.Node) *Role {
	r, err := New(node, Options{Control: control, File: c.File, Open: onDisk(t), Listen: 30 * time.Second})
	must(t, err)
	return r
}

// TestRival: a second server on a control channel does not start, in the same process
// or in another, and the first one goes on; when it has ended, the second one starts.
func TestRival(t *testing.T) {
	m := newMortal(t)
	c := newClusterOn(t, m.node(t))
	c.serve(Options{Control: control, Open: onDisk(t)})
	for _, node := range []*bridge.Node{c.Node, m.node(t)} {
		second := another(t, c, node)
		if err := second.Start(t.Context()); !errors.Is(err, ErrRival) {
			t.Fatalf("started, or %v", err)
		}
	}
	a := c.Join("asker", 5000)
	c.say(a, "4003 DBSERVER_CREATE_OBJECT 1 dclass=Guild")
	c.hears(a, "4003: DBSERVER_CREATE_OBJECT_RESP context=1 do_id=1000")
	c.end()
	second := another(t, c, m.node(t))
	second.options.Listen = 50 * time.Millisecond
	must(t, second.Start(t.Context()))
	second.Stop(context.Background(), nil)
}

// TestLostBackbone: when the backbone comes back, the answer to what was asked before
// goes out, and the server serves again.
func TestLostBackbone(t *testing.T) {
	m := newMortal(t)
	c := newClusterOn(t, m.node(t))
	release, asked := make(chan struct{}), make(chan struct{}, 10)
	c.serve(Options{Control: control, Broadcast: true, Timeout: time.Minute, Open: held(t, func(_ context.Context, op string, _ wire.DoID) error {
		asked <- struct{}{}
		<-release
		return nil
	})})
	a := c.Join("asker", 5000)
	c.say(a, "4003 DBSERVER_CREATE_OBJECT 1 dclass=Guild")
	<-asked
	m.die()
	for p, changed := c.role.membership.current(); p != nil; p, changed = c.role.membership.current() {
		<-changed
	}
	if err := c.role.Ready(t.Context()); err == nil {
		t.Error("ready without a backbone")
	}
	close(release)
	m.rise()
	for p, changed := c.role.membership.current(); p == nil; p, changed = c.role.membership.current() {
		<-changed
	}
	// The asker was cut off, too.
	again := c.Join("asker again", 5001)
	c.say(again, "4003 DBSERVER_OBJECT_GET_ALL 2 1000")
	c.hears(again, `4003: DBSERVER_OBJECT_GET_ALL_RESP context=2 success=true dclass=Guild fields×1 setMotto("Onwards")`)
	if s := c.role.Stats(); s.Lost != 1 || s.Unanswered != 0 {
		t.Errorf("lost %d times, %d unanswered", s.Lost, s.Unanswered)
	}
}
