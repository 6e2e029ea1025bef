package database

import (
	"natstron/bridge/wire"
	"natstron/internal/fieldlist"
)

// writeAnswer writes the answer to a request; false if nothing answers it.
func writeAnswer(w *wire.Writer, control wire.Channel, r *request, o outcome) bool {
	msg, ok := answerTo(r.msg)
	if !ok {
		return false
	}
	w.Reset()
	w.Header(control, msg, r.sender).Uint32(r.context)
	switch r.msg {
	case wire.DBServerCreateObject, wire.DBServerGenerateObject, wire.DBServerGenerateObjectOther:
		w.DoID(o.id) // 0 if there is none
		return true
	case wire.DBServerCreateStoredObject:
		w.Bool(o.err != nil).DoID(o.id)
		return true
	case wire.DBServerGetStoredValues:
		writeNamed(w, r, o)
		return true
	case wire.DBServerFindObjects:
		writeFound(w, o)
		return true
	case wire.DBServerCreateObjectIfAbsent:
		writeIfAbsent(w, o)
		return true
	}
	w.Bool(o.err == nil)
	switch r.msg {
	case wire.DBServerObjectGetField, wire.DBServerObjectSetFieldIfEquals, wire.DBServerObjectSetFieldIfEmpty:
		fieldlist.Write(w, o.values)
	case wire.DBServerObjectGetFields, wire.DBServerObjectGetAll:
		if o.err != nil {
			break
		}
		if o.class != nil {
			id, _ := o.class.ID()
			w.DClassID(wire.DClassID(id))
		}
		fieldlist.Write(w.Uint16(uint16(len(o.values))), o.values)
	case wire.DBServerObjectSetFieldsIfEquals:
		if resultOf(o.err) == Mismatch {
			fieldlist.Write(w.Uint16(uint16(len(o.values))), o.values)
		}
	}
	return true
}

// announcements are the messages that tell of a change that was made, in their
// order: what has no value any more, then what has another.
func announcements(r *request) []func(w *wire.Writer) {
	var all []func(w *wire.Writer)
	announce := func(msg wire.MsgType, rest func(w *wire.Writer)) {
		all = append(all, func(w *wire.Writer) {
			w.Reset()
			w.Header(r.sender, msg, r.id.DatabaseChannel()).DoID(r.id)
			rest(w)
		})
	}
	switch {
	case r.msg == wire.DBServerObjectDelete:
		announce(wire.DBServerObjectDelete, func(*wire.Writer) {})
		return all
	case r.creates():
		return nil
	}
	set, gone := r.change.Set, r.change.Clear
	switch len(gone) {
	case 0:
	case 1:
		announce(wire.DBServerObjectDeleteField, func(w *wire.Writer) { fieldlist.WriteIDs(w, gone) })
	default:
		announce(wire.DBServerObjectDeleteFields, func(w *wire.Writer) { fieldlist.WriteIDs(w.Uint16(uint16(len(gone))), gone) })
	}
	switch len(set) {
	case 0:
	case 1:
		announce(wire.DBServerObjectSetField, func(w *wire.Writer) { fieldlist.Write(w, set) })
	default:
		announce(wire.DBServerObjectSetFields, func(w *wire.Writer) { fieldlist.Write(w.Uint16(uint16(len(set))), set) })
	}
	return all
}
