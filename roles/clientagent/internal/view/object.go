package view

import (
	"maps"
	"slices"

	"natstron/bridge/wire"
	"natstron/dc"
)

// known is why a client knows an object.
type known uint8

const (
	visible  known = 1 << iota // shown through an interest
	owned                      // the client owns it
	declared                   // see [View.Declare]
)

// object is what a view knows of an object.
type object struct {
	class    *dc.Class
	declared *dc.Class // as Declare said
	location wire.Location
	known    known
}

// maxPast bounds the objects that a view remembers to have known.
const maxPast = 4096

// past is the objects that a client used to know, at least the last maxPast of
// them.
type past struct{ new, old map[wire.DoID]struct{} }

func (p *past) add(do wire.DoID) {
	if p.new == nil {
		p.new = map[wire.DoID]struct{}{}
	}
	p.new[do] = struct{}{}
	if len(p.new) >= maxPast {
		p.new, p.old = nil, p.new
	}
}

// ClassOf is the class of an object that the client may know; nil if it does not
// know the object.
func (v *View) ClassOf(do wire.DoID) *dc.Class {
	if class, ok := v.views.Uberdogs[do]; ok {
		return class
	}
	return v.objects[do].class
}

// Sees reports whether an object is shown to the client.
func (v *View) Sees(do wire.DoID) bool { return v.objects[do].known&visible != 0 }

// Owns reports whether the client owns an object.
func (v *View) Owns(do wire.DoID) bool { return v.objects[do].known&owned != 0 }

// Knew reports whether the client used to know an object: what it still sends there was
// on its way when the object left.
func (v *View) Knew(do wire.DoID) bool {
	_, recently := v.past.new[do]
	_, before := v.past.old[do]
	return recently || before
}

// knows reports whether updates of an object are for the client.
func (v *View) knows(do wire.DoID) bool {
	if v.objects[do].known != 0 {
		return true
	}
	_, ok := v.views.Uberdogs[do]
	return ok
}

// learn notes that the client knows an object for one more reason.
func (v *View) learn(do wire.DoID, why known, class *dc.Class, at wire.Location) {
	o := v.objects[do]
	o.known |= why
	if why == declared {
		o.declared = class
		if o.class == nil {
			o.class = class
		}
	} else {
		o.class, o.location = class, at
	}
	v.put(do, o)
}

// put notes what the view knows of an object now.
func (v *View) put(do wire.DoID, o object) {
	if v.objects == nil {
		v.objects = map[wire.DoID]object{}
	}
	before := v.objects[do]
	v.changed = v.changed || (before.known^o.known)&(owned|declared) != 0 || o.known&owned != 0 && before.location != o.location
	if o.known == 0 {
		delete(v.objects, do)
	} else {
		v.objects[do] = o
	}
	was, is := before.known&visible != 0, o.known&visible != 0
	if was && is && before.location == o.location {
		return
	}
	if was {
		v.leavesZone(do, before.location)
	}
	if is {
		v.entersZone(do, o.location)
	}
}

// forget notes that a reason to know an object is gone.
func (v *View) forget(do wire.DoID, why known) {
	o := v.objects[do]
	o.known &^= why
	if why == declared {
		o.declared = nil
	} else {
		v.past.add(do)
	}
	if o.known&(visible|owned) == 0 {
		o.class = o.declared
	}
	if o.known == 0 || why == owned {
		delete(v.moving, do)
	}
	v.put(do, o)
}

// Declare lets the client know an object that it does not see. It says whether that
// is new.
func (v *View) Declare(do wire.DoID, id wire.DClassID) (fresh bool, err error) {
	class, ok := v.views.File.ClassByID(uint16(id))
	if !ok {
		return false, ErrNoClass
	}
	if v.objects[do].known&declared != 0 {
		return false, nil
	}
	v.learn(do, declared, class, wire.Location{})
	return true, nil
}

// Undeclare takes back Declare.
func (v *View) Undeclare(do wire.DoID) {
	if v.objects[do].known&declared != 0 {
		v.forget(do, declared)
	}
}

// Moving notes that the client has asked an object to move. It goes on seeing the object
// while that is under way, and afterwards, too, if it owns the object.
func (v *View) Moving(do wire.DoID, to wire.Location) {
	if _, under := v.moving[do]; !under && v.objects[do].location == to {
		return // it is there, and will say nothing
	}
	if v.moving == nil {
		v.moving = map[wire.DoID]wire.Location{}
	}
	v.moving[do] = to
}

// AddSessionObject makes an object one without which the session ends. It says
// whether it was none before.
func (v *View) AddSessionObject(do wire.DoID) bool {
	if v.isSessionObject(do) {
		return false
	}
	if v.sessionObjects == nil {
		v.sessionObjects = map[wire.DoID]struct{}{}
	}
	v.sessionObjects[do] = struct{}{}
	return true
}

// RemoveSessionObject takes back AddSessionObject. It says whether it was one.
func (v *View) RemoveSessionObject(do wire.DoID) bool {
	was := v.isSessionObject(do)
	delete(v.sessionObjects, do)
	return was
}

// SessionObjects are the session objects, in ascending order.
func (v *View) SessionObjects() []wire.DoID { return slices.Sorted(maps.Keys(v.sessionObjects)) }

func (v *View) isSessionObject(do wire.DoID) bool {
	_, ok := v.sessionObjects[do]
	return ok
}
