package dbss

import (
	"slices"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/roles/stateserver"
)

// write passes the changes of db fields on to the database: of a SET_FIELD as
// SET_FIELD, of a SET_FIELDS, or where a molecular field changes several, as
// SET_FIELDS, each field once, in ascending order of id. The values have been
// checked. Of an active object the role expects to hear of them again.
func (r *Role) write(id wire.DoID, t wire.MsgType, updates []stateserver.Update, active bool) error {
	changes := r.changes[:0]
	for _, u := range updates {
		if u.Field.Has(dc.DB) { // a molecular field has the keywords of its atomic ones
			_ = u.Field.Split(u.Value, func(a *dc.Field, part []byte) error {
				changes = append(changes, stateserver.Update{Field: a, Value: part})
				return nil
			})
		}
	}
	if len(changes) == 0 {
		return nil
	}
	changes = lastOfEach(changes)
	r.changes = changes
	r.unshare(id)
	r.count.written.Add(1)
	if active {
		for _, c := range changes {
			r.expectEcho(id, c.Field)
		}
	}
	if t == wire.StateServerObjectSetField && len(changes) == 1 {
		c := changes[0]
		r.toDatabase(id, wire.DBServerObjectSetField).DoID(id).FieldID(wire.FieldID(c.Field.ID())).Raw(c.Value)
		return r.send()
	}
	w := r.toDatabase(id, wire.DBServerObjectSetFields).DoID(id).Uint16(uint16(len(changes)))
	for _, c := range changes {
		w.FieldID(wire.FieldID(c.Field.ID())).Raw(c.Value)
	}
	return r.send()
}

// lastOfEach sorts changes by field id. Of several to one field the last counts.
func lastOfEach(changes []stateserver.Update) []stateserver.Update {
	slices.Reverse(changes)
	slices.SortStableFunc(changes, func(a, b stateserver.Update) int { return int(a.Field.ID()) - int(b.Field.ID()) })
	return slices.CompactFunc(changes, func(a, b stateserver.Update) bool { return a.Field == b.Field })
}

// erase deletes fields in the database.
func (r *Role) erase(id wire.DoID, t wire.MsgType, all []*dc.Field, active bool) error {
	if len(all) == 0 {
		return nil
	}
	r.unshare(id)
	r.count.written.Add(1)
	if active {
		for _, f := range all {
			r.expectEcho(id, f)
		}
	}
	if t == wire.DBSSObjectDeleteFieldDisk && len(all) == 1 {
		r.toDatabase(id, wire.DBServerObjectDeleteField).DoID(id).FieldID(wire.FieldID(all[0].ID()))
		return r.send()
	}
	w := r.toDatabase(id, wire.DBServerObjectDeleteFields).DoID(id).Uint16(uint16(len(all)))
	for _, f := range all {
		w.FieldID(wire.FieldID(f.ID()))
	}
	return r.send()
}

// atomics is fields with molecular ones replaced by what they stand for, each once,
// in ascending order of id.
func atomics(all []*dc.Field) []*dc.Field {
	var list []*dc.Field
	for _, f := range all {
		if f.IsMolecular() {
			list = append(list, f.Atomics()...)
		} else {
			list = append(list, f)
		}
	}
	slices.SortFunc(list, func(a, b *dc.Field) int { return int(a.ID()) - int(b.ID()) })
	return slices.Compact(list)
}

// unshare notes that the database changes an object: what it has been asked about
// it before is not what it will have.
func (r *Role) unshare(id wire.DoID) { delete(r.questions.shared, id) }
