package mongo

import (
	"context"
	"errors"
	"iter"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"natstron/internal/wire"
	"natstron/storage"
	"natstron/storage/document"
)

// do repeats f between enter and leave.
func (s *Store) do(ctx context.Context, op string, id wire.DoID, f func(ctx context.Context, again bool) error) error {
	if err := s.enter(ctx); err != nil {
		return storage.Fail(op, id, err)
	}
	defer s.leave()
	return storage.Fail(op, id, s.repeat(ctx, f))
}

func byID(id wire.DoID) bson.D { return bson.D{{Key: "_id", Value: key(id)}} }

// Create is [storage.Store.Create].
func (s *Store) Create(ctx context.Context, class string, fields document.Document) (wire.DoID, error) {
	op := "create " + class
	if err := storage.CheckNew(class, fields); err != nil {
		return 0, storage.Fail(op, 0, err)
	}
	if err := s.enter(ctx); err != nil {
		return 0, storage.Fail(op, 0, err)
	}
	defer s.leave()
	for {
		id, fresh, err := s.candidate(ctx)
		if err != nil {
			return 0, storage.Fail(op, 0, err)
		}
		err = s.insert(ctx, storage.Object{ID: id, Class: class, Fields: fields})
		switch {
		case err == nil:
			return id, nil
		case errors.Is(err, storage.ErrExists):
			if fresh {
				err = s.stepOver(ctx, id)
			} else {
				err = nil
			}
			if err != nil {
				return 0, storage.Fail(op, 0, err)
			}
			continue
		case !errors.Is(err, storage.ErrUnknown):
			s.free(ctx, id) // nothing was created
		}
		return 0, storage.Fail(op, 0, err)
	}
}

// insert keeps a new object.
func (s *Store) insert(ctx context.Context, o storage.Object) error {
	stored, err := bson.Marshal(bson.D{{Key: "_id", Value: key(o.ID)}, {Key: "dclass", Value: o.Class}, {Key: "fields", Value: toD(o.Fields)}})
	if err != nil {
		return errors.Join(storage.ErrValue, err)
	}
	return s.repeat(ctx, func(ctx context.Context, again bool) error {
		_, err := s.objects.InsertOne(ctx, stored)
		if again && mongo.IsDuplicateKeyError(err) {
			raw, err := s.objects.FindOne(ctx, byID(o.ID)).Raw()
			if err != nil && !errors.Is(err, mongo.ErrNoDocuments) {
				return err
			}
			if string(raw) == string(stored) {
				return nil // an earlier attempt was done
			}
			return storage.ErrExists
		}
		return err
	})
}

// Get is [storage.Store.Get].
func (s *Store) Get(ctx context.Context, id wire.DoID) (o storage.Object, err error) {
	err = s.do(ctx, "get", id, func(ctx context.Context, _ bool) error {
		raw, err := s.objects.FindOne(ctx, byID(id)).Raw()
		if err == nil {
			o, err = s.read.object(raw)
		}
		return err
	})
	return o, err
}

// Delete is [storage.Store.Delete].
func (s *Store) Delete(ctx context.Context, id wire.DoID) error {
	certain := false
	err := s.do(ctx, "delete", id, func(ctx context.Context, again bool) error {
		result, err := s.objects.DeleteOne(ctx, byID(id))
		switch {
		case err != nil:
			return err
		case result.DeletedCount == 0 && !again:
			return storage.ErrNotFound
		}
		certain = !again
		return nil
	})
	if err != nil {
		return err
	}
	if !certain {
		// An earlier attempt may still be on its way: it must not find another
		// object under this id.
		s.log.Warn("the connection broke while an object was deleted: its id is not used again", "do_id", id)
		return nil
	}
	s.free(ctx, id)
	return nil
}

// Put is [storage.Store.Put].
func (s *Store) Put(ctx context.Context, o storage.Object) error {
	if err := storage.CheckPut(o); err != nil {
		return storage.Fail("put", o.ID, err)
	}
	if err := s.enter(ctx); err != nil {
		return storage.Fail("put", o.ID, err)
	}
	defer s.leave()
	return storage.Fail("put", o.ID, s.insert(ctx, o))
}

// pageSize is how many objects All reads at once.
const pageSize = 256

// All is [storage.Store.All].
func (s *Store) All(ctx context.Context, above wire.DoID) iter.Seq2[storage.Object, error] {
	return func(yield func(storage.Object, error) bool) {
		for {
			page, err := s.page(ctx, above)
			if err != nil {
				yield(storage.Object{}, err)
				return
			}
			for _, raw := range page {
				o, err := s.read.object(raw)
				if id, ok := number(raw, "_id"); ok {
					above = wire.DoID(id)
				}
				if err != nil {
					o = storage.Object{ID: above}
				}
				if !yield(o, storage.Fail("list", above, err)) {
					return
				}
			}
			if len(page) < pageSize {
				return
			}
		}
	}
}

func (s *Store) page(ctx context.Context, above wire.DoID) (page []bson.Raw, err error) {
	err = s.do(ctx, "list", 0, func(ctx context.Context, _ bool) error {
		page = page[:0]
		cursor, err := s.objects.Find(ctx, bson.D{{Key: "_id", Value: bson.D{{Key: "$gt", Value: key(above)}, {Key: "$lte", Value: int64(1<<32 - 1)}}}},
			options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(pageSize))
		if err != nil {
			return err
		}
		for cursor.Next(ctx) {
			page = append(page, append(bson.Raw{}, cursor.Current...))
		}
		return errors.Join(cursor.Err(), cursor.Close(ctx))
	})
	return page, err
}
