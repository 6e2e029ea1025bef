package dbss

import (
	"bytes"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/roles/stateserver"
)

// echoes are the writes to the database that it has not announced yet. A database
// does what concerns one object in one order, and announces it in that order. So
// what somebody else wrote, and what is announced before a write of ours, has been
// overwritten by it: to take it over would turn the object back for a moment. And
// our own writes, when they are announced, are no news, unless somebody has come
// between.
//
// A write that fails is never announced, and a database may be told to announce
// nothing at all. So what is not heard of within a timeout, or two, is expected no
// more, and what somebody else wrote meanwhile is taken over after all.
type echoes struct {
	young, old map[place]*echo
}

// place is one field of one object.
type place struct {
	do    wire.DoID
	field *dc.Field
}

// echo is what is expected for one place.
type echo struct {
	count int            // of our writes
	other *dc.FieldValue // the last write of somebody else
	by    wire.Channel
}

func newEchoes() echoes { return echoes{map[place]*echo{}, map[place]*echo{}} }

func (all *echoes) any() bool { return len(all.young)+len(all.old) > 0 }

func (all *echoes) at(p place) *echo {
	if e := all.young[p]; e != nil {
		return e
	}
	return all.old[p]
}

// expectEcho notes a write to a field that an active object keeps.
func (r *Role) expectEcho(id wire.DoID, f *dc.Field) {
	if !stateserver.Kept(f) {
		return
	}
	p := place{id, f}
	e := r.echoes.at(p)
	if e == nil {
		e = new(echo)
	}
	e.count++
	delete(r.echoes.old, p)
	r.echoes.young[p] = e
}

// came says whether what has been announced was expected.
func (all *echoes) came(p place) bool {
	e := all.at(p)
	if e == nil {
		return false
	}
	if e.count--; e.count == 0 {
		delete(all.young, p)
		delete(all.old, p)
	}
	return true
}

// forget expects nothing of an object any more: what the database has just said of it
// is newer than all that was written to it before.
func (all *echoes) forget(id wire.DoID, class *dc.Class) {
	if !all.any() {
		return
	}
	for _, f := range class.Fields() {
		delete(all.young, place{id, f})
		delete(all.old, place{id, f})
	}
}

// later says whether what somebody else wrote is to wait, because writes of ours
// are still to come.
func (all *echoes) later(p place, by wire.Channel, value []byte) bool {
	e := all.at(p)
	if e == nil {
		return false
	}
	e.by, e.other = by, &dc.FieldValue{Field: p.field, Packed: bytes.Clone(value)}
	return true
}

// turnEchoes stops waiting for what has been expected for a timeout at least.
func (r *Role) turnEchoes() {
	late := r.echoes.old
	r.echoes.old, r.echoes.young = r.echoes.young, map[place]*echo{}
	for p, e := range late {
		o, active := r.space.Object(p.do)
		if e.other == nil || !active {
			continue
		}
		if err := r.take(o, e.by, *e.other); err != nil {
			r.fail(NotTaken, p.do, err)
		}
	}
}
