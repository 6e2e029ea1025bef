package mongo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"

	"natstron/internal/wire"
	"natstron/storage"
)

// keyRecent is the list of marks that conditional updates leave in an object, and
// maxRecent its length.
const (
	keyRecent = "recent"
	maxRecent = 16
)

// skew is how much the clocks of those who make marks may differ.
const skew = time.Minute

// Update is [storage.Store.Update].
func (s *Store) Update(ctx context.Context, id wire.DoID, u storage.Update) error {
	if err := u.Check(); err != nil {
		return storage.Fail("update", id, err)
	}
	if len(u.Set)+len(u.Delete) == 0 {
		return s.do(ctx, "update", id, func(ctx context.Context, _ bool) error {
			_, _, err := s.explain(ctx, id, u)
			return err
		})
	}
	w := newWrite(id, u)
	return s.do(ctx, "update", id, func(ctx context.Context, again bool) error { return s.write(ctx, w, again) })
}

// write is an update on its way.
type write struct {
	id     wire.DoID
	update storage.Update
	change bson.D
	wanted []any // what the conditions want, in BSON
	mark   bson.ObjectID
	since  time.Time
}

func newWrite(id wire.DoID, u storage.Update) *write {
	w := &write{id: id, update: u, mark: bson.NewObjectID(), since: time.Now()}
	set, unset := bson.D{}, bson.D{}
	for _, e := range u.Set {
		set = append(set, bson.E{Key: "fields." + e.Name, Value: toBSON(e.Value)})
	}
	for _, name := range u.Delete {
		unset = append(unset, bson.E{Key: "fields." + name, Value: ""})
	}
	if len(set) > 0 {
		w.change = append(w.change, bson.E{Key: "$set", Value: set})
	}
	if len(unset) > 0 {
		w.change = append(w.change, bson.E{Key: "$unset", Value: unset})
	}
	for _, c := range u.If {
		var v any
		if c.Want != nil {
			v = toBSON(c.Want)
		}
		w.wanted = append(w.wanted, v)
	}
	if len(u.If) > 0 {
		w.change = append(w.change, bson.E{Key: "$push", Value: bson.D{{Key: keyRecent, Value: bson.D{
			{Key: "$each", Value: bson.A{w.mark}}, {Key: "$slice", Value: -maxRecent}}}}})
	}
	return w
}

// filter finds the object if it is as the update wants it.
func (w *write) filter() bson.D {
	f := byID(w.id)
	switch len(w.update.Classes) {
	case 0:
	case 1:
		f = append(f, bson.E{Key: "dclass", Value: w.update.Classes[0]})
	default:
		f = append(f, bson.E{Key: "dclass", Value: bson.D{{Key: "$in", Value: w.update.Classes}}})
	}
	for i, c := range w.update.If {
		is := bson.D{{Key: "$exists", Value: false}}
		if v := w.wanted[i]; v != nil {
			// $eq alone also finds an array that has such an element.
			is = bson.D{{Key: "$eq", Value: v}, {Key: "$not", Value: bson.D{{Key: "$elemMatch", Value: bson.D{{Key: "$eq", Value: v}}}}}}
		}
		f = append(f, bson.E{Key: "fields." + c.Name, Value: is})
	}
	if len(w.update.If) > 0 {
		// An attempt that was only slow must not come behind the one that was done.
		f = append(f, bson.E{Key: keyRecent, Value: bson.D{{Key: "$ne", Value: w.mark}}})
	}
	return f
}

// write does the update, or says why it is not possible.
func (s *Store) write(ctx context.Context, w *write, again bool) error {
	if again && len(w.update.If) > 0 {
		if done, err := s.done(ctx, w); done || err != nil {
			return err
		}
	}
	for {
		result, err := s.objects.UpdateOne(ctx, w.filter(), w.change)
		if err != nil || result.MatchedCount > 0 {
			return err
		}
		if again && len(w.update.If) > 0 {
			if done, err := s.done(ctx, w); done || err != nil {
				return err // the earlier attempt was only slow
			}
		}
		raw, _, err := s.explain(ctx, w.id, w.update)
		if err != nil {
			return err
		}
		// It fits by now, or by our way to compare: want exactly what is there.
		for i, c := range w.update.If {
			if v, err := raw.LookupErr("fields", c.Name); err == nil {
				w.wanted[i] = v
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// explain reads the object, and returns the error that the update has to return, nil
// if none.
func (s *Store) explain(ctx context.Context, id wire.DoID, u storage.Update) (bson.Raw, storage.Object, error) {
	raw, err := s.objects.FindOne(ctx, byID(id)).Raw()
	if err != nil {
		return nil, storage.Object{}, err
	}
	o, err := s.read.object(raw)
	if err != nil {
		return nil, storage.Object{}, err
	}
	_, err = u.Apply(o)
	return raw, o, err
}

// done looks for the mark of an earlier attempt. An error of kind ErrUnknown says
// that it may have been pushed out.
func (s *Store) done(ctx context.Context, w *write) (bool, error) {
	raw, err := s.objects.FindOne(ctx, byID(w.id)).Raw()
	if errors.Is(err, mongo.ErrNoDocuments) {
		return false, fmt.Errorf("%w: the connection broke, and now the object is gone", storage.ErrUnknown)
	}
	if err != nil {
		return false, err
	}
	list, err := raw.LookupErr(keyRecent)
	if err != nil || list.Type != bson.TypeArray {
		return false, nil
	}
	marks, err := list.Array().Values()
	if err != nil {
		return false, fmt.Errorf("%w: %s: %w", storage.ErrUnreadable, keyRecent, err)
	}
	for _, m := range marks {
		if id, ok := m.ObjectIDOK(); ok && id == w.mark {
			return true, nil
		}
	}
	if len(marks) < maxRecent {
		return false, nil
	}
	if oldest, ok := marks[0].ObjectIDOK(); ok && oldest.Timestamp().Before(w.since.Add(-skew)) {
		return false, nil
	}
	return false, fmt.Errorf("%w: the connection broke, and many others changed the object since", storage.ErrUnknown)
}
