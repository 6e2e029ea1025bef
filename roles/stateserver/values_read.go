package stateserver

import (
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/fieldlist"
)

// ReadClass reads the number of a dclass of the DC files.
func ReadClass(file *dc.File, r *wire.Reader) (*dc.Class, error) {
	id := r.DClassID()
	if err := r.Err(); err != nil {
		return nil, err
	}
	class, ok := file.ClassByID(uint16(id))
	if !ok || class.Undeclared() {
		return nil, refuse(UnknownClass, "the DC files have no dclass %d", id)
	}
	return class, nil
}

// ReadRequired reads the values of a class's required fields. v must be empty.
func (v *Values) ReadRequired(class *dc.Class, r *wire.Reader) error {
	for _, f := range class.RequiredFields() {
		packed, err := fieldlist.Value(r, f)
		if err != nil {
			return err
		}
		if class.Ordered() {
			v.append(f, packed)
		} else {
			v.store(f, packed)
		}
	}
	return nil
}

// ReadOther reads a counted list of fields and their values, the OTHER of document 12,
// and keeps them; a value that is there already is replaced. unkept is told of each
// field that objects do not keep. An error leaves v with the values that stood before
// the one that is wrong.
func (v *Values) ReadOther(class *dc.Class, r *wire.Reader, unkept func(*dc.Field)) error {
	find := func(id wire.FieldID) (*dc.Field, error) { return fieldOf(class, id) }
	for range r.Uint16() {
		given, err := fieldlist.Next(r, find)
		if err != nil {
			return err
		}
		if !given.Field.IsMolecular() && !Kept(given.Field) {
			unkept(given.Field)
		}
		v.store(given.Field, given.Packed)
	}
	return r.Err()
}
