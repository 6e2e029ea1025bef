package storagetest

import (
	"context"
	"errors"

	"github.com/google/go-cmp/cmp/cmpopts"

	"natstron/bridge/wire"
	"natstron/storage"
)

func (s *suite) mustDelete(st storage.Store, ids ...wire.DoID) {
	s.Helper()
	for _, id := range ids {
		Must(s, st.Delete(s.ctx(), id))
	}
}

func (s *suite) wantIDs(st storage.Store, next uint64, free ...wire.DoID) {
	s.Helper()
	got, err := st.IDs(s.ctx())
	Must(s, err)
	Same(s, storage.IDs{Next: next, Free: free}, got, cmpopts.EquateEmpty())
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
	s.creates(st, 1003, 1001)
	Exhausted(s, st)
	Exhausted(s, st)
	s.mustDelete(st, 1007)
	s.create(st, 1007)
	Exhausted(s, st)
	s.mustDelete(st, 1010, 1000, 1005)
	s.create(st, 1010)
	s.mustDelete(st, 1010)
	s.creates(st, 1000, 1005, 1010)
	Exhausted(s, st)
	s.wantIDs(st, 1011)
}

func (s *suite) endOfIDs() {
	st := s.store(1<<32-2, 1<<32-1)
	s.create(st, 1<<32-2, "hp", "1")
	s.create(st, 1<<32-1, "hp", "2")
	Exhausted(s, st)
	s.wantIDs(st, 1<<32)
	s.mustDelete(st, 1<<32-1)
	s.create(st, 1<<32-1, "hp", "3")
	s.holds(st, 1<<32-1, "hp", "3")
}

func (s *suite) setIDs() {
	st := s.store(1000, 1005)
	s.create(st, 1000)
	Must(s, st.SetIDs(s.ctx(), storage.IDs{Next: 1004, Free: []wire.DoID{1002, 1000, 1001}}))
	s.creates(st, 1004, 1005, 1002)
	s.create(st, 1001) // 1000 is not free, whatever SetIDs was told
	Exhausted(s, st)
	for _, ids := range []storage.IDs{{Next: 999}, {Next: 1007}, {Next: 1003, Free: []wire.DoID{1003}}, {Next: 1003, Free: []wire.DoID{5}}} {
		s.is(st.SetIDs(s.ctx(), ids), storage.ErrValue)
	}
	s.mustDelete(st, 1002)
	s.wantIDs(st, 1006, 1002)
	Must(s, st.SetIDs(s.ctx(), storage.IDs{Next: 1000}))
	s.create(st, 1002) // the first of the range that no object has
	s.create(st, 1003)
	Exhausted(s, st)
}

func (s *suite) idsAfterPut() {
	st := s.store(1000, 1004)
	for _, id := range []wire.DoID{1001, 1002, 5000} {
		Must(s, st.Put(s.ctx(), storage.Object{ID: id, Class: "Toon"}))
	}
	s.creates(st, 1000, 1003)
	s.mustDelete(st, 1002, 5000) // 5000 is no business of this range
	s.creates(st, 1004, 1002)
	Exhausted(s, st)
}

func (s *suite) restart() {
	st := s.store(1000, 1004)
	s.create(st, 1000, "setName", `["Alice"]`, "hp", "15")
	s.create(st, 1001, "hp", "16")
	s.create(st, 1002)
	s.mustDelete(st, 1002, 1000)
	Must(s, st.Close())

	st = s.store(1000, 1004)
	s.holds(st, 1001, "hp", "16")
	s.wantIDs(st, 1003, 1002, 1000)
	s.create(st, 1003, "setName", `["Bob"]`)
	Must(s, st.Update(s.ctx(), 1001, storage.Update{Set: s.fields("mp", "1"), Delete: []string{"hp"}}))
	Must(s, st.Close())

	st = s.store(1000, 1004)
	s.holds(st, 1001, "mp", "1")
	s.holds(st, 1003, "setName", `["Bob"]`)
	s.creates(st, 1004, 1002)
	Must(s, st.Close())

	st = s.store(1000, 1004)
	s.create(st, 1000)
	Exhausted(s, st)
	Must(s, st.Close())
}

// anotherRange opens the same data for other ids, as after a change of the
// configuration.
func (s *suite) anotherRange() {
	st := s.store(1000, 1002)
	s.create(st, 1000, "hp", "1")
	s.create(st, 1001)
	s.mustDelete(st, 1001)
	Must(s, st.Close())

	st = s.store(1000, 1003) // longer
	s.holds(st, 1000, "hp", "1")
	s.creates(st, 1002, 1003, 1001)
	Exhausted(s, st)
	Must(s, st.Close())

	st = s.store(5000, 5001) // elsewhere
	s.create(st, 5000)
	s.mustDelete(st, 1000)
	s.create(st, 5001)
	Exhausted(s, st)
	Must(s, st.Close())

	st = s.store(1000, 1001) // shorter: of what is free, only what is in the range
	s.create(st, 1000)
	Exhausted(s, st)
}

func (s *suite) contexts() {
	st := s.store(1000, 1001)
	id := s.create(st, 1000, "hp", "1")
	ctx, cancel := context.WithCancel(s.ctx())
	cancel()
	s.everythingFails(ctx, st, id, context.Canceled)
	// All had ended before they began: nothing was done, no id used up.
	s.holds(st, id, "hp", "1")
	_, err := st.Get(s.ctx(), 5)
	s.is(err, storage.ErrNotFound)
	s.create(st, 1001)
}

// everythingFails makes each call.
func (s *suite) everythingFails(ctx context.Context, st storage.Store, id wire.DoID, kind error) {
	s.Helper()
	_, err := st.Get(ctx, id)
	s.is(err, kind)
	_, err = st.IDs(ctx)
	s.is(err, kind)
	_, err = st.Create(ctx, "Toon", nil)
	s.is(err, kind)
	s.is(st.Update(ctx, id, storage.Update{Set: s.fields("hp", "2")}), kind)
	s.is(st.Delete(ctx, id), kind)
	s.is(st.Put(ctx, storage.Object{ID: 5, Class: "Toon"}), kind)
	s.is(st.SetIDs(ctx, storage.IDs{Next: 1000}), kind)
	n := 0
	for _, err := range st.All(ctx, 0) {
		s.is(err, kind)
		n++
	}
	if n != 1 {
		s.Errorf("All gave %d times something", n)
	}
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
	Must(s, st.Close())
	for range 32 {
		if err := <-answers; err != nil && !errors.Is(err, storage.ErrClosed) {
			s.Error(err)
		}
	}
	s.everythingFails(s.ctx(), st, id, storage.ErrClosed)
	Must(s, st.Close())
}
