package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/storage/document"
)

// Objects is a [Store] in DC terms: fields of a DC file, and packed values. It stores a
// molecular field as the methods that it stands for. It ignores the keyword db and
// defaults, which the database server handles.
//
// Values that the DC file cannot read, because it changed, stay stored until they
// are set or deleted; see [Snapshot]. An object of a class that no longer exists can only
// be deleted.
//
// It is safe for concurrent use.
type Objects struct {
	store   Store
	file    *dc.File
	classes map[*dc.Field][]string // those that have the field
}

// NewObjects returns the objects of a store as a DC file reads them.
func NewObjects(store Store, file *dc.File) *Objects {
	o := &Objects{store: store, file: file, classes: map[*dc.Field][]string{}}
	for _, c := range file.Classes() {
		for _, f := range c.Fields() {
			o.classes[f] = append(o.classes[f], c.Name())
		}
	}
	return o
}

// Change is an [Update] in DC terms.
type Change struct {
	If    []dc.FieldValue // must all be stored as this; nil: must have no value
	Set   []dc.FieldValue
	Clear []*dc.Field // shall have no value any more
}

// Create is [Store.Create].
func (o *Objects) Create(ctx context.Context, class *dc.Class, values []dc.FieldValue) (wire.DoID, error) {
	fields, err := o.encode(values)
	for _, v := range values {
		if err == nil && !slices.Contains(o.classes[v.Field], class.Name()) {
			err = fmt.Errorf("%w: %s has no field %s", ErrValue, class.Name(), v.Field.Name())
		}
	}
	if err != nil {
		return 0, Fail("create "+class.Name(), 0, err)
	}
	return o.store.Create(ctx, class.Name(), fields)
}

// Get is [Store.Get]. It is ErrUnreadable if the DC file lacks the object's class.
func (o *Objects) Get(ctx context.Context, id wire.DoID) (Snapshot, error) {
	stored, err := o.store.Get(ctx, id)
	if err != nil {
		return Snapshot{}, err
	}
	s, err := Read(o.file, stored)
	return s, Fail("get", id, err)
}

// Delete is [Store.Delete].
func (o *Objects) Delete(ctx context.Context, id wire.DoID) error { return o.store.Delete(ctx, id) }

// Update is [Store.Update] for objects whose class has all the fields; ErrClass
// otherwise. It compares values as packed bytes, except that 0.0 equals -0.0 and every
// NaN equals every other. An unreadable value equals nothing. If a condition does not
// hold, the error is a [*Mismatch].
func (o *Objects) Update(ctx context.Context, id wire.DoID, c Change) error {
	u, wanted, err := o.update(c)
	if err != nil {
		return Fail("update", id, err)
	}
	for {
		err := o.store.Update(ctx, id, u)
		var mismatch *MismatchError
		if !errors.As(err, &mismatch) {
			return err
		}
		s, unreadable := Read(o.file, mismatch.Object)
		if unreadable != nil {
			return Fail("update", id, unreadable)
		}
		// Others write other forms of the same value: a document in another order,
		// an array. If that is all, the condition is what is stored there.
		if !s.has(wanted) {
			return Fail("update", id, &Mismatch{s})
		}
		for i := range u.If {
			u.If[i].Want, _ = mismatch.Object.Fields.Get(u.If[i].Name)
		}
		if err := ctx.Err(); err != nil {
			return Fail("update", id, err)
		}
	}
}

// update turns a change into what is stored, and returns its conditions without
// molecular fields.
func (o *Objects) update(c Change) (u Update, wanted []dc.FieldValue, err error) {
	if u.Set, err = o.encode(c.Set); err != nil {
		return u, nil, err
	}
	var used []*dc.Field
	for _, v := range c.Set {
		used = append(used, v.Field)
	}
	for _, f := range c.Clear {
		used = append(used, f)
		for _, one := range f.Parts() {
			u.Delete = append(u.Delete, one.Name())
		}
	}
	if wanted, err = split(c.If); err != nil {
		return u, nil, err
	}
	for _, v := range wanted {
		used = append(used, v.Field)
		condition := Condition{Name: v.Field.Name()}
		if v.Packed != nil {
			if condition.Want, err = Encode(v.Field, v.Packed); err != nil {
				return u, nil, err
			}
		}
		u.If = append(u.If, condition)
	}
	u.Classes, err = o.classesWith(used)
	return u, wanted, err
}

// classesWith are the classes that have all of the fields.
func (o *Objects) classesWith(fields []*dc.Field) ([]string, error) {
	if len(fields) == 0 {
		return nil, nil
	}
	var list []string
	for _, class := range o.classes[fields[0]] {
		if !slices.ContainsFunc(fields, func(f *dc.Field) bool { return !slices.Contains(o.classes[f], class) }) {
			list = append(list, class)
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%w: no class has all the fields", ErrClass)
	}
	return list, nil
}

// split replaces molecular fields by their methods.
func split(values []dc.FieldValue) ([]dc.FieldValue, error) {
	out := make([]dc.FieldValue, 0, len(values))
	for _, v := range values {
		if v.Packed == nil || !v.Field.IsMolecular() {
			for _, f := range v.Field.Parts() {
				out = append(out, dc.FieldValue{Field: f, Packed: v.Packed})
			}
			continue
		}
		err := v.Field.Split(v.Packed, func(atomic *dc.Field, value []byte) error {
			out = append(out, dc.FieldValue{Field: atomic, Packed: value})
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrValue, err)
		}
	}
	return out, nil
}

func (o *Objects) encode(values []dc.FieldValue) (document.Document, error) {
	values, err := split(values)
	if err != nil {
		return nil, err
	}
	d := make(document.Document, 0, len(values))
	for _, v := range values {
		one, err := Encode(v.Field, v.Packed)
		if err != nil {
			return nil, err
		}
		d = d.With(v.Field.Name(), one)
	}
	return d, nil
}

// Mismatch is the [ErrMismatch] of [Objects.Update], with the object whose fields did not
// match.
type Mismatch struct {
	Snapshot Snapshot
}

func (e *Mismatch) Error() string { return ErrMismatch.Error() }

// Is makes it an [ErrMismatch].
func (e *Mismatch) Is(target error) bool { return target == ErrMismatch }

// has reports whether all the values are stored.
func (s Snapshot) has(wanted []dc.FieldValue) bool {
	for _, w := range wanted {
		got, ok := s.Get(w.Field)
		switch {
		case w.Packed == nil && (ok || s.unreadable(w.Field)):
			return false
		case w.Packed != nil && (!ok || !bytes.Equal(got, w.Packed)):
			return false
		}
	}
	return true
}
