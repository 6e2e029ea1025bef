package database

import (
	"context"
	"errors"
	"slices"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/storage"
)

// outcome is what came of a request, and what its answer says.
type outcome struct {
	id     wire.DoID // that a create gave
	class  *dc.Class // of GET_ALL
	values []dc.FieldValue
	found  [][]byte // of GET_STORED_VALUES: nil where there is no value
	ids    []wire.DoID
	more   bool      // of FIND_OBJECTS: there are others
	field  *dc.Field // whose value another object has
	err    error
}

// perform does a request at the store.
func perform(ctx context.Context, objects *storage.Objects, indexes *indexes, r *request) outcome {
	switch {
	case r.find != nil:
		return find(ctx, objects, indexes, r.find)
	case r.unique != nil:
		return createIfAbsent(ctx, objects, indexes, r)
	case r.creates():
		id, err := objects.Create(ctx, r.class, r.change.Set)
		return outcome{id: id, err: err}
	}
	switch r.msg {
	case wire.DBServerGetStoredValues:
		return getNamed(ctx, objects, r)
	case wire.DBServerSetStoredValues:
		return outcome{err: setNamed(ctx, objects, r)}
	case wire.DBServerObjectDelete:
		return outcome{err: objects.Delete(ctx, r.id)}
	case wire.DBServerObjectGetField, wire.DBServerObjectGetFields, wire.DBServerObjectGetAll:
		return get(ctx, objects, r)
	}
	err := objects.Update(ctx, r.id, r.change)
	var mismatch *storage.Mismatch
	if !errors.As(err, &mismatch) {
		return outcome{err: err}
	}
	o := outcome{err: err}
	for _, c := range r.change.If {
		if packed, ok := mismatch.Snapshot.Get(c.Field); ok {
			o.values = append(o.values, dc.FieldValue{Field: c.Field, Packed: packed})
		}
	}
	return o
}

func get(ctx context.Context, objects *storage.Objects, r *request) outcome {
	s, err := objects.Get(ctx, r.id)
	if err != nil {
		return outcome{err: err}
	}
	if r.msg == wire.DBServerObjectGetAll {
		return getAll(s)
	}
	var o outcome
	for _, f := range r.get {
		if own, _ := s.Class.Field(f.ID()); own != f {
			if r.msg == wire.DBServerObjectGetField {
				return outcome{err: fail(WrongClass, "%s has no field %s", s.Class.Name(), f.Name())}
			}
			continue
		}
		if err := readable(s, f); err != nil {
			return outcome{err: err}
		}
		if packed, ok := s.Get(f); ok {
			o.values = append(o.values, dc.FieldValue{Field: f, Packed: packed})
		}
	}
	if r.msg == wire.DBServerObjectGetField && len(o.values) == 0 {
		return outcome{err: fail(NoValue, "%s has no value", r.get[0].Name())}
	}
	return o
}

func getAll(s storage.Snapshot) outcome {
	o := outcome{class: s.Class}
	for _, f := range s.Class.Fields() {
		if !f.Has(dc.DB) || f.IsMolecular() {
			continue
		}
		if err := readable(s, f); err != nil {
			return outcome{err: err}
		}
	}
	for _, v := range s.Values {
		if v.Field.Has(dc.DB) {
			o.values = append(o.values, v)
		}
	}
	return o
}

// readable returns an error if there is a value of the field, but one that the DC file
// cannot read.
func readable(s storage.Snapshot, f *dc.Field) error {
	for _, u := range s.Unreadable {
		if u.Name == f.Name() || slices.ContainsFunc(f.Atomics(), func(a *dc.Field) bool { return a.Name() == u.Name }) {
			return fail(Unreadable, "get do=%d: %w", s.ID, u.Err)
		}
	}
	return nil
}
