package mongo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"natstron/internal/wire"
	"natstron/storage"
)

// globals is the document that everybody has in the collection of that name.
const globals = "GLOBALS"

// The keys in it: the reference's, ours, and those of Ardos.
const (
	keyNext    = "doid.monotonic"
	keyFree    = "doid.free"
	keyMin     = "doid.min"
	ardosNext  = "doId.next"
	ardosFree  = "doId.free"
	keyFreedAt = "at"
)

// prepareCounter finds the document that counts for our range, or makes it.
func (s *Store) prepareCounter(ctx context.Context) error {
	low := key(s.ids.Min)
	_, err := s.globals.UpdateOne(ctx, bson.D{{Key: "_id", Value: globals}}, bson.D{{Key: "$setOnInsert", Value: bson.D{
		{Key: keyNext, Value: low}, {Key: keyFree, Value: bson.A{}}, {Key: keyMin, Value: low},
	}}}, options.UpdateOne().SetUpsert(true))
	if err != nil && !mongo.IsDuplicateKeyError(err) { // another process has just done so
		return err
	}
	raw, err := s.globals.FindOne(ctx, bson.D{{Key: "_id", Value: globals}}).Raw()
	if err != nil {
		return err
	}
	if err := s.moveFree(ctx, raw); err != nil {
		return err
	}
	next, ok := number(raw, "doid", "monotonic")
	if ardos, is := number(raw, "doId", "next"); !ok && is {
		next = ardos
		if err := s.globalsSet(ctx, bson.D{{Key: keyNext, Value: next}}); err != nil {
			return err
		}
	}
	owner, claimed := number(raw, "doid", "min")
	if !claimed && next >= low && next <= key(s.ids.Max)+1 {
		owner = low
		if err := s.globalsSet(ctx, bson.D{{Key: keyMin, Value: low}}); err != nil {
			return err
		}
	}
	if s.counter = globals; owner == low {
		return nil
	}
	s.counter = fmt.Sprintf("%s %d", globals, low)
	_, err = s.globals.UpdateOne(ctx, bson.D{{Key: "_id", Value: s.counter}}, bson.D{{Key: "$setOnInsert", Value: bson.D{
		{Key: keyNext, Value: low}, {Key: keyMin, Value: low},
	}}}, options.UpdateOne().SetUpsert(true))
	if mongo.IsDuplicateKeyError(err) {
		return nil
	}
	return err
}

// findCounter finds the document that counts for our range, and changes nothing.
func (s *Store) findCounter(ctx context.Context) error {
	s.counter = fmt.Sprintf("%s %d", globals, key(s.ids.Min))
	err := s.globals.FindOne(ctx, bson.D{{Key: "_id", Value: s.counter}}).Err()
	if errors.Is(err, mongo.ErrNoDocuments) {
		s.counter = globals
		return nil
	}
	return err
}

// globalsSet sets keys of GLOBALS that are not there.
func (s *Store) globalsSet(ctx context.Context, set bson.D) error {
	_, err := s.globals.UpdateOne(ctx, bson.D{{Key: "_id", Value: globals}, {Key: set[0].Key, Value: bson.D{{Key: "$exists", Value: false}}}},
		bson.D{{Key: "$set", Value: set}})
	return err
}

func number(raw bson.Raw, path ...string) (int64, bool) {
	v, err := raw.LookupErr(path...)
	if err != nil {
		return 0, false
	}
	return v.AsInt64OK()
}

// listed are the ids of our range, below next, in the lists that others keep in their
// document. They are seen then.
func (s *Store) listed(raw bson.Raw, next uint64, seen map[wire.DoID]bool) (free []wire.DoID) {
	for _, path := range [][]string{{"doid", "free"}, {"doId", "free"}} {
		list, err := raw.LookupErr(path...)
		if err != nil || list.Type != bson.TypeArray {
			continue
		}
		values, _ := list.Array().Values()
		for _, v := range values {
			id, ok := v.AsInt64OK()
			if ok && id >= key(s.ids.Min) && uint64(id) < next && !seen[wire.DoID(id)] {
				seen[wire.DoID(id)] = true
				free = append(free, wire.DoID(id))
			}
		}
	}
	return free
}

