package mongo

import (
	"errors"
	"testing"
	"time"

	"natstron/bridge/wire"
	"natstron/storage"
	"natstron/storage/document"
	"natstron/storage/mongo/wiretest"
	"natstron/storage/storagetest"
)

// late has the first command of that name reach the server only when arrive is called,
// which waits until it was done. Its connection breaks at once.
func late(t *testing.T, s *wiretest.Server, name, collection string) (arrive func()) {
	t.Helper()
	now, done := make(chan struct{}), make(chan struct{})
	met := first(s, name, collection, wiretest.Fault{Late: true, Wait: now, Done: done})
	return func() {
		t.Helper()
		if met.Load() == 0 {
			t.Fatalf("no %s on %s was sent", name, collection)
		}
		close(now)
		<-done
	}
}

// only opens a database with one id.
func only(t *testing.T, s *wiretest.Server) *Store {
	t.Helper()
	return opened(t, s.URI("astron"), storage.Range{Min: 1000, Max: 1000}, Options{Timeout: 5 * time.Second})
}

func mustCreate(t *testing.T, st *Store, v int64) wire.DoID {
	t.Helper()
	id, err := st.Create(t.Context(), "Toon", hp(v))
	storagetest.Must(t, err)
	return id
}

func mustDelete(t *testing.T, st *Store, id wire.DoID) {
	t.Helper()
	storagetest.Must(t, gone(t.Context(), st, id))
}

func mustUpdate(t *testing.T, st *Store, id wire.DoID, u storage.Update) {
	t.Helper()
	storagetest.Must(t, st.Update(t.Context(), id, u))
}

// empty fails the test if there is any object.
func empty(t *testing.T, st *Store) {
	t.Helper()
	for o, err := range st.All(t.Context(), 0) {
		t.Errorf("there is %v, %v", o, err)
	}
	if _, err := st.Get(t.Context(), 1000); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("it is back: %v", err)
	}
}

// TestLateUpdate has the first attempt of an update arrive when the second was done, and
// the object has been changed since, by more others than it keeps marks of.
func TestLateUpdate(t *testing.T) {
	t.Parallel()
	for name, u := range map[string]storage.Update{"set": {Set: hp(2)}, "compare and set": compareAndSet(1, 2)} {
		for _, others := range []int{1, 2 * maxRecent} {
			s, st := start(t, false, 5*time.Second)
			id := mustCreate(t, st, 1)
			arrive := late(t, s, "update", "astron.objects")
			mustUpdate(t, st, id, u)
			for range others {
				mustUpdate(t, st, id, storage.Update{Set: hp(1)})
			}
			arrive()
			o, err := st.Get(t.Context(), id)
			if v, _ := o.Fields.Get("hp"); err != nil || !document.Equal(v, int64(1)) {
				t.Errorf("%s: after %d others hp is %v, %v: what was answered is undone", name, others, v, err)
			}
		}
	}
}

// TestLateUpdateOfAnother has it arrive when the id belongs to another object.
func TestLateUpdateOfAnother(t *testing.T) {
	s := wiretest.Start(t, false)
	st := only(t, s)
	id := mustCreate(t, st, 1)
	arrive := late(t, s, "update", "astron.objects")
	mustUpdate(t, st, id, storage.Update{Set: hp(2)})
	mustDelete(t, st, id)
	id = mustCreate(t, st, 7)
	arrive()
	holds(t, st, id, 7)
}

// TestLateUpdateOfNothing has the object deleted before anybody looks what became of
// the update.
func TestLateUpdateOfNothing(t *testing.T) {
	s := wiretest.Start(t, false)
	st, other := only(t, s), only(t, s)
	id := mustCreate(t, st, 1)
	now, done := make(chan struct{}), make(chan struct{})
	var updates, looks int
	s.OnCommand(func(c wiretest.Command) wiretest.Fault {
		if c.Collection != "astron.objects" {
			return wiretest.Fault{}
		}
		switch c.Name {
		case "update":
			if updates++; updates == 1 {
				return wiretest.Fault{Late: true, Wait: now, Done: done}
			}
		case "findAndModify":
			if looks++; looks == 1 {
				mustDelete(t, other, id)
			}
		}
		return wiretest.Fault{}
	})
	storagetest.Fails(t, st.Update(t.Context(), id, storage.Update{Set: hp(2)}), storage.ErrUnknown)
	empty(t, st)
	id = mustCreate(t, st, 7)
	close(now)
	<-done
	holds(t, st, id, 7)
}

// TestLateCreate has the first attempt to create an object arrive when it was created,
// and deleted again.
func TestLateCreate(t *testing.T) {
	t.Parallel()
	s := wiretest.Start(t, false)
	st := only(t, s)
	arrive := late(t, s, "insert", "astron.objects")
	id := mustCreate(t, st, 1)
	holds(t, st, id, 1)
	mustDelete(t, st, id)
	empty(t, st)
	arrive()
	empty(t, st)
	// The id is not lost, and what comes of it is an object as all others.
	for v := range int64(3) {
		id = mustCreate(t, st, v)
		holds(t, st, id, v)
		mustUpdate(t, st, id, compareAndSet(v, v+1))
		holds(t, st, id, v+1)
		storagetest.Exhausted(t, st)
		storagetest.Fails(t, st.Put(t.Context(), storage.Object{ID: id, Class: "Toon"}), storage.ErrExists)
		mustDelete(t, st, id)
		empty(t, st)
	}
	storagetest.Must(t, st.Put(t.Context(), storage.Object{ID: id, Class: "Toon", Fields: hp(9)}))
	holds(t, st, id, 9)
}

// TestLateCreateOverWhatIsGone is the same where the document is there already.
func TestLateCreateOverWhatIsGone(t *testing.T) {
	t.Parallel()
	s := wiretest.Start(t, false)
	st := only(t, s)
	arrive := late(t, s, "insert", "astron.objects")
	mustDelete(t, st, mustCreate(t, st, 1))
	arrive()
	again := late(t, s, "update", "astron.objects")
	mustDelete(t, st, mustCreate(t, st, 2))
	again()
	empty(t, st)
	holds(t, st, mustCreate(t, st, 3), 3)
}

// TestLateDelete has the first attempt to delete an object arrive when another has its
// id.
func TestLateDelete(t *testing.T) {
	t.Parallel()
	s := wiretest.Start(t, false)
	st := only(t, s)
	id := mustCreate(t, st, 1)
	arrive := late(t, s, "delete", "astron.objects")
	mustDelete(t, st, id)
	id = mustCreate(t, st, 7)
	arrive()
	holds(t, st, id, 7)
}

// TestLateClaim has the first attempt to take an id arrive late: no id is given twice,
// and none is lost.
func TestLateClaim(t *testing.T) {
	t.Parallel()
	s, st := start(t, false, 5*time.Second)
	arrive := late(t, s, "findAndModify", "astron.globals")
	if id := mustCreate(t, st, 1); id != 1000 {
		t.Errorf("created %d", id)
	}
	arrive()
	for want := wire.DoID(1001); want < 1100; want++ {
		if id := mustCreate(t, st, 1); id != want {
			t.Fatalf("created %d, want %d", id, want)
		}
	}
}
