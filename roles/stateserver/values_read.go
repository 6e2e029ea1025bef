package stateserver

import (
	"natstron/bridge/wire"
	"natstron/dc"
)

// readRequired reads the values of a class's required fields off the front of b.
// v must be empty.
func (v *Values) readRequired(class *dc.Class, b []byte) (rest []byte, err error) {
	for _, f := range class.RequiredFields() {
		n, err := f.Check(b)
		if err != nil {
			return nil, err
		}
		v.append(f, b[:n])
		b = b[n:]
	}
	return b, nil
}

// ReadOther reads a counted list of fields and their values off the front of b,
// the OTHER of document 12, and keeps them; a value that is there already is
// replaced. unkept is told of each field that objects do not keep. An error
// leaves v with the values that stood before the one that is wrong.
func (v *Values) ReadOther(class *dc.Class, b []byte, unkept func(*dc.Field)) (rest []byte, err error) {
	r := wire.NewReader(b)
	count := r.Uint16()
	b = r.Rest()
	if err := r.Err(); err != nil {
		return nil, err
	}
	for range count {
		r := wire.NewReader(b)
		id := r.FieldID()
		if b = r.Rest(); r.Err() != nil {
			return nil, r.Err()
		}
		f, ok := class.Field(uint16(id))
		if !ok {
			return nil, refuse(UnknownField, "%s has no field %d", class.Name(), id)
		}
		n, err := f.Check(b)
		if err != nil {
			return nil, err
		}
		if !f.IsMolecular() && !kept(f) {
			unkept(f)
		}
		v.store(f, b[:n])
		b = b[n:]
	}
	return b, nil
}
