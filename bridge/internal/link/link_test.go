package link

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"natstron/bridge/internal/routing"
	"natstron/bridge/internal/transport"
)

// dialed is a link to a server in this process, and that server.
func dialed(t *testing.T) (*Link, *Outbox, *server.Server) {
	t.Helper()
	srv, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: server.RANDOM_PORT, NoSigs: true, NoLog: true})
	must(t, err)
	go srv.Start()
	t.Cleanup(srv.Shutdown)
	if !srv.ReadyForConnections(10 * time.Second) {
		t.Fatal("no server")
	}
	l, o := dialTo(t, srv.ClientURL())
	return l, o, srv
}

// dialTo is a link to the server at a URL.
func dialTo(t *testing.T, url string) (*Link, *Outbox) {
	t.Helper()
	o := NewOutbox(new(sync.Mutex), prefix, 1<<30)
	l, err := Dial(Config{
		Roots:     []string{prefix, "astronctl"},
		Transport: &transport.External{URLs: []string{url}, Timeout: 10 * time.Second},
		Outbox:    o, Events: NewEvents(), ConnectTimeout: 10 * time.Second, PingEvery: time.Minute, PingsOut: 2,
		Log: slog.New(slog.DiscardHandler), Counters: new(Counters),
	})
	must(t, err)
	t.Cleanup(l.Close)
	o.Open(l.Origin())
	must(t, l.Start(func() {
		o.lock.Lock()
		defer o.lock.Unlock()
		for l.Take(100, func(*Message) {}) {
		}
	}))
	return l, o
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
	if more := srv.NumSubscriptions() - before; more > 1 {
		t.Errorf("the server has %d subscriptions more, after one came and went %d times", more, times)
	}
	o.lock.Lock()
	o.Retire()
	o.Retire()
	o.lock.Unlock()
	l.Drain(10 * time.Second)
	if more := srv.NumSubscriptions() - before; more > 0 {
		t.Errorf("%d subscriptions are still there", more)
	}
}

// What is to be done on a link that is being closed is done before that, or not at all.
func TestGoWhileClosing(t *testing.T) {
	l, _, _ := dialed(t)
	var began, ended atomic.Int64
	var beginning sync.WaitGroup
	for range 4 {
		beginning.Go(func() {
			for range 1000 {
				l.Go(func() {
					began.Add(1)
					ended.Add(1)
				})
			}
		})
	}
	l.Close()
	if b, e := began.Load(), ended.Load(); b != e {
		t.Errorf("%d of %d have ended", e, b)
	}
	beginning.Wait()
	if l.Go(func() { t.Error("begun after the end") }); began.Load() != ended.Load() {
		t.Error("something was begun after the end")
	}
}

// Silence, and a reader that has not handled what has come, say that what the others said may
// not be known here.
func TestCurrent(t *testing.T) {
	l, _, _ := dialed(t)
	now, limit := time.Now(), time.Second
	if !l.Current(now, limit) {
		t.Error("not current, though the server has just answered")
	}
	if l.Current(now.Add(time.Minute), limit) {
		t.Error("current after a minute of silence")
	}
	l.Close()
	l.reading.idle.Store(false)
	now = now.Add(time.Minute)
	l.reading.read.Store(int64(now.Sub(l.reading.born)))
	if l.Current(now, limit) {
		t.Error("current, though what has come is not handled yet")
	}
	l.reading.idle.Store(true)
	if !l.Current(now, limit) {
		t.Error("not current, though all is handled")
	}
}
