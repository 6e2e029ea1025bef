// Package backend is what the backends of package storage have in common.
package backend

import (
	"context"
	"fmt"
	"iter"
	"sync"

	"natstron/bridge/wire"
	"natstron/storage"
)

// Calls are the calls of a store that are under way. The zero value lets calls in.
type Calls struct {
	mu     sync.RWMutex // held for reading during each call
	closed bool
}

// Do makes a call, and says in its error what it was. The call is not made, and the error
// is storage.ErrClosed or that of ctx, if the store is closed or ctx has ended.
func (c *Calls) Do(ctx context.Context, op string, id wire.DoID, call func() error) error {
	c.mu.RLock()
	defer c.mu.RUnlock()
	err := ctx.Err()
	if c.closed {
		err = storage.ErrClosed
	}
	if err == nil {
		err = call()
	}
	return storage.Fail(op, id, err)
}

// Close waits for the calls that are under way, lets no more in, and releases what the
// store holds. The second time it does nothing.
func (c *Calls) Close(release func() error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	return storage.Fail("close", 0, release())
}

// Unavailable is the error of a database that failed.
func Unavailable(err error) error { return fmt.Errorf("%w: %w", storage.ErrUnavailable, err) }

// PageSize is how many objects a store reads at once to list them. No call is under way
// while the caller looks at them.
const PageSize = 256

// Pages is [storage.Store.All] of a store that reads pages: read returns up to PageSize
// objects above an id, in order, and object makes an object of one of them.
func Pages[T any](above wire.DoID, read func(above wire.DoID) ([]T, error), object func(T) (wire.DoID, storage.Object, error)) iter.Seq2[storage.Object, error] {
	return func(yield func(storage.Object, error) bool) {
		for {
			page, err := read(above)
			if err != nil {
				yield(storage.Object{}, err)
				return
			}
			for _, one := range page {
				id, o, err := object(one)
				if err != nil {
					o = storage.Object{ID: id}
				}
				above = max(above, id)
				if !yield(o, storage.Fail("list", id, err)) {
					return
				}
			}
			if len(page) < PageSize {
				return
			}
		}
	}
}
