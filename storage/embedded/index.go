package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"natstron/bridge/wire"
	"natstron/storage"
	"natstron/storage/document"
	"natstron/storage/internal/backend"
)

// An index is one of SQLite's, on the field's JSON text of the objects of its class:
//
//	CREATE UNIQUE INDEX "find Account.name" ON objects (fields -> '$."name"') WHERE dclass = 'Account'
//
// SQLite makes it in one transaction, keeps it with the data, and does not let a unique one
// be broken, also by other programs.
const indexPrefix = "find "

// valueOf is the SQL of a field's value.
func valueOf(field string) string { return fmt.Sprintf(`fields -> %s`, quote(`$."`+field+`"`)) }

// isOf is the SQL that finds the objects of a class. An index is used if the query has
// the same words.
func isOf(class string) string { return "dclass = " + quote(class) }

// quote writes an SQL string.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func nameOf(x storage.Index) string { return indexPrefix + x.String() }

func quoteName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// createIndex is the SQL that makes an index.
func createIndex(x storage.Index) string {
	unique := ""
	if x.Unique {
		unique = "UNIQUE "
	}
	return fmt.Sprintf("CREATE %sINDEX %s ON objects (%s) WHERE %s", unique, quoteName(nameOf(x)), valueOf(x.Field), isOf(x.Class))
}

// findSQL finds the objects that have a value. With a plain LIMIT ? SQLite would prepare
// the statement again for each call, which takes three times as long as the rest.
func findSQL(class, field string) string {
	return fmt.Sprintf("SELECT doid FROM objects WHERE %s AND %s = ? AND doid > ? ORDER BY doid LIMIT +?", isOf(class), valueOf(field))
}

// jsonOf is a value as SQLite's -> has it.
func jsonOf(v document.Value) string { return string(document.AppendValue(nil, v)) }

// indexesOf are the indexes of a database that are ours.
func indexesOf(ctx context.Context, conn *sql.Conn) (list []storage.Index, err error) {
	rows, err := conn.QueryContext(ctx, `SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'objects' AND sql IS NOT NULL ORDER BY name`)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		rest, ours := strings.CutPrefix(name, indexPrefix)
		class, field, ok := strings.Cut(rest, ".")
		if x := (storage.Index{Class: class, Field: field, Unique: strings.HasPrefix(text, "CREATE UNIQUE")}); ours && ok && text == createIndex(x) {
			list = append(list, x)
		}
	}
	return list, errors.Join(rows.Err(), rows.Close())
}

// uniqueIndex is a unique index, and the statement that finds another object with
// a value of it.
type uniqueIndex struct {
	storage.Index
	other *sql.Stmt
}

// readUnique finds out which indexes are unique, after they have changed.
func (w *writer) readUnique(ctx context.Context) error {
	list, err := indexesOf(ctx, w.conn)
	if err != nil {
		return err
	}
	var unique []uniqueIndex
	for _, x := range list {
		if !x.Unique {
			continue
		}
		other, err := w.conn.PrepareContext(ctx, fmt.Sprintf("SELECT doid FROM objects WHERE %s AND %s = ? AND doid <> ?", isOf(x.Class), valueOf(x.Field)))
		if err != nil {
			return err
		}
		unique = append(unique, uniqueIndex{x, other})
	}
	err = w.closeUnique()
	w.unique = unique
	return err
}

func (w *writer) closeUnique() error {
	var errs []error
	for _, x := range w.unique {
		errs = append(errs, x.other.Close())
	}
	w.unique = nil
	return errors.Join(errs...)
}

// checkTaken returns a storage.TakenError if another object has one of the values, and
// that can belong to one alone.
func (tx *transaction) checkTaken(id wire.DoID, class string, fields document.Document) error {
	for _, x := range tx.writer.unique {
		v, ok := x.Value(storage.Object{Class: class, Fields: fields})
		if !ok {
			continue
		}
		var owner int64
		if taken, err := tx.row(x.other, []any{jsonOf(v), int64(id)}, &owner); err != nil {
			return err
		} else if taken {
			return &storage.TakenError{Index: x.Index, ID: wire.DoID(owner)}
		}
	}
	return nil
}

// execError is what the error of a write means.
func execError(err error) error {
	var e *sqlite.Error
	if errors.As(err, &e) && e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE {
		return fmt.Errorf("%w: %w", storage.ErrTaken, err)
	}
	return backend.Unavailable(err)
}

// Find is [storage.Store.Find].
func (s *Store) Find(ctx context.Context, q storage.Query) (ids []wire.DoID, err error) {
	err = s.do(ctx, "find", 0, func() error {
		if err := (storage.Index{Class: q.Class, Field: q.Field}).Check(); err != nil {
			return err
		}
		stmt, err := s.finding(ctx, q.Class, q.Field)
		if err != nil {
			return readError(ctx, err)
		}
		rows, err := stmt.QueryContext(ctx, jsonOf(q.Value), int64(q.Above), q.Limit)
		if err == nil {
			ids, err = idsIn(rows)
		}
		return readError(ctx, err)
	})
	return ids, err
}

