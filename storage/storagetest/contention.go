package storagetest

import (
	"errors"
	"strconv"
	"sync"

	"natstron/bridge/wire"
	"natstron/storage"
	"natstron/storage/document"
)

const writers = 32

// together runs f in as many goroutines as there are writers, all begun at once.
func (s *suite) together(f func(n int)) {
	var begin, done sync.WaitGroup
	begin.Add(1)
	for n := range writers {
		done.Go(func() {
			begin.Wait()
			f(n)
		})
	}
	begin.Done()
	done.Wait()
}

func number(o storage.Object, name string) int64 {
	v, _ := o.Fields.Get(name)
	switch v := v.(type) {
	case int32:
		return int64(v)
	case int64:
		return v
	}
	return -1
}

// writersComparing counts up by compare-and-set of two fields: each count is one
// writer's alone, and none is lost.
func (s *suite) writersComparing() {
	const each = 4
	st := s.store(1000, 2000)
	id := s.create(st, 1000, "hp", "0", "mp", "1000")
	ctx := s.ctx()
	s.together(func(int) {
		o, err := st.Get(ctx, id)
		for done := 0; done < each; {
			if err != nil {
				s.Error(err)
				return
			}
			hp, mp := number(o, "hp"), number(o, "mp")
			err = st.Update(ctx, id, storage.Update{
				If:  []storage.Condition{{Name: "hp", Want: hp}, {Name: "mp", Want: mp}},
				Set: document.Document{{Name: "hp", Value: hp + 1}, {Name: "mp", Value: mp - 1}},
			})
			var mismatch *storage.MismatchError
			switch {
			case err == nil:
				done++
				o, err = st.Get(ctx, id)
			case errors.As(err, &mismatch):
				if mismatch.Object.ID != id || number(mismatch.Object, "hp") == hp && number(mismatch.Object, "mp") == mp {
					s.Errorf("told of a mismatch that is none: %v", mismatch.Object)
				}
				o, err = mismatch.Object, nil
			}
		}
	})
	s.holds(st, id, "hp", strconv.Itoa(writers*each), "mp", strconv.Itoa(1000-writers*each))
}

// writersTearing sets two fields to the same number, and reads meanwhile.
func (s *suite) writersTearing() {
	st := s.store(1000, 2000)
	id := s.create(st, 1000, "hp", "0", "mp", "0")
	ctx := s.ctx()
	s.together(func(n int) {
		for i := range 4 {
			v := int64(n*100 + i)
			if err := st.Update(ctx, id, storage.Update{Set: document.Document{{Name: "hp", Value: v}, {Name: "mp", Value: v}}}); err != nil {
				s.Error(err)
			}
			o, err := st.Get(ctx, id)
			if err != nil || number(o, "hp") != number(o, "mp") {
				s.Errorf("read %v, %v", o, err)
			}
		}
	})
}

// writersEmpty lets all set a field that has no value: one does.
func (s *suite) writersEmpty() {
	st := s.store(1000, 2000)
	ctx := s.ctx()
	for round := range 3 {
		id := s.create(st, 1000+wire.DoID(round))
		var mu sync.Mutex
		won := -1
		s.together(func(n int) {
			err := st.Update(ctx, id, storage.Update{
				If:  []storage.Condition{{Name: "hp"}},
				Set: document.Document{{Name: "hp", Value: int64(n)}},
			})
			if err == nil {
				mu.Lock()
				defer mu.Unlock()
				if won >= 0 {
					s.Errorf("%d and %d both found it empty", won, n)
				}
				won = n
			} else if !errors.Is(err, storage.ErrMismatch) {
				s.Error(err)
			}
		})
		s.holds(st, id, "hp", strconv.Itoa(won))
	}
}

// creators use up a range together: every id is given once.
func (s *suite) creators() {
	const each = 8
	st := s.store(1000, 1000+writers*each-1)
	ctx := s.ctx()
	var mu sync.Mutex
	given := map[wire.DoID]int{}
	s.together(func(n int) {
		for range each {
			id, err := st.Create(ctx, "Toon", document.Document{{Name: "hp", Value: int64(n)}})
			if err != nil {
				s.Error(err)
				return
			}
			mu.Lock()
			if before, twice := given[id]; twice {
				s.Errorf("%d was given to %d and %d", id, before, n)
			}
			given[id] = n
			mu.Unlock()
		}
	})
	Exhausted(s, st)
	for id, n := range given {
		s.holds(st, id, "hp", strconv.Itoa(n))
	}
	if len(given) != writers*each {
		s.Errorf("%d ids were given, want %d", len(given), writers*each)
	}
}

// creatorsDeleters create and delete in a range that is too small for all: no id
// belongs to two objects at once, and none gets lost.
func (s *suite) creatorsDeleters() {
	const ids = 8
	st := s.store(1000, 1000+ids-1)
	ctx := s.ctx()
	var mu sync.Mutex
	alive := map[wire.DoID]bool{}
	s.together(func(n int) {
		for range 4 {
			id, err := st.Create(ctx, "Toon", document.Document{{Name: "hp", Value: int64(n)}})
			if errors.Is(err, storage.ErrExhausted) {
				continue
			}
			if err != nil {
				s.Error(err)
				return
			}
			mu.Lock()
			if alive[id] {
				s.Errorf("%d was given while it had an object", id)
			}
			alive[id] = true
			mu.Unlock()
			if o, err := st.Get(ctx, id); err != nil || number(o, "hp") != int64(n) {
				s.Errorf("read %v, %v", o, err)
			}
			mu.Lock()
			delete(alive, id)
			mu.Unlock()
			if err := st.Delete(ctx, id); err != nil {
				s.Error(err)
			}
		}
	})
	for range ids {
		if _, err := st.Create(ctx, "Toon", nil); err != nil {
			s.Error("an id got lost:", err)
		}
	}
	Exhausted(s, st)
}
