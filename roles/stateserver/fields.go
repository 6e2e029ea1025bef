package stateserver

import (
	"slices"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/fieldlist"
)

// This file is the accessors of document 12, section 2.1.

// field finds a field of the object's class.
func field(o *Object, id wire.FieldID) (*dc.Field, error) { return fieldOf(o.class, id) }

func fieldOf(class *dc.Class, id wire.FieldID) (*dc.Field, error) {
	f, ok := class.Field(uint16(id))
	if !ok {
		return nil, refuse(UnknownField, "%s has no field %d", class.Name(), id)
	}
	return f, nil
}

// readField reads the number of a field of the object's class.
func readField(o *Object, r *wire.Reader) (*dc.Field, error) {
	id := r.FieldID()
	if err := r.Err(); err != nil {
		return nil, err
	}
	return field(o, id)
}

// isSet reports whether the object has a value of the field: for a molecular field,
// of all its atomic fields.
func isSet(o *Object, f *dc.Field) bool {
	if f.IsMolecular() {
		return !slices.ContainsFunc(f.Atomics(), func(a *dc.Field) bool { return !isSet(o, a) })
	}
	_, ok := o.values.Get(f)
	return ok
}

// appendValue appends a value that is set.
func appendValue(w *wire.Writer, o *Object, f *dc.Field) {
	if f.IsMolecular() {
		for _, a := range f.Atomics() {
			appendValue(w, o, a)
		}
		return
	}
	packed, _ := o.values.Get(f)
	w.Raw(packed)
}

// getField is GET_FIELD. It fails if the field is not set, or not of the class.
func (s *Space) getField(o *Object, sender wire.Channel, r *wire.Reader) error {
	question := r.Uint32()
	if err := Addressed(o.doID, r); err != nil {
		return err
	}
	id := r.FieldID()
	if err := r.Done(); err != nil {
		return err
	}
	f, err := field(o, id)
	success := err == nil && isSet(o, f)
	w := s.message(o.doID.Channel(), wire.StateServerObjectGetFieldResp, sender).Uint32(question).Bool(success)
	if success {
		appendValue(w.FieldID(id), o, f)
	}
	if _, tooLong := w.Datagram(); tooLong != nil {
		err = tooLong
		s.message(o.doID.Channel(), wire.StateServerObjectGetFieldResp, sender).Uint32(question).Bool(false)
	}
	s.send(o.participant)
	return err
}

