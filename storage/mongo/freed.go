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

	"natstron/internal/wire"
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
// until an object has them; who creates that first, has the id.
type spares struct {
	mu      sync.Mutex
	list    []candidate
	reading chan struct{} // holds a token while nobody reads more of them
}

// readSpares is how many free ids are read at once.
const readSpares = 1000

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
	oldest, err := s.oldestFree(ctx)
	switch {
	case err != nil:
		return candidate{}, err
	case len(oldest) == 0:
		return candidate{}, storage.ErrExhausted
	}
	s.spares.mu.Lock()
	defer s.spares.mu.Unlock()
	s.spares.list = append(s.spares.list, oldest[1:]...)
	return oldest[0], nil
}

func (s *Store) spare() (c candidate, ok bool) {
	s.spares.mu.Lock()
	defer s.spares.mu.Unlock()
	if len(s.spares.list) == 0 {
		return c, false
	}
	c = s.spares.list[0]
	s.spares.list = s.spares.list[1:]
	return c, true
}

// giveBack makes a candidate that got no object the next one.
func (s *Store) giveBack(c candidate) {
	s.spares.mu.Lock()
	defer s.spares.mu.Unlock()
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

// forget drops all spares.
func (s *Store) forget() {
	s.spares.mu.Lock()
	defer s.spares.mu.Unlock()
	s.spares.list = nil
}

func (s *Store) oldestFree(ctx context.Context) (oldest []candidate, err error) {
	err = s.repeat(ctx, func(ctx context.Context, _ *attempts) error {
		oldest = oldest[:0]
		cursor, err := s.freed.Find(ctx, bson.D{{Key: "_id", Value: s.between(key(s.ids.Min), key(s.ids.Max))}},
			options.Find().SetSort(oldestFirst).SetLimit(readSpares).SetBatchSize(readSpares))
		if err != nil {
			return fromRead(err)
		}
		for cursor.Next(ctx) {
			id, _ := number(cursor.Current, "_id")
			at, _ := number(cursor.Current, keyFreedAt)
			oldest = append(oldest, candidate{id: wire.DoID(id), at: at})
		}
		return fromRead(errors.Join(cursor.Err(), cursor.Close(ctx)))
	})
	return oldest, err
}

// taken has the database know that an id is not free: an object has it. If that fails,
// the id is tried once more, in vain, and then again not free.
func (s *Store) taken(ctx context.Context, c candidate) {
	if c.fresh {
		return
	}
	err := s.repeat(ctx, func(ctx context.Context, _ *attempts) error {
		_, err := s.freed.DeleteOne(ctx, bson.D{{Key: "_id", Value: key(c.id)}, {Key: keyFreedAt, Value: c.at}})
		return err
	})
	if err != nil {
		s.log.Debug("an id that is not free any more stays in the list of free ones", "do_id", c.id, "error", err)
	}
}

// free makes an id free. If it cannot, the id is lost, and the log says so.
func (s *Store) free(ctx context.Context, ids ...wire.DoID) {
	if err := s.markFree(context.WithoutCancel(ctx), ids, s.ticks(len(ids)), "$set"); err != nil {
		s.log.Warn("ids could not be made free, and are lost", "do_ids", ids, "error", err)
	}
}

// freeAtOnce is how many ids are made free in one attempt.
const freeAtOnce = 5000

// markFree makes ids free, the first of them since first. With "$setOnInsert" those
// that are free already stay so since then. What comes late does no harm: Create passes
// over an id that an object has.
func (s *Store) markFree(ctx context.Context, ids []wire.DoID, first int64, set string) error {
	for part := range slices.Chunk(ids, freeAtOnce) {
		models := make([]mongo.WriteModel, len(part))
		for i, id := range part {
			models[i] = mongo.NewUpdateOneModel().SetFilter(bson.D{{Key: "_id", Value: key(id)}}).
				SetUpdate(bson.D{{Key: set, Value: bson.D{{Key: keyFreedAt, Value: first + int64(i)}}}}).SetUpsert(true)
		}
		first += int64(len(part))
		err := s.repeat(ctx, func(ctx context.Context, _ *attempts) error {
			_, err := s.freed.BulkWrite(ctx, models, options.BulkWrite().SetOrdered(false))
			if mongo.IsDuplicateKeyError(err) { // another process does the same
				return errChanged
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
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
		if err := s.markFree(ctx, ids, 0, "$setOnInsert"); err != nil {
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
