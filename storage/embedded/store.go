package embedded

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"math"

	"natstron/bridge/wire"
	"natstron/storage"
	"natstron/storage/document"
	"natstron/storage/internal/backend"
)

// write has the writer do something.
func (s *Store) write(ctx context.Context, op string, id wire.DoID, run func(*transaction) error) error {
	return s.do(ctx, op, id, func() error { return s.writer.do(ctx, run) })
}

// Create is [storage.Store.Create].
func (s *Store) Create(ctx context.Context, class string, fields document.Document) (wire.DoID, error) {
	op := "create " + class
	if err := storage.CheckNew(class, fields); err != nil {
		return 0, storage.Fail(op, 0, err)
	}
	given := make(chan wire.DoID, 1) // not a variable: do may return while it is written
	err := s.write(ctx, op, 0, func(tx *transaction) error {
		id, err := tx.create(class, fields)
		select {
		case <-given: // of an earlier try, undone
		default:
		}
		given <- id
		return err
	})
	if err != nil {
		return 0, err
	}
	return <-given, nil
}

// Get is [storage.Store.Get].
func (s *Store) Get(ctx context.Context, id wire.DoID) (o storage.Object, err error) {
	err = s.do(ctx, "get", id, func() error {
		var class, text string
		if err := s.get.QueryRowContext(ctx, int64(id)).Scan(&class, &text); err != nil {
			return readError(ctx, err)
		}
		o, err = object(id, class, text)
		return err
	})
	return o, err
}

// readError is what the error of a read means; nil of nil.
func readError(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, sql.ErrNoRows):
		return storage.ErrNotFound
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return backend.Unavailable(err)
}

// Update is [storage.Store.Update].
func (s *Store) Update(ctx context.Context, id wire.DoID, u storage.Update) error {
	if err := u.Check(); err != nil {
		return storage.Fail("update", id, err)
	}
	return s.write(ctx, "update", id, func(tx *transaction) error { return tx.update(id, u) })
}

// Delete is [storage.Store.Delete].
func (s *Store) Delete(ctx context.Context, id wire.DoID) error {
	return s.write(ctx, "delete", id, func(tx *transaction) error { return tx.delete(id) })
}

// Put is [storage.Store.Put].
func (s *Store) Put(ctx context.Context, o storage.Object) error {
	if err := storage.CheckPut(o); err != nil {
		return storage.Fail("put", o.ID, err)
	}
	return s.write(ctx, "put", o.ID, func(tx *transaction) error {
		if err := tx.checkTaken(o.ID, o.Class, o.Fields); err != nil {
			if there, failed := tx.exists(o.ID); there || failed != nil {
				return cmp.Or(failed, storage.ErrExists)
			}
			return err
		}
		done, err := tx.insert(o.ID, o.Class, o.Fields)
		if err == nil && !done {
			err = storage.ErrExists
		}
		return err
	})
}

// IDs is [storage.Store.IDs].
func (s *Store) IDs(ctx context.Context) (ids storage.IDs, err error) {
	err = s.do(ctx, "ids", 0, func() error {
		db, err := s.readers.BeginTx(ctx, nil)
		if err != nil {
			return readError(ctx, err)
		}
		defer db.Rollback() //nolint:errcheck // nothing was written
		next := sql.NullInt64{}
		err = db.QueryRowContext(ctx, `SELECT next FROM ids WHERE min = ?`, int64(s.ids.Min)).Scan(&next)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return readError(ctx, err)
		}
		ids.Next = min(max(uint64(next.Int64), uint64(s.ids.Min)), uint64(s.ids.Max)+1)
		// What is free is below the next id: others were put and deleted before their turn.
		rows, err := db.QueryContext(ctx, `SELECT doid FROM freed WHERE doid BETWEEN ? AND ? ORDER BY at`, int64(s.ids.Min), int64(ids.Next)-1)
		if err != nil {
			return readError(ctx, err)
		}
		for rows.Next() {
			var id wire.DoID
			if err := rows.Scan(&id); err != nil {
				return readError(ctx, errors.Join(err, rows.Close()))
			}
			ids.Free = append(ids.Free, id)
		}
		return readError(ctx, errors.Join(rows.Err(), rows.Close()))
	})
	return ids, err
}

// SetIDs is [storage.Store.SetIDs].
func (s *Store) SetIDs(ctx context.Context, ids storage.IDs) error {
	if err := ids.Check(s.ids); err != nil {
		return storage.Fail("set ids", 0, err)
	}
	return s.write(ctx, "set ids", 0, func(tx *transaction) error { return tx.setState(ids) })
}

// All is [storage.Store.All].
func (s *Store) All(ctx context.Context, above wire.DoID) iter.Seq2[storage.Object, error] {
	return backend.Pages(above, func(above wire.DoID) ([]row, error) { return s.readPage(ctx, above) }, row.object)
}

// row is a row of the table objects.
type row struct {
	id          int64
	class, text string
}

func (r row) object() (wire.DoID, storage.Object, error) {
	if r.id < 1 || r.id > math.MaxUint32 {
		return 0, storage.Object{}, fmt.Errorf("%w: %d is not a doId", storage.ErrUnreadable, r.id)
	}
	o, err := object(wire.DoID(r.id), r.class, r.text)
	return wire.DoID(r.id), o, err
}

func (s *Store) readPage(ctx context.Context, above wire.DoID) (page []row, err error) {
	err = s.do(ctx, "list", 0, func() error {
		rows, err := s.page.QueryContext(ctx, int64(above), backend.PageSize)
		if err != nil {
			return readError(ctx, err)
		}
		for rows.Next() {
			var r row
			if err := rows.Scan(&r.id, &r.class, &r.text); err != nil {
				return readError(ctx, errors.Join(err, rows.Close()))
			}
			page = append(page, r)
		}
		return readError(ctx, errors.Join(rows.Err(), rows.Close()))
	})
	return page, err
}