// finding is the statement that finds objects by a field, prepared.
func (s *Store) finding(ctx context.Context, class, field string) (*sql.Stmt, error) {
	s.findMu.Lock()
	defer s.findMu.Unlock()
	key := storage.Index{Class: class, Field: field}
	if stmt := s.find[key]; stmt != nil {
		return stmt, nil
	}
	stmt, err := s.readers.PrepareContext(context.WithoutCancel(ctx), findSQL(class, field))
	if err != nil {
		return nil, err
	}
	if s.find == nil {
		s.find = map[storage.Index]*sql.Stmt{}
	}
	s.find[key] = stmt
	return stmt, nil
}

// SetIndexes is [storage.Store.SetIndexes]. An index is made in one transaction: calls
// that write wait for it.
func (s *Store) SetIndexes(ctx context.Context, list []storage.Index, prepare storage.Prepare) error {
	for _, x := range list {
		if err := x.Check(); err != nil {
			return storage.Fail("set indexes", 0, err)
		}
	}
	var have []storage.Index
	err := s.do(ctx, "set indexes", 0, func() (err error) {
		have, err = s.indexes(ctx)
		return err
	})
	if err != nil {
		return err
	}
	missing := slices.DeleteFunc(slices.Clone(list), func(x storage.Index) bool { return slices.Contains(have, x) })
	if len(missing) > 0 && prepare != nil {
		if err := prepare(missing, s.All(ctx, 0)); err != nil {
			return err
		}
	}
	var errs []error
	for _, x := range have {
		if !slices.Contains(list, x) {
			errs = append(errs, s.write(ctx, "drop the index "+x.String(), 0, func(tx *transaction) error {
				return tx.define("DROP INDEX IF EXISTS " + quoteName(nameOf(x)))
			}))
		}
	}
	for _, x := range missing {
		err := s.write(ctx, "make the index "+x.String(), 0, func(tx *transaction) error {
			return tx.define(createIndex(x))
		})
		if errors.Is(err, storage.ErrTaken) {
			err = s.doubles(ctx, x)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// indexes are those that the file has.
func (s *Store) indexes(ctx context.Context) ([]storage.Index, error) {
	conn, err := s.readers.Conn(ctx)
	if err != nil {
		return nil, readError(ctx, err)
	}
	list, err := indexesOf(ctx, conn)
	return list, readError(ctx, errors.Join(err, conn.Close()))
}

// define changes the indexes.
func (tx *transaction) define(text string) error {
	if _, err := tx.writer.conn.ExecContext(tx.ctx, text); err != nil {
		return execError(err)
	}
	tx.changed, tx.defined = true, true
	if err := tx.writer.readUnique(tx.ctx); err != nil {
		return backend.Unavailable(err)
	}
	// Releases that do not know unique indexes would take an id of theirs for taken.
	version := layoutBefore
	if len(tx.writer.unique) > 0 {
		version = layout
	}
	if _, err := tx.writer.conn.ExecContext(tx.ctx, fmt.Sprintf("PRAGMA user_version = %d", version)); err != nil {
		return backend.Unavailable(err)
	}
	return nil
}

// doubles is the error that names the values because of which an index cannot be unique.
func (s *Store) doubles(ctx context.Context, x storage.Index) error {
	var firsts []wire.DoID
	err := s.do(ctx, "find doubles", 0, func() error {
		rows, err := s.readers.QueryContext(ctx, fmt.Sprintf(
			"SELECT min(doid) FROM objects WHERE %s AND %s IS NOT NULL GROUP BY %[2]s HAVING count(*) > 1 ORDER BY 1 LIMIT ?", isOf(x.Class), valueOf(x.Field)), storage.MaxDoubles)
		if err == nil {
			firsts, err = idsIn(rows)
		}
		return readError(ctx, err)
	})
	if err != nil {
		return err
	}
	e := &storage.DoublesError{Index: x}
	for _, first := range firsts {
		o, err := s.Get(ctx, first)
		if err != nil {
			return err
		}
		v, _ := x.Value(o)
		ids, err := s.Find(ctx, storage.Query{Class: x.Class, Field: x.Field, Value: v, Limit: storage.MaxDoubles})
		if err != nil {
			return err
		}
		e.Doubles = append(e.Doubles, storage.Double{Value: v, IDs: ids})
	}
	return e
}

// idsIn reads rows of ids.
func idsIn(rows *sql.Rows) (ids []wire.DoID, err error) {
	for rows.Next() {
		var id wire.DoID
		if err := rows.Scan(&id); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		ids = append(ids, id)
	}
	return ids, errors.Join(rows.Err(), rows.Close())
}
