package mongo

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"natstron/bridge/wire"
	"natstron/storage"
)

// globals is the document that everybody has in the collection of that name.
const globals = "GLOBALS"

// The keys in it: the reference's, ours, and those of Ardos.
const (
	keyNext   = "doid.monotonic"
	keyFree   = "doid.free"
	keyMin    = "doid.min"
	ardosNext = "doId.next"
	ardosFree = "doId.free"
)

// prepareCounter finds the document that counts for our range, or makes it.
func (s *Store) prepareCounter(ctx context.Context) error {
	s.indexFreed(ctx)
	low := key(s.ids.Min)
	if err := s.makeCounter(ctx, globals, bson.D{{Key: keyNext, Value: low}, {Key: keyFree, Value: bson.A{}}, {Key: keyMin, Value: low}}); err != nil {
		return err
	}
	raw, err := s.readCounter(ctx, globals)
	if err != nil {
		return err
	}
	for _, list := range []string{keyFree, ardosFree} {
		if err := s.moveFree(ctx, list); err != nil {
			return err
		}
	}
	next, ok := number(raw, "doid", "monotonic")
	if ardos, is := number(raw, "doId", "next"); !ok && is {
		next = ardos
		if err := s.globalsSet(ctx, keyNext, next); err != nil {
			return err
		}
	}
	owner, claimed := number(raw, "doid", "min")
	if !claimed && next >= low && next <= key(s.ids.Max)+1 {
		owner = low
		if err := s.globalsSet(ctx, keyMin, low); err != nil {
			return err
		}
	}
	if s.counter = globals; owner == low {
		return nil
	}
	s.counter = fmt.Sprintf("%s %d", globals, low)
	return s.makeCounter(ctx, s.counter, bson.D{{Key: keyNext, Value: low}, {Key: keyMin, Value: low}})
}

// makeCounter makes a document that counts, unless it is there.
func (s *Store) makeCounter(ctx context.Context, name string, first bson.D) error {
	return s.repeat(ctx, func(ctx context.Context, _ *attempts) error {
		_, err := s.globals.UpdateOne(ctx, bson.D{{Key: "_id", Value: name}}, bson.D{{Key: "$setOnInsert", Value: first}}, options.UpdateOne().SetUpsert(true))
		if mongo.IsDuplicateKeyError(err) { // another process has just done so
			return nil
		}
		return err
	})
}

func (s *Store) readCounter(ctx context.Context, name string) (raw bson.Raw, err error) {
	err = s.repeat(ctx, func(ctx context.Context, _ *attempts) error {
		raw, err = s.globals.FindOne(ctx, bson.D{{Key: "_id", Value: name}}).Raw()
		return fromRead(err)
	})
	return raw, err
}

// findCounter finds the document that counts for our range, and changes nothing.
func (s *Store) findCounter(ctx context.Context) error {
	s.counter = fmt.Sprintf("%s %d", globals, key(s.ids.Min))
	_, err := s.readCounter(ctx, s.counter)
	if errors.Is(err, storage.ErrNotFound) {
		s.counter = globals
		return nil
	}
	return err
}

// globalsSet sets a key of GLOBALS that is not there.
func (s *Store) globalsSet(ctx context.Context, name string, value int64) error {
	return s.repeat(ctx, func(ctx context.Context, _ *attempts) error {
		_, err := s.globals.UpdateOne(ctx, bson.D{{Key: "_id", Value: globals}, {Key: name, Value: bson.D{{Key: "$exists", Value: false}}}},
			bson.D{{Key: "$set", Value: bson.D{{Key: name, Value: value}}}})
		return err
	})
}

func number(raw bson.Raw, path ...string) (int64, bool) {
	v, err := raw.LookupErr(path...)
	if err != nil {
		return 0, false
	}
	return v.AsInt64OK()
}

func (s *Store) between(from, to int64) bson.D {
	return bson.D{{Key: "$gte", Value: from}, {Key: "$lte", Value: to}}
}

// maxClaims is how many of the latest ids a counter keeps marks of.
const maxClaims = 64

// claim takes the next id of the range. The counter keeps a mark for each of the
// latest that it gave, in their order, so that an id is found again whose answer did
// not come.
func (s *Store) claim(ctx context.Context) (id wire.DoID, err error) {
	mark := bson.NewObjectID()
	claimed := func(ctx context.Context) (bool, error) {
		raw, err := s.globals.FindOne(ctx, bson.D{{Key: "_id", Value: s.counter}}).Raw()
		if err != nil {
			return false, fromRead(err)
		}
		next, _ := number(raw, "doid", "monotonic")
		marks, _ := raw.Lookup(keyRecent).ArrayOK()
		values, _ := marks.Values() // none: then it is not found
		for i, v := range values {
			if m, ok := v.ObjectIDOK(); ok && m == mark {
				id = wire.DoID(next - int64(len(values)-i))
				return true, nil
			}
		}
		return false, nil
	}
	err = s.repeat(ctx, func(ctx context.Context, a *attempts) error {
		raw, err := s.globals.FindOneAndUpdate(ctx,
			bson.D{{Key: "_id", Value: s.counter}, {Key: keyNext, Value: s.between(key(s.ids.Min), key(s.ids.Max))}, {Key: keyRecent, Value: bson.D{{Key: "$ne", Value: mark}}}},
			bson.D{{Key: "$inc", Value: bson.D{{Key: keyNext, Value: int64(1)}}}, push(keyRecent, mark, maxClaims)},
			options.FindOneAndUpdate().SetProjection(bson.D{{Key: keyNext, Value: 1}})).Raw()
		if errors.Is(err, mongo.ErrNoDocuments) {
			if a.open {
				if done, err := claimed(ctx); done || err != nil {
					return err
				}
			}
			return storage.ErrExhausted
		}
		if err == nil {
			next, _ := number(raw, "doid", "monotonic")
			id = wire.DoID(next)
		}
		return err
	})
	return id, err
}

