package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"natstron/bridge/wire"
	"natstron/storage"
	"natstron/storage/internal/backend"
	"natstron/storage/internal/filelock"
	"natstron/storage/internal/folder"
)

const (
	applicationID = 0x4e617453 // "NatS" in the file's header
	layout        = 2          // user_version of a file with unique indexes
	layoutBefore  = 1          // of one without
)

const schema = `
CREATE TABLE objects (doid INTEGER PRIMARY KEY, dclass TEXT NOT NULL, fields TEXT NOT NULL) STRICT;
CREATE TABLE ids (min INTEGER PRIMARY KEY, next INTEGER NOT NULL) STRICT;
CREATE TABLE freed (at INTEGER PRIMARY KEY AUTOINCREMENT, doid INTEGER NOT NULL UNIQUE) STRICT;
`

// commitsTable counts transactions. Files of the first releases lack it.
const commitsTable = `
CREATE TABLE IF NOT EXISTS commits (n INTEGER NOT NULL) STRICT;
INSERT INTO commits SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM commits);
`

// Store is a [storage.Store] in a SQLite file.
type Store struct {
	ids     storage.Range
	lock    *filelock.Lock
	readers *sql.DB
	writers *sql.DB // of the writer's one connection
	writer  *writer
	get     *sql.Stmt
	page    *sql.Stmt

	findMu sync.Mutex
	find   map[storage.Index]*sql.Stmt // by class and field

	calls backend.Calls
}

var _ storage.Store = (*Store)(nil)

// Open opens the file, and makes it and the folders above it if they are not there.
// New objects get ids of the range. storage.ErrLocked if another process, or another
// Store in this one, has it open; storage.ErrLost if what was answered is not all there.
// What a killed process left is put in order.
func Open(path string, ids storage.Range) (*Store, error) {
	s, err := open(path, ids, checkpointEvery)
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	return s, nil
}

func open(path string, ids storage.Range, checkpointEvery time.Duration) (_ *Store, err error) {
	if err := ids.Check(); err != nil {
		return nil, err
	}
	path, err = filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := folder.Make(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	s := &Store{ids: ids}
	if s.lock, err = filelock.Acquire(path + ".lock"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.release())
		}
	}()
	ctx := context.Background()
	if err = checkLoss(ctx, path); err != nil {
		return nil, err
	}
	s.writers, err = sql.Open("sqlite", dsn(path, "_pragma=journal_mode(WAL)", "_pragma=synchronous(FULL)", "_pragma=journal_size_limit(67108864)"))
	if err != nil {
		return nil, err
	}
	conn, err := s.writers.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if err := prepareFile(ctx, conn, ids); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if err := folder.Sync(filepath.Dir(path)); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	m, err := prepareMark(ctx, conn, path, ids)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	if s.writer, err = startWriter(ctx, conn, ids, path, m, checkpointEvery); err != nil {
		return nil, errors.Join(err, conn.Close(), m.file.Close())
	}
	return s, s.openReaders(ctx, path)
}

// OpenForReading opens a file that is there, also while another process has it
// open. IDs tells of the range.
func OpenForReading(path string, ids storage.Range) (storage.Reader, error) {
	s := &Store{ids: ids}
	err := s.openForReading(path)
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, errors.Join(err, s.release()))
	}
	return s, nil
}

func (s *Store) openForReading(path string) error {
	if err := s.ids.Check(); err != nil {
		return err
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); err != nil {
		return err // SQLite would make the file
	}
	ctx := context.Background()
	if err := checkLoss(ctx, path); err != nil {
		return err
	}
	if err := s.openReaders(ctx, path); err != nil {
		return err
	}
	conn, err := s.readers.Conn(ctx)
	if err != nil {
		return err
	}
	h, err := readHeader(ctx, conn)
	if err == nil {
		err = h.check()
	}
	return errors.Join(err, conn.Close())
}

// openReaders opens the pool that reads.
func (s *Store) openReaders(ctx context.Context, path string) (err error) {
	s.readers, err = sql.Open("sqlite", dsn(path, "_pragma=query_only(1)"))
	if err != nil {
		return err
	}
	n := max(4, runtime.GOMAXPROCS(0))
	s.readers.SetMaxOpenConns(n)
	s.readers.SetMaxIdleConns(n)
	if s.get, err = s.readers.PrepareContext(ctx, `SELECT dclass, fields FROM objects WHERE doid = ?`); err != nil {
		return err
	}
	s.page, err = s.readers.PrepareContext(ctx, `SELECT doid, dclass, fields FROM objects WHERE doid > ? ORDER BY doid LIMIT ?`)
	return err
}

// dsn names a file in the driver's terms, whatever characters its path has.
func dsn(path string, options ...string) string {
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: "_pragma=busy_timeout(10000)"}
	for _, o := range options {
		u.RawQuery += "&" + o
	}
	return u.String()
}

// header is what SQLite tells of a file.
type header struct {
	mode                                      string
	synchronous, application, version, tables int
}

func readHeader(ctx context.Context, conn *sql.Conn) (h header, err error) {
	for _, one := range []struct {
		query string
		into  any
	}{
		{"PRAGMA journal_mode", &h.mode},
		{"PRAGMA synchronous", &h.synchronous},
		{"PRAGMA application_id", &h.application},
		{"PRAGMA user_version", &h.version},
		{"SELECT count(*) FROM sqlite_master", &h.tables},
	} {
		if err := conn.QueryRowContext(ctx, one.query).Scan(one.into); err != nil {
			return h, fmt.Errorf("%s: %w", one.query, err)
		}
	}
	return h, nil
}

