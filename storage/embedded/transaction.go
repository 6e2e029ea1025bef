package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"natstron/bridge/wire"
	"natstron/storage"
	"natstron/storage/document"
	"natstron/storage/internal/backend"
)

// statements are what the writer does, prepared.
type statements struct {
	get, insert, replace, remove       *sql.Stmt
	next, setNext, gap                 *sql.Stmt
	oldestFree, takeFree, free, noFree *sql.Stmt
	setCommits                         *sql.Stmt
}

type statement struct {
	stmt **sql.Stmt
	text string
}

func (s *statements) all() []statement {
	return []statement{
		{&s.get, `SELECT dclass, fields FROM objects WHERE doid = ?`},
		{&s.insert, `INSERT INTO objects (doid, dclass, fields) VALUES (?, ?, ?) ON CONFLICT (doid) DO NOTHING`},
		{&s.replace, `UPDATE objects SET fields = ? WHERE doid = ?`},
		{&s.remove, `DELETE FROM objects WHERE doid = ?`},
		{&s.next, `SELECT next FROM ids WHERE min = ?`},
		{&s.setNext, `UPDATE ids SET next = ? WHERE min = ?`},
		{&s.gap, `SELECT doid + 1 FROM objects AS o WHERE doid >= ? AND NOT EXISTS
			(SELECT 1 FROM objects WHERE doid = o.doid + 1) ORDER BY doid LIMIT 1`},
		{&s.oldestFree, `SELECT doid FROM freed WHERE doid BETWEEN ? AND ? ORDER BY at LIMIT 1`},
		{&s.takeFree, `DELETE FROM freed WHERE doid = ?`},
		{&s.free, `INSERT OR REPLACE INTO freed (doid) VALUES (?)`},
		{&s.noFree, `DELETE FROM freed WHERE doid BETWEEN ? AND ?`},
		{&s.setCommits, `UPDATE commits SET n = ?`},
	}
}

func (s *statements) prepare(ctx context.Context, conn *sql.Conn) error {
	for _, one := range s.all() {
		stmt, err := conn.PrepareContext(ctx, one.text)
		if err != nil {
			return fmt.Errorf("prepare %s: %w", one.text, err)
		}
		*one.stmt = stmt
	}
	return nil
}

func (s *statements) close() error {
	var errs []error
	for _, one := range s.all() {
		if *one.stmt != nil {
			errs = append(errs, (*one.stmt).Close())
		}
	}
	return errors.Join(errs...)
}

// transaction is what jobs work with. An ErrUnavailable among its errors has to be
// the job's: then all is undone.
type transaction struct {
	ctx    context.Context
	writer *writer
	stmt   *statements
	ids    storage.Range

	changed bool  // something
	defined bool  // the indexes, among it
	newNext int64 // the next id of the range, as far as this process knows
}

func (tx *transaction) exec(s *sql.Stmt, args ...any) (int64, error) {
	r, err := s.ExecContext(tx.ctx, args...)
	if err != nil {
		return 0, execError(err)
	}
	n, err := r.RowsAffected()
	if err != nil {
		return 0, backend.Unavailable(err)
	}
	tx.changed = tx.changed || n > 0
	return n, nil
}

// row reads one row; ok is false if there is none.
func (tx *transaction) row(s *sql.Stmt, args []any, into ...any) (ok bool, err error) {
	err = s.QueryRowContext(tx.ctx, args...).Scan(into...)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return false, nil
	case err != nil:
		return false, backend.Unavailable(err)
	}
	return true, nil
}

// insert keeps a new object; false if there is one of that id. Its values are not taken.
func (tx *transaction) insert(id wire.DoID, class string, fields document.Document) (bool, error) {
	n, err := tx.exec(tx.stmt.insert, int64(id), class, string(document.Append(nil, fields)))
	return n == 1, err
}

func (tx *transaction) exists(id wire.DoID) (bool, error) {
	var class, text string
	return tx.row(tx.stmt.get, []any{int64(id)}, &class, &text)
}

