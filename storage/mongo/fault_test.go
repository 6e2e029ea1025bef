package mongo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"natstron/bridge/wire"
	"natstron/storage"
	"natstron/storage/document"
	"natstron/storage/mongo/wiretest"
	"natstron/storage/storagetest"
)

var ids = storage.Range{Min: 1000, Max: 9999}

// start starts a server, and opens a database there.
func start(t *testing.T, set bool, timeout time.Duration) (*wiretest.Server, *Store) {
	t.Helper()
	s := wiretest.Start(t, set)
	return s, openAt(t, s, timeout)
}

func openAt(t *testing.T, s *wiretest.Server, timeout time.Duration) *Store {
	t.Helper()
	return opened(t, s.URI("astron"), ids, Options{Timeout: timeout})
}

// opened opens a database until the end of the test.
func opened(t *testing.T, uri string, ids storage.Range, o Options) *Store {
	t.Helper()
	st, err := Open(t.Context(), uri, ids, o)
	storagetest.Must(t, err)
	t.Cleanup(func() { storagetest.Must(t, st.Close()) })
	return st
}

func hp(v int64) document.Document { return document.Document{{Name: "hp", Value: v}} }

// compareAndSet is the update of hp from one value to another.
func compareAndSet(from, to int64) storage.Update {
	return storage.Update{If: []storage.Condition{{Name: "hp", Want: from}}, Set: hp(to)}
}

func holds(t *testing.T, st *Store, id wire.DoID, want int64) {
	t.Helper()
	o, err := st.Get(t.Context(), id)
	v, _ := o.Fields.Get("hp")
	if err != nil || !document.Equal(v, want) {
		t.Errorf("object %d: hp is %v (%v), want %d", id, v, err, want)
	}
}

// first has a fault for the first command of that name on that collection.
func first(s *wiretest.Server, name, collection string, f wiretest.Fault) *atomic.Int32 {
	var n atomic.Int32
	s.OnCommand(func(c wiretest.Command) wiretest.Fault {
		if c.Name == name && c.Collection == collection && n.Add(1) == 1 {
			return f
		}
		return wiretest.Fault{}
	})
	return &n
}

var passing = []struct {
	name  string
	fault wiretest.Fault
}{
	{"connection lost before", wiretest.Fault{DropBefore: true}},
	{"connection lost after", wiretest.Fault{DropAfter: true}},
	{"not primary", wiretest.Fault{Code: 10107, Name: "NotWritablePrimary"}},
	{"stepped down", wiretest.Fault{Code: 189, Name: "PrimarySteppedDown"}},
	{"shutting down", wiretest.Fault{Code: 91, Name: "ShutdownInProgress"}},
	{"no majority in time", wiretest.Fault{Concern: 64, Name: "WriteConcernTimeout"}},
	{"stepped down after", wiretest.Fault{Concern: 189, Name: "PrimarySteppedDown"}},
}

// TestFaultsPass has each write meet each fault once: all succeed, once. The cases
// wait for the driver to look for the server again, so they do that together.
func TestFaultsPass(t *testing.T) {
	t.Parallel()
	var done sync.WaitGroup
	for _, set := range []bool{false, true} {
		for _, fault := range passing {
			s, st := start(t, set, 10*time.Second)
			done.Go(func() {
				if err := meetFault(t.Context(), s, st, fault.fault); err != nil {
					t.Errorf("%s, set=%v: %v", fault.name, set, err)
				}
			})
		}
	}
	done.Wait()
}

