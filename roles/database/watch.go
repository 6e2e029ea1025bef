package database

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"natstron/bridge/wire"
	"natstron/storage"
)

// watch asks the store regularly for an object that cannot exist, so that the log says
// once when the store stops answering, and once when it answers again, also while there
// are no requests.
type watch struct {
	store storage.Store
	log   *slog.Logger
	every time.Duration
	asked chan struct{} // capacity 1: check at once

	answer chan error // to a question that has none yet, if not nil; of run's goroutine

	mu    sync.Mutex
	down  error // nil while it answers
	since time.Time
}

// How often the store is asked while it answers, by default, and how long it may take.
const (
	watchEvery = time.Second
	watchTime  = 2 * time.Second
)

func newWatch(store storage.Store, log *slog.Logger, every time.Duration) *watch {
	return &watch{store: store, log: log, every: every, asked: make(chan struct{}, 1)}
}

// checkSoon has the store asked at once, because a request has failed.
func (w *watch) checkSoon() {
	select {
	case w.asked <- struct{}{}:
	default:
	}
}

// run watches until ctx ends.
func (w *watch) run(ctx context.Context) {
	tick := time.NewTicker(w.every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.asked:
		case <-tick.C:
		}
		w.check(ctx)
	}
}

// check asks the store, and says in the log what has changed.
func (w *watch) check(ctx context.Context) {
	err := w.probe(ctx)
	if ctx.Err() != nil {
		return
	}
	w.mu.Lock()
	before, since := w.down, w.since
	w.down = err
	if err != nil && before == nil {
		w.since = time.Now()
	}
	w.mu.Unlock()
	switch {
	case err != nil && before == nil:
		w.log.Warn("the database does not answer: requests fail until it does", "error", err)
	case err == nil && before != nil:
		w.log.Info("the database answers again", "after", time.Since(since).Round(time.Millisecond))
	}
}

// probe waits for the answer to a question, the earlier one if that is still open: a disk
// that hangs ignores contexts.
func (w *watch) probe(ctx context.Context) error {
	if w.answer == nil {
		answer := make(chan error, 1)
		w.answer = answer
		go func() {
			asking, cancel := context.WithTimeout(ctx, watchTime)
			defer cancel()
			answer <- probe(asking, w.store)
		}()
	}
	late := time.NewTimer(watchTime + watchTime/4)
	defer late.Stop()
	select {
	case err := <-w.answer:
		w.answer = nil
		return err
	case <-ctx.Done():
		return nil
	case <-late.C:
		return errNoAnswer
	}
}

var errNoAnswer = errors.New("the database does not answer in time")

// state is the reason why the store does not answer; nil while it does.
func (w *watch) state() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.down
}

// probe asks a store for an object that cannot exist.
func probe(ctx context.Context, store storage.Store) error {
	_, err := store.Get(ctx, wire.InvalidDoID)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return nil
	case err == nil, errors.Is(err, storage.ErrUnavailable): // it says so itself
		return err
	}
	return fmt.Errorf("the database does not answer: %w", err)
}

// logContents logs how much the store holds, so that the log shows what is missing.
func logContents(ctx context.Context, store storage.Store, log *slog.Logger) {
	counter, ok := store.(storage.Counter)
	if !ok {
		return
	}
	objects, highest, err := counter.Count(ctx)
	ids, failed := store.IDs(ctx)
	if err := errors.Join(err, failed); err != nil {
		log.Warn("cannot count the objects of the database", "error", err)
		return
	}
	log.Info("opened the database", "objects", objects, "highest_id", uint32(highest), "next_id", ids.Next, "free_ids", len(ids.Free))
}
