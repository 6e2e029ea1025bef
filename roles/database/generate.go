package database

import (
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/fieldlist"
)

// generated is what becomes of an object once it has been created: it is activated, if
// its location is one, with those of its values that are not stored.
type generated struct {
	location wire.Location
	owner    wire.Channel
	others   []dc.FieldValue
}

// generate reads a GENERATE_OBJECT, with other fields or without.
func (r reader) generate(q *request, body *wire.Reader, other bool) error {
	g := &generated{location: body.Location(), owner: body.Channel()}
	number := body.DClassID()
	if err := body.Err(); err != nil {
		return err
	}
	class, ok := r.file.ClassByID(uint16(number))
	if !ok || class.Undeclared() {
		return fail(UnknownClass, "generate: there is no dclass %d", number)
	}
	var stored []dc.FieldValue
	add := func(f *dc.Field) error {
		value, err := fieldlist.Value(body, f)
		if err != nil {
			return err
		}
		if v := (dc.FieldValue{Field: f, Packed: value}); f.Has(dc.DB) {
			stored = append(stored, v)
		} else {
			g.others = append(g.others, v)
		}
		return nil
	}
	for _, f := range class.RequiredFields() {
		if err := add(f); err != nil {
			return err
		}
	}
	if other {
		for range body.Uint16() {
			id := body.FieldID()
			if err := body.Err(); err != nil {
				return err
			}
			f, ok := class.Field(uint16(id))
			if !ok {
				return fail(WrongClass, "generate: %s has no field %d", class.Name(), id)
			}
			if err := add(f); err != nil {
				return err
			}
		}
	}
	q.generated = g
	r.complete(q, class, stored)
	return nil
}

// activation is what is said to a new object: to be active, and whose it is. Its
// sender is that of the request.
func (q *request) activation(id wire.DoID) []func(w *wire.Writer) {
	g := q.generated
	if g == nil || g.location.Parent == wire.InvalidDoID {
		return nil
	}
	all := []func(w *wire.Writer){func(w *wire.Writer) {
		class, _ := q.class.ID()
		w.Header(q.sender, wire.DBSSObjectActivateWithDefaultsOther, id.Channel()).DoID(id).Location(g.location).DClassID(wire.DClassID(class))
		fieldlist.Write(w.Uint16(uint16(len(g.others))), g.others)
	}}
	if g.owner != wire.InvalidChannel {
		all = append(all, func(w *wire.Writer) {
			w.Header(q.sender, wire.StateServerObjectSetOwner, id.Channel()).Channel(g.owner)
		})
	}
	return all
}
