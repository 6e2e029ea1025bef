package dbss

import (
	"slices"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/roles/stateserver"
)

// inactive handles a message to an object that is not active. Which class it is of,
// or whether there is one at all, only the database knows.
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
		// It is for an object, or for somebody else who uses its channel. Nobody
		// answers, as nobody would for an object that no state server has.
		r.count.ignored.Add(1)
		return nil
	}
	return stateserver.Refuse(stateserver.UnknownMessage, "objects know no such message")
}

// getActivated is GET_ACTIVATED.
func (r *Role) getActivated(id wire.DoID, m wire.Message, active bool) error {
	p := &m.Payload
	asked := p.Uint32()
	if err := addressed(id, p); err != nil {
		return err
	}
	if err := p.Done(); err != nil {
		return err
	}
	r.message(id, wire.DBSSObjectGetActivatedResp, m.Sender).Uint32(asked).DoID(id).Bool(active)
	return r.send()
}

// kept says whether an object that is active keeps the field's value. Of a molecular
// field its atomic fields are kept.
func kept(f *dc.Field) bool { return f.HasAny(dc.Required|dc.RAM) && !f.IsMolecular() }

// field finds a field, of whatever class.
func (r *Role) field(id wire.FieldID) (*dc.Field, error) {
	f, ok := r.options.File.FieldByID(uint16(id))
	if !ok {
		return nil, stateserver.Refuse(stateserver.UnknownField, "no dclass has a field %d", id)
	}
	return f, nil
}

// getField is GET_FIELD. A db field is asked of the database; any other has its
// default, if it is required or the DC file sets one. Only fields that an active
// object keeps have a value.
func (r *Role) getField(id wire.DoID, m wire.Message) error {
	p := &m.Payload
	asked := p.Uint32()
	if err := addressed(id, p); err != nil {
		return err
	}
	number := p.FieldID()
	if err := p.Done(); err != nil {
		return err
	}
	f, err := r.field(number)
	switch {
	case err != nil || !kept(f):
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

// hasDefault says whether an inactive object has a value of a field that the
// database does not keep. A DC file may set a default that is no value of the field.
func hasDefault(f *dc.Field) bool {
	return (f.Has(dc.Required) || f.HasExplicitDefault()) && f.Validate(f.DefaultPacked()) == nil
}

// getFields is GET_FIELDS: as GET_FIELD, and what has no value is left out. It is a
// failure if one is not known at all.
func (r *Role) getFields(id wire.DoID, m wire.Message) error {
	p := &m.Payload
	asked := p.Uint32()
	if err := addressed(id, p); err != nil {
		return err
	}
	all, unknown, err := r.readFields(p)
	if err != nil {
		return err
	}
	var stored, defaults []*dc.Field
	if err = unknown; err == nil {
		for _, f := range all {
			switch {
			case !kept(f):
			case f.Has(dc.DB):
				stored = append(stored, f)
			case hasDefault(f):
				defaults = append(defaults, f)
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
		w.Uint16(uint16(len(defaults)))
		for _, f := range defaults {
			w.FieldID(wire.FieldID(f.ID())).Raw(f.DefaultPacked())
		}
	}
	if sent := r.send(); err == nil {
		err = sent
	}
	return err
}

// readFields reads a counted list of fields, to the end of the message: each once,
// in ascending order of id. unknown is an error if there is no such field.
func (r *Role) readFields(p *wire.Reader) (all []*dc.Field, unknown, err error) {
	r.fields = r.fields[:0]
	for range p.Uint16() {
		number := p.FieldID()
		if p.Err() != nil {
			break
		}
		f, err := r.field(number)
		if err != nil {
			unknown = err
			continue
		}
		r.fields = append(r.fields, f)
	}
	if err := p.Done(); err != nil {
		return nil, nil, err
	}
	slices.SortFunc(r.fields, func(a, b *dc.Field) int { return int(a.ID()) - int(b.ID()) })
	r.fields = slices.Compact(r.fields)
	return r.fields, unknown, nil
}

// getAll is GET_ALL. There is no answer that would say that there is no object.
func (r *Role) getAll(id wire.DoID, m wire.Message) error {
	p := &m.Payload
	asked := p.Uint32()
	if err := addressed(id, p); err != nil {
		return err
	}
	if err := p.Done(); err != nil {
		return err
	}
	return r.ask(question{do: id, answer: wire.DBServerObjectGetAllResp, asker: m.Sender, asked: asked})
}

// setInactive is SET_FIELD and SET_FIELDS. The db fields are passed on to the
// database; there is nobody to keep the others. Nothing is passed on unless all of
// it is right.
func (r *Role) setInactive(id wire.DoID, m wire.Message) error {
	p := &m.Payload
	if err := addressed(id, p); err != nil {
		return err
	}
	r.updates = r.updates[:0]
	count := uint16(1)
	if m.Type == wire.StateServerObjectSetFields {
		count = p.Uint16()
	}
	for range count {
		f, err := r.field(p.FieldID())
		if p.Err() != nil {
			return p.Err()
		}
		if err != nil {
			return err
		}
		rest := *p
		n, err := f.Check(rest.Rest())
		if err != nil {
			return err
		}
		r.updates = append(r.updates, stateserver.Update{Field: f, Value: p.Bytes(n)})
	}
	if err := p.Done(); err != nil {
		return err
	}
	for _, u := range r.updates {
		if !u.Field.Has(dc.DB) {
			r.space.Refused(m, id, stateserver.Refuse(stateserver.WrongField,
				"%s is not db, and the object is not active: nobody keeps it", u.Field.Name()))
		}
	}
	return r.write(id, m.Type, r.updates, false)
}

// denied answers a question as a failure, if there is such an answer.
func (r *Role) denied(id wire.DoID, m wire.Message) {
	asked := m.Payload.Uint32()
	if addressed(id, &m.Payload) != nil {
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
