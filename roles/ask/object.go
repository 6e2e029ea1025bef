package ask

import (
	"fmt"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/fieldlist"
)

// Questions and messages to an object of a state server, or to one of a database-state server,
// go to the object's channel (document 12). No object, no answer: they end with [ErrNoAnswer].

// Object is what is known of an object.
type Object struct {
	DoID     wire.DoID
	Class    string        // the name of its dclass
	Location wire.Location // zero for one that is only stored
	Values   Values
}

func toObject(do wire.DoID, kind wire.MsgType, write func(b *body)) Message {
	return Message{to: do.Channel(), kind: kind, write: write}
}

// Fields asks an object, which must be of that class, for fields. then gets those that have a
// value, or ErrNotFound if the object refuses.
func Fields(class string, do wire.DoID, fields []string, then func(values Values, err error)) Question {
	return question(do.Channel(), wire.StateServerObjectGetFields, wire.StateServerObjectGetFieldsResp, func(b *body) {
		b.DoID(do)
		b.fieldIDs(class, fields)
	}, answer(readFound, then))
}

// All asks for all of an object: its required fields, and those with the keyword ram that have a
// value.
func All(do wire.DoID, then func(o Object, err error)) Question {
	return question(do.Channel(), wire.StateServerObjectGetAll, wire.StateServerObjectGetAllResp, func(b *body) { b.DoID(do) }, answer(readObject, then))
}

func readObject(file *dc.File, r *wire.Reader) (o Object, err error) {
	o.DoID, o.Location = r.DoID(), r.Location()
	class, err := readClass(file, r)
	if err != nil {
		return o, err
	}
	o.Class = class.Name()
	var required []dc.FieldValue
	for _, f := range class.RequiredFields() {
		packed, err := fieldlist.Value(r, f)
		if err != nil {
			return o, err
		}
		required = append(required, dc.FieldValue{Field: f, Packed: packed})
	}
	if o.Values, err = readValues(file, r); err == nil {
		err = o.Values.add(required)
	}
	return o, err
}

// At asks where an object is.
func At(do wire.DoID, then func(at wire.Location, err error)) Question {
	return about(do, wire.StateServerObjectGetLocation, (*wire.Reader).Location, then)
}

// Owner asks for the channel of an object's owner; 0 is none.
func Owner(do wire.DoID, then func(owner wire.Channel, err error)) Question {
	return about(do, wire.StateServerObjectGetOwner, (*wire.Reader).Channel, then)
}

// AI asks for the channel of an object's AI; 0 is none.
func AI(do wire.DoID, then func(ai wire.Channel, err error)) Question {
	return about(do, wire.StateServerObjectGetAI, (*wire.Reader).Channel, then)
}

// about is a question without arguments whose answer begins with the object's doId.
func about[T any](do wire.DoID, kind wire.MsgType, read func(*wire.Reader) T, then func(T, error)) Question {
	return question(do.Channel(), kind, kind+1, func(*body) {}, answer(func(_ *dc.File, r *wire.Reader) (T, error) {
		r.DoID()
		return read(r), nil
	}, then))
}

// Active asks a database-state server whether a stored object is active.
func Active(do wire.DoID, then func(active bool, err error)) Question {
	return question(do.Channel(), wire.DBSSObjectGetActivated, wire.DBSSObjectGetActivatedResp, func(b *body) { b.DoID(do) },
		answer(func(_ *dc.File, r *wire.Reader) (bool, error) {
			r.DoID()
			return r.Bool(), nil
		}, then))
}

// Create has the state server with that control channel create an object. Required fields without
// a value get their default. There is no answer: ask the object for something, once it is there.
func Create(stateServer wire.Channel, class string, do wire.DoID, at wire.Location, values Values) Message {
	return Message{to: stateServer, kind: wire.StateServerCreateObjectWithRequiredOther, write: func(b *body) {
		b.DoID(do)
		b.object(class, at, values)
	}}
}

// Update sets a field of an object, as [Values] has it: of a method with several arguments, a
// list of them. There is no answer.
func Update(class string, do wire.DoID, field string, value any) Message {
	return UpdateTo(do.Channel(), class, do, field, value)
}

// UpdateTo sends an update of an object's field to someone else than the object: to a client or an
// AI that asked an UberDOG, for example.
func UpdateTo(to wire.Channel, class string, do wire.DoID, field string, value any) Message {
	return Message{to: to, kind: wire.StateServerObjectSetField, write: func(b *body) {
		b.DoID(do)
		b.value(class, field, value)
	}}
}

// Delete deletes an object; a stored one stays stored. There is no answer.
func Delete(do wire.DoID) Message {
	return toObject(do, wire.StateServerObjectDeleteRAM, func(b *body) { b.DoID(do) })
}

// Move moves an object. There is no answer.
func Move(do wire.DoID, to wire.Location) Message {
	return toObject(do, wire.StateServerObjectSetLocation, func(b *body) { b.Location(to) })
}

// SetOwner gives an object an owner; 0 is none. There is no answer.
func SetOwner(do wire.DoID, owner wire.Channel) Message {
	return toObject(do, wire.StateServerObjectSetOwner, func(b *body) { b.Channel(owner) })
}

// SetAI gives an object an AI; 0 is none. There is no answer.
func SetAI(do wire.DoID, ai wire.Channel) Message {
	return toObject(do, wire.StateServerObjectSetAI, func(b *body) { b.Channel(ai) })
}

// Activate has a database-state server bring a stored object, of that class, into the world, with
// values for fields that are not stored. There is no answer, see [Active].
func Activate(class string, do wire.DoID, at wire.Location, values Values) Message {
	return toObject(do, wire.DBSSObjectActivateWithDefaultsOther, func(b *body) {
		b.DoID(do).Location(at)
		all := b.values(b.dclass(class), values)
		fieldlist.Write(b.Uint16(uint16(len(all))), all)
	})
}

func readClass(file *dc.File, r *wire.Reader) (*dc.Class, error) {
	id := r.DClassID()
	if err := r.Err(); err != nil {
		return nil, err
	}
	c, ok := file.ClassByID(uint16(id))
	if !ok || c.IsStruct() {
		return nil, fmt.Errorf("the DC files have no dclass %d", id)
	}
	return c, nil
}
