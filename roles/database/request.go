package database

import (
	"bytes"
	"time"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/fieldlist"
	"natstron/storage"
)

// request is a message to the database server, read.
type request struct {
	msg     wire.MsgType
	sender  wire.Channel
	context uint32 // of the answer, if there is one
	id      wire.DoID
	class   *dc.Class      // of a create
	get     []*dc.Field    // in order of id
	change  storage.Change // in order of field id; a create's fields are in Set

	names     []string // of GET_STORED_VALUES
	named     []named  // of SET_STORED_VALUES, CREATE_STORED_OBJECT
	generated *generated

	leftOut *dc.Field // the last of those that were to be set and are not db

	// What it has to do with indexes; see index.go.
	find    *finding // of FIND_OBJECTS
	unique  []entry  // of CREATE_OBJECT_IF_ABSENT
	indexed bool     // it changes what is in an index
	values  []string // of unique indexes that it gives

	began time.Time
	size  int // what it takes in the queue, about

	// The queue's: what it waits for, and its numbers there.
	waits             int
	freeing, indexing uint64
}

// requestSize is what a request takes besides its message, about.
const requestSize = 512

// answerTo is the message that answers a request; false if nothing does.
func answerTo(msg wire.MsgType) (wire.MsgType, bool) {
	switch msg {
	case wire.DBServerCreateObject, wire.DBServerObjectGetField, wire.DBServerObjectGetFields,
		wire.DBServerObjectGetAll, wire.DBServerObjectSetFieldIfEquals,
		wire.DBServerObjectSetFieldsIfEquals, wire.DBServerObjectSetFieldIfEmpty,
		wire.DBServerGetStoredValues, wire.DBServerCreateStoredObject,
		wire.DBServerFindObjects, wire.DBServerCreateObjectIfAbsent:
		return msg + 1, true
	case wire.DBServerGenerateObject, wire.DBServerGenerateObjectOther:
		return wire.DBServerGenerateObjectResp, true
	}
	return 0, false
}

// creates reports whether the request makes an object, instead of being about one.
func (q *request) creates() bool {
	switch q.msg {
	case wire.DBServerCreateObject, wire.DBServerCreateStoredObject, wire.DBServerGenerateObject, wire.DBServerGenerateObjectOther,
		wire.DBServerCreateObjectIfAbsent:
		return true
	}
	return false
}

// aboutObject reports whether the request is about one object that is there.
func (q *request) aboutObject() bool { return q.find == nil && !q.creates() }

// frees reports whether an id or a value of a unique index may be free afterwards.
func (q *request) frees() bool {
	return q.msg == wire.DBServerObjectDelete || q.indexed && q.aboutObject()
}

// reader reads requests by a DC file. It never changes.
type reader struct {
	file     *dc.File
	defaults map[*dc.Field][]byte // of fields that are stored, explicit and valid
	types    map[uint16]*dc.Class // of objects that are created by number
	indexes  []storage.FieldIndex
}

func newReader(file *dc.File, types []ObjectType, indexes []storage.FieldIndex) reader {
	r := reader{file: file, defaults: map[*dc.Field][]byte{}, types: map[uint16]*dc.Class{}, indexes: indexes}
	for _, t := range types {
		if class, ok := file.ClassByName(t.Class); ok {
			r.types[t.ID] = class
		}
	}
	for _, class := range file.Classes() {
		for _, f := range class.Fields() {
			if f.Has(dc.DB) && !f.IsMolecular() && f.HasExplicitDefault() && f.Validate(f.DefaultPacked()) == nil {
				r.defaults[f] = f.DefaultPacked()
			}
		}
	}
	return r
}

