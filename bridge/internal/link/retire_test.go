package link

import (
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"natstron/bridge/internal/routing"
	"natstron/bridge/internal/transport"
)

// A subscription ends a whole period after it was retired, unless it is wanted
// again before.
func TestRetired(t *testing.T) {
	var r retired
	five, six := new(nats.Subscription), new(nats.Subscription)
	if r.takeBack(routing.CoverOf(5)) != nil {
		t.Error("taken back what was never retired")
	}
	r.add(routing.CoverOf(5), five)
	r.add(routing.CoverOf(6), six)
	if due := r.due(); len(due) != 0 {
		t.Errorf("%d end in the period in which they were retired", len(due))
	}
	if r.takeBack(routing.CoverOf(5)) != five || r.takeBack(routing.CoverOf(5)) != nil {
		t.Error("not taken back exactly once")
	}
	due := r.due()
	if len(due) != 1 || due[routing.CoverOf(6)] != six {
		t.Errorf("due: %v, want the one that was not taken back", due)
	}
	if r.takeBack(routing.CoverOf(6)) != nil {
		t.Error("taken back after its end")
	}
	r.add(routing.CoverOf(5), five)
	if r.takeBack(routing.CoverOf(5)) != five || len(r.due())+len(r.due()) > 0 {
		t.Error("taken back, and ends all the same")
	}
}

// dialed is a link to a server in this process, and that server.
func dialed(t *testing.T) (*Link, *Outbox, *server.Server) {
	t.Helper()
	srv, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	go srv.Start()
	t.Cleanup(srv.Shutdown)
	if !srv.ReadyForConnections(10 * time.Second) {
		t.Fatal("no server")
	}
	o := NewOutbox(new(sync.Mutex), 1<<20)
	l, err := Dial(Config{
		Prefix: prefix, Transport: &transport.External{URLs: []string{srv.ClientURL()}, Timeout: 10 * time.Second},
		Outbox: o, Events: NewEvents(), ConnectTimeout: 10 * time.Second, PingEvery: time.Minute, PingsOut: 2,
		Log: slog.New(slog.DiscardHandler), Counters: new(Counters),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Close)
	o.Open()
	l.Start()
	return l, o, srv
}

// However often a subscription comes and goes, the server never has many of it: each would
// bring one more copy of every message.
func TestSubscriptionsDoNotPileUp(t *testing.T) {
	l, o, srv := dialed(t)
	before := srv.NumSubscriptions()
	const times = 2000
	for range times {
		o.lock.Lock()
		o.Change(routing.CoverOf(5), true)
		o.Change(routing.CoverOf(5), false)
		o.lock.Unlock()
	}
	l.Drain(10 * time.Second)
	if more := srv.NumSubscriptions() - before; more > 10 {
		t.Errorf("the server has %d subscriptions more, after one came and went %d times", more, times)
	}
	for deadline := time.Now().Add(10 * time.Second); srv.NumSubscriptions() > before; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d subscriptions are still there", srv.NumSubscriptions()-before)
		}
	}
}

// Silence and a full queue say that what the others said may not be known here.
func TestCurrent(t *testing.T) {
	l, _, _ := dialed(t)
	now, limit := time.Now(), time.Second
	if !l.Current(now, limit) {
		t.Error("not current, though the server has just answered")
	}
	if l.Current(now.Add(time.Minute), limit) {
		t.Error("current after a minute of silence")
	}
	for len(l.messages) < cap(l.messages)-gateRoom+1 {
		l.messages <- new(Message)
	}
	if l.Current(now, limit) {
		t.Error("current, though more may wait than is read")
	}
}
