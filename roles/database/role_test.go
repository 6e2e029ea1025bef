package database

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"natstron/bridge/wire"
	"natstron/internal/msgtext"
	"natstron/storage"
	"natstron/storage/embedded"
)

const control wire.Channel = 4003

var someIDs = storage.Range{Min: 1000, Max: 9999}

// onDisk opens an embedded store for a test.
func onDisk(t testing.TB) func(context.Context) (storage.Store, error) {
	path := filepath.Join(t.TempDir(), "objects.db")
	return func(context.Context) (storage.Store, error) { return embedded.Open(path, someIDs) }
}

// held opens a store on disk whose calls go through before.
func held(t testing.TB, before func(ctx context.Context, op string, id wire.DoID) error) func(context.Context) (storage.Store, error) {
	open := onDisk(t)
	return func(ctx context.Context) (storage.Store, error) {
		s, err := open(ctx)
		return &hooked{s, before}, err
	}
}

// say sends a message as text.
func (c *cluster) say(a *actor, format string, args ...any) {
	c.T.Helper()
	c.Say(a, fmt.Sprintf(format, args...))
}

// hear waits for the next message to an actor.
func (c *cluster) hear(a *actor) string {
	c.T.Helper()
	c.await(a, "a message", func(wire.Message) bool { return true })
	d := a.Received[0]
	a.Received = a.Received[1:]
	return msgtext.Text(c.File, d)
}

func (c *cluster) hears(a *actor, want ...string) {
	c.T.Helper()
	for _, want := range want {
		if got := c.hear(a); got != want {
			c.T.Errorf("%s got %s\nwant %s", a.Name, got, want)
		}
	}
}

// TestOrderForOneObject: what one asker sends about one object without waiting is
// done in that order, though others go on at the same time.
func TestOrderForOneObject(t *testing.T) {
	c := newCluster(t)
	c.serve(Options{Control: control, Open: onDisk(t), Broadcast: true})
	const askers, rounds = 8, 50
	var all []*actor
	for i := range askers {
		all = append(all, c.Join(fmt.Sprint("asker ", i), wire.Channel(5000+i), wire.DoID(1000+i).DatabaseChannel()))
	}
	for i, a := range all {
		c.say(a, "4003 DBSERVER_CREATE_OBJECT %d dclass=Avatar setMoney(0)", i)
		c.hears(a, fmt.Sprintf("4003: DBSERVER_CREATE_OBJECT_RESP context=%d do_id=%d", i, 1000+i))
	}
	for n := range rounds {
		for i, a := range all {
			c.say(a, "4003 DBSERVER_OBJECT_SET_FIELD %d setMoney(%d)", 1000+i, n)
			c.say(a, "4003 DBSERVER_OBJECT_GET_FIELD %d %d setMoney", n, 1000+i)
			c.say(a, "4003 DBSERVER_OBJECT_SET_FIELD_IF_EQUALS %d %d setMoney(%d) setMoney(%d)", n, 1000+i, n, n+1000)
		}
	}
	for i, a := range all {
		for n := range rounds {
			c.hears(a,
				fmt.Sprintf("%d: DBSERVER_OBJECT_SET_FIELD do_id=%d setMoney(%d)", 5000+i, 1000+i, n),
				fmt.Sprintf("4003: DBSERVER_OBJECT_GET_FIELD_RESP context=%d success=true setMoney(%d)", n, n),
				fmt.Sprintf("%d: DBSERVER_OBJECT_SET_FIELD do_id=%d setMoney(%d)", 5000+i, 1000+i, n+1000),
				fmt.Sprintf("4003: DBSERVER_OBJECT_SET_FIELD_IF_EQUALS_RESP context=%d success=true", n))
		}
	}
}