// stepOver has the counter go on behind the objects that stand in a row from id on:
// others put them there.
func (s *Store) stepOver(ctx context.Context, id wire.DoID) error {
	return s.repeat(ctx, func(ctx context.Context, _ *attempts) error {
		next := key(id)
		err := each(ctx, s.objects, bson.D{{Key: "_id", Value: s.between(next, key(s.ids.Max))}},
			options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetProjection(bson.D{{Key: "_id", Value: 1}}), func(raw bson.Raw) bool {
				if found, ok := number(raw, "_id"); !ok || found != next {
					return false
				}
				next++
				return true
			})
		if err != nil {
			return err
		}
		// The marks stand for ids in a row before next: there are none any more.
		_, err = s.globals.UpdateOne(ctx, bson.D{{Key: "_id", Value: s.counter}, {Key: keyNext, Value: bson.D{{Key: "$lt", Value: next}}}},
			bson.D{{Key: "$set", Value: bson.D{{Key: keyNext, Value: next}, {Key: keyRecent, Value: bson.A{}}}}})
		return err
	})
}

// IDs is [storage.Store.IDs].
func (s *Store) IDs(ctx context.Context) (ids storage.IDs, err error) {
	err = s.repeated(ctx, "ids", 0, func(ctx context.Context, _ *attempts) error {
		raw, err := s.globals.FindOne(ctx, bson.D{{Key: "_id", Value: s.counter}}).Raw()
		if err != nil && !errors.Is(err, mongo.ErrNoDocuments) {
			return fromRead(err)
		}
		next, ok := number(raw, "doid", "monotonic")
		if !ok {
			next, _ = number(raw, "doId", "next")
		}
		ids = storage.IDs{Next: min(max(uint64(next), uint64(s.ids.Min)), uint64(s.ids.Max)+1)}
		ids.Free, err = s.allFree(ctx, raw, ids.Next)
		return err
	})
	return ids, err
}

// allFree are the ids of our range, below next, that are free: first those in the
// lists that others keep, then ours.
func (s *Store) allFree(ctx context.Context, raw bson.Raw, next uint64) (free []wire.DoID, err error) {
	seen := map[wire.DoID]bool{}
	add := func(id int64) {
		if id >= key(s.ids.Min) && uint64(id) < next && !seen[wire.DoID(id)] {
			seen[wire.DoID(id)] = true
			free = append(free, wire.DoID(id))
		}
	}
	for _, path := range [][]string{{"doid", "free"}, {"doId", "free"}} {
		list, _ := raw.Lookup(path...).ArrayOK()
		values, _ := list.Values()
		for _, v := range values {
			if id, ok := v.AsInt64OK(); ok {
				add(id)
			}
		}
	}
	for _, id := range s.given() {
		add(key(id))
	}
	err = each(ctx, s.freed, bson.D{{Key: "_id", Value: s.between(key(s.ids.Min), int64(next)-1)}},
		options.Find().SetSort(oldestFirst).SetBatchSize(10000), func(raw bson.Raw) bool {
			id, _ := number(raw, "_id")
			add(id)
			return true
		})
	return free, err
}

// SetIDs is [storage.Store.SetIDs].
func (s *Store) SetIDs(ctx context.Context, ids storage.IDs) error {
	return s.calls.Do(ctx, "set ids", 0, func() error {
		if err := ids.Check(s.ids); err != nil {
			return err
		}
		s.forget(true)
		first := s.ticks(len(ids.Free))
		if err := s.markFree(ctx, ids.Free, first, false); err != nil {
			return err
		}
		// What was free before, and is not in the list. An attempt that comes late finds
		// nothing that was freed since.
		err := s.repeat(ctx, func(ctx context.Context, _ *attempts) error {
			_, err := s.freed.DeleteMany(ctx, bson.D{{Key: "_id", Value: s.between(key(s.ids.Min), key(s.ids.Max))}, {Key: keyFreedAt, Value: bson.D{{Key: "$lt", Value: first}}}})
			return err
		})
		if err != nil {
			return err
		}
		return s.setNext(ctx, int64(ids.Next))
	})
}

// setNext sets the counter, from what it is: an attempt that comes late finds another
// number.
func (s *Store) setNext(ctx context.Context, next int64) error {
	return s.repeat(ctx, func(ctx context.Context, _ *attempts) error {
		raw, err := s.globals.FindOne(ctx, bson.D{{Key: "_id", Value: s.counter}}).Raw()
		if err != nil {
			return fromRead(err)
		}
		before, _ := number(raw, "doid", "monotonic")
		if before == next {
			return nil
		}
		return matched(s.globals.UpdateOne(ctx, bson.D{{Key: "_id", Value: s.counter}, {Key: keyNext, Value: before}},
			bson.D{{Key: "$set", Value: bson.D{{Key: keyNext, Value: next}, {Key: keyRecent, Value: bson.A{}}}}}))
	})
}
