package dbss

import (
	"bytes"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/roles/stateserver"
)

// echoes are the writes to the database that it has not announced yet. A database
// handles the requests about one object in order, and announces them in that order. So
// what another client wrote, if it is announced before a write of ours, has been
// overwritten: to take it over would set the object back for a moment. Our own writes
// change nothing when they are announced.
//
// A write that fails is never announced, and a database may be configured to announce
// nothing. So a write that is not announced within one to two timeouts is no longer
// expected, and what another client wrote meanwhile is taken over.
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
	other *dc.FieldValue // the last write of another client
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

// expectEcho notes a write to a field that an active object keeps, and marks its value.
func (r *Role) expectEcho(id wire.DoID, f *dc.Field, marks stateserver.Mark) {
	if !stateserver.Kept(f) {
		return
	}
	if o, active := r.space.Object(id); active {
		r.space.SetMarks(o, f, marks)
		r.wrote(id)
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

// expected reports whether an announcement is of a write of ours.
func (r *Role) expected(p place) bool {
	e := r.echoes.at(p)
	if e == nil {
		return false
	}
	r.settle(p, e, 1)
	return true
}

// settle notes that the database has done some of the writes that are expected.
func (r *Role) settle(p place, e *echo, count int) {
	if e.count -= count; e.count == 0 {
		delete(r.echoes.young, p)
		delete(r.echoes.old, p)
		r.written(p)
	}
}

// behind is writes to one place that a question is behind.
type behind struct {
	at    place
	echo  *echo
	count int
}

// of is the writes to an object that are expected.
func (all *echoes) of(o *stateserver.Object) (writes []behind) {
	for _, f := range o.Class().Fields() {
		p := place{o.DoID(), f}
		if e := all.at(p); e != nil {
			writes = append(writes, behind{p, e, e.count})
		}
	}
	return writes
}

// written notes that the database has, or should have, what it was sent of a field.
func (r *Role) written(p place) {
	if o, active := r.space.Object(p.do); active {
		r.space.SetMarks(o, p.field, o.Marks(p.field)&^stateserver.Unwritten)
	}
}

// forget drops what is expected of an object: the database's answer is newer than all
// earlier writes.
func (all *echoes) forget(id wire.DoID, class *dc.Class) {
	if !all.any() {
		return
	}
	for _, f := range class.Fields() {
		delete(all.young, place{id, f})
		delete(all.old, place{id, f})
	}
}

// postpone keeps what another client wrote, if writes of ours have not been announced
// yet, and reports whether it does.
func (all *echoes) postpone(p place, by wire.Channel, value []byte) bool {
	e := all.at(p)
	if e == nil {
		return false
	}
	e.by, e.other = by, &dc.FieldValue{Field: p.field, Packed: bytes.Clone(value)}
	return true
}

// expireEchoes drops writes that have been expected for at least one timeout.
func (r *Role) expireEchoes() {
	late := r.echoes.old
	r.echoes.old, r.echoes.young = r.echoes.young, map[place]*echo{}
	for p, e := range late {
		r.written(p)
		o, active := r.space.Object(p.do)
		if e.other == nil || !active {
			continue
		}
		if err := r.takeOver(o, e.by, *e.other); err != nil {
			r.fail(NotTaken, p.do, err)
		}
	}
}