// TestOthersGoOn: a request that the store does not finish holds up those for the
// same object, and no others, until its time is over; then they are all answered as
// failures.
func TestOthersGoOn(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	var stuck atomic.Bool
	c.serve(Options{Control: control, Timeout: 2 * time.Second, Open: held(t, func(ctx context.Context, _ string, id wire.DoID) error {
		if id == 1000 && stuck.Load() {
			<-ctx.Done()
			return ctx.Err()
		}
		return nil
	})})
	a := c.Join("asker", 5000)
	for i := range 2 {
		c.say(a, "4003 DBSERVER_CREATE_OBJECT %d dclass=Avatar setMoney(1)", i)
		c.hear(a)
	}
	stuck.Store(true)
	c.say(a, "4003 DBSERVER_OBJECT_SET_FIELD 1000 setMoney(2)")
	c.say(a, "4003 DBSERVER_OBJECT_SET_FIELD_IF_EQUALS 1 1000 setMoney(1) setMoney(2)")
	c.say(a, "4003 DBSERVER_OBJECT_GET_ALL 2 1000")
	c.say(a, "4003 DBSERVER_OBJECT_GET_FIELD 3 1001 setMoney")
	c.say(a, "4003 DBSERVER_CREATE_OBJECT 4 dclass=Avatar")
	others := []string{c.hear(a), c.hear(a)}
	slices.Sort(others)
	if want := []string{
		"4003: DBSERVER_CREATE_OBJECT_RESP context=4 do_id=1002",
		"4003: DBSERVER_OBJECT_GET_FIELD_RESP context=3 success=true setMoney(1)",
	}; !slices.Equal(others, want) {
		t.Errorf("got %q first", others)
	}
	c.hears(a,
		"4003: DBSERVER_OBJECT_SET_FIELD_IF_EQUALS_RESP context=1 success=false",
		"4003: DBSERVER_OBJECT_GET_ALL_RESP context=2 success=false")
	stuck.Store(false)
	c.say(a, "4003 DBSERVER_OBJECT_GET_FIELD 5 1000 setMoney")
	c.hears(a, "4003: DBSERVER_OBJECT_GET_FIELD_RESP context=5 success=true setMoney(1)")
	s := c.role.Stats()
	for _, msg := range []wire.MsgType{wire.DBServerObjectSetField, wire.DBServerObjectSetFieldIfEquals, wire.DBServerObjectGetAll} {
		if s.Operations[msg][TimedOut] != 1 {
			t.Errorf("%s: %v", msg, s.Operations[msg])
		}
	}
	if d := s.Durations[wire.DBServerObjectGetAll]; d.Count != 1 || d.Sum < 2*time.Second {
		t.Errorf("GET_ALL took %v", d)
	}
}