// create finds an id for a new object, and keeps it.
func (tx *transaction) create(class string, fields document.Document) (wire.DoID, error) {
	if err := tx.checkTaken(0, class, fields); err != nil {
		return 0, err
	}
	for {
		id, fresh, err := tx.candidate()
		if err != nil {
			return 0, err
		}
		done, err := tx.insert(id, class, fields)
		if err != nil {
			return 0, err
		}
		if err := tx.given(id, fresh, done); err != nil {
			return 0, err
		}
		if done {
			return id, nil
		}
	}
}

// candidate is the id to try next: the next of the range, or the oldest free one.
func (tx *transaction) candidate() (id wire.DoID, fresh bool, err error) {
	next, err := tx.next()
	if err != nil || next <= int64(tx.ids.Max) {
		return wire.DoID(next), true, err
	}
	var free int64
	ok, err := tx.row(tx.stmt.oldestFree, []any{int64(tx.ids.Min), int64(tx.ids.Max)}, &free)
	if err == nil && !ok {
		err = storage.ErrExhausted
	}
	return wire.DoID(free), false, err
}

// given takes an id out of those that can be given. done is false if an object that
// was put there has it: if fresh, the next one follows behind that and all that
// stand in a row with it.
func (tx *transaction) given(id wire.DoID, fresh, done bool) error {
	if !fresh {
		_, err := tx.exec(tx.stmt.takeFree, int64(id))
		return err
	}
	next := int64(id) + 1
	if !done {
		if _, err := tx.row(tx.stmt.gap, []any{int64(id)}, &next); err != nil {
			return err
		}
	}
	return tx.setNext(min(next, int64(tx.ids.Max)+1))
}

func (tx *transaction) next() (next int64, err error) {
	ok, err := tx.row(tx.stmt.next, []any{int64(tx.ids.Min)}, &next)
	if err == nil && !ok {
		err = backend.Unavailable(fmt.Errorf("the table ids lacks the range from %d on", tx.ids.Min))
	}
	return next, err
}

func (tx *transaction) setNext(next int64) error {
	tx.newNext = next
	_, err := tx.exec(tx.stmt.setNext, next, int64(tx.ids.Min))
	return err
}

func (tx *transaction) update(id wire.DoID, u storage.Update) error {
	var class, text string
	ok, err := tx.row(tx.stmt.get, []any{int64(id)}, &class, &text)
	if err != nil {
		return err
	}
	if !ok {
		return storage.ErrNotFound
	}
	o, err := object(id, class, text)
	if err != nil {
		return err
	}
	if o, err = u.Apply(o); err != nil || len(u.Set)+len(u.Delete) == 0 {
		return err
	}
	if err := tx.checkTaken(id, class, u.Set); err != nil {
		return err
	}
	_, err = tx.exec(tx.stmt.replace, string(document.Append(nil, o.Fields)), int64(id))
	return err
}

// delete removes an object; its id is free from now on.
func (tx *transaction) delete(id wire.DoID) error {
	n, err := tx.exec(tx.stmt.remove, int64(id))
	if err != nil {
		return err
	}
	if n == 0 {
		return storage.ErrNotFound
	}
	_, err = tx.exec(tx.stmt.free, int64(id))
	return err
}

func (tx *transaction) setState(s storage.IDs) error {
	if err := tx.setNext(int64(s.Next)); err != nil {
		return err
	}
	if _, err := tx.exec(tx.stmt.noFree, int64(tx.ids.Min), int64(tx.ids.Max)); err != nil {
		return err
	}
	for _, id := range s.Free {
		if _, err := tx.exec(tx.stmt.free, int64(id)); err != nil {
			return err
		}
	}
	return nil
}

// object reads what is in a row.
func object(id wire.DoID, class, text string) (storage.Object, error) {
	fields, err := document.Parse([]byte(text))
	if err != nil {
		return storage.Object{}, fmt.Errorf("%w: fields: %w", storage.ErrUnreadable, err)
	}
	return storage.Object{ID: id, Class: class, Fields: fields}, nil
}