// read reads a message, and copies what it keeps of it. If it returns a request with an
// error, the request must be answered, if its type is; without a request, the message
// does not say what to answer.
func (r reader) read(m wire.Message, now time.Time) (*request, error) {
	q := &request{msg: m.Type, sender: m.Sender, began: now}
	body := wire.NewReader(bytes.Clone(m.Payload.Rest()))
	q.size = requestSize + body.Len()
	if _, answered := answerTo(m.Type); answered {
		q.context = body.Uint32()
	}
	if err := body.Err(); err != nil {
		return nil, err
	}
	err := r.readBody(q, &body)
	if err == nil {
		err = body.Done()
	}
	if err == nil {
		err = r.readIndexed(q)
	}
	return q, err
}

func (r reader) readBody(q *request, body *wire.Reader) error {
	switch q.msg {
	case wire.DBServerCreateObject, wire.DBServerCreateObjectIfAbsent:
		return r.create(q, body)
	case wire.DBServerFindObjects:
		return r.readFind(q, body)
	case wire.DBServerCreateStoredObject:
		return r.createStored(q, body)
	case wire.DBServerGenerateObject, wire.DBServerGenerateObjectOther:
		return r.generate(q, body, q.msg == wire.DBServerGenerateObjectOther)
	}
	q.id = body.DoID()
	count := uint16(1)
	switch q.msg {
	case wire.DBServerObjectGetFields, wire.DBServerObjectSetFields,
		wire.DBServerObjectSetFieldsIfEquals, wire.DBServerObjectDeleteFields:
		count = body.Uint16()
	}
	if err := body.Err(); err != nil {
		return err
	}
	switch q.msg {
	case wire.DBServerObjectGetAll, wire.DBServerObjectDelete:
		return nil
	case wire.DBServerGetStoredValues:
		readNames(q, body)
		return nil
	case wire.DBServerSetStoredValues:
		readNamed(q, body)
		return nil
	case wire.DBServerObjectGetField, wire.DBServerObjectGetFields:
		return r.fieldsToGet(q, body, count)
	case wire.DBServerObjectDeleteField, wire.DBServerObjectDeleteFields:
		return r.fieldsToDelete(q, body, count)
	case wire.DBServerObjectSetField, wire.DBServerObjectSetFields:
		return r.fieldsToSet(q, body, count)
	case wire.DBServerObjectSetFieldIfEmpty:
		if err := r.fieldsToSet(q, body, count); err != nil {
			return err
		}
		q.change.If = []dc.FieldValue{{Field: q.change.Set[0].Field}}
		return nil
	case wire.DBServerObjectSetFieldIfEquals, wire.DBServerObjectSetFieldsIfEquals:
		return r.fieldsToCompare(q, body, count)
	}
	return fail(UnknownMessage, "it is not a message to a database server")
}

// create reads a CREATE_OBJECT.
func (r reader) create(q *request, body *wire.Reader) error {
	id, count := body.DClassID(), body.Uint16()
	if err := body.Err(); err != nil {
		return err
	}
	class, ok := r.file.ClassByID(uint16(id))
	if !ok || class.Undeclared() {
		return fail(UnknownClass, "the DC files have no dclass %d", id)
	}
	values, err := r.values(q, body, count)
	if err != nil {
		return err
	}
	for _, v := range values {
		if _, ok := class.Field(v.Field.ID()); !ok {
			return fail(WrongClass, "create: %s has no field %s", class.Name(), v.Field.Name())
		}
	}
	r.complete(q, class, values)
	return nil
}

// complete makes q a request that creates an object. Fields that are stored and have an
// explicit default get it, if no value is given.
func (r reader) complete(q *request, class *dc.Class, values []dc.FieldValue) {
	q.class = class
	given := map[*dc.Field]bool{}
	for _, v := range values {
		for _, f := range v.Field.Parts() {
			given[f] = true
		}
	}
	for _, f := range q.class.Fields() {
		if value, ok := r.defaults[f]; ok && !given[f] {
			values = append(values, dc.FieldValue{Field: f, Packed: value})
		}
	}
	q.change.Set = dc.SortValues(values)
}

