package yaml

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"natstron/bridge/wire"
	"natstron/storage"
	"natstron/storage/document"
	"natstron/storage/internal/backend"
)

// do makes a call with mu held.
func (s *Store) do(ctx context.Context, op string, id wire.DoID, mu *sync.Mutex, call func() error) error {
	return s.calls.Do(ctx, op, id, func() error {
		mu.Lock()
		defer mu.Unlock()
		if err := ctx.Err(); err != nil { // it ended while others had the lock
			return err
		}
		return call()
	})
}

func (s *Store) object(id wire.DoID) *sync.Mutex { return &s.objects[id%stripes] }

func name(id wire.DoID) string { return strconv.FormatUint(uint64(id), 10) + ".yaml" }

func (s *Store) exists(id wire.DoID) bool {
	_, err := os.Lstat(filepath.Join(s.dir, name(id)))
	return err == nil
}

// read reads an object's file.
func (s *Store) read(id wire.DoID) (objectFile, error) {
	path := filepath.Join(s.dir, name(id))
	stat, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Stat(s.dir); err != nil {
			return objectFile{}, backend.Unavailable(err) // it is not the object that is gone
		}
		return objectFile{}, storage.ErrNotFound
	}
	if err == nil && stat.Size() > maxFile {
		return objectFile{}, fmt.Errorf("%w: %s has more than %d bytes", storage.ErrUnreadable, path, maxFile)
	}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return objectFile{}, storage.ErrNotFound
	}
	if err != nil {
		return objectFile{}, backend.Unavailable(err)
	}
	o, err := readObject(s.file, id, data)
	if err != nil {
		return objectFile{}, fmt.Errorf("%s: %w", path, err)
	}
	return o, nil
}

// insert writes the file of a new object, which is not there.
func (s *Store) insert(o storage.Object) error {
	f := objectFile{Object: o, texts: map[string]string{}}
	if err := f.change(s.file, o.Fields, o.Fields); err != nil {
		return err
	}
	return replaceFile(s.dir, name(o.ID), f.append(nil))
}

func (s *Store) writeInfo(i info) error {
	err := replaceFile(s.dir, infoName, i.append(nil))
	if err == nil || errors.Is(err, storage.ErrUnknown) {
		s.info = i // the file is there
	}
	return err
}

// Create is [storage.Store.Create].
func (s *Store) Create(ctx context.Context, class string, fields document.Document) (id wire.DoID, err error) {
	op := "create " + class
	if err := storage.CheckNew(class, fields); err != nil {
		return 0, storage.Fail(op, 0, err)
	}
	err = s.do(ctx, op, 0, &s.infoMu, func() error {
		var after storage.IDs
		if id, after, err = s.candidate(); err != nil {
			return err
		}
		o := storage.Object{ID: id, Class: class, Fields: fields}
		return s.indexes.change(storage.Object{ID: id}, o, func() error {
			// The object first: if we die behind it, Open sees that its id is taken.
			if err := s.insert(o); err != nil {
				return err
			}
			err := s.writeInfo(s.info.with(s.ids, after))
			if errors.Is(err, storage.ErrUnavailable) {
				err = errors.Join(err, removeFile(s.dir, name(id)))
			}
			return err
		})
	})
	if err != nil {
		return 0, err
	}
	return id, nil
}

// candidate is the id to give next, and the state once it was given.
func (s *Store) candidate() (wire.DoID, storage.IDs, error) {
	state := s.info.state(s.ids)
	for state.Next <= uint64(s.ids.Max) {
		id := wire.DoID(state.Next)
		state.Next++
		if !s.exists(id) {
			return id, state, nil
		}
	}
	for i, id := range state.Free {
		if !s.exists(id) {
			state.Free = state.Free[i+1:]
			return id, state, nil
		}
	}
	return 0, state, storage.ErrExhausted
}

// Get is [storage.Store.Get].
func (s *Store) Get(ctx context.Context, id wire.DoID) (storage.Object, error) {
	var o objectFile
	err := s.calls.Do(ctx, "get", id, func() (err error) {
		o, err = s.read(id) // whole: files are replaced, not changed
		return err
	})
	return o.Object, err
}