// meetFault does each write, with the fault at its first attempt.
func meetFault(ctx context.Context, s *wiretest.Server, st *Store, fault wiretest.Fault) error {
	var id, other wire.DoID
	value := func(want int64) error {
		o, err := st.Get(ctx, id)
		if v, _ := o.Fields.Get("hp"); err == nil && !document.Equal(v, want) {
			err = fmt.Errorf("hp is %v, want %d", v, want)
		}
		return err
	}
	for _, step := range []struct {
		name, command, collection string
		run                       func() error
	}{
		{"create", "insert", "astron.objects", func() (err error) {
			id, err = st.Create(ctx, "Toon", hp(1))
			if n := len(s.Documents("astron", "astron.objects")); err == nil && (n != 1 || id != 1000) {
				err = fmt.Errorf("%d objects, created %d", n, id)
			}
			return err
		}},
		{"take an id", "findAndModify", "astron.globals", func() (err error) {
			other, err = st.Create(ctx, "Toon", hp(1))
			if err == nil && other != id+1 {
				err = fmt.Errorf("%d follows %d: an id was given twice, or lost", other, id)
			}
			return err
		}},
		{"set", "update", "astron.objects", func() error {
			return errors.Join(st.Update(ctx, id, storage.Update{Set: hp(2)}), value(2))
		}},
		{"compare and set", "update", "astron.objects", func() error {
			return errors.Join(st.Update(ctx, id, compareAndSet(2, 3)), value(3))
		}},
		{"put", "insert", "astron.objects", func() error {
			return st.Put(ctx, storage.Object{ID: 5, Class: "Toon", Fields: hp(1)})
		}},
		{"put where something is", "insert", "astron.objects", func() error {
			if err := st.Put(ctx, storage.Object{ID: 5, Class: "Toon", Fields: hp(2)}); !errors.Is(err, storage.ErrExists) {
				return fmt.Errorf("got %w", err)
			}
			return nil
		}},
		{"delete", "delete", "astron.objects", func() error {
			third, err := st.Create(ctx, "Toon", hp(1))
			if err != nil {
				return err
			}
			return gone(ctx, st, third)
		}},
		{"delete what may come late", "", "", func() error { return gone(ctx, st, id) }},
	} {
		met := first(s, step.command, step.collection, fault)
		if err := step.run(); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
		if step.command != "" && met.Load() == 0 {
			return fmt.Errorf("%s: the fault was not met", step.name)
		}
	}
	return nil
}

// gone deletes an object, and looks.
func gone(ctx context.Context, st *Store, id wire.DoID) error {
	if err := st.Delete(ctx, id); err != nil {
		return err
	}
	if _, err := st.Get(ctx, id); !errors.Is(err, storage.ErrNotFound) {
		return fmt.Errorf("it is still there: %w", err)
	}
	if err := st.Delete(ctx, id); !errors.Is(err, storage.ErrNotFound) {
		return fmt.Errorf("deleted twice: %w", err)
	}
	return nil
}

// TestMarkIsFoundBehindOthers loses the answer to a compare-and-set, and has others
// change the object before anybody looks.
func TestMarkIsFoundBehindOthers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		others int
		want   error
	}{{2, nil}, {maxRecent, storage.ErrUnknown}} {
		s := wiretest.Start(t, false)
		st, other := openAt(t, s, 5*time.Second), openAt(t, s, 5*time.Second)
		id := mustCreate(t, st, 1)
		var updates, looks atomic.Int32
		s.OnCommand(func(cmd wiretest.Command) wiretest.Fault {
			switch {
			case cmd.Name == "update" && updates.Add(1) == 1:
				return wiretest.Fault{DropAfter: true}
			case cmd.Name == "findAndModify" && cmd.Collection == "astron.objects" && looks.Add(1) == 1:
				for i := range c.others { // 2, 1, 2, 1 …: the condition holds again
					from := int64(2 - i%2)
					if err := other.Update(context.Background(), id, compareAndSet(from, 3-from)); err != nil {
						t.Error(err)
					}
				}
			}
			return wiretest.Fault{}
		})
		if err := st.Update(t.Context(), id, compareAndSet(1, 2)); !errors.Is(err, c.want) {
			t.Errorf("%d others: %v, want %v", c.others, err, c.want)
		}
		holds(t, st, id, int64(2-c.others%2))
	}
}

