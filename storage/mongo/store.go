package mongo

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"natstron/bridge/wire"
	"natstron/storage"
	"natstron/storage/document"
	"natstron/storage/internal/backend"
)

// repeated makes a call that repeats f.
func (s *Store) repeated(ctx context.Context, op string, id wire.DoID, f func(ctx context.Context, a *attempts) error) error {
	return s.calls.Do(ctx, op, id, func() error { return s.repeat(ctx, f) })
}

func byID(id wire.DoID) bson.D { return bson.D{{Key: "_id", Value: key(id)}} }

// Create is [storage.Store.Create].
func (s *Store) Create(ctx context.Context, class string, fields document.Document) (id wire.DoID, err error) {
	err = s.calls.Do(ctx, "create "+class, 0, func() error {
		if err := storage.CheckNew(class, fields); err != nil {
			return err
		}
		id, err = s.create(ctx, class, fields)
		return err
	})
	return id, err
}

func (s *Store) create(ctx context.Context, class string, fields document.Document) (wire.DoID, error) {
	for {
		c, err := s.candidate(ctx)
		if err != nil {
			return 0, err
		}
		err = s.insert(ctx, storage.Object{ID: c.id, Class: class, Fields: fields})
		switch {
		case err == nil:
			s.taken(ctx, c)
			return c.id, nil
		case errors.Is(err, storage.ErrExists):
			s.taken(ctx, c)
			if !c.fresh {
				s.forget(false) // another process goes through the same list
			} else if err := s.stepOver(ctx, c.id); err != nil {
				return 0, err
			}
			continue
		case !errors.Is(err, storage.ErrUnknown):
			s.giveBack(c) // nothing was created
		}
		return 0, err
	}
}

// insert keeps a new object.
func (s *Store) insert(ctx context.Context, o storage.Object) error {
	made := bson.NewObjectID()
	object := bson.D{{Key: "dclass", Value: o.Class}, {Key: "fields", Value: toD(o.Fields)}, {Key: keyMade, Value: made}}
	stored := append(byID(o.ID), object...)
	if err := checkSize(stored, fmt.Sprintf("object %d", o.ID)); err != nil {
		return err
	}
	several := false // attempts, one of which the server may take late
	return s.repeat(ctx, func(ctx context.Context, a *attempts) error {
		several = several || a.open
		_, err := s.objects.InsertOne(ctx, stored)
		if mongo.IsDuplicateKeyError(err) {
			err = s.insertOver(ctx, o, object, made, err)
		}
		if several && (err == nil || errors.Is(err, storage.ErrExists) || errors.Is(err, storage.ErrTaken)) {
			// When the object is deleted, or the value is free, a document must stay in
			// the attempt's way.
			if _, failed := s.fence(ctx, o.ID, made); failed != nil && !errors.Is(failed, mongo.ErrNoDocuments) {
				return failed
			}
		}
		return err
	})
}

// insertOver looks at what is where an object shall be, or has its value: it may be that
// object, by an earlier attempt, or one that is gone, which becomes it.
func (s *Store) insertOver(ctx context.Context, o storage.Object, object bson.D, made bson.ObjectID, duplicate error) error {
	there, err := s.readMarks(ctx, o.ID)
	if err != nil && !errors.Is(err, mongo.ErrNoDocuments) {
		return err
	}
	if mark, ok := there.Lookup(keyMade).ObjectIDOK(); ok && mark == made {
		return nil
	}
	x, taken := takenIndex(duplicate)
	switch {
	case err == nil && !isGone(there):
		return storage.ErrExists
	case taken:
		return s.owned(ctx, x, o.ID, o.Fields)
	case err != nil:
		return errChanged
	}
	err = matched(s.objects.UpdateOne(ctx, append(sameMade(o.ID, there), bson.E{Key: "dclass", Value: goneClass}), bson.D{{Key: "$set", Value: object}}))
	if x, taken := takenIndex(err); taken {
		return s.owned(ctx, x, o.ID, o.Fields)
	}
	return err
}

// Get is [storage.Store.Get].
func (s *Store) Get(ctx context.Context, id wire.DoID) (o storage.Object, err error) {
	err = s.repeated(ctx, "get", id, func(ctx context.Context, _ *attempts) error {
		raw, err := s.find(ctx, id)
		if err == nil {
			o, err = s.read.object(raw)
		}
		return err
	})
	return o, err
}

