package mongo

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"natstron/bridge/wire"
	"natstron/storage"
)

// keyFreedAt says since when an id is free.
const keyFreedAt = "at"

var oldestFirst = bson.D{{Key: keyFreedAt, Value: 1}, {Key: "_id", Value: 1}}

// candidate is an id that Create may try.
type candidate struct {
	id    wire.DoID
	fresh bool  // no object ever had it, as far as the counter knows
	at    int64 // since when it is free, if it is so in the database
}

// spares are candidates that this process has at hand: ids that the counter gave it,
// and that got no object, and the oldest free ones. Free ones stay in the database
// until an object has them; the first process to create one has the id.
type spares struct {
	mu      sync.Mutex
	list    []candidate
	trying  map[wire.DoID]bool // free ones that Create is trying
	reading chan struct{}      // holds a value unless more are being read
}

// maxSpares is how many free ids are read at once.
const maxSpares = 1000

// candidate is the id to try next: the next of the range, or the one that has been
// free for the longest time.
func (s *Store) candidate(ctx context.Context) (candidate, error) {
	if c, ok := s.spare(); ok {
		return c, nil
	}
	id, err := s.claim(ctx)
	if !errors.Is(err, storage.ErrExhausted) {
		return candidate{id: id, fresh: true}, err
	}
	select {
	case <-s.spares.reading:
	case <-ctx.Done():
		return candidate{}, ctx.Err()
	}
	defer func() { s.spares.reading <- struct{}{} }()
	if c, ok := s.spare(); ok { // another has read them meanwhile
		return c, nil
	}
	if err := s.readSpares(ctx); err != nil {
		return candidate{}, err
	}
	if c, ok := s.spare(); ok {
		return c, nil
	}
	return candidate{}, storage.ErrExhausted
}

func (s *Store) spare() (c candidate, ok bool) {
	s.spares.mu.Lock()
	defer s.spares.mu.Unlock()
	if len(s.spares.list) == 0 {
		return c, false
	}
	c = s.spares.list[0]
	s.spares.list = s.spares.list[1:]
	if !c.fresh {
		s.spares.trying[c.id] = true
	}
	return c, true
}

// giveBack makes a candidate that got no object the next one.
func (s *Store) giveBack(c candidate) {
	s.spares.mu.Lock()
	defer s.spares.mu.Unlock()
	delete(s.spares.trying, c.id)
	s.spares.list = slices.Insert(s.spares.list, 0, c)
}

// given are the spares that the database does not know to be free.
func (s *Store) given() (ids []wire.DoID) {
	s.spares.mu.Lock()
	defer s.spares.mu.Unlock()
	for _, c := range s.spares.list {
		if c.fresh {
			ids = append(ids, c.id)
		}
	}
	return ids
}

// forget drops the spares, those that the counter gave too if all is set.
func (s *Store) forget(all bool) {
	s.spares.mu.Lock()
	defer s.spares.mu.Unlock()
	s.spares.list = slices.DeleteFunc(s.spares.list, func(c candidate) bool { return all || !c.fresh })
}

// readSpares reads the oldest free ids, those apart that Create is trying.
func (s *Store) readSpares(ctx context.Context) error {
	var oldest []candidate
	err := s.repeat(ctx, func(ctx context.Context, _ *attempts) error {
		oldest = oldest[:0]
		return each(ctx, s.freed, bson.D{{Key: "_id", Value: s.between(key(s.ids.Min), key(s.ids.Max))}},
			options.Find().SetSort(oldestFirst).SetLimit(maxSpares).SetBatchSize(maxSpares), func(raw bson.Raw) bool {
				id, _ := number(raw, "_id")
				at, _ := number(raw, keyFreedAt)
				oldest = append(oldest, candidate{id: wire.DoID(id), at: at})
				return true
			})
	})
	s.spares.mu.Lock()
	defer s.spares.mu.Unlock()
	for _, c := range oldest {
		if !s.spares.trying[c.id] {
			s.spares.list = append(s.spares.list, c)
		}
	}
	return err
}

// taken has the database know that an id is not free: an object has it. If that fails,
// the id is tried once more, and found taken.
func (s *Store) taken(ctx context.Context, c candidate) {
	if c.fresh {
		return
	}
	err := s.repeat(ctx, func(ctx context.Context, _ *attempts) error {
		_, err := s.freed.DeleteOne(ctx, bson.D{{Key: "_id", Value: key(c.id)}, {Key: keyFreedAt, Value: c.at}})
		return err
	})
	s.spares.mu.Lock()
	delete(s.spares.trying, c.id)
	s.spares.mu.Unlock()
	if err != nil {
		s.log.Debug("an id that is not free any more stays in the list of free ones", "do_id", c.id, "error", err)
	}
}