// TestNoAnswer never gets an answer: calls end in time, and say what they know.
func TestNoAnswer(t *testing.T) {
	t.Parallel()
	const timeout = 300 * time.Millisecond
	s, st := start(t, false, timeout)
	id := mustCreate(t, st, 1)
	s.OnCommand(func(wiretest.Command) wiretest.Fault { return wiretest.Fault{Silent: true} })
	calls := map[string]func(ctx context.Context) error{
		"get":    func(ctx context.Context) error { _, err := st.Get(ctx, id); return err },
		"create": func(ctx context.Context) error { _, err := st.Create(ctx, "Toon", nil); return err },
		"set":    func(ctx context.Context) error { return st.Update(ctx, id, storage.Update{Set: hp(2)}) },
		"delete": func(ctx context.Context) error { return st.Delete(ctx, id) },
		"list": func(ctx context.Context) error {
			for _, err := range st.All(ctx, 0) {
				return err
			}
			return nil
		},
	}
	for name, call := range calls {
		begin := time.Now()
		// Those that begin with a read have changed nothing.
		want := storage.ErrUnavailable
		if name == "create" || name == "set" {
			want = storage.ErrUnknown
		}
		if err := call(t.Context()); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", name, err, want)
		}
		if took := time.Since(begin); took > 20*timeout {
			t.Errorf("%s took %v", name, took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), timeout/10)
		if err := call(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s with a context that ends: %v", name, err)
		}
		cancel()
	}
}

// TestNobodyThere asks a server that is gone.
func TestNobodyThere(t *testing.T) {
	t.Parallel()
	s, st := start(t, false, 300*time.Millisecond)
	s.OnCommand(func(wiretest.Command) wiretest.Fault { return wiretest.Fault{Code: 10107, Name: "NotWritablePrimary"} })
	if err := st.Update(t.Context(), 1000, storage.Update{Set: hp(1)}); !errors.Is(err, storage.ErrUnavailable) || errors.Is(err, storage.ErrUnknown) {
		t.Errorf("nobody is primary: %v", err)
	}
	s.OnCommand(func(wiretest.Command) wiretest.Fault { return wiretest.Fault{Code: 13, Name: "Unauthorized"} })
	begin := time.Now()
	if _, err := st.Get(t.Context(), 1000); !errors.Is(err, storage.ErrPermission) || !errors.Is(err, storage.ErrUnavailable) || time.Since(begin) > 250*time.Millisecond {
		t.Errorf("not allowed: %v after %v", err, time.Since(begin))
	}
	if _, err := Open(t.Context(), "mongodb://127.0.0.1:1/astron", ids, Options{Timeout: 100 * time.Millisecond}); err == nil {
		t.Error("opened what is not there")
	}
	for _, uri := range []string{"", "mongodb://127.0.0.1", "http://127.0.0.1/astron"} {
		if _, err := Open(t.Context(), uri, ids, Options{}); err == nil {
			t.Errorf("opened %q", uri)
		}
	}
}

// TestRefusedCreateKeepsItsID has the server refuse an object for good.
func TestRefusedCreateKeepsItsID(t *testing.T) {
	s, st := start(t, false, time.Second)
	first(s, "insert", "astron.objects", wiretest.Fault{Code: 15, Name: "Overflow"})
	if _, err := st.Create(t.Context(), "Toon", nil); !errors.Is(err, storage.ErrValue) {
		t.Error(err)
	}
	state, err := st.IDs(t.Context())
	if err != nil || state.Next != 1001 || len(state.Free) != 1 || state.Free[0] != 1000 {
		t.Error(state, err)
	}
}

// storm breaks some commands, in ways that pass. Only few connections: the driver
// waits half a second after each.
func storm(seed uint64) func(wiretest.Command) wiretest.Fault {
	var mu sync.Mutex
	rng := rand.New(rand.NewPCG(seed, 1))
	return func(c wiretest.Command) wiretest.Fault {
		mu.Lock()
		defer mu.Unlock()
		switch n := rng.IntN(400); {
		case n == 0:
			return wiretest.Fault{DropBefore: true}
		case n == 1:
			return wiretest.Fault{DropAfter: true}
		case n == 2:
			return wiretest.Fault{Code: 10107, Name: "NotWritablePrimary"}
		case n == 3 && c.Name != "find":
			arrives := make(chan struct{})
			time.AfterFunc(time.Duration(rng.IntN(2000))*time.Millisecond, func() { close(arrives) })
			return wiretest.Fault{Late: true, Wait: arrives}
		case n < 40 && c.Name != "find":
			return wiretest.Fault{Concern: 64, Name: "WriteConcernTimeout"}
		}
		return wiretest.Fault{}
	}
}

