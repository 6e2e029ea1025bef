package mongo

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"natstron/bridge/wire"
	"natstron/internal/backoff"
	"natstron/storage"
	"natstron/storage/document"
)

// An index is a partial one of the server's, on the field of the objects of its class:
//
//	{name: "natstron Account.name", key: {"fields.name": 1}, unique: true,
//	 partialFilterExpression: {dclass: "Account", "fields.name": {$exists: true}}}
//
// The server makes it while it serves, and does not let a unique one be broken, also by other
// programs.
const indexPrefix = "natstron "

func nameOf(x storage.Index) string { return indexPrefix + x.String() }

// indexNamed is the index that has a name; ok is false if it is not ours.
func indexNamed(name string, unique bool) (x storage.Index, ok bool) {
	rest, ours := strings.CutPrefix(name, indexPrefix)
	class, field, ok := strings.Cut(rest, ".")
	return storage.Index{Class: class, Field: field, Unique: unique}, ours && ok
}

func path(field string) string { return "fields." + field }

// isIn finds the objects that are in an index. A query needs the same words to use it.
func isIn(x storage.Index) bson.D {
	return bson.D{{Key: "dclass", Value: x.Class}, {Key: path(x.Field), Value: bson.D{{Key: "$exists", Value: true}}}}
}

// has finds the objects that have a value.
func has(x storage.Index, v document.Value) bson.D {
	return bson.D{{Key: "dclass", Value: x.Class}, {Key: path(x.Field), Value: toBSON(v)}}
}

func model(x storage.Index) mongo.IndexModel {
	keys := bson.D{{Key: path(x.Field), Value: 1}}
	if !x.Unique {
		keys = append(keys, bson.E{Key: "_id", Value: 1}) // the ids of a value, in order
	}
	o := options.Index().SetName(nameOf(x)).SetPartialFilterExpression(isIn(x))
	if x.Unique {
		o.SetUnique(true)
	}
	return mongo.IndexModel{Keys: keys, Options: o}
}

// Find is [storage.Store.Find].
func (s *Store) Find(ctx context.Context, q storage.Query) (ids []wire.DoID, err error) {
	x := storage.Index{Class: q.Class, Field: q.Field}
	if err := x.Check(); err != nil {
		return nil, storage.Fail("find", 0, err)
	}
	filter := has(x, q.Value)
	if q.Above > 0 {
		filter = append(filter, bson.E{Key: "_id", Value: bson.D{{Key: "$gt", Value: key(q.Above)}}})
	}
	err = s.repeated(ctx, "find", 0, func(ctx context.Context, _ *attempts) error {
		ids = ids[:0]
		return each(ctx, s.objects, filter, options.Find().SetProjection(bson.D{{Key: "_id", Value: 1}}).
			SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(int64(q.Limit)), func(raw bson.Raw) bool {
			if id, ok := number(raw, "_id"); ok && id > 0 && id <= 1<<32-1 {
				ids = append(ids, wire.DoID(id))
			}
			return true
		})
	})
	return ids, err
}

// SetIndexes is [storage.Store.SetIndexes]. It removes none, because another process may
// need it, and makes none that is unique already an ordinary one; it logs how to
// remove them by hand.
func (s *Store) SetIndexes(ctx context.Context, list []storage.Index, prepare storage.Prepare) error {
	for _, x := range list {
		if err := x.Check(); err != nil {
			return storage.Fail("set indexes", 0, err)
		}
	}
	var missing []storage.Index
	err := s.calls.Do(ctx, "set indexes", 0, func() error {
		have, err := s.indexes(ctx)
		missing = s.missing(list, have)
		return err
	})
	if err == nil && len(missing) > 0 && prepare != nil {
		err = prepare(missing, s.indexable(ctx, missing))
	}
	if err != nil {
		return err
	}
	return s.calls.Do(ctx, "set indexes", 0, func() error {
		var errs []error
		for _, x := range missing {
			errs = append(errs, s.makeIndex(ctx, x))
		}
		return errors.Join(errs...)
	})
}

