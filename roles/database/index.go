package database

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"natstron/dc"
	"natstron/internal/backoff"
	"natstron/storage"
)

// An Index is a field by whose value objects of a class can be found.
type Index struct {
	Field  string `key:"field,required" but:"Class.field, as the DC files have them" doc:"The field. It must be db, and one whole number, char, string or blob, or a method with one such argument."`
	Unique bool   `key:"unique" default:"false" doc:"Whether each value belongs to one object at most: what would give it to a second one is refused."`
}

// CheckKeys finds what is wrong with the name; the DC files say the rest.
func (x *Index) CheckKeys(_ func(string) bool, report func(problem, fix string, keys ...string)) {
	if class, field, ok := strings.Cut(x.Field, "."); !ok || class == "" || field == "" {
		report(fmt.Sprintf("%q is not Class.field", x.Field), "write the class, a point and the field, such as Account.name", "field")
	}
}

// CheckKeys finds fields that are indexed twice.
func (o *Options) CheckKeys(_ func(string) bool, report func(problem, fix string, keys ...string)) {
	for i, x := range o.Index {
		same := func(other Index) bool { return other.Field == x.Field }
		if first := slices.IndexFunc(o.Index, same); first < i {
			report(fmt.Sprintf("%s is index[%d] already", x.Field, first), "keep one of them", fmt.Sprintf("index[%d].field", i))
		}
	}
}

// fieldIndexes are the indexes of a configuration by a DC file.
func fieldIndexes(file *dc.File, list []Index) ([]storage.FieldIndex, error) {
	var all []storage.FieldIndex
	for _, x := range list {
		one, err := storage.FindIndex(file, x.Field, x.Unique)
		if err != nil {
			return nil, fmt.Errorf("index: %w", err)
		}
		all = append(all, one)
	}
	return all, nil
}

// indexes are those of a role, and what became of them.
type indexes struct {
	list []storage.FieldIndex
	made chan struct{} // closed when all are made, or will not be

	mu    sync.Mutex
	state map[storage.FieldIndex]error // nil: it can be used
}

var errIndexing = errors.New("it is being made")

func newIndexes(list []storage.FieldIndex) *indexes {
	x := &indexes{list: list, made: make(chan struct{}), state: map[storage.FieldIndex]error{}}
	for _, one := range list {
		x.state[one] = errIndexing
	}
	return x
}

// canUse returns an error if an index cannot be used.
func (x *indexes) canUse(one storage.FieldIndex) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.state[one]; err != nil {
		return fail(NoIndex, "the index %v cannot be used: %w", one, err)
	}
	return nil
}

// check returns the error of the first index that cannot be used.
func (x *indexes) check() error {
	for _, one := range x.list {
		if err := x.canUse(one); err != nil {
			return err
		}
	}
	return nil
}

// usable says for each index by its name whether it can be used.
func (x *indexes) usable() map[string]bool {
	all := make(map[string]bool, len(x.list))
	for _, one := range x.list {
		all[one.String()] = x.canUse(one) == nil
	}
	return all
}

func (x *indexes) set(one storage.FieldIndex, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.state[one] = err
}

// indexTime is how long Start waits for indexes. Most are there, or are soon made.
const indexTime = time.Second

// makeIndexes has the store make what is missing. Later than indexTime it goes on while
// the role serves.
func (r *Role) makeIndexes(ctx context.Context) {
	begin := time.Now()
	r.watching.Go(func() {
		defer close(r.indexes.made)
		for pause := (backoff.Pause{First: 100 * time.Millisecond, Last: 10 * time.Second}); ; {
			err := r.objects.SetIndexes(ctx, r.indexes.list)
			doubles, other := storage.DoublesIn(err)
			if other == nil {
				r.indexed(doubles)
				return
			}
			if ctx.Err() != nil {
				return
			}
			r.log.Warn("cannot make the indexes yet: requests that need them fail", "error", other)
			if !pause.Wait(ctx.Done()) {
				return
			}
		}
	})
	select {
	case <-r.indexes.made:
	case <-time.After(indexTime):
		r.log.Info("making indexes: requests that need them fail until they are made", "indexes", fmt.Sprint(r.indexes.list))
		r.watching.Go(func() {
			if <-r.indexes.made; ctx.Err() == nil {
				r.log.Info("made the indexes", "after", time.Since(begin).Round(time.Millisecond))
			}
		})
	}
}

// indexed notes which indexes can be used: all but those that cannot be unique.
func (r *Role) indexed(doubles []*storage.DoublesError) {
	for _, one := range r.indexes.list {
		i := slices.IndexFunc(doubles, func(e *storage.DoublesError) bool { return e.Index == one.Index() })
		if i < 0 {
			r.indexes.set(one, nil)
			continue
		}
		r.indexes.set(one, doubles[i])
		r.log.Error("an index cannot be unique, and is not made: give the objects other values, or delete them, and start again",
			"index", one.String(), "error", doubles[i])
	}
}
