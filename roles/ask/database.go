package ask

import (
	"fmt"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/fieldlist"
)

// Database is a database server, by its control channel. It stores the fields that have the
// keyword db (document 13).
type Database wire.Channel

func (db Database) question(kind wire.MsgType, write func(b *body), end func(*dc.File, *wire.Reader, error)) Question {
	return question(wire.Channel(db), kind, kind+1, write, end)
}

func (db Database) message(kind wire.MsgType, do wire.DoID, write func(b *body)) Message {
	return Message{to: wire.Channel(db), kind: kind, write: func(b *body) {
		b.DoID(do)
		write(b)
	}}
}

// Create creates an object with these values; fields that have a default in the DC file and no
// value get the default. then gets its doId. ErrNotFound says that nothing was created.
func (db Database) Create(class string, values Values, then func(do wire.DoID, err error)) Question {
	return db.question(wire.DBServerCreateObject, func(b *body) {
		all := b.values(b.dclass(class), values)
		fieldlist.Write(b.Uint16(uint16(len(all))), all)
	}, answer(func(_ *dc.File, r *wire.Reader) (wire.DoID, error) {
		do := r.DoID()
		if do == wire.InvalidDoID {
			return 0, ErrNotFound
		}
		return do, nil
	}, then))
}

// Get asks for fields of an object, which must be of that class. then gets those that have a
// value, or ErrNotFound if there is no such object.
func (db Database) Get(class string, do wire.DoID, fields []string, then func(values Values, err error)) Question {
	return db.question(wire.DBServerObjectGetFields, func(b *body) {
		b.DoID(do)
		b.fieldIDs(class, fields)
	}, answer(readFound, then))
}

// All asks for all of an object. then gets the name of its class, too; or ErrNotFound.
func (db Database) All(do wire.DoID, then func(o Object, err error)) Question {
	return db.question(wire.DBServerObjectGetAll, func(b *body) { b.DoID(do) }, answer(func(file *dc.File, r *wire.Reader) (o Object, err error) {
		if !r.Bool() {
			return o, ErrNotFound
		}
		class, err := readClass(file, r)
		if err != nil {
			return o, err
		}
		o.DoID, o.Class = do, class.Name()
		o.Values, err = readValues(file, r)
		return o, err
	}, then))
}

// SetIf sets fields of an object if they have the values of old, all of them or none; old and
// values name the same fields. Without an error they are set. ErrChanged says that they had
// others, which then gets as far as there are any; ErrNotFound that there is no such object.
func (db Database) SetIf(class string, do wire.DoID, old, values Values, then func(current Values, err error)) Question {
	return db.question(wire.DBServerObjectSetFieldsIfEquals, func(b *body) {
		c := b.class(class)
		before, after := b.values(c, old), b.values(c, values)
		b.DoID(do).Uint16(uint16(len(after)))
		if len(before) != len(after) {
			b.fail(fmt.Errorf("%d old values, and %d new ones", len(before), len(after)))
			return
		}
		for i, v := range after {
			if before[i].Field != v.Field {
				b.fail(fmt.Errorf("there is no old value of %s", v.Field.Name()))
			}
			b.FieldID(wire.FieldID(v.Field.ID())).Raw(before[i].Packed).Raw(v.Packed)
		}
	}, answer(func(file *dc.File, r *wire.Reader) (Values, error) {
		return readChanged(r, func() (Values, error) { return readValues(file, r) })
	}, then))
}

// SetIfEmpty sets a field of an object if it has no value. Without an error it is set. ErrChanged
// says that it had one, which then gets; ErrNotFound that there is no such object.
func (db Database) SetIfEmpty(class string, do wire.DoID, field string, value any, then func(current any, err error)) Question {
	return db.question(wire.DBServerObjectSetFieldIfEmpty, func(b *body) {
		b.DoID(do)
		b.value(class, field, value)
	}, answer(func(file *dc.File, r *wire.Reader) (any, error) {
		return readChanged(r, func() (any, error) {
			v, err := fieldlist.Next(r, finder(file))
			if err != nil {
				return nil, err
			}
			return Unpack(v.Field, v.Packed)
		})
	}, then))
}

// Set sets fields of an object. There is no answer: nothing tells whether they were set.
func (db Database) Set(class string, do wire.DoID, values Values) Message {
	return db.message(wire.DBServerObjectSetFields, do, func(b *body) {
		all := b.values(b.class(class), values)
		fieldlist.Write(b.Uint16(uint16(len(all))), all)
	})
}

// Clear takes the values of fields off an object; those that have a default get it. There is no
// answer.
func (db Database) Clear(class string, do wire.DoID, fields ...string) Message {
	return db.message(wire.DBServerObjectDeleteFields, do, func(b *body) { b.fieldIDs(class, fields) })
}

// Delete deletes an object. There is no answer.
func (db Database) Delete(do wire.DoID) Message {
	return db.message(wire.DBServerObjectDelete, do, func(*body) {})
}

// readFound reads whether there is such an object, and then values.
func readFound(file *dc.File, r *wire.Reader) (Values, error) {
	if !r.Bool() {
		return nil, ErrNotFound
	}
	return readValues(file, r)
}

// readChanged reads whether something was set, or else what was there, if anything was.
func readChanged[T any](r *wire.Reader, current func() (T, error)) (v T, err error) {
	switch done := r.Bool(); {
	case done:
		return v, nil
	case r.Len() == 0:
		return v, ErrNotFound
	}
	if v, err = current(); err != nil {
		return v, err
	}
	return v, ErrChanged
}