// getFields is GET_FIELDS. The answer has the fields that are set, in ascending
// order of id, each once; it is a failure if one is not of the class.
func (s *Space) getFields(o *Object, sender wire.Channel, r *wire.Reader) error {
	question := r.Uint32()
	if err := Addressed(o.doID, r); err != nil {
		return err
	}
	ids, err := s.readFieldIDs(r)
	if err != nil {
		return err
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	set := 0
	for _, id := range ids {
		f, wrong := field(o, id)
		if wrong != nil {
			err = wrong
			break
		}
		if isSet(o, f) {
			set++
		}
	}
	w := s.message(o.doID.Channel(), wire.StateServerObjectGetFieldsResp, sender).Uint32(question).Bool(err == nil)
	if err == nil {
		w.Uint16(uint16(set))
		for _, id := range ids {
			if f, _ := field(o, id); isSet(o, f) {
				appendValue(w.FieldID(id), o, f)
			}
		}
		if _, err = w.Datagram(); err != nil {
			s.message(o.doID.Channel(), wire.StateServerObjectGetFieldsResp, sender).Uint32(question).Bool(false)
		}
	}
	s.send(o.participant)
	return err
}

// readFieldIDs reads a counted list of fields, to the end of the message.
func (s *Space) readFieldIDs(r *wire.Reader) ([]wire.FieldID, error) {
	s.fields = slices.AppendSeq(s.fields[:0], fieldlist.IDs(r, r.Uint16()))
	return s.fields, r.Done()
}

// getAll is GET_ALL.
func (s *Space) getAll(o *Object, sender wire.Channel, r *wire.Reader) error {
	question := r.Uint32()
	if err := Addressed(o.doID, r); err != nil {
		return err
	}
	if err := r.Done(); err != nil {
		return err
	}
	w := s.message(o.doID.Channel(), wire.StateServerObjectGetAllResp, sender).Uint32(question)
	s.appendEntry(w, o, wire.AudienceServers)
	o.values.appendOther(w, wire.AudienceServers)
	s.send(o.participant)
	return nil
}

// getClass is GET_CLASS, which Ardos has.
func (s *Space) getClass(o *Object, sender wire.Channel, r *wire.Reader) error {
	question := r.Uint32()
	if err := r.Done(); err != nil {
		return err
	}
	number, _ := o.class.ID()
	s.message(o.doID.Channel(), wire.StateServerObjectGetClassResp, sender).
		Uint32(question).DoID(o.doID).DClassID(wire.DClassID(number))
	s.send(o.participant)
	return nil
}

// setField is SET_FIELD.
func (s *Space) setField(o *Object, sender wire.Channel, r *wire.Reader) error {
	if err := Addressed(o.doID, r); err != nil {
		return err
	}
	f, err := readField(o, r)
	if err != nil {
		return err
	}
	value := r.Rest()
	if err := checkValue(f, value); err != nil {
		return err
	}
	s.updates = append(s.updates[:0], dc.FieldValue{Field: f, Packed: value})
	return s.apply(o, sender, wire.StateServerObjectSetField)
}

// setFields is SET_FIELDS. Nothing is set unless all of it can be. Of a field
// that is there twice the last value stays.
func (s *Space) setFields(o *Object, sender wire.Channel, r *wire.Reader) error {
	if err := Addressed(o.doID, r); err != nil {
		return err
	}
	find := func(id wire.FieldID) (*dc.Field, error) { return field(o, id) }
	var err error
	if s.updates, err = fieldlist.Append(s.updates[:0], r, r.Uint16(), find); err != nil {
		return err
	}
	if err := r.Done(); err != nil {
		return err
	}
	for _, u := range s.updates {
		if err := checkSize(u.Field, u.Packed); err != nil {
			return err
		}
	}
	return s.apply(o, sender, wire.StateServerObjectSetFields)
}

// apply sets the fields in s.updates, which have been checked, and announces them: one
// SET_FIELD for each, in their order.
func (s *Space) apply(o *Object, sender wire.Channel, t wire.MsgType) error {
	if err := s.store(o, s.updates); err != nil {
		return err
	}
	if s.options.Updated != nil {
		s.options.Updated(o, t, s.updates)
	}
	for _, u := range s.updates {
		s.Announce(o, sender, wire.StateServerObjectSetField, u.Field, u.Packed)
	}
	clear(s.updates)
	return nil
}

// store keeps checked values, all or none.
func (s *Space) store(o *Object, updates []dc.FieldValue) error {
	before := len(o.values.b)
	longest := before
	for _, u := range updates {
		longest += len(u.Packed) + valueHead*(1+len(u.Field.Atomics()))
	}
	var backup Values
	if longest > maxEntry {
		backup = o.values.clone()
	}
	for _, u := range updates {
		o.values.store(u.Field, u.Packed)
	}
	if longest > maxEntry && !o.values.fits() {
		o.values = backup
		return refuse(TooLarge, "the object's fields together would not fit into a datagram")
	}
	s.count.object(o.class, 0, len(o.values.b)-before)
	s.wroteFields(o, updates)
	return nil
}

// Set keeps a value, and announces it, as SET_FIELD does; [SpaceOptions.Updated] is not
// called. A value that objects do not keep is only announced. The error is a [*Refusal],
// or says what is wrong with the value.
func (s *Space) Set(o *Object, sender wire.Channel, f *dc.Field, packed []byte) error {
	if err := checkValue(f, packed); err != nil {
		return err
	}
	if err := s.store(o, []dc.FieldValue{{Field: f, Packed: packed}}); err != nil {
		return err
	}
	s.Announce(o, sender, wire.StateServerObjectSetField, f, packed)
	return nil
}

// Unset forgets the value of a field, and announces that, as DELETE_FIELD_RAM does. A
// field that is required keeps its value.
func (s *Space) Unset(o *Object, sender wire.Channel, f *dc.Field) {
	if f.Has(dc.Required) {
		return
	}
	s.unset(o, f)
	s.Announce(o, sender, wire.StateServerObjectDeleteFieldRAM, f, nil)
}

func (s *Space) unset(o *Object, f *dc.Field) {
	before := len(o.values.b)
	o.values.Delete(f)
	s.wrote(o)
	s.count.object(o.class, 0, len(o.values.b)-before)
}

// Announce sends a message about a field to the location, the AI and the owner, as the
// field's keywords say. It carries doId, field and value. The sender of the update does
// not get it.
func (s *Space) Announce(o *Object, sender wire.Channel, t wire.MsgType, f *dc.Field, value []byte) {
	s.targets = s.targets[:0]
	if f.Has(dc.Broadcast) && o.location.Parent != wire.InvalidDoID {
		s.target(o.location.Channel())
	}
	if f.Has(dc.Airecv) && o.ai != sender {
		s.target(o.ai)
	}
	if f.Has(dc.Ownrecv) && o.owner != sender {
		s.target(o.owner)
	}
	s.message(sender, t, s.targets...).DoID(o.doID).FieldID(wire.FieldID(f.ID())).Raw(value)
	s.send(o.participant)
}