// Update is [storage.Store.Update].
func (s *Store) Update(ctx context.Context, id wire.DoID, u storage.Update) error {
	if err := u.Check(); err != nil {
		return storage.Fail("update", id, err)
	}
	return s.do(ctx, "update", id, s.object(id), func() error {
		o, err := s.read(id)
		if err != nil {
			return err
		}
		after, err := u.Apply(o.Object)
		if err != nil || len(u.Set)+len(u.Delete) == 0 {
			return err
		}
		return s.indexes.change(o.Object, after, func() error {
			if err := o.change(s.file, after.Fields, u.Set); err != nil {
				return err
			}
			return replaceFile(s.dir, name(id), o.append(nil))
		})
	})
}

// Delete is [storage.Store.Delete].
func (s *Store) Delete(ctx context.Context, id wire.DoID) error {
	return s.do(ctx, "delete", id, &s.infoMu, func() error {
		mu := s.object(id)
		mu.Lock()
		defer mu.Unlock()
		if !s.exists(id) {
			return storage.ErrNotFound
		}
		// The info first: if we die behind it, the id is free and has an object,
		// and Create steps over it.
		before := s.info
		others := slices.DeleteFunc(slices.Clone(before.free), func(free wire.DoID) bool { return free == id })
		if err := s.writeInfo(info{next: before.next, free: append(others, id)}); err != nil {
			return err
		}
		err := removeFile(s.dir, name(id))
		if errors.Is(err, storage.ErrUnavailable) {
			return errors.Join(err, s.writeInfo(before))
		}
		s.indexes.put(storage.Object{ID: id})
		return err
	})
}

// Put is [storage.Store.Put].
func (s *Store) Put(ctx context.Context, o storage.Object) error {
	if err := storage.CheckPut(o); err != nil {
		return storage.Fail("put", o.ID, err)
	}
	return s.do(ctx, "put", o.ID, &s.infoMu, func() error {
		if s.exists(o.ID) {
			return storage.ErrExists
		}
		return s.indexes.change(storage.Object{ID: o.ID}, o, func() error { return s.insert(o) })
	})
}

// IDs is [storage.Store.IDs].
func (s *Store) IDs(ctx context.Context) (ids storage.IDs, err error) {
	err = s.do(ctx, "ids", 0, &s.infoMu, func() error {
		ids = s.info.state(s.ids)
		return nil
	})
	return ids, err
}

// SetIDs is [storage.Store.SetIDs].
func (s *Store) SetIDs(ctx context.Context, ids storage.IDs) error {
	if err := ids.Check(s.ids); err != nil {
		return storage.Fail("set ids", 0, err)
	}
	return s.do(ctx, "set ids", 0, &s.infoMu, func() error { return s.writeInfo(s.info.with(s.ids, ids)) })
}

// Count is [storage.Counter.Count].
func (s *Store) Count(ctx context.Context) (objects int64, highest wire.DoID, err error) {
	ids, err := s.list(ctx, "count", 0)
	if len(ids) > 0 {
		highest = ids[len(ids)-1]
	}
	return int64(len(ids)), highest, err
}

// All is [storage.Store.All].
func (s *Store) All(ctx context.Context, above wire.DoID) iter.Seq2[storage.Object, error] {
	return func(yield func(storage.Object, error) bool) {
		ids, err := s.list(ctx, "list", above)
		if err != nil {
			yield(storage.Object{}, err)
			return
		}
		for _, id := range ids {
			o, err := s.Get(ctx, id)
			switch {
			case errors.Is(err, storage.ErrNotFound): // deleted meanwhile
			case errors.Is(err, storage.ErrUnreadable):
				if !yield(storage.Object{ID: id}, err) {
					return
				}
			case !yield(o, err) || err != nil:
				return
			}
		}
	}
}

// list are the ids of the files, in order.
func (s *Store) list(ctx context.Context, op string, above wire.DoID) (ids []wire.DoID, err error) {
	err = s.calls.Do(ctx, op, 0, func() (err error) {
		ids, err = s.files(above)
		return err
	})
	return ids, err
}

// files is list for a call that is under way.
func (s *Store) files(above wire.DoID) (ids []wire.DoID, err error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, backend.Unavailable(err)
	}
	for _, e := range entries {
		digits, ok := strings.CutSuffix(e.Name(), ".yaml")
		n, err := strconv.ParseUint(digits, 10, 32)
		if id := wire.DoID(n); ok && err == nil && e.Name() == name(id) && id > above {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids, nil
}