// fresh reports whether the file is new.
func (h header) fresh() bool { return h.application == 0 && h.version == 0 && h.tables == 0 }

// check refuses a file that is another's.
func (h header) check() error {
	switch {
	case h.application != applicationID:
		return errors.New("the SQLite file belongs to another program; choose another name")
	case h.version > layout:
		return fmt.Errorf("a newer release wrote this file (layout %d, known here: %d); use that release", h.version, layout)
	}
	return nil
}

// prepareFile makes the tables in a new file, and refuses one that is another's.
func prepareFile(ctx context.Context, conn *sql.Conn, ids storage.Range) error {
	h, err := readHeader(ctx, conn)
	if err != nil {
		return err
	}
	if h.mode != "wal" || h.synchronous != 2 {
		return fmt.Errorf("the file system does not support a database: journal mode %q, synchronous %d; use a local disk", h.mode, h.synchronous)
	}
	if h.fresh() {
		setup := fmt.Sprintf("BEGIN IMMEDIATE; %s PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT", schema, applicationID, layoutBefore)
		if _, err := conn.ExecContext(ctx, setup); err != nil {
			return fmt.Errorf("make tables: %w", err)
		}
	} else if err := h.check(); err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, commitsTable+`INSERT OR IGNORE INTO ids (min, next) VALUES (?, ?)`, int64(ids.Min), int64(ids.Min))
	return err
}

// checkLoss returns an error if the database is behind its mark. It changes nothing, so
// that all is found as it was: SQLite itself would remove a log whose file is missing, or
// what it cannot read of it.
func checkLoss(ctx context.Context, path string) error {
	s, err := readMark(path + markSuffix)
	if err != nil || s.commits == 0 {
		return err
	}
	if _, err := os.Stat(path + acceptSuffix); err == nil {
		return nil
	}
	name := filepath.Base(path)
	if info, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		return lost(name, s.commits, 0, 0)
	}
	db, err := sql.Open("sqlite", dsn(path)+"&mode=ro")
	if err != nil {
		return err
	}
	commits, err := commitsOf(ctx, db)
	if err == nil && commits < s.commits {
		objects, highest, _ := count(ctx, db) // none, if even the tables are lost
		err = lost(name, s.commits-commits, objects, highest)
	}
	return errors.Join(err, db.Close())
}

// queries is a database, or a connection to one.
type queries interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// commitsOf says how many transactions a database had; 0 if it does not count them.
func commitsOf(ctx context.Context, from queries) (commits int64, err error) {
	known := 0
	if err := from.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_master WHERE name = 'commits'`).Scan(&known); err != nil || known == 0 {
		return 0, err
	}
	err = from.QueryRowContext(ctx, `SELECT n FROM commits`).Scan(&commits)
	return commits, err
}

// prepareMark has no id given again, and begins to keep the mark of a database, which may
// be behind it: then that is accepted.
func prepareMark(ctx context.Context, conn *sql.Conn, path string, ids storage.Range) (*mark, error) {
	s, err := readMark(path + markSuffix)
	if err != nil {
		return nil, err
	}
	commits, err := commitsOf(ctx, conn)
	if err == nil && commits < s.commits {
		_, err = conn.ExecContext(ctx, `UPDATE commits SET n = ?; DELETE FROM freed`, s.commits)
	}
	var next int64
	if err == nil {
		err = conn.QueryRowContext(ctx, `UPDATE ids SET next = max(next, ?) WHERE min = ? RETURNING next`,
			min(s.next[ids.Min], int64(ids.Max)+1), int64(ids.Min)).Scan(&next)
	}
	if err != nil {
		return nil, fmt.Errorf("have no id given again: %w", err)
	}
	s.commits, s.next[ids.Min] = max(commits, s.commits), next
	m, err := openMark(path+markSuffix, s)
	if err != nil {
		return nil, err
	}
	if err := os.Remove(path + acceptSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(err, m.file.Close())
	}
	return m, nil
}

// count says how many objects there are, and up to which id.
func count(ctx context.Context, from queries) (objects int64, highest wire.DoID, err error) {
	err = from.QueryRowContext(ctx, `SELECT count(*), coalesce(max(doid), 0) FROM objects`).Scan(&objects, &highest)
	return objects, highest, err
}

// Count is [storage.Counter.Count].
func (s *Store) Count(ctx context.Context) (objects int64, highest wire.DoID, err error) {
	err = s.do(ctx, "count", 0, func() (err error) {
		objects, highest, err = count(ctx, s.readers)
		return readError(ctx, err)
	})
	return objects, highest, err
}

// Close is [storage.Store.Close].
func (s *Store) Close() error { return s.calls.Close(s.release) }

// release closes everything.
func (s *Store) release() error {
	var errs []error
	if s.readers != nil {
		errs = append(errs, s.readers.Close())
	}
	if s.writer != nil {
		s.writer.stop()
		errs = append(errs, s.writer.finish())
	}
	if s.writers != nil {
		errs = append(errs, s.writers.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Release())
	}
	return errors.Join(errs...)
}

// do makes a call, unless what it would read or write is not what was opened any more.
func (s *Store) do(ctx context.Context, op string, id wire.DoID, call func() error) error {
	return s.calls.Do(ctx, op, id, func() error {
		if s.writer != nil {
			if failed := s.writer.failed.Load(); failed != nil {
				return *failed
			}
		}
		return call()
	})
}
