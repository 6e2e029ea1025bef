package dbss

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"pgregory.net/rapid"

	"natstron/bridge/wire"
	"natstron/roles/rolestest/script"
)

// townFile is the DC file of all tests.
var townFile = script.DCFile("testdata/town.dc")

type actor = script.Actor

// cluster is one node with database-state servers and participants on it. Nothing
// in it runs by itself: the test hands every server its messages, and moves the
// clock.
type cluster struct {
	*script.Cluster
	servers []*Role
	clock   time.Time
	context uint32
}

// databaseChannel is the control channel of the database that the tests play.
const databaseChannel wire.Channel = 1200

func newCluster(t testing.TB) *cluster {
	t.Helper()
	c := &cluster{Cluster: script.New(t, townFile(t), "one"), clock: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	t.Cleanup(c.leave)
	return c
}

// leave takes everybody off the node.
func (c *cluster) leave() {
	for _, r := range c.servers {
		r.Stop(context.Background(), nil)
	}
	c.servers = nil
	c.Leave()
}

// server starts a database-state server with contexts that count up from 1.
func (c *cluster) server(o Options) *Role {
	c.T.Helper()
	o.Database, o.File = databaseChannel, c.File
	o.logEvery = time.Nanosecond
	o.Log = slog.New(slog.NewTextHandler(&c.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	r, err := New(c.Node, o)
	must(c.T, err)
	r.now = func() time.Time { return c.clock }
	r.random = func() uint32 { c.context++; return c.context }
	must(c.T, r.Start(context.Background()))
	c.servers = append(c.servers, r)
	return r
}

// settle lets the servers work until nothing is under way any more.
func (c *cluster) settle() {
	c.T.Helper()
	for rounds := 0; ; rounds++ {
		for _, r := range c.servers {
			must(c.T, r.check())
		}
		if !c.Record() {
			return
		}
		if rounds > 10_000 {
			c.T.Fatal("there is no end of it")
		}
	}
}

// wait lets time go by.
func (c *cluster) wait(d time.Duration) {
	c.T.Helper()
	c.clock = c.clock.Add(d)
	for _, r := range c.servers {
		r.space.Tick(c.clock)
	}
	c.settle()
}

// idle reports what is still under way.
func (r *Role) idle() error {
	if len(r.loading) > 0 || len(r.questions.byContext) > 0 || r.echoes.any() || r.waiting > 0 {
		return fmt.Errorf("%d are loading, %d questions are open, echoes %v, %d bytes wait",
			len(r.loading), len(r.questions.byContext), r.echoes.any(), r.waiting)
	}
	return nil
}

// check reports whether the books of a role agree with each other.
func (r *Role) check() (err error) {
	_ = r.space.Enter(func() error { // which cannot fail
		err = r.consistent()
		return nil
	})
	return err
}

func (r *Role) consistent() error {
	waiting, loads := 0, map[*loading]bool{}
	for id, l := range r.loading {
		if l.id != id {
			return fmt.Errorf("object %d is loading under %d", l.id, id)
		}
		if _, active := r.space.Object(id); active {
			return fmt.Errorf("object %d is active and loading", id)
		}
		n := 0
		for _, d := range l.queue {
			n += len(d)
		}
		if n != l.bytes {
			return fmt.Errorf("object %d: %d bytes wait, %d are counted", id, n, l.bytes)
		}
		waiting += n
		loads[l] = false
	}
	if waiting != r.waiting {
		return fmt.Errorf("%d bytes wait, %d are counted", waiting, r.waiting)
	}
	n := 0
	var last time.Time
	for q := r.questions.ends.next; q != r.questions.ends; q = q.next {
		n++
		if r.questions.byContext[q.context] != q {
			return fmt.Errorf("question %d is not in the books", q.context)
		}
		if q.deadline.Before(last) {
			return fmt.Errorf("question %d runs out before the one before it", q.context)
		}
		last = q.deadline
		if q.load != nil {
			if had, ok := loads[q.load]; !ok || had {
				return fmt.Errorf("question %d is for object %d, loading %v, asked for twice %v", q.context, q.do, ok, had)
			}
			loads[q.load] = true
		}
	}
	for l, asked := range loads {
		if !asked {
			return fmt.Errorf("object %d waits for no answer", l.id)
		}
	}
	if n != len(r.questions.byContext) {
		return fmt.Errorf("%d questions are in line, %d in the books", n, len(r.questions.byContext))
	}
	for id, q := range r.questions.shared {
		if q.do != id || r.questions.byContext[q.context] != q {
			return fmt.Errorf("the shared question for object %d is not open", id)
		}
	}
	for _, all := range []map[place]*echo{r.echoes.young, r.echoes.old} {
		for p, e := range all {
			if e.count <= 0 || (r.echoes.young[p] != nil && r.echoes.old[p] != nil) {
				return fmt.Errorf("%d echoes of object %d are expected", e.count, p.do)
			}
		}
	}
	c := &r.count
	if int(c.loading.Load()) != len(r.loading) || int(c.questions.Load()) != n || int(c.waiting.Load()) != waiting {
		return fmt.Errorf("stats: %d loading, %d questions, %d bytes; there are %d, %d, %d",
			c.loading.Load(), c.questions.Load(), c.waiting.Load(), len(r.loading), n, waiting)
	}
	return nil
}

// must ends the test if there is an error.
func must(t rapid.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
