// Package foreign remembers the objects of other processes.
//
// A state server that dies tells nobody: its objects would stay in the sight of players
// for ever, and their AIs would hear nothing. So each node remembers which objects of other
// processes its participants have been told of. When such a process is gone, it tells them
// that the objects are deleted: to their location, AI and owner, as the object itself
// would, and to a parent here, which counts its children. The same happens when another
// process brings an object with that doId into the world: then the one before is gone,
// though nobody has noticed yet; unless that process serves next what outlives the one before.
//
// It learns this from what arrives: entries, moves, and changes of AI and owner. What
// no participant here can hear of any more is forgotten.
package foreign

import (
	"slices"

	"natstron/bridge/wire"
)

// Objects are those of other processes, as this one knows them. H is a process, a pointer.
type Objects[H comparable] struct {
	// Heard reports whether a participant here has a channel, Handled whether a role has.
	Heard, Handled func(wire.Channel) bool
	// Succeeds reports whether an object outlives the process at home, and a process, or this one
	// if that is zero, serves it next: then it has not been replaced. nil: none does.
	Succeeds func(next, home H, id wire.DoID) bool
	// Vanished counts the objects of whose end participants were told.
	Vanished uint64

	objects map[wire.DoID]object[H]
	sweepAt int // how many objects there are when those that nobody hears of are next looked for
}

// object is one of another process.
type object[H comparable] struct {
	home      H
	location  wire.Location
	ai, owner wire.Channel
}

// leastSweep is how many objects are remembered before any is looked for that nobody hears
// of.
const leastSweep = 1024

// Empty reports whether there are none.
func (o *Objects[H]) Empty() bool { return len(o.objects) == 0 }

// Arrive takes note of a datagram of another process that serves objects. Before it is
// routed, participants here must be told that an object is gone. It is not to be routed
// itself if it tells of the end of an object that has been replaced.
func (o *Objects[H]) Arrive(from H, d wire.Datagram) (gone []wire.Datagram, route bool) {
	kind := d.Type()
	switch {
	case IsEntry(kind):
		return o.enter(from, kind, d), true
	case kind == wire.StateServerObjectChangingLocation, kind == wire.StateServerObjectChangingAI, kind == wire.StateServerObjectChangingOwner:
		o.change(from, kind, d)
	case kind == wire.StateServerObjectDeleteRAM:
		id, ok := ended(d)
		if !ok {
			return nil, true
		}
		if it, known := o.saidBy(from, id); known && it.home != from {
			return nil, false
		}
		delete(o.objects, id)
	}
	return nil, true
}

// EnterHere is Arrive for the entry of an object of this process.
func (o *Objects[H]) EnterHere(d wire.Datagram) (gone []wire.Datagram) {
	var here H
	return o.enter(here, d.Type(), d)
}

// IsEntry reports whether an object shows itself with a message of that type.
func IsEntry(kind wire.MsgType) bool {
	switch kind {
	case wire.StateServerObjectEnterLocationWithRequired, wire.StateServerObjectEnterLocationWithRequiredOther,
		wire.StateServerObjectEnterInterestWithRequired, wire.StateServerObjectEnterInterestWithRequiredOther,
		wire.StateServerObjectEnterAIWithRequired, wire.StateServerObjectEnterAIWithRequiredOther,
		wire.StateServerObjectEnterOwnerWithRequired, wire.StateServerObjectEnterOwnerWithRequiredOther:
		return true
	}
	return false
}

// ended is the object whose end d tells of. The message that asks for the end has the same
// type, and the object as its recipient.
func ended(d wire.Datagram) (wire.DoID, bool) {
	m, err := d.Message()
	if err != nil {
		return 0, false
	}
	id := m.Payload.DoID()
	if m.Payload.Err() != nil {
		return 0, false
	}
	for i := range d.RecipientCount() {
		if d.Recipient(i) == id.Channel() {
			return 0, false
		}
	}
	return id, true
}

// enter notes that an object shows itself; from is zero for one of this process.
func (o *Objects[H]) enter(from H, kind wire.MsgType, d wire.Datagram) (gone []wire.Datagram) {
	m, err := d.Message()
	if err != nil {
		return nil
	}
	p := &m.Payload
	switch kind {
	case wire.StateServerObjectEnterInterestWithRequired, wire.StateServerObjectEnterInterestWithRequiredOther:
		p.Uint32() // the context
	}
	id, at := p.DoID(), p.Location()
	if p.Err() != nil || d.RecipientCount() == 0 {
		return nil
	}
	it, known := o.saidBy(from, id)
	if known && it.home != from {
		gone = o.vanish(gone, id)
		it, known = object[H]{}, false
	}
	var here H
	if from == here {
		delete(o.objects, id)
		return gone
	}
	it.home, it.location = from, at
	switch kind {
	case wire.StateServerObjectEnterAIWithRequired, wire.StateServerObjectEnterAIWithRequiredOther:
		it.ai = d.Recipient(0)
	case wire.StateServerObjectEnterOwnerWithRequired, wire.StateServerObjectEnterOwnerWithRequiredOther:
		it.owner = d.Recipient(0)
	}
	o.remember(id, it)
	if !known && len(o.objects) > max(o.sweepAt, leastSweep) {
		o.sweep()
	}
	return gone
}