// TestOverload: what finds no room in the queue is answered as a failure at once.
func TestOverload(t *testing.T) {
	c := newCluster(t)
	release := make(chan struct{})
	c.serve(Options{Control: control, Workers: 2, MaxQueued: 10 * (requestSize + 10), Open: held(t, func(_ context.Context, op string, id wire.DoID) error {
		if id != 0 {
			<-release
		}
		return nil
	})})
	a := c.Join("asker", 5000)
	const sent = 50
	for i := range sent {
		c.say(a, "4003 DBSERVER_OBJECT_GET_ALL %d %d", i, 1000+i)
	}
	refused := c.hear(a)
	for range sent - 10 - 1 {
		c.hear(a)
	}
	if refused != "4003: DBSERVER_OBJECT_GET_ALL_RESP context=10 success=false" {
		t.Errorf("refused first: %s", refused)
	}
	if err := c.role.Ready(t.Context()); err == nil {
		t.Error("it is ready with a full queue")
	}
	close(release)
	for range 10 {
		c.hear(a)
	}
	c.settle(a, nil)
	s := c.role.Stats()
	if got := s.Operations[wire.DBServerObjectGetAll]; got[Overloaded] != sent-10 || got[NotFound] != 10 {
		t.Errorf("%v", got)
	}
	if err := c.role.Ready(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestSendersAreSlowed: a connection that sends more than the database does is told to
// wait, until half of what it was too much of is done.
func TestSendersAreSlowed(t *testing.T) {
	c := newCluster(t)
	release := make(chan struct{})
	c.serve(Options{Control: control, Workers: 2, MaxQueued: 64 * requestSize, Open: held(t, func(_ context.Context, _ string, id wire.DoID) error {
		if id != 0 {
			<-release
		}
		return nil
	})})
	a := c.Join("asker", 5000)
	send := func(i int) <-chan struct{} {
		d := c.Parse(a.Channel, fmt.Sprintf("4003 DBSERVER_OBJECT_GET_ALL %d %d", i, 1000+i))
		turn := c.Node.Begin()
		if err := turn.Route(a.Participant, d); err != nil {
			t.Error(err)
		}
		return turn.EndPaced()
	}
	var relief <-chan struct{}
	sent := 0
	for relief == nil && sent < 60 {
		relief = send(sent)
		sent++
	}
	if relief == nil {
		t.Fatalf("nobody is slowed down after %d", sent)
	}
	select {
	case <-relief:
		t.Error("relieved with a crowded queue")
	default:
	}
	close(release)
	<-relief
	for range sent {
		c.hear(a)
	}
	if n := c.role.Stats().Operations[wire.DBServerObjectGetAll][Overloaded]; n > 0 {
		t.Errorf("%d were refused", n)
	}
}

// TestCreateAfterDelete: a create that comes behind a delete gets its id, without
// waiting for the delete's end in between.
func TestCreateAfterDelete(t *testing.T) {
	c := newCluster(t)
	path := filepath.Join(t.TempDir(), "objects.db")
	c.serve(Options{Control: control, Open: func(context.Context) (storage.Store, error) {
		s, err := embedded.Open(path, storage.Range{Min: 1000, Max: 1000})
		return &hooked{s, func(_ context.Context, op string, _ wire.DoID) error {
			if op == "delete" {
				time.Sleep(5 * time.Millisecond) // a slow one
			}
			return nil
		}}, err
	}})
	a := c.Join("asker", 5000)
	for i := range 20 {
		c.say(a, "4003 DBSERVER_CREATE_OBJECT %d dclass=Guild", i)
		c.hears(a, fmt.Sprintf("4003: DBSERVER_CREATE_OBJECT_RESP context=%d do_id=1000", i))
		c.say(a, "4003 DBSERVER_OBJECT_DELETE 1000")
	}
}

// TestStopFinishes: what was asked before the end is done and answered.
func TestStopFinishes(t *testing.T) {
	c := newCluster(t)
	c.serve(Options{Control: control, Broadcast: true, Open: held(t, func(_ context.Context, op string, _ wire.DoID) error {
		time.Sleep(time.Millisecond)
		return nil
	})})
	a := c.Join("asker", 5000)
	for i := range 100 {
		c.say(a, "4003 DBSERVER_CREATE_OBJECT %d dclass=Guild", i)
	}
	c.end()
	seen := map[string]bool{}
	for range 100 {
		seen[c.hear(a)] = true
	}
	if len(seen) != 100 {
		t.Errorf("%d answers", len(seen))
	}
}

// TestStopGivesUp: what a store does not finish is answered as a failure, and the end
// does not wait for ever.
func TestStopGivesUp(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	began := make(chan struct{})
	once := sync.OnceFunc(func() { close(began) })
	c.serve(Options{Control: control, Open: held(t, func(ctx context.Context, _ string, _ wire.DoID) error {
		once()
		<-ctx.Done()
		return ctx.Err()
	})})
	a := c.Join("asker", 5000)
	c.say(a, "4003 DBSERVER_CREATE_OBJECT 1 dclass=Guild")
	<-began
	start := time.Now()
	c.end()
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("the end took %v", took)
	}
	c.hears(a, "4003: DBSERVER_CREATE_OBJECT_RESP context=1 do_id=0")
}

// TestStartFails: whatever keeps it from starting, nothing is left open.
func TestStartFails(t *testing.T) {
	c := newCluster(t)
	broken := errors.New("broken")
	r, err := New(c.Node, Options{Control: control, File: c.File, Open: func(context.Context) (storage.Store, error) { return nil, broken }})
	must(t, err)
	if err := r.Start(t.Context()); !errors.Is(err, broken) {
		t.Error(err)
	}
	for _, o := range []Options{
		{Control: 999, File: c.File, Open: onDisk(t)},
		{Control: control, Open: onDisk(t)},
		{Control: control, File: c.File},
	} {
		if _, err := New(c.Node, o); err == nil {
			t.Errorf("%+v is accepted", o)
		}
	}
}

// TestTooLarge: an object that does not fit into a datagram can be read in parts.
func TestTooLarge(t *testing.T) {
	c := newCluster(t)
	c.serve(Options{Control: control, Open: onDisk(t)})
	a := c.Join("asker", 5000)
	c.say(a, "4003 DBSERVER_CREATE_OBJECT 1 dclass=Guild")
	c.hear(a)
	half := make([]byte, 40_000)
	for i := range half {
		half[i] = 'x'
	}
	c.say(a, "4003 DBSERVER_OBJECT_SET_FIELD 1000 setTitle(%q)", half)
	c.say(a, "4003 DBSERVER_OBJECT_SET_FIELD 1000 setMotto(%q)", half)
	c.say(a, "4003 DBSERVER_OBJECT_GET_ALL 2 1000")
	c.hears(a, "4003: DBSERVER_OBJECT_GET_ALL_RESP context=2 success=false")
	c.say(a, "4003 DBSERVER_OBJECT_GET_FIELD 3 1000 setTitle")
	c.hears(a, fmt.Sprintf("4003: DBSERVER_OBJECT_GET_FIELD_RESP context=3 success=true setTitle(%q)", half))
	if n := c.role.Stats().Operations[wire.DBServerObjectGetAll][TooLarge]; n != 1 {
		t.Errorf("too large: %d", n)
	}
}
