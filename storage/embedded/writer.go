package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"natstron/storage"
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
	jobs chan *job
	once sync.Once
	done chan struct{}
}

// job is a call that waits for the writer.
type job struct {
	state  atomic.Int32
	run    func(*transaction) error
	answer chan error // takes one
}

// The states of a job. It leaves waiting once: either the writer takes it, or the
// caller gives it up.
const (
	waiting = iota
	begun
	givenUp
)

func startWriter(ctx context.Context, conn *sql.Conn, ids storage.Range) (*writer, error) {
	w := &writer{ids: ids, conn: conn, jobs: make(chan *job, maxQueue), done: make(chan struct{})}
	if err := w.stmt.prepare(ctx, conn); err != nil {
		return nil, err
	}
	go w.work()
	return w, nil
}

// stop lets the writer do what waits, and waits until it has. Nobody may call do any
// more.
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

// work takes what waits, does it in one transaction, and answers.
func (w *writer) work() {
	defer close(w.done)
	batch := make([]*job, 0, maxBatch)
	for j := range w.jobs {
		batch = batch[:0]
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
		w.all(batch)
	}
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
	ctx := context.Background() // what has begun is ended
	if _, err := w.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return nil, errors.Join(unavailable(err), w.rollback(ctx))
	}
	tx := &transaction{ctx: ctx, stmt: &w.stmt, ids: w.ids}
	answers := make([]error, len(batch))
	for i, j := range batch {
		answers[i] = j.run(tx)
		if errors.Is(answers[i], storage.ErrUnavailable) {
			return nil, errors.Join(answers[i], w.rollback(ctx))
		}
	}
	if _, err := w.conn.ExecContext(ctx, "COMMIT"); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: commit: %w", storage.ErrUnknown, err), w.rollback(ctx))
	}
	return answers, nil
}

// rollback undoes the transaction. SQLite has done so by itself after some errors.
func (w *writer) rollback(ctx context.Context) error {
	_, err := w.conn.ExecContext(ctx, "ROLLBACK")
	if err != nil && strings.Contains(err.Error(), "no transaction is active") {
		return nil
	}
	return err
}

// unavailable is the error of a database that failed.
func unavailable(err error) error {
	return fmt.Errorf("%w: %w", storage.ErrUnavailable, err)
}
