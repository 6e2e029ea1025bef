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
	var values []dc.FieldValue
	for _, f := range class.RequiredFields() {
		packed, err := fieldlist.Value(body, f)
		if err != nil {
			return err
		}
		values = append(values, dc.FieldValue{Field: f, Packed: packed})
	}
	if other {
		find := func(id wire.FieldID) (*dc.Field, error) {
			f, ok := class.Field(uint16(id))
			if !ok {
				return nil, fail(WrongClass, "generate: %s has no field %d", class.Name(), id)
			}
			return f, nil
		}
		var err error
		if values, err = fieldlist.Append(values, body, body.Uint16(), find); err != nil {
			return err
		}
	}
	var stored []dc.FieldValue
	for _, v := range values {
		if v.Field.Has(dc.DB) {
			stored = append(stored, v)
		} else {
			g.others = append(g.others, v)
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
