package mongo

import (
	"context"
	"fmt"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"

	"natstron/bridge/wire"
	"natstron/storage"
)

// Update is [storage.Store.Update].
func (s *Store) Update(ctx context.Context, id wire.DoID, u storage.Update) error {
	if err := u.Check(); err != nil {
		return storage.Fail("update", id, err)
	}
	if len(u.Set)+len(u.Delete) == 0 {
		return s.repeated(ctx, "update", id, func(ctx context.Context, _ *attempts) error {
			_, err := s.explain(ctx, id, u)
			return err
		})
	}
	w := newWrite(id, u)
	if err := checkSize(w.change(), fmt.Sprintf("the change of object %d", id)); err != nil {
		return storage.Fail("update", id, err)
	}
	return s.repeated(ctx, "update", id, func(ctx context.Context, a *attempts) error {
		if a.open {
			if done, err := s.settle(ctx, w); done || err != nil {
				return err
			}
			a.open, w.mark = false, bson.NewObjectID()
		}
		return s.write(ctx, w)
	})
}

// write is an update on its way.
type write struct {
	id         wire.DoID
	update     storage.Update
	set, unset bson.D
	wanted     []any         // what the conditions want, in BSON
	mark       bson.ObjectID // of the attempt; each has its own
	since      time.Time
}

func newWrite(id wire.DoID, u storage.Update) *write {
	w := &write{id: id, update: u, mark: bson.NewObjectID(), since: time.Now()}
	for _, e := range u.Set {
		w.set = append(w.set, bson.E{Key: "fields." + e.Name, Value: toBSON(e.Value)})
	}
	for _, name := range u.Delete {
		w.unset = append(w.unset, bson.E{Key: "fields." + name, Value: ""})
	}
	for _, c := range u.If {
		var v any
		if c.Want != nil {
			v = toBSON(c.Want)
		}
		w.wanted = append(w.wanted, v)
	}
	return w
}

// change is what the attempt does. It leaves its mark.
func (w *write) change() bson.D {
	d := bson.D{push(keyRecent, w.mark, maxRecent)}
	if len(w.set) > 0 {
		d = append(d, bson.E{Key: "$set", Value: w.set})
	}
	if len(w.unset) > 0 {
		d = append(d, bson.E{Key: "$unset", Value: w.unset})
	}
	return d
}

// filter finds the object if it is as the update wants it, and the attempt has
// not been given up.
func (w *write) filter() bson.D {
	f := byID(w.id)
	switch len(w.update.Classes) {
	case 0:
		f = append(f, bson.E{Key: "dclass", Value: bson.D{{Key: "$ne", Value: goneClass}}})
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
	return append(f, bson.E{Key: keyFenced, Value: bson.D{{Key: "$ne", Value: w.mark}}})
}

// write does the update, or says why it is not possible.
func (s *Store) write(ctx context.Context, w *write) error {
	for {
		result, err := s.objects.UpdateOne(ctx, w.filter(), w.change())
		if x, taken := takenIndex(err); taken {
			return s.owned(ctx, x, w.id, w.update.Set)
		}
		if err != nil || result.MatchedCount > 0 {
			return err
		}
		raw, err := s.explain(ctx, w.id, w.update)
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
			return fromRead(err)
		}
	}
}

// explain reads the object, and returns the error that the update has to return, nil
// if none.
func (s *Store) explain(ctx context.Context, id wire.DoID, u storage.Update) (bson.Raw, error) {
	raw, err := s.find(ctx, id)
	if err != nil {
		return nil, err
	}
	o, err := s.read.object(raw)
	if err != nil {
		return nil, err
	}
	_, err = u.Apply(o)
	return raw, err
}
