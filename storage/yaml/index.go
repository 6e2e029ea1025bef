package yaml

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"natstron/bridge/wire"
	"natstron/storage"
	"natstron/storage/document"
)

// index is an index in memory. What people write into files while the folder is open
// is not in it before the next SetIndexes.
type index struct {
	storage.Index
	ids    map[string]map[wire.DoID]bool // by value
	values map[wire.DoID]string
}

func newIndex(x storage.Index) *index {
	return &index{x, map[string]map[wire.DoID]bool{}, map[wire.DoID]string{}}
}

func keyOfValue(v document.Value) string { return string(document.AppendValue(nil, v)) }

// reserve adds an object's value to the one that it has in the index.
func (x *index) reserve(o storage.Object) {
	v, ok := x.Value(o)
	if !ok {
		return
	}
	key := keyOfValue(v)
	if x.ids[key] == nil {
		x.ids[key] = map[wire.DoID]bool{}
	}
	x.ids[key][o.ID] = true
}

// free takes that back.
func (x *index) free(o storage.Object) {
	if v, ok := x.Value(o); ok {
		x.remove(keyOfValue(v), o.ID)
	}
}

func (x *index) remove(key string, id wire.DoID) {
	if delete(x.ids[key], id); len(x.ids[key]) == 0 {
		delete(x.ids, key)
	}
}

// put has an object be in the index as it is; one that is gone has no class.
func (x *index) put(o storage.Object) {
	if before, ok := x.values[o.ID]; ok {
		delete(x.values, o.ID)
		x.remove(before, o.ID)
	}
	if v, ok := x.Value(o); ok {
		x.values[o.ID] = keyOfValue(v)
		x.reserve(o)
	}
}

// taken returns the error of an object that has a value of another.
func (x *index) taken(o storage.Object) error {
	v, ok := x.Value(o)
	if !ok || !x.Unique {
		return nil
	}
	for id := range x.ids[keyOfValue(v)] {
		if id != o.ID {
			return &storage.TakenError{Index: x.Index, ID: id}
		}
	}
	return nil
}

// doubles are the values that several objects have; nil if there are none.
func (x *index) doubles() error {
	e := &storage.DoublesError{Index: x.Index}
	for _, key := range slices.Sorted(maps.Keys(x.ids)) {
		ids := slices.Sorted(maps.Keys(x.ids[key]))
		if len(ids) < 2 || len(e.Doubles) == storage.MaxDoubles {
			continue
		}
		v, _ := document.ParseValue([]byte(key)) // ours
		e.Doubles = append(e.Doubles, storage.Double{Value: v, IDs: ids[:min(len(ids), storage.MaxDoubles)]})
	}
	if len(e.Doubles) == 0 {
		return nil
	}
	return e
}

// indexes are those of a folder.
type indexes struct {
	mu   sync.Mutex
	list []*index
}

// change does a change of an object: from before, which has no class if it is new, to after,
// which has none if it is deleted. It returns a storage.TakenError instead if another
// object has its value. Meanwhile the object has both values, as it is not known yet which of
// them it will keep. The caller holds the object's lock.
func (s *indexes) change(before, after storage.Object, do func() error) error {
	if err := s.claim(after); err != nil {
		return err
	}
	err := do()
	if err != nil && !errors.Is(err, storage.ErrUnknown) { // not done
		before, after = after, before
	}
	s.settle(before, after)
	return err
}

// claim reserves an object's values in all indexes, or in none.
func (s *indexes) claim(o storage.Object) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.list {
		if err := x.taken(o); err != nil {
			return err
		}
	}
	for _, x := range s.list {
		x.reserve(o)
	}
	return nil
}

// settle ends a change: the object is as it is now, and not as it was, or might have been.
func (s *indexes) settle(was, is storage.Object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.list {
		x.free(was)
		x.put(is)
	}
}

func (s *indexes) put(o storage.Object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.list {
		x.put(o)
	}
}

// find returns the ids that an index has for a value; ok is false if there is no index.
func (s *indexes) find(q storage.Query) (ids []wire.DoID, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.list {
		if x.Class == q.Class && x.Field == q.Field {
			return slices.Sorted(maps.Keys(x.ids[keyOfValue(q.Value)])), true
		}
	}
	return nil, false
}

// Find is [storage.Store.Find].
func (s *Store) Find(ctx context.Context, q storage.Query) (found []wire.DoID, err error) {
	x := storage.Index{Class: q.Class, Field: q.Field}
	if err := x.Check(); err != nil {
		return nil, storage.Fail("find", 0, err)
	}
	candidates, ok := s.indexes.find(q)
	if !ok {
		candidates, err = s.list(ctx, "find", q.Above)
	}
	for _, id := range candidates {
		if err != nil || len(found) == q.Limit {
			break
		}
		if id <= q.Above {
			continue
		}
		var o storage.Object
		o, err = s.Get(ctx, id)
		switch v, has := x.Value(o); {
		case errors.Is(err, storage.ErrNotFound), errors.Is(err, storage.ErrUnreadable):
			err = nil
		case err == nil && has && document.Equal(v, q.Value):
			found = append(found, id)
		}
	}
	if err == nil {
		err = s.calls.Do(ctx, "find", 0, func() error { return nil }) // it is open
	}
	return found, err
}

// SetIndexes is [storage.Store.SetIndexes]. It reads all files; calls that write wait
// meanwhile. Values have one form here, so there is nothing to prepare.
func (s *Store) SetIndexes(ctx context.Context, list []storage.Index, _ storage.Prepare) error {
	var errs []error
	err := s.do(ctx, "set indexes", 0, &s.infoMu, func() error {
		for i := range s.objects {
			s.objects[i].Lock()
			defer s.objects[i].Unlock()
		}
		var fresh []*index
		for _, x := range list {
			if err := x.Check(); err != nil {
				return err
			}
			fresh = append(fresh, newIndex(x))
		}
		if len(fresh) > 0 {
			if err := s.fill(ctx, fresh); err != nil {
				return err
			}
		}
		s.indexes.mu.Lock()
		defer s.indexes.mu.Unlock()
		s.indexes.list = nil
		for _, x := range fresh {
			if err := x.doubles(); x.Unique && err != nil {
				errs = append(errs, err)
				continue
			}
			s.indexes.list = append(s.indexes.list, x)
		}
		return nil
	})
	return errors.Join(append(errs, err)...)
}

// fill puts all objects into indexes. The caller is a call under way.
func (s *Store) fill(ctx context.Context, fresh []*index) error {
	ids, err := s.files(0)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := ctx.Err(); err != nil {
			return err
		}
		o, err := s.read(id)
		if err != nil && !errors.Is(err, storage.ErrNotFound) && !errors.Is(err, storage.ErrUnreadable) {
			return err
		}
		for _, x := range fresh {
			if err == nil {
				x.put(o.Object)
			}
		}
	}
	return nil
}
