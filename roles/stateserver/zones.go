package stateserver

import (
	"maps"
	"slices"

	"natstron/bridge/wire"
)

// This file is the parent's methods of document 12, section 2.3. Each comes in
// three forms: for one zone, for several, and for all of a parent's children.

// scope is which children of a parent a message is about.
type scope struct {
	parent wire.DoID
	zones  []wire.Zone // ascending, each once
	all    bool        // instead of zones
}

// readScope reads parent and zones, to the end of the message.
func (s *Space) readScope(t wire.MsgType, r *wire.Reader) (scope, error) {
	s.zones = s.zones[:0]
	c := scope{parent: r.DoID()}
	switch t {
	case wire.StateServerObjectGetZoneObjects, wire.StateServerObjectGetZoneCount,
		wire.StateServerObjectDeleteZone:
		s.zones = append(s.zones, r.Zone())
	case wire.StateServerObjectGetZonesObjects, wire.StateServerObjectGetZonesCount,
		wire.StateServerObjectDeleteZones:
		for range r.Uint16() {
			if z := r.Zone(); r.Err() == nil {
				s.zones = append(s.zones, z)
			} else {
				break
			}
		}
		slices.Sort(s.zones)
		s.zones = slices.Compact(s.zones)
	default:
		c.all = true
	}
	c.zones = s.zones
	return c, r.Done()
}

// appendScope appends what the plural form, or the form for all, carries.
func appendScope(w *wire.Writer, c scope) {
	w.DoID(c.parent)
	if c.all {
		return
	}
	w.Uint16(uint16(len(c.zones)))
	for _, z := range c.zones {
		w.Zone(z)
	}
}

// has reports whether a child at that location is in the scope.
func (c scope) has(at wire.Location) bool {
	if at.Parent != c.parent || at.Parent == wire.InvalidDoID {
		return false
	}
	if c.all {
		return true
	}
	_, ok := slices.BinarySearch(c.zones, at.Zone)
	return ok
}

// known is how many children in the scope the parent knows.
func (c scope) known(o *Object) int {
	if c.all {
		return o.children()
	}
	return o.count(c.zones)
}

// getObjects is GET_ZONE_OBJECTS, GET_ZONES_OBJECTS and GET_CHILDREN. The parent
// answers how many children it knows, and passes the question on to all of them,
// wherever they live. They answer the asker themselves.
//
// It is passed on even if the count is 0, to find children whose CHANGING_LOCATION is
// still under way.
func (s *Space) getObjects(o *Object, m wire.Message) error {
	r := &m.Payload
	question := r.Uint32()
	c, err := s.readScope(m.Type, r)
	if err != nil {
		return err
	}
	if c.parent != o.doID {
		if !c.has(o.location) {
			return otherParent(o, c)
		}
		s.enterInterest(o, m.Sender, question)
		return nil
	}
	answer, pass := wire.StateServerObjectGetZonesCountResp, wire.StateServerObjectGetZonesObjects
	if c.all {
		answer, pass = wire.StateServerObjectGetChildCountResp, wire.StateServerObjectGetChildren
	}
	s.message(o.doID.Channel(), answer, m.Sender).Uint32(question).Uint32(uint32(c.known(o)))
	s.send(o.participant)
	if !c.all && len(c.zones) == 0 {
		return nil
	}
	appendScope(s.message(m.Sender, pass, o.doID.ChildrenChannel()).Uint32(question), c)
	s.send(o.participant)
	return nil
}

// otherParent refuses a message about the children of an object that is neither
// the one that got it nor, in one of the zones that it names, its parent. A message
// about other children of the object's parent is ignored.
func otherParent(o *Object, c scope) error {
	if c.parent == o.location.Parent {
		return nil
	}
	return refuse(WrongAddress, "it is about the children of object %d", c.parent)
}

// getCount is GET_ZONE_COUNT, GET_ZONES_COUNT and GET_CHILD_COUNT. Each has its
// answer at the next number.
func (s *Space) getCount(o *Object, m wire.Message) error {
	r := &m.Payload
	question := r.Uint32()
	c, err := s.readScope(m.Type, r)
	if err != nil {
		return err
	}
	if c.parent != o.doID {
		return otherParent(o, c)
	}
	s.message(o.doID.Channel(), m.Type+1, m.Sender).Uint32(question).Uint32(uint32(c.known(o)))
	s.send(o.participant)
	return nil
}

// deleteZones is DELETE_ZONE, DELETE_ZONES and DELETE_CHILDREN. The parent
// passes it on, and forgets the children: they die without telling it.
func (s *Space) deleteZones(o *Object, m wire.Message) error {
	c, err := s.readScope(m.Type, &m.Payload)
	if err != nil {
		return err
	}
	if c.parent != o.doID {
		if !c.has(o.location) {
			return otherParent(o, c)
		}
		s.deletedByParent(o, m.Sender)
		return nil
	}
	if c.known(o) == 0 && !s.families[o.doID].any(c) {
		return nil
	}
	w := s.message(m.Sender, m.Type, o.doID.ChildrenChannel())
	if m.Type == wire.StateServerObjectDeleteZone {
		w.Location(wire.Location{Parent: c.parent, Zone: c.zones[0]})
	} else {
		appendScope(w, c)
	}
	s.send(o.participant)
	if o.offspring != nil {
		for child, zone := range o.offspring.zones {
			if c.has(wire.Location{Parent: o.doID, Zone: zone}) {
				s.forgetChild(o, child)
				if o.offspring == nil {
					break
				}
			}
		}
	}
	return nil
}

// deletedByParent deletes an object because its parent says so. The parent has forgotten it
// already, unless it had not learned of the object when it spoke.
func (s *Space) deletedByParent(o *Object, sender wire.Channel) { s.delete(o, sender, !o.synced) }

// getActiveZones is GET_ACTIVE_ZONES: the zones with children, in ascending
// order.
func (s *Space) getActiveZones(o *Object, sender wire.Channel, r *wire.Reader) error {
	question := r.Uint32()
	if err := r.Done(); err != nil {
		return err
	}
	s.zones = s.zones[:0]
	if o.offspring != nil {
		s.zones = slices.AppendSeq(s.zones, maps.Keys(o.offspring.counts))
		slices.Sort(s.zones)
	}
	if len(s.zones) > maxZones {
		return refuse(TooLarge, "%d zones are active, more than the %d that fit into the answer", len(s.zones), maxZones)
	}
	w := s.message(o.doID.Channel(), wire.StateServerGetActiveZonesResp, sender).
		Uint32(question).Uint16(uint16(len(s.zones)))
	for _, z := range s.zones {
		w.Zone(z)
	}
	s.send(o.participant)
	return nil
}

// maxZones is how many zones fit into the answer of GET_ACTIVE_ZONES.
const maxZones = (wire.MaxLength - (1 + 8 + 8 + 2) - (4 + 2)) / 4
