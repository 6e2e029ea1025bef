package database

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"natstron/bridge/wire"
	"natstron/storage"
	"natstron/storage/embedded"
	"natstron/storage/mongo"
	"natstron/storage/mongo/wiretest"
)

// logged waits for a line of the log, and returns those up to it.
func (c *cluster) logged(what string) (lines []string) {
	c.T.Helper()
	for begin := time.Now(); time.Since(begin) < patience; time.Sleep(time.Millisecond) {
		lines = append(lines, c.Log.Take()...)
		if strings.Contains(strings.Join(lines, "\n"), what) {
			return lines
		}
	}
	c.T.Fatalf("%q is not logged, but %q", what, lines)
	return nil
}

func count(lines []string, what string) int { return strings.Count(strings.Join(lines, "\n"), what) }

// TestStoreStopsAnswering has nobody ask for anything meanwhile.
func TestStoreStopsAnswering(t *testing.T) {
	c := newCluster(t)
	var down, asked atomic.Int64
	c.serve(Options{Control: control, Watch: time.Millisecond, Open: held(t, func(context.Context, string, wire.DoID) error {
		asked.Add(1)
		if down.Load() > 0 {
			return storage.ErrUnavailable
		}
		return nil
	})})
	must(t, c.role.Ready(t.Context()))
	for round := range 2 {
		down.Store(1)
		lines := c.logged("the database does not answer: requests fail")
		for n := asked.Load(); asked.Load() < n+20; {
			time.Sleep(time.Millisecond)
		}
		if err := c.role.Ready(t.Context()); !errors.Is(err, storage.ErrUnavailable) {
			t.Errorf("ready: %v", err)
		}
		down.Store(0)
		lines = append(lines, c.logged("the database answers again")...)
		if count(lines, "level=WARN") != 1 || count(lines, "answers again") != 1 {
			t.Errorf("round %d: logged %q", round, lines)
		}
		if err := c.role.Ready(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// TestMongoGoesAway is the same with a server that dies and comes back.
func TestMongoGoesAway(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	s := wiretest.Start(t, false)
	c.serve(Options{Control: control, Open: func(ctx context.Context) (storage.Store, error) {
		return mongo.Open(ctx, s.URI("astron"), someIDs, mongo.Options{})
	}})
	s.Down(true)
	begin := time.Now()
	c.logged("the database does not answer")
	t.Logf("told after %v", time.Since(begin))
	if err := c.role.Ready(t.Context()); err == nil {
		t.Error("ready without its database")
	}
	s.Down(false)
	c.logged("the database answers again")
	if err := c.role.Ready(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestFileGoesAway removes the file of a database in use: it is told, and nothing more
// is answered with success.
func TestFileGoesAway(t *testing.T) {
	c := newCluster(t)
	path := filepath.Join(t.TempDir(), "objects.db")
	c.serve(Options{Control: control, Open: func(context.Context) (storage.Store, error) { return embedded.Open(path, someIDs) }})
	a := c.Join("asker", 5000)
	c.say(a, "4003 DBSERVER_CREATE_OBJECT 1 dclass=Guild")
	c.hears(a, "4003: DBSERVER_CREATE_OBJECT_RESP context=1 do_id=1000")
	rename(t, path)
	c.say(a, "4003 DBSERVER_CREATE_OBJECT 2 dclass=Guild")
	c.hears(a, "4003: DBSERVER_CREATE_OBJECT_RESP context=2 do_id=0")
	lines := c.logged("the database does not answer")
	if count(lines, "objects.db was removed") == 0 {
		t.Errorf("logged %q", lines)
	}
	c.say(a, "4003 DBSERVER_OBJECT_GET_ALL 3 1000")
	c.hears(a, "4003: DBSERVER_OBJECT_GET_ALL_RESP context=3 success=false")
}

// TestStartTells: what the database holds stands in the log.
func TestStartTells(t *testing.T) {
	for _, b := range backends() {
		c := newCluster(t)
		place := b.place(t)
		open := func(context.Context) (storage.Store, error) { return b.open(place, someIDs, c.File) }
		c.serve(Options{Control: control, Open: open})
		c.logged("objects=0 highest_id=0 next_id=1000 free_ids=0")
		a := c.Join("asker", 5000)
		for i, want := range []string{"1000", "1001", "1002"} {
			c.say(a, "4003 DBSERVER_CREATE_OBJECT %d dclass=Guild", i)
			if got := c.hear(a); !strings.HasSuffix(got, "do_id="+want) {
				t.Errorf("%s: %s", b.name, got)
			}
		}
		c.say(a, "4003 DBSERVER_OBJECT_DELETE 1001")
		c.end()
		c.serve(Options{Control: control, Open: open})
		c.logged("objects=2 highest_id=1002 next_id=1003 free_ids=1")
		c.end()
	}
}
