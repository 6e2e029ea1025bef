package dbss

import (
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/fieldlist"
	"natstron/roles/stateserver"
)

// inactive handles a message to an object that is not active. Only the database knows its
// class, and whether it exists.
func (r *Role) inactive(id wire.DoID, m wire.Message) error {
	switch m.Type {
	case wire.DBSSObjectActivateWithDefaults:
		return r.activate(id, m, false)
	case wire.DBSSObjectActivateWithDefaultsOther:
		return r.activate(id, m, true)
	case wire.DBServerGenerateObject:
		return r.generate(id, m, false)
	case wire.DBServerGenerateObjectOther:
		return r.generate(id, m, true)
	case wire.DBSSObjectGetActivated:
		return r.getActivated(id, m, false)
	case wire.DBSSObjectDeleteFieldDisk, wire.DBSSObjectDeleteFieldsDisk:
		return r.deleteFieldsDisk(id, m, nil)
	case wire.DBSSObjectDeleteDisk:
		return r.deleteDisk(id, m, nil)

	case wire.StateServerObjectGetField:
		return r.getField(id, m)
	case wire.StateServerObjectGetFields:
		return r.getFields(id, m)
	case wire.StateServerObjectGetAll:
		return r.getAll(id, m)
	case wire.StateServerObjectSetField, wire.StateServerObjectSetFields:
		return r.setInactive(id, m)
	}
	if m.Type.Known() {
		// It is for an active object, or for a participant that uses the same channel.
		// There is no answer, as for an object that no state server has.
		r.count.ignored.Add(1)
		return nil
	}
	return stateserver.Refuse(stateserver.UnknownMessage, "it is not a message to an object")
}

// getActivated is GET_ACTIVATED.
func (r *Role) getActivated(id wire.DoID, m wire.Message, active bool) error {
	p := &m.Payload
	asked := p.Uint32()
	if err := stateserver.Addressed(id, p); err != nil {
		return err
	}
	if err := p.Done(); err != nil {
		return err
	}
	r.message(id, wire.DBSSObjectGetActivatedResp, m.Sender).Uint32(asked).DoID(id).Bool(active)
	return r.send()
}

// field finds a field, of whatever class.
func (r *Role) field(id wire.FieldID) (*dc.Field, error) {
	f, ok := r.options.File.FieldByID(uint16(id))
	if !ok {
		return nil, stateserver.Refuse(stateserver.UnknownField, "the DC files have no field %d", id)
	}
	return f, nil
}

// getField is GET_FIELD. A db field is asked of the database; any other has its
// default, if it is required or the DC file sets one. Only fields that an active
// object keeps have a value.
func (r *Role) getField(id wire.DoID, m wire.Message) error {
	p := &m.Payload
	asked := p.Uint32()
	if err := stateserver.Addressed(id, p); err != nil {
		return err
	}
	number := p.FieldID()
	if err := p.Done(); err != nil {
		return err
	}
	f, err := r.field(number)
	switch {
	case err != nil || !stateserver.Kept(f):
	case f.Has(dc.DB):
		err = r.ask(question{do: id, answer: wire.DBServerObjectGetFieldResp, asker: m.Sender, asked: asked, fields: []*dc.Field{f}})
		if err == nil {
			return nil
		}
	case hasDefault(f):
		r.message(id, wire.StateServerObjectGetFieldResp, m.Sender).Uint32(asked).Bool(true).
			FieldID(number).Raw(f.DefaultPacked())
		return r.send()
	}
	r.message(id, wire.StateServerObjectGetFieldResp, m.Sender).Uint32(asked).Bool(false)
	if sent := r.send(); err == nil {
		err = sent
	}
	return err
}

// hasDefault reports whether an inactive object has a value of a field that the
// database does not keep. A DC file may set a default that is no value of the field.
func hasDefault(f *dc.Field) bool {
	return (f.Has(dc.Required) || f.HasExplicitDefault()) && f.Validate(f.DefaultPacked()) == nil
}

