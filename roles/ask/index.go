package ask

import (
	"fmt"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/fieldlist"
)

// Find asks for the objects of a class whose field has that value, in the order of their doIds.
// The database must have an index of the field, see docs/database.md. then gets those above a
// doId, 0 at first, at most 16,000; more says that there are others, above the last of them. None
// is no error.
func (db Database) Find(class, field string, value any, above wire.DoID, then func(found []wire.DoID, more bool, err error)) Question {
	var more bool
	return db.question(wire.DBServerFindObjects, func(b *body) {
		b.dclass(class)
		b.value(class, field, value)
		b.DoID(above).Uint16(0)
	}, answer(func(_ *dc.File, r *wire.Reader) (found []wire.DoID, err error) {
		if err := readCode(r); err != nil {
			return nil, err
		}
		more = r.Bool()
		for n := r.Uint16(); n > 0 && r.Err() == nil; n-- {
			found = append(found, r.DoID())
		}
		return found, nil
	}, func(found []wire.DoID, err error) { then(found, more && err == nil, err) }))
}

// CreateIfAbsent is Create for an object that has a value of a unique index. If another object has
// that value, nothing is created: then gets [ErrTaken], and the other's doId. Of several at once,
// one is created.
func (db Database) CreateIfAbsent(class string, values Values, then func(do wire.DoID, err error)) Question {
	return db.question(wire.DBServerCreateObjectIfAbsent, func(b *body) {
		all := b.values(b.dclass(class), values)
		fieldlist.Write(b.Uint16(uint16(len(all))), all)
	}, answer(func(_ *dc.File, r *wire.Reader) (wire.DoID, error) {
		err := readCode(r)
		do := r.DoID()
		if r.Len() > 0 {
			r.FieldID() // whose value is taken
		}
		return do, err
	}, then))
}

// codes are the reasons of a database server that uses indexes.
var codes = map[uint16]error{
	1: ErrTaken,
	2: refusal("the database has no such index, see index of its configuration"),
	3: refusal("the index is being made, or cannot be made"),
	4: refusal("the database refuses the question, see its log"),
	5: refusal("the database cannot do it now"),
	6: refusal("the database does not know whether it was done"),
}

// readCode reads the code of an answer.
func readCode(r *wire.Reader) error {
	switch code := r.Uint16(); {
	case code == 0:
		return nil
	case codes[code] != nil:
		return codes[code]
	default:
		return fmt.Errorf("the code %d is unknown", code)
	}
}
