package storagetest

import (
	"context"
	"errors"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"natstron/bridge/wire"
	"natstron/storage"
)

func (s *suite) exhausted(st storage.Store) {
	s.Helper()
	_, err := st.Create(s.ctx(), "Toon", nil)
	s.is(err, storage.ErrExhausted)
}

func (s *suite) mustDelete(st storage.Store, ids ...wire.DoID) {
	s.Helper()
	for _, id := range ids {
		if err := st.Delete(s.ctx(), id); err != nil {
			s.Error(err)
		}
	}
}

func (s *suite) wantIDs(st storage.Store, next uint64, free ...wire.DoID) {
	s.Helper()
	got, err := st.IDs(s.ctx())
	if err != nil {
		s.Fatal(err)
	}
	if diff := cmp.Diff(storage.IDs{Next: next, Free: free}, got, cmpopts.EquateEmpty()); diff != "" {
		s.Errorf("ids (-want +got):\n%s", diff)
	}
}

// rangeOf11 is what the reference's tests ask for: a range of 11 gives exactly 11,
// the 12th fails, a freed one is the next one given.
func (s *suite) rangeOf11() {
	st := s.store(1000, 1010)
	s.wantIDs(st, 1000)
	for id := wire.DoID(1000); id <= 1004; id++ {
		s.create(st, id)
	}
	s.mustDelete(st, 1003, 1001)
	s.wantIDs(st, 1005, 1003, 1001)
	for id := wire.DoID(1005); id <= 1010; id++ {
		s.create(st, id)
	}
	s.create(st, 1003)
	s.create(st, 1001)
	s.exhausted(st)
	s.exhausted(st)
	s.mustDelete(st, 1007)
	s.create(st, 1007)
	s.exhausted(st)
	s.mustDelete(st, 1010, 1000, 1005)
	s.create(st, 1010)
	s.mustDelete(st, 1010)
	s.create(st, 1000)
	s.create(st, 1005)
	s.create(st, 1010)
	s.exhausted(st)
	s.wantIDs(st, 1011)
}

func (s *suite) endOfIDs() {
	st := s.store(1<<32-2, 1<<32-1)
	s.create(st, 1<<32-2, "hp", "1")
	s.create(st, 1<<32-1, "hp", "2")
	s.exhausted(st)
	s.wantIDs(st, 1<<32)
	s.mustDelete(st, 1<<32-1)
	s.create(st, 1<<32-1, "hp", "3")
	s.holds(st, 1<<32-1, "hp", "3")
}

func (s *suite) setIDs() {
	st := s.store(1000, 1005)
	s.create(st, 1000)
	if err := st.SetIDs(s.ctx(), storage.IDs{Next: 1004, Free: []wire.DoID{1002, 1000, 1001}}); err != nil {
		s.Fatal(err)
	}
	s.create(st, 1004)
	s.create(st, 1005)
	s.create(st, 1002)
	s.create(st, 1001) // 1000 is not free, whatever SetIDs was told
	s.exhausted(st)
	for _, ids := range []storage.IDs{{Next: 999}, {Next: 1007}, {Next: 1003, Free: []wire.DoID{1003}}, {Next: 1003, Free: []wire.DoID{5}}} {
		s.is(st.SetIDs(s.ctx(), ids), storage.ErrValue)
	}
	s.mustDelete(st, 1002)
	s.wantIDs(st, 1006, 1002)
	if err := st.SetIDs(s.ctx(), storage.IDs{Next: 1000}); err != nil {
		s.Fatal(err)
	}
	s.create(st, 1002) // the first of the range that no object has
	s.create(st, 1003)
	s.exhausted(st)
}

func (s *suite) idsAfterPut() {
	st := s.store(1000, 1004)
	for _, id := range []wire.DoID{1001, 1002, 5000} {
		if err := st.Put(s.ctx(), storage.Object{ID: id, Class: "Toon"}); err != nil {
			s.Fatal(err)
		}
	}
	s.create(st, 1000)
	s.create(st, 1003)
	s.mustDelete(st, 1002, 5000) // 5000 is no business of this range
	s.create(st, 1004)
	s.create(st, 1002)
	s.exhausted(st)
}

