package stateserver

import (
	"natstron/bridge/wire"
	"natstron/dc"
)

// deleteField is DELETE_FIELD_RAM.
func (s *Space) deleteField(o *Object, sender wire.Channel, r *wire.Reader) error {
	if err := Addressed(o.doID, r); err != nil {
		return err
	}
	f, err := readField(o, r)
	if err != nil {
		return err
	}
	// In the document a value follows, in the protocol's summary none does. It is
	// ignored, but must be valid.
	if value := r.Rest(); len(value) > 0 {
		if err := f.Validate(value); err != nil {
			return err
		}
	}
	s.fields = append(s.fields[:0], wire.FieldID(f.ID()))
	return s.deleteAll(o, sender, s.fields)
}

// deleteFields is DELETE_FIELDS_RAM. Nothing is deleted unless all can be.
func (s *Space) deleteFields(o *Object, sender wire.Channel, r *wire.Reader) error {
	if err := Addressed(o.doID, r); err != nil {
		return err
	}
	ids, err := s.readFieldIDs(r)
	if err != nil {
		return err
	}
	return s.deleteAll(o, sender, ids)
}

// deleteAll deletes fields, or resets them to their defaults if they are
// required. A molecular field stands for its atomic fields. Each is announced:
// DELETE_FIELD_RAM, or, for a reset, SET_FIELD with the default.
func (s *Space) deleteAll(o *Object, sender wire.Channel, ids []wire.FieldID) error {
	s.updates = s.updates[:0]
	for _, id := range ids {
		f, err := field(o, id)
		if err != nil {
			return err
		}
		for _, part := range f.Parts() {
			u := dc.FieldValue{Field: part}
			switch {
			case !Kept(part):
				return refuse(WrongField, "%s is neither ram nor required: objects have no value of it", part.Name())
			case part.Has(dc.Required) && !part.HasExplicitDefault():
				return refuse(WrongField, "%s is required and has no default", part.Name())
			case part.Has(dc.Required):
				u.Packed = part.DefaultPacked()
				if err := checkValue(part, u.Packed); err != nil {
					return err
				}
			}
			s.updates = append(s.updates, u)
		}
	}
	var resets []dc.FieldValue
	for _, u := range s.updates {
		if u.Field.Has(dc.Required) {
			resets = append(resets, u)
		}
	}
	if err := s.store(o, resets); err != nil {
		return err
	}
	for _, u := range s.updates {
		if u.Field.Has(dc.Required) {
			s.Announce(o, sender, wire.StateServerObjectSetField, u.Field, u.Packed)
		} else {
			s.Unset(o, sender, u.Field)
		}
	}
	clear(s.updates)
	return nil
}
