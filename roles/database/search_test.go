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
	if err != nil {
		m.t.Fatal(err)
	}
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
	if err != nil {
		t.Fatal(err)
	}
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
	if err := second.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	second.Stop(context.Background(), nil)
}

// TestRivalsAtOnce: of two that start at the same time, at most one does.
func TestRivalsAtOnce(t *testing.T) {
	m := newMortal(t)
	c := newClusterOn(t, m.node(t))
	one, two := another(t, c, c.Node), another(t, c, m.node(t))
	one.options.Listen, two.options.Listen = 2*time.Second, 2*time.Second
	started := make(chan *Role, 2)
	for _, r := range []*Role{one, two} {
		go func() {
			if err := r.Start(context.Background()); err != nil {
				if !errors.Is(err, ErrRival) {
					t.Error(err)
				}
				started <- nil
				return
			}
			started <- r
		}()
	}
	first, second := <-started, <-started
	if (first == nil) == (second == nil) {
		t.Fatal("both started, or none")
	}
	for _, r := range []*Role{first, second} {
		if r != nil {
			r.Stop(context.Background(), nil)
		}
	}
}

// TestHeardAtTheEnd: what a search heard as its time ended counts, too: it gives way,
// or tells the other that somebody is here.
func TestHeardAtTheEnd(t *testing.T) {
	c := newCluster(t)
	r := another(t, c, c.Node)
	s := &search{control: control, number: 2, rival: make(chan struct{}, 1), asked: make(chan uint32, 16)}
	p, err := c.Node.Join("looks around", s, func(error) {})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Leave()
	other := &search{control: control, number: 3, rival: make(chan struct{}, 1), asked: make(chan uint32, 16)}
	q, err := c.Node.Join("looks around, too", other, func(error) {})
	if err != nil {
		t.Fatal(err)
	}
	defer q.Leave()
	for _, p := range []*bridge.Participant{p, q} {
		if err := p.Subscribe(control); err != nil {
			t.Fatal(err)
		}
	}

	s.found()
	if err := r.joinAndRecheck(s, p); !errors.Is(err, ErrRival) {
		t.Errorf("it heard another server, and joined, or %v", err)
	}
	if p, _ := r.membership.current(); p != nil {
		t.Error("it gave way, and is still there")
	}

	if err := other.ask(q); err != nil {
		t.Fatal(err)
	}
	if err := r.joinAndRecheck(s, p); err != nil {
		t.Fatal(err)
	}
	defer r.membership.leave()
	select {
	case <-other.rival:
	default:
		t.Error("the search that asked before it joined was not answered")
	}
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

// TestTakenOver: a server that was cut off, and finds another one on its channel when
// it comes back, ends.
func TestTakenOver(t *testing.T) {
	c := newCluster(t)
	r := another(t, c, c.Node)
	r.options.Listen = 10 * time.Millisecond
	if err := r.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.options.Listen = time.Minute // it is not to be back before the other one is there
	p, _ := r.membership.current()
	p.Drop(bridge.ErrBackboneLost)
	for {
		second := another(t, c, c.Node)
		second.options.Listen = 10 * time.Millisecond
		err := second.Start(t.Context())
		if err == nil {
			defer second.Stop(context.Background(), nil)
			break
		}
		if !errors.Is(err, ErrRival) {
			t.Fatal(err)
		}
	}
	if err := r.Run(t.Context()); !errors.Is(err, ErrRival) {
		t.Errorf("it ended with %v", err)
	}
	r.Stop(context.Background(), nil)
}
