package dbss

import (
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/fieldlist"
	"natstron/roles/stateserver"
)

// write passes the changes of db fields on to the database: of a SET_FIELD as
// SET_FIELD, of a SET_FIELDS, or where a molecular field changes several, as
// SET_FIELDS, each field once, in ascending order of id. The values have been
// checked. Of an active object the role expects to hear of them again.
func (r *Role) write(id wire.DoID, t wire.MsgType, updates []dc.FieldValue, active bool) error {
	changes := r.changes[:0]
	for _, u := range updates {
		if u.Field.Has(dc.DB) { // a molecular field has the keywords of its atomic ones
			_ = u.Field.Split(u.Packed, func(a *dc.Field, part []byte) error {
				changes = append(changes, dc.FieldValue{Field: a, Packed: part})
				return nil
			})
		}
	}
	if len(changes) == 0 {
		return nil
	}
	changes = dc.SortValues(changes)
	r.changes = changes
	r.unshare(id)
	r.count.written.Add(1)
	if active {
		for _, c := range changes {
			r.expectEcho(id, c.Field, stateserver.Unwritten)
		}
	}
	if t == wire.StateServerObjectSetField && len(changes) == 1 {
		fieldlist.Write(r.toDatabase(id, wire.DBServerObjectSetField).DoID(id), changes)
	} else {
		fieldlist.Write(r.toDatabase(id, wire.DBServerObjectSetFields).DoID(id).Uint16(uint16(len(changes))), changes)
	}
	return r.send()
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
			r.expectEcho(id, f, stateserver.Apart|stateserver.Unwritten)
		}
	}
	if t == wire.DBSSObjectDeleteFieldDisk && len(all) == 1 {
		fieldlist.WriteIDs(r.toDatabase(id, wire.DBServerObjectDeleteField).DoID(id), all)
	} else {
		fieldlist.WriteIDs(r.toDatabase(id, wire.DBServerObjectDeleteFields).DoID(id).Uint16(uint16(len(all))), all)
	}
	return r.send()
}

// parts is fields with molecular ones replaced by what they stand for, each once, in
// ascending order of id.
func parts(all []*dc.Field) []*dc.Field {
	var list []*dc.Field
	for _, f := range all {
		list = append(list, f.Parts()...)
	}
	return dc.SortFields(list)
}

// unshare notes that the database changes an object: what it has been asked about
// it before is not what it will have.
func (r *Role) unshare(id wire.DoID) { delete(r.questions.shared, id) }
