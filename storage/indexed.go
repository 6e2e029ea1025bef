package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/storage/document"
)

// FieldIndex is an [Index] in DC terms. What has the same packed bytes is the same value:
// letters of another case and composed characters make another string.
type FieldIndex struct {
	Class  *dc.Class
	Field  *dc.Field // as the class has it, perhaps by inheritance
	Unique bool
}

func (x FieldIndex) String() string { return x.Class.Name() + "." + x.Field.Name() }

// Index is what a [Store] knows of it.
func (x FieldIndex) Index() Index {
	return Index{Class: x.Class.Name(), Field: x.Field.Name(), Unique: x.Unique}
}

// Check returns an error if the field cannot be indexed: if it is not db; if it is
// not one whole number without a divisor, char, string or blob, or a method with one such
// argument; or if a unique one has a default, which only one object could have.
func (x FieldIndex) Check() error {
	f := x.Field
	t := f.Type()
	switch {
	case f.IsMolecular():
		return fmt.Errorf("%v is molecular: index one of its methods", x)
	case !f.Has(dc.DB):
		return fmt.Errorf("%v does not have the keyword db, so it is not stored", x)
	case f.IsMethod() && len(t.Params()) != 1:
		return fmt.Errorf("%v has %d arguments: a method can be indexed if it has one", x, len(t.Params()))
	case f.IsMethod():
		t = t.Params()[0].Type()
	}
	switch k := t.Kind(); {
	case k >= dc.Int8 && k <= dc.Uint64 && t.Divisor() == 1, k == dc.Char, k == dc.String, k == dc.Blob, k == dc.Blob32:
	default:
		return fmt.Errorf("%v is of the type %v: whole numbers without a divisor, char, string and blob can be indexed", x, t)
	}
	if x.Unique && f.HasExplicitDefault() {
		return fmt.Errorf("%v has a default, so it cannot be unique: the second object that is created without a value would be refused", x)
	}
	return nil
}

// FindIndex returns the index of a field by the name that a configuration has for it,
// Class.field, and checks it.
func FindIndex(file *dc.File, name string, unique bool) (FieldIndex, error) {
	className, fieldName, ok := strings.Cut(name, ".")
	if !ok {
		return FieldIndex{}, fmt.Errorf("%q is not Class.field", name)
	}
	class, ok := file.DClassByName(className)
	if !ok {
		return FieldIndex{}, fmt.Errorf("the DC files have no dclass %s", className)
	}
	f, ok := class.FieldByName(fieldName)
	if !ok {
		return FieldIndex{}, fmt.Errorf("%s has no field %s", className, fieldName)
	}
	x := FieldIndex{class, f, unique}
	return x, x.Check()
}

// SetIndexes is [Store.SetIndexes]. Values that others have stored in another form than
// [Encode], as OtpGo's arrays, are stored in ours first, or they would not be found.
func (o *Objects) SetIndexes(ctx context.Context, list []FieldIndex) error {
	plain := make([]Index, len(list))
	for i, x := range list {
		if err := x.Check(); err != nil {
			return Fail("set indexes", 0, fmt.Errorf("%w: %w", ErrValue, err))
		}
		plain[i] = x.Index()
	}
	return o.store.SetIndexes(ctx, plain, func(missing []Index, objects iter.Seq2[Object, error]) error {
		var fresh []FieldIndex
		for _, x := range list {
			if slices.Contains(missing, x.Index()) {
				fresh = append(fresh, x)
			}
		}
		return o.rewrite(ctx, fresh, objects)
	})
}

// rewrite stores values in the form of [Encode].
func (o *Objects) rewrite(ctx context.Context, list []FieldIndex, objects iter.Seq2[Object, error]) error {
	for object, err := range objects {
		if errors.Is(err, ErrUnreadable) {
			continue
		}
		if err != nil {
			return err
		}
		for _, x := range list {
			v, canonical, ok := x.form(object)
			if !ok || sameForm(v, canonical) {
				continue
			}
			err := o.store.Update(ctx, object.ID, Update{
				If:  []Condition{{Name: x.Field.Name(), Want: v}},
				Set: document.Document{{Name: x.Field.Name(), Value: canonical}},
			})
			// Others that change or delete it meanwhile write our form.
			if err != nil && !errors.Is(err, ErrMismatch) && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrTaken) {
				return err
			}
		}
	}
	return nil
}

// form is an object's value in an index, as it is stored and as [Encode] writes it; ok is
// false if the DC file can read no value there.
func (x FieldIndex) form(o Object) (v, canonical document.Value, ok bool) {
	v, ok = x.Index().Value(o)
	if !ok {
		return nil, nil, false
	}
	packed, err := Decode(x.Field, v)
	if err == nil {
		canonical, err = Encode(x.Field, packed)
	}
	return v, canonical, err == nil
}

func sameForm(a, b document.Value) bool {
	return bytes.Equal(document.AppendValue(nil, a), document.AppendValue(nil, b))
}

// Formed returns an object whose values of indexed fields are in the form of [Encode]:
// for imports.
func Formed(o Object, list []FieldIndex) Object {
	for _, x := range list {
		if v, canonical, ok := x.form(o); ok && !sameForm(v, canonical) {
			o.Fields = o.Fields.With(x.Field.Name(), canonical)
		}
	}
	return o
}

// Find returns the ids of the objects of the index's class that have a value, in ascending
// order: those above an id, at most so many.
func (o *Objects) Find(ctx context.Context, x FieldIndex, packed []byte, above wire.DoID, limit int) ([]wire.DoID, error) {
	return Find(ctx, o.store, x, packed, above, limit)
}

// Find is [Objects.Find] in a database that is open for reading.
func Find(ctx context.Context, r Reader, x FieldIndex, packed []byte, above wire.DoID, limit int) ([]wire.DoID, error) {
	v, err := Encode(x.Field, packed)
	if err != nil {
		return nil, Fail("find", 0, err)
	}
	return r.Find(ctx, Query{Class: x.Class.Name(), Field: x.Field.Name(), Value: v, Above: above, Limit: limit})
}
