package stateserver

import "natstron/bridge/wire"

// offspring is the children that an object knows, wherever they live: those that have
// told it where they are.
type offspring struct {
	zones  map[wire.DoID]wire.Zone
	counts map[wire.Zone]int
}

// noteChild notes that a child is in a zone.
func (s *Space) noteChild(o *Object, child wire.DoID, zone wire.Zone) error {
	if o.offspring == nil {
		o.offspring = &offspring{map[wire.DoID]wire.Zone{}, map[wire.Zone]int{}}
	}
	k := o.offspring
	was, ok := k.zones[child]
	switch {
	case ok && was == zone:
		return nil
	case ok:
		k.leave(was)
	case s.known/childrenPerObject >= s.options.MaxObjects:
		return refuse(Full, "the limit of %d children that objects here know is reached", s.known)
	default:
		s.known++
	}
	if s.survival != nil && !o.far && s.objects[child] == nil {
		o.far = true
		s.wrote(o)
	}
	k.zones[child] = zone
	k.counts[zone]++
	return nil
}

// forgetChild notes that a child has left.
func (s *Space) forgetChild(o *Object, child wire.DoID) {
	if o.offspring == nil {
		return
	}
	k := o.offspring
	if zone, ok := k.zones[child]; ok {
		delete(k.zones, child)
		k.leave(zone)
		s.known--
	}
	if len(k.zones) == 0 {
		o.offspring = nil
	}
}

func (k *offspring) leave(zone wire.Zone) {
	if k.counts[zone]--; k.counts[zone] == 0 {
		delete(k.counts, zone)
	}
}

// count is how many children are known in zones, of which each is named once.
func (o *Object) count(zones []wire.Zone) int {
	if o.offspring == nil {
		return 0
	}
	n := 0
	for _, z := range zones {
		n += o.offspring.counts[z]
	}
	return n
}

// children is how many children are known.
func (o *Object) children() int {
	if o.offspring == nil {
		return 0
	}
	return len(o.offspring.zones)
}

// hasChildren reports whether an object has children: some that it knows, or some
// here that are about to tell it.
func (s *Space) hasChildren(o *Object) bool {
	return o.children() > 0 || s.families[o.doID] != nil
}

// changingLocation is CHANGING_LOCATION, by which a child tells its parents. It also
// goes to others: one that does not name this object as a parent is for another
// participant with this channel.
func (s *Space) changingLocation(o *Object, r *wire.Reader) error {
	child, to, from := r.DoID(), r.Location(), r.Location()
	if err := r.Done(); err != nil {
		return err
	}
	switch o.doID {
	case to.Parent:
		return s.acknowledge(o, child, to)
	case from.Parent:
		s.forgetChild(o, child)
	}
	return nil
}

// childIsAt is GET_LOCATION_RESP, by which the children that are there already
// answer a new object.
func (s *Space) childIsAt(o *Object, r *wire.Reader) error {
	question, child, at := r.Uint32(), r.DoID(), r.Location()
	if err := r.Done(); err != nil {
		return err
	}
	if question != contextWakeChildren || at.Parent != o.doID {
		return nil // an answer to a participant that sends in this object's name
	}
	return s.acknowledge(o, child, at)
}

// acknowledge notes where a child is, and tells it so.
func (s *Space) acknowledge(o *Object, child wire.DoID, at wire.Location) error {
	if err := s.noteChild(o, child, at.Zone); err != nil {
		return err
	}
	s.message(o.doID.Channel(), wire.StateServerObjectLocationAck, child.Channel()).Location(at)
	s.send(o.participant)
	return nil
}