// free makes an id free. If it cannot, the id is lost, and the log says so.
func (s *Store) free(ctx context.Context, ids ...wire.DoID) {
	if err := s.markFree(context.WithoutCancel(ctx), ids, s.ticks(len(ids)), false); err != nil {
		s.log.Warn("ids could not be made free, and are lost", "do_ids", ids, "error", err)
	}
}

// freeAtOnce is how many ids are made free in one attempt.
const freeAtOnce = 2000

// markFree makes ids free, the first of them since first. With keep those that are free
// already stay so since then. What comes late does no harm: Create passes over an id
// that an object has.
func (s *Store) markFree(ctx context.Context, ids []wire.DoID, first int64, keep bool) error {
	for part := range slices.Chunk(ids, freeAtOnce) {
		models := make([]mongo.WriteModel, len(part))
		for i, id := range part {
			one, since := bson.D{{Key: "_id", Value: key(id)}}, bson.E{Key: keyFreedAt, Value: first + int64(i)}
			if keep {
				models[i] = mongo.NewInsertOneModel().SetDocument(append(one, since))
			} else {
				models[i] = mongo.NewUpdateOneModel().SetFilter(one).SetUpdate(bson.D{{Key: "$set", Value: bson.D{since}}}).SetUpsert(true)
			}
		}
		first += int64(len(part))
		err := s.repeat(ctx, func(ctx context.Context, _ *attempts) error {
			_, err := s.freed.BulkWrite(ctx, models, options.BulkWrite().SetOrdered(false))
			if !onlyDuplicates(err) {
				return err
			}
			if !keep { // another process does the same
				return errChanged
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// onlyDuplicates reports whether all that was not done of several writes is there already.
func onlyDuplicates(err error) bool {
	var bulk mongo.BulkWriteException
	if !errors.As(err, &bulk) || len(bulk.WriteErrors) == 0 || bulk.WriteConcernError != nil {
		return false
	}
	return !slices.ContainsFunc(bulk.WriteErrors, func(e mongo.BulkWriteError) bool { return !mongo.IsDuplicateKeyError(e.WriteError) })
}

// moveFree moves a list of free ids, as the reference, OtpGo and Ardos keep it in
// GLOBALS, to documents of their own. They are free since before any that we freed.
func (s *Store) moveFree(ctx context.Context, list string) error {
	for {
		raw, err := s.readCounter(ctx, globals)
		if err != nil {
			return err
		}
		doc, name := list[:len("doid")], list[len("doid."):]
		there := raw.Lookup(doc, name)
		array, ok := there.ArrayOK()
		values, err := array.Values()
		if !ok || err != nil || len(values) == 0 {
			return nil
		}
		var ids []wire.DoID
		seen := map[int64]bool{}
		for _, v := range values {
			if id, ok := v.AsInt64OK(); ok && id >= 1 && id <= 1<<32-1 && !seen[id] {
				seen[id] = true
				ids = append(ids, wire.DoID(id))
			}
		}
		if err := s.markFree(ctx, ids, 0, true); err != nil {
			return err
		}
		emptied := false
		err = s.repeat(ctx, func(ctx context.Context, _ *attempts) error {
			result, err := s.globals.UpdateOne(ctx, bson.D{{Key: "_id", Value: globals}, {Key: list, Value: there}},
				bson.D{{Key: "$set", Value: bson.D{{Key: list, Value: bson.A{}}}}})
			emptied = err == nil && result.MatchedCount > 0
			return err
		})
		if err != nil {
			return err
		}
		if emptied {
			s.log.Info("moved the list of free ids to a collection of its own", "ids", len(ids))
		}
	}
}

// indexFreed has the oldest free id found soon. Without an index all goes on, but
// slower.
func (s *Store) indexFreed(ctx context.Context) {
	err := s.repeat(ctx, func(ctx context.Context, _ *attempts) error {
		_, err := s.freed.Indexes().CreateOne(ctx, mongo.IndexModel{Keys: oldestFirst})
		return err
	})
	if err != nil {
		s.log.Warn("the free ids have no index: creates may be slow when all others are given", "error", err)
	}
}

// ticks is the time, but never twice the same: the first of n instants in a row.
func (s *Store) ticks(n int) int64 {
	s.clockMu.Lock()
	defer s.clockMu.Unlock()
	first := max(s.clock, time.Now().UnixNano())
	s.clock = first + int64(max(n, 1))
	return first
}