// TestStorm has 32 writers count up one object and create others while connections
// break and primaries step down all the time.
func TestStorm(t *testing.T) {
	t.Parallel()
	var done sync.WaitGroup
	for _, set := range []bool{false, true} {
		s, st := start(t, set, 20*time.Second)
		id := mustCreate(t, st, 0)
		s.OnCommand(storm(7))
		done.Go(func() { weather(t, s, st, id) })
	}
	done.Wait()
}

func weather(t *testing.T, s *wiretest.Server, st *Store, id wire.DoID) {
	var mu sync.Mutex
	given := map[wire.DoID]int64{}
	var counted, unknown atomic.Int64
	var done sync.WaitGroup
	for n := range int64(32) {
		done.Go(func() {
			for range 3 {
				created, err := st.Create(t.Context(), "Toon", hp(n+100))
				if err != nil {
					t.Errorf("create: %v", err)
					continue
				}
				mu.Lock()
				if _, twice := given[created]; twice {
					t.Errorf("%d was given twice", created)
				}
				given[created] = n + 100
				mu.Unlock()
				countUp(t, st, id, &counted, &unknown)
			}
		})
	}
	done.Wait()
	s.OnCommand(func(wiretest.Command) wiretest.Fault { return wiretest.Fault{} })
	o, err := st.Get(t.Context(), id)
	if err != nil {
		t.Error(err)
		return
	}
	v, _ := o.Fields.Get("hp")
	total, _ := v.(int64)
	if total < counted.Load() || total > counted.Load()+unknown.Load() {
		t.Errorf("counted to %d; answered %d times done, %d times unknown", total, counted.Load(), unknown.Load())
	}
	t.Logf("counted to %d, %d unknown", total, unknown.Load())
	for created, want := range given {
		holds(t, st, created, want)
	}
	if n := len(s.Documents("astron", "astron.objects")); n != len(given)+1 {
		t.Errorf("%d objects, %d were answered", n, len(given)+1)
	}
	for n := range len(given) {
		if _, ok := given[id+1+wire.DoID(n)]; !ok {
			t.Errorf("%d was given to nobody: it is lost", int(id)+1+n)
		}
	}
}

// countUp adds one to hp, however often others come first.
func countUp(t *testing.T, st *Store, id wire.DoID, counted, unknown *atomic.Int64) {
	for {
		o, err := st.Get(t.Context(), id)
		if err != nil {
			t.Errorf("get: %v", err)
			return
		}
		v, _ := o.Fields.Get("hp")
		from, _ := v.(int64)
		err = st.Update(t.Context(), id, compareAndSet(from, from+1))
		switch {
		case err == nil:
			counted.Add(1)
			return
		case errors.Is(err, storage.ErrUnknown):
			unknown.Add(1)
			return
		case !errors.Is(err, storage.ErrMismatch):
			t.Errorf("compare and set: %v", err)
			return
		}
	}
}

// TestStepDown has the primary step down in the middle of writing, and come back.
func TestStepDown(t *testing.T) {
	t.Parallel()
	for _, set := range []bool{false, true} {
		s, st := start(t, set, 20*time.Second)
		id := mustCreate(t, st, 0)
		s.StepDown(true)
		var counted, unknown atomic.Int64
		refused := make(chan struct{}, 1000)
		s.OnCommand(func(c wiretest.Command) wiretest.Fault {
			if c.Name == "update" {
				select {
				case refused <- struct{}{}:
				default:
				}
			}
			return wiretest.Fault{}
		})
		var done sync.WaitGroup
		for range 8 {
			done.Go(func() { countUp(t, st, id, &counted, &unknown) })
		}
		if !set {
			<-refused // with a set the driver asks nobody but a primary
		}
		s.StepDown(false)
		done.Wait()
		holds(t, st, id, 8)
		if counted.Load() != 8 {
			t.Errorf("set=%v: counted %d, unknown %d", set, counted.Load(), unknown.Load())
		}
	}
}