func (r reader) fieldsToSet(q *request, body *wire.Reader, count uint16) error {
	values, err := r.values(q, body, count)
	if err == nil && len(values) == 0 {
		err = noStoredField(q.leftOut)
	}
	q.change.Set = dc.SortValues(values)
	return err
}

// values reads fields and their values. Those that are not db are left out.
func (r reader) values(q *request, body *wire.Reader, count uint16) ([]dc.FieldValue, error) {
	var values []dc.FieldValue
	for range count {
		v, err := fieldlist.Next(body, r.field)
		if err != nil {
			return nil, err
		}
		if v.Field.Has(dc.DB) {
			values = append(values, v)
		} else {
			q.leftOut = v.Field
		}
	}
	return values, nil
}

// fieldsToCompare reads fields, each with the value that it must have, and the one
// that it gets then. All must be db.
func (r reader) fieldsToCompare(q *request, body *wire.Reader, count uint16) error {
	var want, set []dc.FieldValue
	for range count {
		before, err := fieldlist.Next(body, r.stored)
		if err != nil {
			return err
		}
		then, err := fieldlist.Value(body, before.Field)
		if err != nil {
			return err
		}
		want = append(want, before)
		set = append(set, dc.FieldValue{Field: before.Field, Packed: then})
	}
	if len(set) == 0 {
		return noStoredField(nil)
	}
	q.change.If, q.change.Set = dc.SortValues(want), dc.SortValues(set)
	return nil
}

// fieldsToGet reads the ids of fields. Those that are not db are left out.
func (r reader) fieldsToGet(q *request, body *wire.Reader, count uint16) error {
	var err error
	q.get, err = r.fields(body, count)
	return err
}

// fieldsToDelete reads the ids of fields that get their explicit default, or have no
// value any more. Those that are not db are left out; a molecular one stands for its
// methods.
func (r reader) fieldsToDelete(q *request, body *wire.Reader, count uint16) error {
	fields, err := r.fields(body, count)
	if err != nil {
		return err
	}
	var parts []*dc.Field
	for _, f := range fields {
		parts = append(parts, f.Parts()...)
	}
	for _, f := range dc.SortFields(parts) {
		if value, ok := r.defaults[f]; ok {
			q.change.Set = append(q.change.Set, dc.FieldValue{Field: f, Packed: value})
		} else {
			q.change.Clear = append(q.change.Clear, f)
		}
	}
	return nil
}

// fields reads ids, and returns the fields that are db, each once, in order. None is
// an error.
func (r reader) fields(body *wire.Reader, count uint16) ([]*dc.Field, error) {
	var fields []*dc.Field
	var leftOut *dc.Field
	for id := range fieldlist.IDs(body, count) {
		f, err := r.field(id)
		if err != nil {
			return nil, err
		}
		if f.Has(dc.DB) {
			fields = append(fields, f)
		} else {
			leftOut = f
		}
	}
	switch {
	case body.Err() != nil:
		return nil, body.Err()
	case len(fields) == 0:
		return nil, noStoredField(leftOut)
	}
	return dc.SortFields(fields), nil
}

// noStoredField is the error of a message without a field that is stored.
func noStoredField(leftOut *dc.Field) error {
	if leftOut == nil {
		return fail(WrongField, "it names no field")
	}
	return fail(WrongField, "none of its fields is db: %s is not", leftOut.Name())
}

// field finds a field, of whatever class.
func (r reader) field(id wire.FieldID) (*dc.Field, error) {
	f, ok := r.file.FieldByID(uint16(id))
	if !ok {
		return nil, fail(UnknownField, "the DC files have no field %d", id)
	}
	return f, nil
}

// stored finds a field that must be db.
func (r reader) stored(id wire.FieldID) (*dc.Field, error) {
	f, err := r.field(id)
	if err == nil && !f.Has(dc.DB) {
		err = fail(WrongField, "%s is not db", f.Name())
	}
	return f, err
}
