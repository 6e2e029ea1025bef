package bridge

import (
	"log/slog"

	"natstron/bridge/wire"
)

// A state server that dies tells nobody: its objects would stay in the sight of
// players for ever, and their AIs would hear nothing. So each node remembers which
// objects of other processes its participants have been told of, and when such a
// process is gone, it tells them that the objects are deleted: to their location, AI
// and owner, as the object itself would, and to a parent here, which counts its
// children. The same happens when another process brings an object with that doId into
// the world: then the one before is gone, though nobody has noticed yet.
//
// It learns this from what arrives: entries, moves, and changes of AI and owner. What
// nobody here can hear of any more is forgotten.
//
// It belongs to the node's lock.
type foreign struct {
	objects map[wire.DoID]foreignObject
	sweepAt int // how many objects there are when those that nobody hears of are next looked for
}

// foreignObject is an object of another process, as this one knows it.
type foreignObject struct {
	home      *peer
	location  wire.Location
	ai, owner wire.Channel
}

// leastSweep is how many objects are remembered before any is looked for that nobody
// hears of.
const leastSweep = 1024

// witness takes note of a datagram of another process. It says no if the datagram is
// not to be routed: it tells of the end of an object that has been replaced.
func (t Turn) witness(from *peer, d wire.Datagram) bool {
	if !from.objects {
		return true
	}
	f := &t.n.foreign
	kind := typeOf(d)
	if isEntry(kind) {
		t.enters(from, kind, d)
		return true
	}
	switch kind {
	case wire.StateServerObjectChangingLocation, wire.StateServerObjectChangingAI, wire.StateServerObjectChangingOwner:
		t.changes(from, kind, d)
	case wire.StateServerObjectDeleteRAM:
		id, ok := ended(d)
		if !ok {
			return true
		}
		o, known := f.objects[id]
		if known && o.home != from {
			return false
		}
		delete(f.objects, id)
	}
	return true
}

// isEntry says whether an object shows itself with a message of that type.
func isEntry(kind wire.MsgType) bool {
	switch kind {
	case wire.StateServerObjectEnterLocationWithRequired, wire.StateServerObjectEnterLocationWithRequiredOther,
		wire.StateServerObjectEnterInterestWithRequired, wire.StateServerObjectEnterInterestWithRequiredOther,
		wire.StateServerObjectEnterAIWithRequired, wire.StateServerObjectEnterAIWithRequiredOther,
		wire.StateServerObjectEnterOwnerWithRequired, wire.StateServerObjectEnterOwnerWithRequiredOther:
		return true
	}
	return false
}

// ended is the object whose end d tells of. The message that asks for the end has the
// same type, and the object as its recipient.
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

// enters notes that an object shows itself; from is nil for one of this process.
func (t Turn) enters(from *peer, kind wire.MsgType, d wire.Datagram) {
	m, err := d.Message()
	if err != nil {
		return
	}
	p := &m.Payload
	switch kind {
	case wire.StateServerObjectEnterInterestWithRequired, wire.StateServerObjectEnterInterestWithRequiredOther:
		p.Uint32() // the context
	}
	id, at := p.DoID(), p.Location()
	if p.Err() != nil || d.RecipientCount() == 0 {
		return
	}
	f := &t.n.foreign
	o, known := f.objects[id]
	if known && o.home != from {
		t.vanish(id, o)
		o, known = foreignObject{}, false
	}
	if from == nil {
		return
	}
	o.home, o.location = from, at
	switch kind {
	case wire.StateServerObjectEnterAIWithRequired, wire.StateServerObjectEnterAIWithRequiredOther:
		o.ai = d.Recipient(0)
	case wire.StateServerObjectEnterOwnerWithRequired, wire.StateServerObjectEnterOwnerWithRequiredOther:
		o.owner = d.Recipient(0)
	}
	f.remember(id, o)
	if !known && len(f.objects) > max(f.sweepAt, leastSweep) {
		t.sweep()
	}
}

func (f *foreign) remember(id wire.DoID, o foreignObject) {
	if f.objects == nil {
		f.objects = map[wire.DoID]foreignObject{}
	}
	f.objects[id] = o
}

// changes notes that an object has moved, or has another AI or owner.
func (t Turn) changes(from *peer, kind wire.MsgType, d wire.Datagram) {
	m, err := d.Message()
	if err != nil {
		return
	}
	n, p := t.n, &m.Payload
	id := p.DoID()
	o, known := n.foreign.objects[id]
	switch kind {
	case wire.StateServerObjectChangingLocation:
		to := p.Location()
		if !known && p.Err() == nil && to.Parent != wire.InvalidDoID && n.handles(to.Parent.Channel()) {
			o.home, known = from, true // a child of an object here
		}
		o.location = to
	case wire.StateServerObjectChangingAI:
		o.ai = p.Channel()
	case wire.StateServerObjectChangingOwner:
		o.owner = p.Channel()
	}
	if known && o.home == from && p.Err() == nil {
		n.foreign.remember(id, o)
	}
}

// vanish tells those here who may know an object that it is gone.
func (t Turn) vanish(id wire.DoID, o foreignObject) {
	n := t.n
	delete(n.foreign.objects, id)
	var to []wire.Channel
	if o.location.Parent != wire.InvalidDoID {
		to = append(to, o.location.Channel())
	}
	for _, c := range []wire.Channel{o.ai, o.owner} {
		if c != wire.InvalidChannel {
			to = append(to, c)
		}
	}
	t.say(new(wire.Writer).Header(id.Channel(), wire.StateServerObjectDeleteRAM, to...).DoID(id))
	if o.location.Parent != wire.InvalidDoID {
		t.say(new(wire.Writer).Header(id.Channel(), wire.StateServerObjectChangingLocation, o.location.Parent.Channel()).
			DoID(id).Location(wire.Location{}).Location(o.location))
	}
	n.stats.Vanished++
}

// say routes a datagram of nobody to the participants of this process: before the one
// that is about to be routed, if there is one, or else behind what waits.
func (t Turn) say(w *wire.Writer) {
	d, err := w.Datagram()
	if err != nil || d.RecipientCount() == 0 {
		return // it is short
	}
	do := func(t Turn) {
		if up := t.n.up; up != nil {
			up.datagram(d)
		}
		t.route(nil, d)
	}
	if t.n.settling {
		do(t)
	} else {
		t.n.waiting.then(do)
	}
}

// orphan tells of the end of all objects of a process that is gone.
func (n *Node) orphan(p *peer) {
	t, lost := Turn{n}, 0
	for id, o := range n.foreign.objects {
		if o.home == p {
			t.vanish(id, o)
			lost++
		}
	}
	if lost > 0 {
		n.logLater(slog.LevelWarn, "objects are gone with the node that had them", "node", p.name, "objects", lost)
	}
}

// moveHome notes that a process has another origin, and its objects with it.
func (n *Node) moveHome(from, to *peer) {
	for id, o := range n.foreign.objects {
		if o.home == from {
			o.home = to
			n.foreign.objects[id] = o
		}
	}
}

// sweep forgets the objects that nobody here hears of any more.
func (t Turn) sweep() {
	n := t.n
	for id, o := range n.foreign.objects {
		if !n.table.Heard(o.location.Channel()) && !n.table.Heard(o.ai) && !n.table.Heard(o.owner) && !n.table.Heard(o.location.Parent.Channel()) {
			delete(n.foreign.objects, id)
		}
	}
	n.foreign.sweepAt = 2 * len(n.foreign.objects)
}