// indexable are the objects that have values of indexes, without other fields.
func (s *Store) indexable(ctx context.Context, list []storage.Index) iter.Seq2[storage.Object, error] {
	return func(yield func(storage.Object, error) bool) {
		for _, x := range list {
			more := true
			err := each(ctx, s.objects, isIn(x), options.Find().SetProjection(bson.D{{Key: "dclass", Value: 1}, {Key: path(x.Field), Value: 1}}), func(raw bson.Raw) bool {
				o, err := s.read.object(raw)
				more = yield(o, err)
				return more
			})
			if more && err != nil { // else it is that of closing the cursor
				more = yield(storage.Object{}, storage.Fail("list", 0, translate(err)))
			}
			if !more {
				return
			}
		}
	}
}

// missing are the indexes of a list that have to be made.
func (s *Store) missing(list, have []storage.Index) (missing []storage.Index) {
	for _, x := range list {
		unique := storage.Index{Class: x.Class, Field: x.Field, Unique: true}
		if !slices.Contains(have, x) && !slices.Contains(have, unique) {
			missing = append(missing, x)
		}
	}
	for _, x := range have {
		ordinary := storage.Index{Class: x.Class, Field: x.Field}
		if slices.Contains(list, x) || !x.Unique && slices.Contains(list, storage.Index{Class: x.Class, Field: x.Field, Unique: true}) {
			continue
		}
		remove := fmt.Sprintf("db[%q].dropIndex(%q) in mongosh, if no other process needs it", s.objects.Name(), nameOf(x))
		if x.Unique && slices.Contains(list, ordinary) {
			s.log.Warn("the database has an index that is unique, and not so in the configuration", "index", x.String(), "remove", remove)
		} else {
			s.log.Warn("the database has an index that is not in the configuration", "index", x.String(), "unique", x.Unique, "remove", remove)
		}
	}
	return missing
}

// indexes are those of ours that the database has.
func (s *Store) indexes(ctx context.Context) (list []storage.Index, err error) {
	err = s.repeat(ctx, func(ctx context.Context, _ *attempts) error {
		list = list[:0]
		cursor, err := s.objects.Indexes().List(ctx)
		if err != nil {
			return fromRead(err)
		}
		for cursor.Next(ctx) {
			name, _ := cursor.Current.Lookup("name").StringValueOK()
			unique, _ := cursor.Current.Lookup("unique").BooleanOK()
			if x, ours := indexNamed(name, unique); ours {
				list = append(list, x)
			}
		}
		return fromRead(errors.Join(cursor.Err(), cursor.Close(ctx)))
	})
	return list, err
}

// makeIndex makes an index, however long that takes. A server that is asked again while it
// makes it waits for that.
func (s *Store) makeIndex(ctx context.Context, x storage.Index) error {
	if x.Unique {
		if err := s.dropOrdinary(ctx, x); err != nil {
			return err
		}
	}
	for pause := (backoff.Pause{First: 100 * time.Millisecond, Last: 5 * time.Second}); ; {
		_, err := s.objects.Indexes().CreateOne(ctx, model(x))
		switch {
		case err == nil:
			return s.checkPartial(ctx, x)
		case mongo.IsDuplicateKeyError(err):
			return s.doubles(ctx, x)
		case judge(err) == final:
			return fmt.Errorf("make the index %v: %w", x, translate(err))
		}
		s.log.Warn("cannot make an index yet", "index", x.String(), "error", err)
		if !pause.Wait(ctx.Done()) {
			return fmt.Errorf("make the index %v: %w", x, ctx.Err())
		}
	}
}

// dropOrdinary removes the index that is not unique, and has the unique one's name.
func (s *Store) dropOrdinary(ctx context.Context, x storage.Index) error {
	have, err := s.indexes(ctx)
	if err != nil || !slices.Contains(have, storage.Index{Class: x.Class, Field: x.Field}) {
		return err
	}
	return s.repeat(ctx, func(ctx context.Context, _ *attempts) error {
		err := s.objects.Indexes().DropOne(ctx, nameOf(x))
		if isCode(err, []int{27}) { // IndexNotFound
			return nil
		}
		return err
	})
}

