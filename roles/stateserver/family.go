package stateserver

import (
	"maps"
	"slices"

	"natstron/bridge"
	"natstron/bridge/wire"
)

// family is the children of one parent that live in this space, by zone,
// wherever the parent lives. Its participant listens on the children's channel
// for all of them, so a question for the objects of a zone costs what the zone
// holds, and a million children are one subscription.
type family struct {
	parent      wire.DoID
	participant *bridge.Participant
	zones       map[wire.Zone]objectList
	count       int // of all zones
}

// joinFamily enters an object among the children of its parent.
func (s *Space) joinFamily(o *Object) error {
	parent, zone := o.location.Parent, o.location.Zone
	if parent == wire.InvalidDoID {
		return nil
	}
	f := s.families[parent]
	if f == nil {
		f = &family{parent: parent, zones: map[wire.Zone]objectList{}}
		var err error
		if f.participant, err = s.Join("children, of "+s.options.Label, f); err != nil {
			return err
		}
		if err := s.turn.Subscribe(f.participant, parent.ChildrenChannel()); err != nil {
			s.turn.Leave(f.participant)
			return err
		}
		s.families[parent] = f
	}
	f.zones[zone] = f.zones[zone].add(o, inZone)
	f.count++
	return nil
}

// leaveFamily takes an object out of the children of its parent.
func (s *Space) leaveFamily(o *Object) {
	f := s.families[o.location.Parent]
	if f == nil {
		return
	}
	f.count--
	zone := o.location.Zone
	if left := f.zones[zone].remove(o, inZone); len(left) > 0 {
		f.zones[zone] = left
		return
	}
	delete(f.zones, zone)
	if len(f.zones) == 0 {
		s.turn.Leave(f.participant)
		delete(s.families, f.parent)
	}
}

// any reports whether a child in the scope is here.
func (f *family) any(c scope) bool {
	if f == nil {
		return false
	}
	return c.all || slices.ContainsFunc(c.zones, func(z wire.Zone) bool { return len(f.zones[z]) > 0 })
}

// within is the children in the scope. The list does not change when they move.
func (f *family) within(c scope) []*Object {
	var list []*Object
	if c.all {
		for _, z := range slices.Sorted(maps.Keys(f.zones)) {
			list = append(list, f.zones[z]...)
		}
		return list
	}
	for _, z := range c.zones {
		list = append(list, f.zones[z]...)
	}
	return list
}

// toChildren handles a message on the children's channel, for all children
// here. Messages for a single object reach it on its own channel only.
func (s *Space) toChildren(f *family, m wire.Message) error {
	switch m.Type {
	case wire.StateServerObjectGetZoneObjects, wire.StateServerObjectGetZonesObjects,
		wire.StateServerObjectGetChildren:
		return s.answerForChildren(f, m)
	case wire.StateServerObjectDeleteZone, wire.StateServerObjectDeleteZones,
		wire.StateServerObjectDeleteChildren:
		return s.deleteHere(f, m)
	case wire.StateServerDeleteAIObjects,
		wire.StateServerObjectSetLocation, wire.StateServerObjectGetLocation,
		wire.StateServerObjectSetAI, wire.StateServerObjectChangingAI, wire.StateServerObjectGetAI,
		wire.StateServerObjectSetOwner, wire.StateServerObjectGetOwner:
		return s.each(f, m)
	}
	if ignored(m.Type) {
		return nil
	}
	return refuse(UnknownMessage, "it is not a message to the children of an object")
}

// reachesDirectly reports whether an object receives the message that is being handled
// on its own channel, too. It must not handle it twice.
func (s *Space) reachesDirectly(o *Object) bool {
	return len(s.to) > 1 && slices.Contains(s.to, o.participant)
}

// each hands a message to every child here. It stops at the first child that refuses
// the message for its content, since the others would refuse it, too.
func (s *Space) each(f *family, m wire.Message) error {
	for _, o := range f.within(scope{all: true}) {
		if o.gone || s.reachesDirectly(o) {
			continue
		}
		err := s.object(o, m)
		switch {
		case err == nil:
		case ReasonOf(err) == WrongAddress, ReasonOf(err) == BadParent:
			s.Refused(m, o, err)
		default:
			return err
		}
	}
	return nil
}

// answerForChildren answers, for each child in the zones, with an entry.
func (s *Space) answerForChildren(f *family, m wire.Message) error {
	r := &m.Payload
	question := r.Uint32()
	c, err := s.readScope(m.Type, r)
	if err != nil {
		return err
	}
	if c.parent != f.parent {
		return refuse(WrongAddress, "it is about the children of object %d", c.parent)
	}
	if c.all {
		c.zones = slices.Sorted(maps.Keys(f.zones))
	}
	for _, z := range c.zones {
		for _, o := range f.zones[z] {
			if !s.reachesDirectly(o) {
				s.enterInterest(o, m.Sender, question)
			}
		}
	}
	return nil
}

// deleteHere ends the children in the zones.
func (s *Space) deleteHere(f *family, m wire.Message) error {
	c, err := s.readScope(m.Type, &m.Payload)
	if err != nil {
		return err
	}
	if c.parent != f.parent {
		return refuse(WrongAddress, "it is about the children of object %d", c.parent)
	}
	for _, o := range f.within(c) {
		if !s.reachesDirectly(o) {
			s.deletedByParent(o, m.Sender)
		}
	}
	return nil
}