// getFields is GET_FIELDS: as GET_FIELD, but fields without a value are left out. It is a
// failure if the DC files do not have one of them.
func (r *Role) getFields(id wire.DoID, m wire.Message) error {
	p := &m.Payload
	asked := p.Uint32()
	if err := stateserver.Addressed(id, p); err != nil {
		return err
	}
	all, unknown, err := r.readFields(p)
	if err != nil {
		return err
	}
	var stored []*dc.Field
	var defaults []dc.FieldValue
	if err = unknown; err == nil {
		for _, f := range all {
			switch {
			case !stateserver.Kept(f):
			case f.Has(dc.DB):
				stored = append(stored, f)
			case hasDefault(f):
				defaults = append(defaults, dc.FieldValue{Field: f, Packed: f.DefaultPacked()})
			}
		}
		if len(stored) > 0 {
			err = r.ask(question{do: id, answer: wire.DBServerObjectGetFieldsResp, asker: m.Sender, asked: asked,
				fields: stored, defaults: defaults})
			if err == nil {
				return nil
			}
		}
	}
	w := r.message(id, wire.StateServerObjectGetFieldsResp, m.Sender).Uint32(asked).Bool(err == nil)
	if err == nil {
		fieldlist.Write(w.Uint16(uint16(len(defaults))), defaults)
	}
	if sent := r.send(); err == nil {
		err = sent
	}
	return err
}

// readFields reads a counted list of fields, to the end of the message: each once,
// in ascending order of id. unknown is an error if the DC files do not have one of them.
func (r *Role) readFields(p *wire.Reader) (all []*dc.Field, unknown, err error) {
	r.fields = r.fields[:0]
	for id := range fieldlist.IDs(p, p.Uint16()) {
		f, err := r.field(id)
		if err != nil {
			unknown = err
			continue
		}
		r.fields = append(r.fields, f)
	}
	if err := p.Done(); err != nil {
		return nil, nil, err
	}
	r.fields = dc.SortFields(r.fields)
	return r.fields, unknown, nil
}

// getAll is GET_ALL. It has no answer for an object that does not exist.
func (r *Role) getAll(id wire.DoID, m wire.Message) error {
	p := &m.Payload
	asked := p.Uint32()
	if err := stateserver.Addressed(id, p); err != nil {
		return err
	}
	if err := p.Done(); err != nil {
		return err
	}
	return r.ask(question{do: id, answer: wire.DBServerObjectGetAllResp, asker: m.Sender, asked: asked})
}

// setInactive is SET_FIELD and SET_FIELDS. The db fields are passed on to the
// database; the others are dropped. Nothing is passed on unless all of it is valid.
func (r *Role) setInactive(id wire.DoID, m wire.Message) error {
	p := &m.Payload
	if err := stateserver.Addressed(id, p); err != nil {
		return err
	}
	count := uint16(1)
	if m.Type == wire.StateServerObjectSetFields {
		count = p.Uint16()
	}
	var err error
	if r.updates, err = fieldlist.Append(r.updates[:0], p, count, r.field); err != nil {
		return err
	}
	if err := p.Done(); err != nil {
		return err
	}
	for _, u := range r.updates {
		if !u.Field.Has(dc.DB) {
			r.space.Refused(m, id, stateserver.Refuse(stateserver.WrongField,
				"%s is not db, and the object is not active: the value is lost", u.Field.Name()))
		}
	}
	return r.write(id, m.Type, r.updates, false)
}

// answerRefused answers a question as a failure, if there is such an answer.
func (r *Role) answerRefused(id wire.DoID, m wire.Message) {
	asked := m.Payload.Uint32()
	if stateserver.Addressed(id, &m.Payload) != nil {
		return
	}
	switch m.Type {
	case wire.StateServerObjectGetField, wire.StateServerObjectGetFields:
		r.message(id, m.Type+1, m.Sender).Uint32(asked).Bool(false)
	case wire.DBSSObjectGetActivated:
		r.message(id, m.Type+1, m.Sender).Uint32(asked).DoID(id).Bool(false)
	default:
		return
	}
	_ = r.send() // it is short
}
