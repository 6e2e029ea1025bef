package view

import (
	"maps"
	"slices"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/roles/clientagent/internal/parenting"
)

// Moved is a view on its way to another client agent.
type Moved struct {
	Objects        []MovedObject
	Past           []wire.DoID // objects that the client used to know
	Moving         map[wire.DoID]wire.Location
	SessionObjects []wire.DoID
	Interests      []MovedInterest
	Avatar         wire.DoID // 0: none
	AvatarAt       wire.Location
	Area           parenting.Area  // whose zones are open because of the avatar
	Opening        []wire.Location // zones whose objects have not all answered
	Context        uint32          // of the last interest that the cluster ordered
}

// MovedInterest is an interest, and the zones of it that the rule of its parent added to those
// that were named.
type MovedInterest struct {
	Interest
	Named   []wire.Zone
	Watched bool
}

// MovedObject is an object that the client knows.
type MovedObject struct {
	DoID     wire.DoID
	Known    uint8
	Class    wire.DClassID
	Declared wire.DClassID // if it is declared
	At       wire.Location
}

// Shown reports whether the client was told of the object as it is, rather than of its class.
func (o MovedObject) Shown() bool { return known(o.Known)&(visible|owned) != 0 }

// Owned reports whether the client owns the object.
func (o MovedObject) Owned() bool { return known(o.Known)&owned != 0 }

// Settle ends all waits for objects, as if their time were up: what waits is shown. Those
// that have not answered do so later.
func (v *View) Settle() {
	for !v.closed {
		var first *operation
		for _, op := range v.requests {
			if !op.done && (first == nil || op.began.Before(first.began) || op.began.Equal(first.began) && op.request-first.request > 1<<31) {
				first = op
			}
		}
		if first == nil {
			break
		}
		first.late = true
		v.finish(first)
	}
}

// Locations are those that the view hears.
func (v *View) Locations() []wire.Location {
	return slices.Collect(maps.Keys(v.zones))
}

// Move is what another agent needs to go on with the view, which must be settled.
func (v *View) Move() Moved {
	m := Moved{
		Moving: v.moving, SessionObjects: v.SessionObjects(), Context: v.context,
		Avatar: v.avatar.do, AvatarAt: v.avatar.at, Area: v.avatar.area,
	}
	for do, o := range v.objects {
		moved := MovedObject{DoID: do, Known: uint8(o.known), At: o.location}
		if o.class != nil {
			moved.Class = classID(o.class)
		}
		if o.declared != nil {
			moved.Declared = classID(o.declared)
		}
		m.Objects = append(m.Objects, moved)
	}
	for _, past := range []map[wire.DoID]struct{}{v.past.old, v.past.new} {
		m.Past = slices.AppendSeq(m.Past, maps.Keys(past))
	}
	for _, i := range v.interests {
		m.Interests = append(m.Interests, MovedInterest{*i, i.named, i.watched})
	}
	for at, z := range v.zones {
		if z.op != nil {
			m.Opening = append(m.Opening, at)
		}
	}
	return m
}

func classID(c *dc.Class) wire.DClassID {
	id, _ := c.ID() // classes of objects have one
	return wire.DClassID(id)
}

// Restore makes the view, which must be new, one that was moved. The session subscribes to the
// zones already. The client is told nothing. Zones whose objects have not all answered are
// asked again. An error says that the DC files do not have an object's class, or is one of
// the session's.
func (v *View) Restore(m Moved) error {
	v.context = m.Context
	v.moving = m.Moving
	v.interests, v.zones = map[uint16]*Interest{}, map[wire.Location]*zone{}
	for _, i := range m.Interests {
		v.restoreInterest(i)
	}
	v.restoreAvatar(m)
	for _, o := range m.Objects {
		if err := v.restoreObject(o); err != nil {
			return err
		}
	}
	for _, do := range m.Past {
		v.past.add(do)
	}
	for _, do := range m.SessionObjects {
		v.AddSessionObject(do)
	}
	return v.askAgain(m.Opening)
}

func (v *View) restoreInterest(m MovedInterest) {
	i := &m.Interest
	if v.views.Rules != nil && m.Watched {
		i.named, i.watched = m.Named, true
		v.views.Rules.Watch(i.Parent, v)
	}
	v.interests[i.ID] = i
	v.named += i.size()
	for _, z := range i.Zones {
		v.restoreZone(i.at(z))
	}
}

func (v *View) restoreZone(at wire.Location) {
	z := v.zones[at]
	if z == nil {
		z = &zone{since: v.views.number}
		v.zones[at] = z
	}
	z.interests++
}

// restoreAvatar restores what the rule of the avatar's parent shows. The rule itself may not be
// known here yet.
func (v *View) restoreAvatar(m Moved) {
	if v.views.Rules == nil {
		return
	}
	v.avatar.do, v.avatar.area = m.Avatar, m.Area
	for at := range m.Area.Minus(parenting.Area{}) {
		v.restoreZone(at)
	}
	v.avatarIsAt(m.AvatarAt)
}

func (v *View) restoreObject(o MovedObject) error {
	class, ok := v.views.File.ClassByID(uint16(o.Class))
	if !ok {
		return ErrNoClass
	}
	why := known(o.Known)
	if why&declared != 0 {
		as, ok := v.views.File.ClassByID(uint16(o.Declared))
		if !ok {
			return ErrNoClass
		}
		v.learn(o.DoID, declared, as, wire.Location{})
	}
	for _, reason := range []known{visible, owned} {
		if why&reason != 0 {
			v.learn(o.DoID, reason, class, o.At)
		}
	}
	return nil
}

// askAgain asks for the objects of zones of which the client was told that they are open.
func (v *View) askAgain(all []wire.Location) error {
	zones := map[wire.DoID][]wire.Zone{}
	for _, at := range all {
		if v.zones[at] != nil {
			zones[at.Parent] = append(zones[at.Parent], at.Zone)
		}
	}
	for parent, fresh := range zones {
		op := &operation{view: v, began: v.views.Now(), done: true, late: true}
		if err := v.ask(op, parent, fresh); err != nil {
			return err
		}
	}
	return nil
}