func (s *suite) restart() {
	open := func() storage.Store {
		s.Helper()
		st, err := s.open(storage.Range{Min: 1000, Max: 1004})
		if err != nil {
			s.Fatal(err)
		}
		return st
	}
	closing := func(st storage.Store) {
		s.Helper()
		if err := st.Close(); err != nil {
			s.Error(err)
		}
	}
	st := open()
	s.create(st, 1000, "setName", `["Alice"]`, "hp", "15")
	s.create(st, 1001, "hp", "16")
	s.create(st, 1002)
	s.mustDelete(st, 1002, 1000)
	closing(st)

	st = open()
	s.holds(st, 1001, "hp", "16")
	s.wantIDs(st, 1003, 1002, 1000)
	s.create(st, 1003, "setName", `["Bob"]`)
	if err := st.Update(s.ctx(), 1001, storage.Update{Set: s.fields("mp", "1"), Delete: []string{"hp"}}); err != nil {
		s.Error(err)
	}
	closing(st)

	st = open()
	s.holds(st, 1001, "mp", "1")
	s.holds(st, 1003, "setName", `["Bob"]`)
	s.create(st, 1004)
	s.create(st, 1002)
	closing(st)

	st = open()
	s.create(st, 1000)
	s.exhausted(st)
	closing(st)
}

// anotherRange opens the same data for other ids, as after a change of the
// configuration.
func (s *suite) anotherRange() {
	st := s.store(1000, 1002)
	s.create(st, 1000, "hp", "1")
	s.create(st, 1001)
	s.mustDelete(st, 1001)
	if err := st.Close(); err != nil {
		s.Fatal(err)
	}

	st = s.store(1000, 1003) // longer
	s.holds(st, 1000, "hp", "1")
	s.create(st, 1002)
	s.create(st, 1003)
	s.create(st, 1001)
	s.exhausted(st)
	if err := st.Close(); err != nil {
		s.Fatal(err)
	}

	st = s.store(5000, 5001) // elsewhere
	s.create(st, 5000)
	s.mustDelete(st, 1000)
	s.create(st, 5001)
	s.exhausted(st)
	if err := st.Close(); err != nil {
		s.Fatal(err)
	}

	st = s.store(1000, 1001) // shorter: of what is free, only what is in the range
	s.create(st, 1000)
	s.exhausted(st)
}

func (s *suite) contexts() {
	st := s.store(1000, 1001)
	id := s.create(st, 1000, "hp", "1")
	ctx, cancel := context.WithCancel(s.ctx())
	cancel()
	_, err := st.Get(ctx, id)
	s.is(err, context.Canceled)
	s.is(st.Update(ctx, id, storage.Update{Set: s.fields("hp", "2")}), context.Canceled)
	s.is(st.Delete(ctx, id), context.Canceled)
	s.is(st.Put(ctx, storage.Object{ID: 5, Class: "Toon"}), context.Canceled)
	_, err = st.IDs(ctx)
	s.is(err, context.Canceled)
	_, err = st.Create(ctx, "Toon", nil)
	s.is(err, context.Canceled)
	for _, err := range st.All(ctx, 0) {
		s.is(err, context.Canceled)
	}
	// All had ended before they began: nothing was done, no id used up.
	s.holds(st, id, "hp", "1")
	_, err = st.Get(s.ctx(), 5)
	s.is(err, storage.ErrNotFound)
	s.create(st, 1001)
}

func (s *suite) closed() {
	st := s.store(1000, 2000)
	id := s.create(st, 1000, "hp", "1")
	// Calls under way when it is closed are answered, one way or the other.
	answers := make(chan error, 32)
	started := make(chan struct{}, 32)
	for range 32 {
		go func() {
			started <- struct{}{}
			answers <- st.Update(s.ctx(), id, storage.Update{Set: s.fields("hp", "2")})
		}()
	}
	<-started
	if err := st.Close(); err != nil {
		s.Fatal(err)
	}
	for range 32 {
		if err := <-answers; err != nil && !errors.Is(err, storage.ErrClosed) {
			s.Error(err)
		}
	}
	_, err := st.Get(s.ctx(), id)
	s.is(err, storage.ErrClosed)
	s.is(st.Update(s.ctx(), id, storage.Update{}), storage.ErrClosed)
	s.is(st.Delete(s.ctx(), id), storage.ErrClosed)
	s.is(st.Put(s.ctx(), storage.Object{ID: 5, Class: "Toon"}), storage.ErrClosed)
	s.is(st.SetIDs(s.ctx(), storage.IDs{Next: 1000}), storage.ErrClosed)
	_, err = st.IDs(s.ctx())
	s.is(err, storage.ErrClosed)
	_, err = st.Create(s.ctx(), "Toon", nil)
	s.is(err, storage.ErrClosed)
	n := 0
	for _, err := range st.All(s.ctx(), 0) {
		s.is(err, storage.ErrClosed)
		n++
	}
	if n != 1 {
		s.Errorf("All gave %d times something", n)
	}
	if err := st.Close(); err != nil {
		s.Error(err)
	}
}
