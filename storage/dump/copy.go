package dump

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"

	"golang.org/x/sync/errgroup"

	"natstron/bridge/wire"
	"natstron/storage"
	"natstron/storage/document"
)

// Source is where objects come from.
type Source interface {
	// All is that of storage.Store.
	All(ctx context.Context, above wire.DoID) iter.Seq2[storage.Object, error]
	// IDs are asked for when All has come to its end; nil if they are not known.
	IDs(ctx context.Context) (*storage.IDs, error)
}

// From makes a Source of a database.
func From(r storage.Reader) Source { return database{r} }

type database struct{ storage.Reader }

func (d database) IDs(ctx context.Context) (*storage.IDs, error) {
	ids, err := d.Reader.IDs(ctx)
	return &ids, err
}

// Options say how to copy.
type Options struct {
	// Replace has objects that are there, but different, replaced.
	Replace bool
	// Form, if it is set, changes how an object is stored, and not what it is.
	Form func(storage.Object) storage.Object
	// Problem is told of each object that was not copied, and why: one that cannot be
	// read, one that the store does not take, also because another object has its value of a
	// unique index (an ErrTaken), one that is there and different (an ErrExists). It may be called by several goroutines, one at a time.
	Problem func(id wire.DoID, err error)
	// Copied is told of each object that is done, in the same way.
	Copied func()
}

// Result is what a copy did.
type Result struct {
	New      int // objects that were not there
	Same     int // that were there already
	Replaced int
	Problems int // objects that were not copied
	Outside  int // objects of ids that are not in the store's range
	IDs      *storage.IDs
}

// workers is how many objects are written at once, so that the store can share the
// cost of a commit among them.
const workers = 32

// Copy puts the objects of a source into a store, then has the store go on giving ids
// where both of them left off. An error means that it broke off; what it has copied
// stays, and another Copy goes on from there.
func Copy(ctx context.Context, from Source, to storage.Store, within storage.Range, o Options) (Result, error) {
	c := &copying{options: o, to: to}
	group, writing := errgroup.WithContext(ctx)
	group.SetLimit(workers)
	for one, err := range from.All(writing, 0) {
		switch {
		case errors.Is(err, storage.ErrUnreadable):
			c.problem(one.ID, err)
			continue
		case err != nil:
			if writing.Err() == nil { // it is the source that failed
				return c.end(group, err)
			}
			return c.end(group, ctx.Err())
		}
		if !within.Contains(one.ID) {
			c.result.Outside++
		}
		group.Go(func() error { return c.object(writing, one) })
	}
	if result, err := c.end(group, nil); err != nil {
		return result, err
	}
	err := c.ids(ctx, from, within)
	return c.result, err
}

// end waits for what is under way.
func (c *copying) end(group *errgroup.Group, cause error) (Result, error) {
	err := errors.Join(cause, group.Wait())
	return c.result, err
}

type copying struct {
	options Options
	to      storage.Store

	mu     sync.Mutex
	result Result
}

func (c *copying) problem(id wire.DoID, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.result.Problems++
	c.options.Problem(id, err)
}

func (c *copying) done(what *int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	*what++
	c.options.Copied()
}

// object copies one object. The error ends the copy.
func (c *copying) object(ctx context.Context, o storage.Object) error {
	if c.options.Form != nil {
		o = c.options.Form(o)
	}
	err := c.to.Put(ctx, o)
	switch {
	case err == nil:
		c.done(&c.result.New)
		return nil
	case errors.Is(err, storage.ErrExists):
		return c.present(ctx, o, err)
	case errors.Is(err, storage.ErrValue), errors.Is(err, storage.ErrTaken):
		c.problem(o.ID, err)
		return nil
	}
	return err
}

// present handles an object that exists already.
func (c *copying) present(ctx context.Context, o storage.Object, exists error) error {
	there, err := c.to.Get(ctx, o.ID)
	switch {
	case err == nil && same(there, o):
		c.done(&c.result.Same)
		return nil
	case err != nil && !errors.Is(err, storage.ErrUnreadable):
		return err
	case !c.options.Replace:
		c.problem(o.ID, fmt.Errorf("%w, and it is different", exists))
		return nil
	}
	if err == nil && there.Class == o.Class {
		err = c.to.Update(ctx, o.ID, update(there, o))
	} else {
		err = c.replace(ctx, o, there, err == nil)
	}
	switch {
	case errors.Is(err, storage.ErrValue), errors.Is(err, storage.ErrTaken):
		c.problem(o.ID, err)
		return nil
	case err == nil:
		c.done(&c.result.Replaced)
	}
	return err
}

// replace puts an object in the place of another that is of another class, or cannot be read.
// What can be read stays if the store does not take the new one.
func (c *copying) replace(ctx context.Context, o, there storage.Object, readable bool) error {
	if err := c.to.Delete(ctx, o.ID); err != nil {
		return err
	}
	err := c.to.Put(ctx, o)
	if err == nil || !readable {
		return err
	}
	if failed := c.to.Put(context.WithoutCancel(ctx), there); failed != nil && !errors.Is(failed, storage.ErrExists) {
		return fmt.Errorf("object %d, a %s, is lost: it cannot be put back: %v, after %v", o.ID, there.Class, failed, err)
	}
	return err
}

// update makes of one object the other.
func update(there, o storage.Object) storage.Update {
	u := storage.Update{Set: o.Fields}
	for _, e := range there.Fields {
		if _, ok := o.Fields.Get(e.Name); !ok {
			u.Delete = append(u.Delete, e.Name)
		}
	}
	return u
}

// same compares two objects; in which order fields are stored means nothing.
func same(a, b storage.Object) bool {
	if a.Class != b.Class || len(a.Fields) != len(b.Fields) {
		return false
	}
	for _, e := range a.Fields {
		if v, ok := b.Fields.Get(e.Name); !ok || !document.Equal(e.Value, v) {
			return false
		}
	}
	return true
}

// ids has the store go on where both left off: no id that either has given is given
// again, unless it is free in one of them and was given by neither since.
func (c *copying) ids(ctx context.Context, from Source, within storage.Range) error {
	theirs, err := from.IDs(ctx)
	if err != nil || theirs == nil {
		return err
	}
	ours, err := c.to.IDs(ctx)
	if err != nil {
		return err
	}
	merged := storage.IDs{Next: max(ours.Next, min(theirs.Next, uint64(within.Max)+1))}
	seen := map[wire.DoID]bool{}
	for _, list := range [][]wire.DoID{theirs.Free, ours.Free} {
		for _, id := range list {
			if within.Contains(id) && uint64(id) < merged.Next && !seen[id] {
				seen[id] = true
				merged.Free = append(merged.Free, id)
			}
		}
	}
	if err := c.to.SetIDs(ctx, merged); err != nil {
		return err
	}
	c.result.IDs = &merged
	return nil
}
