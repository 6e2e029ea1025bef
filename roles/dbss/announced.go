package dbss

import (
	"bytes"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/fieldlist"
	"natstron/roles/stateserver"
)

// announced handles what the database announces on an object's database channel
// (document 13). An active object takes over the new values of fields that it keeps, and
// announces them. Other objects ignore it: what a loading object is waiting for was read
// later.
//
// The role's own writes come back with the object as their sender.
func (r *Role) announced(id wire.DoID, m wire.Message) error {
	switch m.Type {
	case wire.DBServerObjectSetField, wire.DBServerObjectSetFields,
		wire.DBServerObjectDeleteField, wire.DBServerObjectDeleteFields:
	default:
		if m.Type.Known() {
			return nil // OBJECT_DELETE, too: an active object outlives it
		}
		return stateserver.Refuse(stateserver.UnknownMessage, "it is not a message that a database announces")
	}
	o, active := r.space.Object(id)
	own := m.Sender == id.Channel() && r.echoes.any()
	older := m.Sender == id.Channel() && r.catchup.mayBeOlder(id)
	if !active && !own {
		return nil
	}
	if err := stateserver.Addressed(id, &m.Payload); err != nil {
		return err
	}
	news, err := r.readNews(m.Type, &m.Payload)
	if err != nil {
		return err
	}
	if active {
		for _, n := range news {
			if _, ok := o.Class().Field(n.Field.ID()); !ok {
				return stateserver.Refuse(stateserver.UnknownField, "%s has no field %d", o.Class().Name(), n.Field.ID())
			}
		}
	}
	for _, n := range news {
		at := place{id, n.Field}
		switch {
		case older, own && r.expected(at):
		case !active || !stateserver.Kept(n.Field):
		case r.echoes.postpone(at, m.Sender, n.Packed):
		default:
			if err := r.takeOver(o, m.Sender, n); err != nil {
				return err
			}
		}
	}
	return nil
}

// readNews reads what has changed: fields with their new values, nil for one that
// no longer has any. A molecular field is read as its atomic fields.
func (r *Role) readNews(t wire.MsgType, p *wire.Reader) ([]dc.FieldValue, error) {
	deleted := t == wire.DBServerObjectDeleteField || t == wire.DBServerObjectDeleteFields
	count := uint16(1)
	if t == wire.DBServerObjectSetFields || t == wire.DBServerObjectDeleteFields {
		count = p.Uint16()
	}
	var news []dc.FieldValue
	if deleted {
		for id := range fieldlist.IDs(p, count) {
			f, err := r.field(id)
			if err != nil {
				return nil, err
			}
			for _, part := range f.Parts() {
				news = append(news, dc.FieldValue{Field: part})
			}
		}
		return news, p.Done()
	}
	for range count {
		v, err := fieldlist.Next(p, r.field)
		if err != nil {
			return nil, err
		}
		_ = v.Field.Split(v.Packed, func(part *dc.Field, packed []byte) error {
			news = append(news, dc.FieldValue{Field: part, Packed: packed})
			return nil
		})
	}
	return news, p.Done()
}

// takeOver gives an active object a value that the database has; without one, a
// required field gets its default. Nothing is announced if the object has the value
// already.
func (r *Role) takeOver(o *stateserver.Object, sender wire.Channel, n dc.FieldValue) error {
	value := n.Packed
	if value == nil && n.Field.Has(dc.Required) {
		value = n.Field.DefaultPacked()
	}
	have, ok := o.Get(n.Field)
	switch {
	case value == nil && ok:
		r.space.Unset(o, sender, n.Field)
	case value != nil && !(ok && bytes.Equal(have, value)):
		return r.space.Set(o, sender, n.Field, value)
	}
	return nil
}