// moveFree moves the list of free ids, as the reference, OtpGo and Ardos keep it, to
// documents of their own. It may be repeated.
func (s *Store) moveFree(ctx context.Context, raw bson.Raw) error {
	for _, path := range [][]string{{"doid", "free"}, {"doId", "free"}} {
		list, err := raw.LookupErr(path...)
		if err != nil || list.Type != bson.TypeArray {
			continue
		}
		values, err := list.Array().Values()
		if err != nil || len(values) == 0 {
			continue
		}
		for i, v := range values {
			id, ok := v.AsInt64OK()
			if !ok || id < 1 || id > 1<<32-1 {
				continue // no id: it stays nowhere
			}
			// Free since before anything that we freed.
			if err := s.markFree(ctx, wire.DoID(id), int64(i)); err != nil {
				return err
			}
		}
		_, err = s.globals.UpdateOne(ctx, bson.D{{Key: "_id", Value: globals}},
			bson.D{{Key: "$pullAll", Value: bson.D{{Key: path[0] + "." + path[1], Value: list}}}})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) markFree(ctx context.Context, id wire.DoID, at int64) error {
	_, err := s.freed.UpdateOne(ctx, bson.D{{Key: "_id", Value: key(id)}},
		bson.D{{Key: "$set", Value: bson.D{{Key: keyFreedAt, Value: at}}}}, options.UpdateOne().SetUpsert(true))
	return err
}

// free makes an id free. If it cannot, the id is lost, and the log says so.
func (s *Store) free(ctx context.Context, id wire.DoID) {
	at := s.tick()
	err := s.repeat(context.WithoutCancel(ctx), func(ctx context.Context, _ bool) error { return s.markFree(ctx, id, at) })
	if err != nil {
		s.log.Warn("an id could not be made free, and is lost", "do_id", id, "error", err)
	}
}

// tick is the time, but never twice the same.
func (s *Store) tick() int64 {
	s.clockMu.Lock()
	defer s.clockMu.Unlock()
	s.clock = max(s.clock+1, time.Now().UnixNano())
	return s.clock
}

func (s *Store) between(from, to int64) bson.D {
	return bson.D{{Key: "$gte", Value: from}, {Key: "$lte", Value: to}}
}

// candidate takes an id to try: the next of the range, or the one that has been free
// for the longest time. Nobody else gets it.
func (s *Store) candidate(ctx context.Context) (id wire.DoID, fresh bool, err error) {
	low, high := key(s.ids.Min), key(s.ids.Max)
	err = s.repeat(ctx, func(ctx context.Context, _ bool) error {
		raw, err := s.globals.FindOneAndUpdate(ctx,
			bson.D{{Key: "_id", Value: s.counter}, {Key: keyNext, Value: s.between(low, high)}},
			bson.D{{Key: "$inc", Value: bson.D{{Key: keyNext, Value: int64(1)}}}}).Raw()
		if err == nil {
			next, _ := number(raw, "doid", "monotonic")
			id, fresh = wire.DoID(next), true
			return nil
		}
		if !errors.Is(err, mongo.ErrNoDocuments) {
			return err
		}
		raw, err = s.freed.FindOneAndDelete(ctx, bson.D{{Key: "_id", Value: s.between(low, high)}},
			options.FindOneAndDelete().SetSort(bson.D{{Key: keyFreedAt, Value: 1}, {Key: "_id", Value: 1}})).Raw()
		if errors.Is(err, mongo.ErrNoDocuments) {
			return storage.ErrExhausted
		}
		if err == nil {
			old, _ := number(raw, "_id")
			id, fresh = wire.DoID(old), false
		}
		return err
	})
	return id, fresh, err
}

// stepOver has the counter go on behind the objects that stand in a row from id on:
// others put them there.
func (s *Store) stepOver(ctx context.Context, id wire.DoID) error {
	return s.repeat(ctx, func(ctx context.Context, _ bool) error {
		cursor, err := s.objects.Find(ctx, bson.D{{Key: "_id", Value: s.between(key(id), key(s.ids.Max))}},
			options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetProjection(bson.D{{Key: "_id", Value: 1}}))
		if err != nil {
			return err
		}
		next := key(id)
		for cursor.Next(ctx) {
			if found, ok := number(cursor.Current, "_id"); !ok || found != next {
				break
			}
			next++
		}
		if err := errors.Join(cursor.Err(), cursor.Close(ctx)); err != nil {
			return err
		}
		_, err = s.globals.UpdateOne(ctx, bson.D{{Key: "_id", Value: s.counter}},
			bson.D{{Key: "$max", Value: bson.D{{Key: keyNext, Value: next}}}})
		return err
	})
}

// IDs is [storage.Store.IDs].
func (s *Store) IDs(ctx context.Context) (ids storage.IDs, err error) {
	err = s.do(ctx, "ids", 0, func(ctx context.Context, _ bool) error {
		raw, err := s.globals.FindOne(ctx, bson.D{{Key: "_id", Value: s.counter}}).Raw()
		if err != nil && !errors.Is(err, mongo.ErrNoDocuments) {
			return err
		}
		next, ok := number(raw, "doid", "monotonic")
		if !ok {
			next, _ = number(raw, "doId", "next")
		}
		ids = storage.IDs{Next: min(max(uint64(next), uint64(s.ids.Min)), uint64(s.ids.Max)+1)}
		seen := map[wire.DoID]bool{}
		ids.Free = s.listed(raw, ids.Next, seen)
		cursor, err := s.freed.Find(ctx, bson.D{{Key: "_id", Value: s.between(key(s.ids.Min), int64(ids.Next)-1)}},
			options.Find().SetSort(bson.D{{Key: keyFreedAt, Value: 1}, {Key: "_id", Value: 1}}))
		if err != nil {
			return err
		}
		for cursor.Next(ctx) {
			id, _ := number(cursor.Current, "_id")
			if !seen[wire.DoID(id)] {
				ids.Free = append(ids.Free, wire.DoID(id))
			}
		}
		return errors.Join(cursor.Err(), cursor.Close(ctx))
	})
	return ids, err
}

// SetIDs is [storage.Store.SetIDs].
func (s *Store) SetIDs(ctx context.Context, ids storage.IDs) error {
	if err := ids.Check(s.ids); err != nil {
		return storage.Fail("set ids", 0, err)
	}
	return s.do(ctx, "set ids", 0, func(ctx context.Context, _ bool) error {
		if _, err := s.freed.DeleteMany(ctx, bson.D{{Key: "_id", Value: s.between(key(s.ids.Min), key(s.ids.Max))}}); err != nil {
			return err
		}
		for i, id := range ids.Free {
			if err := s.markFree(ctx, id, int64(i)); err != nil {
				return err
			}
		}
		_, err := s.globals.UpdateOne(ctx, bson.D{{Key: "_id", Value: s.counter}},
			bson.D{{Key: "$set", Value: bson.D{{Key: keyNext, Value: int64(ids.Next)}}}})
		return err
	})
}