// Delete is [storage.Store.Delete].
func (s *Store) Delete(ctx context.Context, id wire.DoID) error {
	return s.calls.Do(ctx, "delete", id, func() error {
		var target bson.D // finds the object until it is gone
		err := s.repeat(ctx, func(ctx context.Context, a *attempts) error {
			there, err := s.readMarks(ctx, id)
			isThere := err == nil && !isGone(there)
			switch {
			case err != nil && !errors.Is(err, mongo.ErrNoDocuments):
				return err
			case target != nil && (!isThere || !sameFilter(target, sameMade(id, there))):
				return nil // an earlier attempt was done
			case !isThere:
				return storage.ErrNotFound
			}
			target = sameMade(id, there)
			return s.remove(ctx, target, there)
		})
		if err == nil {
			s.free(ctx, id)
		}
		return err
	})
}

func sameFilter(a, b bson.D) bool {
	x, errX := bson.Marshal(a)
	y, errY := bson.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

// remove removes an object. The document stays, and says that it is gone, if an
// attempt to change or make it may still be on its way.
func (s *Store) remove(ctx context.Context, target bson.D, there bson.Raw) error {
	if _, err := there.LookupErr(keyFenced); err != nil {
		result, err := s.objects.DeleteOne(ctx, append(target[:len(target):len(target)], bson.E{Key: keyFenced, Value: bson.D{{Key: "$exists", Value: false}}}))
		if err == nil && result.DeletedCount == 0 {
			err = errChanged
		}
		return err
	}
	return matched(s.objects.UpdateOne(ctx, target, bson.D{
		{Key: "$set", Value: bson.D{{Key: "dclass", Value: goneClass}, {Key: "fields", Value: bson.D{}}, {Key: keyMade, Value: bson.NewObjectID()}}},
		{Key: "$unset", Value: bson.D{{Key: keyRecent, Value: ""}}}}))
}

// matched is errChanged for an update that found nothing.
func matched(result *mongo.UpdateResult, err error) error {
	if err == nil && result.MatchedCount == 0 {
		return errChanged
	}
	return err
}

// Put is [storage.Store.Put].
func (s *Store) Put(ctx context.Context, o storage.Object) error {
	return s.calls.Do(ctx, "put", o.ID, func() error {
		if err := storage.CheckPut(o); err != nil {
			return err
		}
		return s.insert(ctx, o)
	})
}

// Count is [storage.Counter.Count], about: by what the server knows of the collection.
func (s *Store) Count(ctx context.Context) (objects int64, highest wire.DoID, err error) {
	err = s.repeated(ctx, "count", 0, func(ctx context.Context, _ *attempts) error {
		if objects, err = s.objects.EstimatedDocumentCount(ctx); err != nil {
			return fromRead(err)
		}
		raw, err := s.objects.FindOne(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$lte", Value: int64(1<<32 - 1)}}}, {Key: "dclass", Value: bson.D{{Key: "$ne", Value: goneClass}}}},
			options.FindOne().SetSort(bson.D{{Key: "_id", Value: -1}}).SetProjection(bson.D{{Key: "_id", Value: 1}})).Raw()
		if errors.Is(err, mongo.ErrNoDocuments) {
			highest = 0
			return nil
		}
		id, _ := number(raw, "_id")
		highest = wire.DoID(id)
		return fromRead(err)
	})
	return objects, highest, err
}

// All is [storage.Store.All].
func (s *Store) All(ctx context.Context, above wire.DoID) iter.Seq2[storage.Object, error] {
	return backend.Pages(above, func(above wire.DoID) ([]bson.Raw, error) { return s.page(ctx, above) }, func(raw bson.Raw) (wire.DoID, storage.Object, error) {
		id, _ := number(raw, "_id")
		o, err := s.read.object(raw)
		return wire.DoID(id), o, err
	})
}

func (s *Store) page(ctx context.Context, above wire.DoID) (page []bson.Raw, err error) {
	err = s.repeated(ctx, "list", 0, func(ctx context.Context, _ *attempts) error {
		page = page[:0]
		return each(ctx, s.objects, bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: key(above)}, {Key: "$lte", Value: int64(1<<32 - 1)}}}, {Key: "dclass", Value: bson.D{{Key: "$ne", Value: goneClass}}}},
			options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(backend.PageSize).SetBatchSize(backend.PageSize), func(raw bson.Raw) bool {
				page = append(page, slices.Clone(raw))
				return true
			})
	})
	return page, err
}

// each calls f with what is found, until f returns false. f must not keep raw.
func each(ctx context.Context, in *mongo.Collection, filter bson.D, o *options.FindOptionsBuilder, f func(raw bson.Raw) bool) error {
	cursor, err := in.Find(ctx, filter, o)
	if err != nil {
		return fromRead(err)
	}
	for cursor.Next(ctx) && f(cursor.Current) {
	}
	return fromRead(errors.Join(cursor.Err(), cursor.Close(ctx)))
}