// checkPartial returns an error if the server has made an index of all classes instead:
// some that only speak MongoDB's protocol do so without a word.
func (s *Store) checkPartial(ctx context.Context, x storage.Index) error {
	return s.repeat(ctx, func(ctx context.Context, _ *attempts) error {
		cursor, err := s.objects.Indexes().List(ctx)
		if err != nil {
			return fromRead(err)
		}
		partial := false
		for cursor.Next(ctx) {
			if name, _ := cursor.Current.Lookup("name").StringValueOK(); name == nameOf(x) {
				_, err := cursor.Current.LookupErr("partialFilterExpression")
				partial = err == nil
			}
		}
		if err := errors.Join(cursor.Err(), cursor.Close(ctx)); err != nil || partial {
			return fromRead(err)
		}
		return fmt.Errorf("%w: the server has no partial indexes, and cannot make %v; use MongoDB 4.4 or later", storage.ErrValue, x)
	})
}

// doubles is the error that names the values because of which an index cannot be
// unique.
func (s *Store) doubles(ctx context.Context, x storage.Index) error {
	e := &storage.DoublesError{Index: x}
	err := s.repeat(ctx, func(ctx context.Context, _ *attempts) error {
		e.Doubles = nil
		cursor, err := s.objects.Aggregate(ctx, mongo.Pipeline{
			{{Key: "$match", Value: isIn(x)}},
			{{Key: "$group", Value: bson.D{{Key: "_id", Value: "$" + path(x.Field)}, {Key: "n", Value: bson.D{{Key: "$sum", Value: 1}}}, {Key: "first", Value: bson.D{{Key: "$min", Value: "$_id"}}}}}},
			{{Key: "$match", Value: bson.D{{Key: "n", Value: bson.D{{Key: "$gt", Value: 1}}}}}},
			{{Key: "$sort", Value: bson.D{{Key: "first", Value: 1}}}},
			{{Key: "$limit", Value: storage.MaxDoubles}},
		}, options.Aggregate().SetAllowDiskUse(true))
		if err != nil {
			return fromRead(err)
		}
		for cursor.Next(ctx) {
			v, err := s.read.value(cursor.Current.Lookup("_id"), 0)
			if err != nil {
				return errors.Join(err, cursor.Close(ctx))
			}
			e.Doubles = append(e.Doubles, storage.Double{Value: v})
		}
		return fromRead(errors.Join(cursor.Err(), cursor.Close(ctx)))
	})
	if err != nil {
		return err
	}
	for i := range e.Doubles {
		d := &e.Doubles[i]
		err := s.repeat(ctx, func(ctx context.Context, _ *attempts) error {
			d.IDs = nil
			return each(ctx, s.objects, has(x, d.Value), options.Find().SetProjection(bson.D{{Key: "_id", Value: 1}}).
				SetSort(bson.D{{Key: "_id", Value: 1}}).SetLimit(storage.MaxDoubles), func(raw bson.Raw) bool {
				id, _ := number(raw, "_id")
				d.IDs = append(d.IDs, wire.DoID(id))
				return true
			})
		})
		if err != nil {
			return err
		}
	}
	return e
}

// takenIndex is the index whose value a write would have given to a second object; ok is
// false if the error is another.
func takenIndex(err error) (storage.Index, bool) {
	if !mongo.IsDuplicateKeyError(err) {
		return storage.Index{}, false
	}
	// As "E11000 duplicate key error collection: game.astron.objects index: natstron
	// Account.name dup key: { fields.name: \"Flo\" }". A name can hold neither space nor colon.
	_, rest, _ := strings.Cut(err.Error(), " index: ")
	name, _, _ := strings.Cut(rest, " dup key")
	return indexNamed(name, true)
}

// owned is the error of a write that would give an object a value that another has.
func (s *Store) owned(ctx context.Context, x storage.Index, id wire.DoID, fields document.Document) error {
	v, ok := fields.Get(x.Field)
	if !ok {
		return &storage.TakenError{Index: x}
	}
	raw, err := s.objects.FindOne(ctx, has(x, v), options.FindOne().SetProjection(bson.D{{Key: "_id", Value: 1}})).Raw()
	owner, _ := number(raw, "_id")
	switch {
	case errors.Is(err, mongo.ErrNoDocuments), err == nil && owner == key(id):
		return errChanged // it is free again
	case err != nil:
		return fromRead(err)
	}
	return &storage.TakenError{Index: x, ID: wire.DoID(owner)}
}
