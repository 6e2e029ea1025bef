package dbss

import (
	"cmp"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/roles/stateserver"
)

// other handles a message to an active object that the state server does not know.
func (r *Role) other(o *stateserver.Object, m wire.Message) (handled bool, err error) {
	switch m.Type {
	case wire.DBSSObjectActivateWithDefaults, wire.DBSSObjectActivateWithDefaultsOther:
		return true, stateserver.Refuse(stateserver.DoIDTaken, "activate: it is active already")
	case wire.DBSSObjectGetActivated:
		return true, r.getActivated(o.DoID(), m, true)
	case wire.DBSSObjectDeleteFieldDisk, wire.DBSSObjectDeleteFieldsDisk:
		return true, r.deleteFieldsDisk(o.DoID(), m, o)
	case wire.DBSSObjectDeleteDisk:
		return true, r.deleteDisk(o.DoID(), m, o)
	}
	return false, nil
}

// updated writes an active object's updates to the database.
func (r *Role) updated(o *stateserver.Object, t wire.MsgType, updates []dc.FieldValue) {
	if err := r.write(o.DoID(), t, updates, true); err != nil {
		r.fail(NotWritten, o.DoID(), err)
	}
}

// deleteFieldsDisk is DELETE_FIELD_DISK and DELETE_FIELDS_DISK. It is passed to the
// database, and announced for each field of an active object, o, which keeps its values.
// Nothing is deleted unless all can be.
func (r *Role) deleteFieldsDisk(id wire.DoID, m wire.Message, o *stateserver.Object) error {
	p := &m.Payload
	if err := stateserver.Addressed(id, p); err != nil {
		return err
	}
	all, err := r.readDeleted(p, m.Type)
	if err != nil {
		return err
	}
	for _, f := range all {
		if o != nil {
			if _, ok := o.Class().Field(f.ID()); !ok {
				return stateserver.Refuse(stateserver.UnknownField, "%s has no field %d", o.Class().Name(), f.ID())
			}
		}
		if !f.Has(dc.DB) {
			return stateserver.Refuse(stateserver.WrongField, "%s is not db, so there is nothing to delete", f.Name())
		}
	}
	if err := r.erase(id, m.Type, all, o != nil); err != nil || o == nil {
		return err
	}
	for _, f := range all {
		r.space.Announce(o, m.Sender, wire.DBSSObjectDeleteFieldDisk, f, nil)
	}
	return nil
}

// readDeleted reads which fields to delete; a molecular one stands for its atomic
// fields. In the document a value follows the field of DELETE_FIELD_DISK, in the
// protocol's summary none does. It is ignored, but must be valid.
func (r *Role) readDeleted(p *wire.Reader, t wire.MsgType) ([]*dc.Field, error) {
	if t == wire.DBSSObjectDeleteFieldsDisk {
		all, unknown, err := r.readFields(p)
		return parts(all), cmp.Or(err, unknown)
	}
	number := p.FieldID()
	if err := p.Err(); err != nil {
		return nil, err
	}
	f, err := r.field(number)
	if err != nil {
		return nil, err
	}
	if value := p.Rest(); len(value) > 0 {
		if err := f.Validate(value); err != nil {
			return nil, err
		}
	}
	r.fields = append(r.fields[:0], f)
	return parts(r.fields), nil
}

// deleteDisk is DELETE_DISK. It is passed to the database, and to the location, AI and
// owner of an active object, o, which stays active.
func (r *Role) deleteDisk(id wire.DoID, m wire.Message, o *stateserver.Object) error {
	p := &m.Payload
	if err := stateserver.Addressed(id, p); err != nil {
		return err
	}
	if err := p.Done(); err != nil {
		return err
	}
	if o != nil {
		r.space.Tell(o, m.Sender, wire.DBSSObjectDeleteDisk)
	}
	r.unshare(id)
	r.count.written.Add(1)
	r.toDatabase(id, wire.DBServerObjectDelete).DoID(id)
	return r.send()
}
