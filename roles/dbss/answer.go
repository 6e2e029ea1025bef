package dbss

import (
	"errors"
	"slices"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/fieldlist"
	"natstron/roles/stateserver"
)

// answerFailure tells an asker that there is no answer. GET_ALL has no failure answer.
func (r *Role) answerFailure(q *question) {
	if q.answer == wire.DBServerObjectGetAllResp {
		return
	}
	r.respond(q).Bool(false)
	_ = r.send() // it is short
}

// respond starts the state-server message that answers the asker.
func (r *Role) respond(q *question) *wire.Writer {
	t := wire.StateServerObjectGetFieldResp
	switch q.answer {
	case wire.DBServerObjectGetFieldsResp:
		t = wire.StateServerObjectGetFieldsResp
	case wire.DBServerObjectGetAllResp:
		t = wire.StateServerObjectGetAllResp
	}
	return r.message(q.do, t, q.asker).Uint32(q.asked)
}

// relay passes an answer on as it is, and counts it as refused if it is wrong: the asker
// may be able to use it nevertheless.
func (r *Role) relay(q *question, m wire.Message, wrong error) {
	if wrong != nil {
		r.space.Refused(m, q.do, wrong)
	}
	r.respond(q).Raw(m.Payload.Rest())
	if err := r.send(); err != nil {
		r.space.Refused(m, q.do, err)
		r.answerFailure(q)
	}
}

// answerField passes the answer to GET_FIELD on.
func (r *Role) answerField(q *question, m wire.Message) {
	p := m.Payload
	var wrong error
	if !p.Bool() {
		wrong = p.Done()
	} else if id := p.FieldID(); p.Err() == nil && id != wire.FieldID(q.fields[0].ID()) {
		wrong = stateserver.Refuse(stateserver.WrongField, "field %d was asked for, the answer is about %d", q.fields[0].ID(), id)
	} else {
		wrong = p.Err()
		if wrong == nil {
			wrong = q.fields[0].Validate(p.Rest())
		}
	}
	r.relay(q, m, wrong)
}

// answerFields passes the answer to GET_FIELDS on, with the defaults of the fields
// that the database does not keep among them, in ascending order of field id.
func (r *Role) answerFields(q *question, m wire.Message) {
	p := m.Payload
	success := p.Bool()
	var got []dc.FieldValue
	wrong := p.Err()
	if wrong == nil && success {
		got, wrong = readAnswer(q.fields, &p)
	} else if wrong == nil {
		wrong = p.Done()
	}
	if len(q.defaults) == 0 || !success {
		r.relay(q, m, wrong)
		return
	}
	if wrong != nil {
		r.space.Refused(m, q.do, wrong)
		r.answerFailure(q)
		return
	}
	got = dc.SortValues(append(got, q.defaults...))
	fieldlist.Write(r.respond(q).Bool(true).Uint16(uint16(len(got))), got)
	if err := r.send(); err != nil {
		r.space.Refused(m, q.do, err)
		r.answerFailure(q)
	}
}

// readAnswer reads a counted list of fields and their values, to the end: any of
// those that were asked for, which are in ascending order of id.
func readAnswer(asked []*dc.Field, p *wire.Reader) ([]dc.FieldValue, error) {
	find := func(id wire.FieldID) (*dc.Field, error) {
		i, ok := slices.BinarySearchFunc(asked, id, func(f *dc.Field, id wire.FieldID) int { return int(f.ID()) - int(id) })
		if !ok {
			return nil, stateserver.Refuse(stateserver.WrongField, "the answer is about field %d, which was not asked for", id)
		}
		return asked[i], nil
	}
	got, err := fieldlist.Append(nil, p, p.Uint16(), find)
	if err != nil {
		return nil, err
	}
	return got, p.Done()
}

// answerAll answers GET_ALL, activates the object, or brings it up to date, whichever of
// these waits.
func (r *Role) answerAll(q *question, m wire.Message) {
	p := &m.Payload
	if q.catchup {
		r.catchup.asked--
		r.heardAll(q)
		defer r.catchUp()
	}
	if success := p.Bool(); p.Err() == nil && !success {
		if q.load != nil {
			r.failed(q.load, NoObject, errors.New("the database does not have the object, or could not read it"))
		}
		return
	}
	class, err := r.readAll(p)
	if err != nil {
		if q.load != nil {
			r.failed(q.load, BadAnswer, err)
		} else if q.catchup {
			r.fail(BadAnswer, q.do, err)
		} else {
			r.space.Refused(m, q.do, err)
		}
		return
	}
	if q.asker != wire.InvalidChannel {
		r.space.Refused(m, q.do, r.tellAll(q, class))
	}
	switch o, active := r.space.Object(q.do); {
	case q.load != nil:
		r.loaded(q.load, class)
	case q.catchup && active:
		r.caughtUp(o, class)
	}
}

// readAll reads what the database has of an object into r.values.
func (r *Role) readAll(p *wire.Reader) (*dc.Class, error) {
	class, err := stateserver.ReadClass(r.options.File, p)
	if err != nil {
		return nil, err
	}
	r.values.Reset()
	if err := r.values.ReadOther(class, p, func(*dc.Field) {}); err != nil {
		return nil, err
	}
	return class, p.Done()
}

// tellAll answers GET_ALL with r.values, and defaults for required fields without
// one. The object is nowhere.
func (r *Role) tellAll(q *question, class *dc.Class) error {
	if err := r.values.SetDefaults(class); err != nil {
		return err
	}
	number, _ := class.ID()
	w := r.respond(q).DoID(q.do).Location(wire.Location{}).DClassID(wire.DClassID(number))
	r.values.AppendAll(w, class)
	return r.send()
}
