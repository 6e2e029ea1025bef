package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"natstron/storage"
	"natstron/storage/internal/backend"
)

const (
	maxBatch = 256 // jobs in one transaction
	maxQueue = 1024
)

// writer is the goroutine that writes, with its connection.
type writer struct {
	ids  storage.Range
	conn *sql.Conn
	stmt statements
	// unique are the unique indexes, of the goroutine alone.
	unique []uniqueIndex
	jobs   chan *job
	once   sync.Once
	done   chan struct{}

	files   files
	mark    *mark
	changed bool                  // since the log was taken in
	failed  atomic.Pointer[error] // why nothing is read or written any more
}

// job is a call that waits for the writer.
type job struct {
	state  atomic.Int32
	run    func(*transaction) error
	answer chan error // takes one
}

// The states of a job. It leaves waiting once: either the writer takes it, or the
// caller abandons it.
const (
	waiting = iota
	begun
	givenUp
)

func startWriter(ctx context.Context, conn *sql.Conn, ids storage.Range, path string, m *mark, checkpointEvery time.Duration) (*writer, error) {
	w := &writer{ids: ids, conn: conn, jobs: make(chan *job, maxQueue), done: make(chan struct{}), mark: m, files: files{path: path}}
	if err := w.stmt.prepare(ctx, conn); err != nil {
		return nil, err
	}
	if err := w.readUnique(ctx); err != nil {
		return nil, err
	}
	go w.work(checkpointEvery)
	return w, nil
}

// stop has the writer finish the jobs that wait, and waits for it. do must not be called
// any more.
func (w *writer) stop() {
	w.once.Do(func() { close(w.jobs) })
	<-w.done
}

// do has the writer call run, and waits until what it did is on the disk, or ctx has
// ended. run may be called again after all that it did was undone.
func (w *writer) do(ctx context.Context, run func(*transaction) error) error {
	j := &job{run: run, answer: make(chan error, 1)}
	select {
	case w.jobs <- j:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-j.answer:
		return err
	case <-ctx.Done():
		if j.state.CompareAndSwap(waiting, givenUp) {
			return ctx.Err()
		}
		return fmt.Errorf("%w: %w", storage.ErrUnknown, ctx.Err())
	}
}

// How often the writer looks whether its files are there, and how often it takes in
// the log.
const (
	checkFilesEvery = time.Second
	checkpointEvery = time.Minute
)

// work takes what waits, does it in one transaction, and answers.
func (w *writer) work(checkpointEvery time.Duration) {
	defer close(w.done)
	files, checkpoint := time.NewTicker(checkFilesEvery), time.NewTicker(checkpointEvery)
	defer files.Stop()
	defer checkpoint.Stop()
	batch := make([]*job, 0, maxBatch)
	for {
		select {
		case j, ok := <-w.jobs:
			if !ok {
				return
			}
			batch = w.collect(batch[:0], j)
			w.all(batch)
		case <-files.C:
			_ = w.checkFiles() // w.failed has it, and later calls fail
		case <-checkpoint.C:
			if w.changed && w.failed.Load() == nil {
				w.checkpoint("PASSIVE")
			}
		}
	}
}

// collect takes a job and those that wait behind it.
func (w *writer) collect(batch []*job, j *job) []*job {
	for ok := true; ok; {
		if j.state.CompareAndSwap(waiting, begun) {
			batch = append(batch, j)
		}
		if len(batch) == maxBatch {
			break
		}
		select {
		case j, ok = <-w.jobs:
		default:
			ok = false
		}
	}
	return batch
}

// checkFiles stops all if the files are not those that were opened any more.
func (w *writer) checkFiles() error {
	if failed := w.failed.Load(); failed != nil {
		return *failed
	}
	err := w.files.check()
	if err != nil {
		err = backend.Unavailable(err)
		w.failed.Store(&err)
	}
	return err
}

// checkpoint moves what is in the log to the database's file, so that it has all of it by
// itself. If that cannot be done now the log stays, and nothing is lost.
func (w *writer) checkpoint(how string) {
	if _, err := w.conn.ExecContext(context.Background(), "PRAGMA wal_checkpoint("+how+")"); err == nil {
		w.changed = false
	}
	_ = w.mark.file.Sync() // an older mark notices less, and harms nothing
}

// finish takes the log in for the last time, and closes the connection.
func (w *writer) finish() error {
	var err error
	if w.failed.Load() == nil {
		_, err = w.conn.ExecContext(context.Background(), "PRAGMA busy_timeout = 1000")
		w.checkpoint("TRUNCATE")
	}
	return errors.Join(err, w.closeUnique(), w.stmt.close(), w.conn.Close(), w.mark.file.Close())
}

// all does the jobs together; one by one if one of them made the database fail, so
// that the others need not.
func (w *writer) all(batch []*job) {
	answers, err := w.transact(batch)
	if err != nil && len(batch) > 1 && !errors.Is(err, storage.ErrUnknown) {
		for i := range batch {
			w.all(batch[i : i+1])
		}
		return
	}
	for i, j := range batch {
		if err != nil {
			j.answer <- err
		} else {
			j.answer <- answers[i]
		}
	}
}

// transact does the jobs in one transaction. If it returns an error nothing was
// done, or, if that is ErrUnknown, perhaps.
func (w *writer) transact(batch []*job) ([]error, error) {
	if failed := w.failed.Load(); failed != nil {
		return nil, *failed
	}
	ctx := context.Background() // what has begun is ended
	tx := &transaction{ctx: ctx, writer: w, stmt: &w.stmt, ids: w.ids, newNext: w.mark.next[w.ids.Min]}
	if _, err := w.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return nil, errors.Join(backend.Unavailable(err), w.rollback(ctx, tx))
	}
	answers := make([]error, len(batch))
	for i, j := range batch {
		answers[i] = j.run(tx)
		if errors.Is(answers[i], storage.ErrUnavailable) {
			return nil, errors.Join(answers[i], w.rollback(ctx, tx))
		}
	}
	if tx.changed {
		if _, err := tx.exec(w.stmt.setCommits, w.mark.commits+1); err != nil {
			return nil, errors.Join(err, w.rollback(ctx, tx))
		}
	}
	if _, err := w.conn.ExecContext(ctx, "COMMIT"); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: commit: %w", storage.ErrUnknown, err), w.rollback(ctx, tx))
	}
	if tx.changed {
		w.changed = true
		w.mark.commits++
		w.mark.next[w.ids.Min] = tx.newNext
		_ = w.mark.write() // an older mark notices less, and harms nothing
		if err := w.checkFiles(); err != nil {
			return nil, fmt.Errorf("%w: %w", storage.ErrUnknown, err)
		}
	}
	return answers, nil
}

// rollback undoes the transaction. SQLite has done so by itself after some errors.
func (w *writer) rollback(ctx context.Context, tx *transaction) error {
	_, err := w.conn.ExecContext(ctx, "ROLLBACK")
	if err != nil && strings.Contains(err.Error(), "no transaction is active") {
		err = nil
	}
	if tx.defined {
		err = errors.Join(err, w.readUnique(ctx))
	}
	return err
}
