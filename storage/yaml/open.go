package yaml

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/storage"
	"natstron/storage/internal/backend"
	"natstron/storage/internal/filelock"
	"natstron/storage/internal/folder"
)

// stripes is how many calls for different objects may be under way at once.
const stripes = 64

// Store is a [storage.Store] in a folder of YAML files.
type Store struct {
	dir  string
	ids  storage.Range
	file *dc.File
	lock *filelock.Lock

	calls backend.Calls

	// infoMu is for info, and for files of objects that come and go; objects are
	// for the files of those that are there. A call that needs both locks infoMu first.
	infoMu  sync.Mutex
	info    info
	objects [stripes]sync.Mutex
	indexes indexes
}

var _ storage.Store = (*Store)(nil)

// Open opens a folder, and makes it if it is not there. New objects get ids of the
// range. The DC file says how values are written. storage.ErrLocked if another
// process, or another Store in this one, has it open.
func Open(dir string, ids storage.Range, file *dc.File) (*Store, error) {
	s, err := open(dir, ids, file)
	if err != nil {
		return nil, fmt.Errorf("open YAML folder %s: %w", dir, err)
	}
	return s, nil
}

// OpenForReading opens a folder that is there, also while another process has it
// open; it changes nothing there. IDs tells of the range.
func OpenForReading(dir string, ids storage.Range, file *dc.File) (storage.Reader, error) {
	s := &Store{dir: dir, ids: ids, file: file}
	err := ids.Check()
	if err == nil {
		_, err = os.ReadDir(dir)
	}
	if err == nil {
		s.info, err = readInfo(dir)
	}
	if err != nil {
		return nil, fmt.Errorf("open YAML folder %s: %w", dir, err)
	}
	return s, nil
}

func open(dir string, ids storage.Range, file *dc.File) (_ *Store, err error) {
	if err := ids.Check(); err != nil {
		return nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	if err := folder.Make(dir, 0o755); err != nil {
		return nil, err
	}
	s := &Store{dir: dir, ids: ids, file: file}
	if s.lock, err = filelock.Acquire(filepath.Join(dir, ".lock")); err != nil {
		return nil, err
	}
	if err = removeTemporary(dir); err == nil {
		s.info, err = readInfo(dir)
	}
	if err != nil {
		return nil, errors.Join(err, s.lock.Release())
	}
	if s.info.next == 0 {
		// A new folder; or the info was lost: it is not known which ids below the greatest
		// were given, so none of them is given again.
		all, err := s.list(context.Background(), "list", ids.Min-1)
		if err != nil {
			return nil, errors.Join(err, s.lock.Release())
		}
		for _, id := range all {
			if ids.Contains(id) {
				s.info.next = uint64(id) + 1
			}
		}
	}
	// A process that was killed may have written an object, but not the info.
	s.info.next = max(s.info.next, uint64(ids.Min))
	for s.info.next <= uint64(ids.Max) && s.exists(wire.DoID(s.info.next)) {
		s.info.next++
	}
	return s, nil
}

// Close is [storage.Store.Close].
func (s *Store) Close() error {
	return s.calls.Close(func() error {
		if s.lock == nil { // opened for reading
			return nil
		}
		return s.lock.Release()
	})
}