// saidBy is an object of which a process says something. It is that one's if it serves it next.
func (o *Objects[H]) saidBy(from H, id wire.DoID) (it object[H], known bool) {
	it, known = o.objects[id]
	if known && it.home != from && o.Succeeds != nil && o.Succeeds(from, it.home, id) {
		it.home = from
		o.objects[id] = it
	}
	return it, known
}

func (o *Objects[H]) remember(id wire.DoID, it object[H]) {
	if o.objects == nil {
		o.objects = map[wire.DoID]object[H]{}
	}
	o.objects[id] = it
}

// change notes that an object has moved, or has another AI or owner.
func (o *Objects[H]) change(from H, kind wire.MsgType, d wire.Datagram) {
	m, err := d.Message()
	if err != nil {
		return
	}
	p := &m.Payload
	id := p.DoID()
	it, known := o.saidBy(from, id)
	switch kind {
	case wire.StateServerObjectChangingLocation:
		to := p.Location()
		if !known && p.Err() == nil && to.Parent != wire.InvalidDoID && o.Handled(to.Parent.Channel()) {
			it.home, known = from, true // a child of an object here
		}
		it.location = to
	case wire.StateServerObjectChangingAI:
		it.ai = p.Channel()
	case wire.StateServerObjectChangingOwner:
		it.owner = p.Channel()
	}
	if known && it.home == from && p.Err() == nil {
		o.remember(id, it)
	}
}

// vanish forgets an object, and appends what tells the participants that may know it.
func (o *Objects[H]) vanish(gone []wire.Datagram, id wire.DoID) []wire.Datagram {
	it := o.objects[id]
	delete(o.objects, id)
	o.Vanished++
	var to []wire.Channel
	if it.location.Parent != wire.InvalidDoID {
		to = append(to, it.location.Channel())
	}
	for _, c := range []wire.Channel{it.ai, it.owner} {
		if c != wire.InvalidChannel {
			to = append(to, c)
		}
	}
	if len(to) > 0 {
		gone = finish(gone, new(wire.Writer).Header(id.Channel(), wire.StateServerObjectDeleteRAM, to...).DoID(id))
	}
	if it.location.Parent != wire.InvalidDoID {
		gone = finish(gone, new(wire.Writer).Header(id.Channel(), wire.StateServerObjectChangingLocation, it.location.Parent.Channel()).
			DoID(id).Location(wire.Location{}).Location(it.location))
	}
	return gone
}

// finish appends a datagram, which is short.
func finish(all []wire.Datagram, w *wire.Writer) []wire.Datagram {
	if d, err := w.Datagram(); err == nil {
		all = append(all, d)
	}
	return all
}

// Home is the process that has an object, if it is known here.
func (o *Objects[H]) Home(id wire.DoID) (home H, known bool) {
	it, known := o.objects[id]
	return it.home, known
}

// Gone forgets the objects of a process that is gone, all of them or some: how many there
// were, and what tells participants here of their end, in the order of their doIds.
func (o *Objects[H]) Gone(home H, which func(wire.DoID) bool) (count int, gone []wire.Datagram) {
	var ids []wire.DoID
	for id, it := range o.objects {
		if it.home == home && (which == nil || which(id)) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		gone = o.vanish(gone, id)
	}
	return len(ids), gone
}

// Move notes that a process has another origin, or that another process has its objects:
// all of them or some. If to is zero, they are here now.
func (o *Objects[H]) Move(from, to H, which func(wire.DoID) bool) {
	var here H
	for id, it := range o.objects {
		switch {
		case it.home != from || which != nil && !which(id):
		case to == here:
			delete(o.objects, id)
		default:
			it.home = to
			o.objects[id] = it
		}
	}
}

// sweep forgets the objects that nobody here hears of any more.
func (o *Objects[H]) sweep() {
	for id, it := range o.objects {
		if !o.Heard(it.location.Channel()) && !o.Heard(it.ai) && !o.Heard(it.owner) && !o.Heard(it.location.Parent.Channel()) {
			delete(o.objects, id)
		}
	}
	o.sweepAt = 2 * len(o.objects)
}

// Adopt remembers an object that participants here know without having been told here. An
// owner of 0 is not known. What is known of it here is newer.
func (o *Objects[H]) Adopt(id wire.DoID, home H, at wire.Location, owner wire.Channel) {
	it, known := o.objects[id]
	switch {
	case !known:
		it = object[H]{home: home, location: at}
	case it.home != home:
		return
	}
	if owner != wire.InvalidChannel {
		it.owner = owner
	}
	o.remember(id, it)
}
