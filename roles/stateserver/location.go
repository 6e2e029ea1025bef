package stateserver

import (
	"natstron/bridge/wire"
)

// setLocation is SET_LOCATION (document 12, section 2.2).
func (s *Space) setLocation(o *Object, sender wire.Channel, r *wire.Reader) error {
	to := r.Location()
	if err := r.Done(); err != nil {
		return err
	}
	if err := s.checkParent(o.doID, to.Parent); err != nil {
		return err
	}
	return s.place(o, to, sender)
}

// maxAncestors is how far up checkParent looks for a cycle. A longer cycle, or one that
// includes another server, does no harm.
const maxAncestors = 1000

// checkParent refuses a parent that is the object itself or, as far as this
// server can see, a descendant of it.
func (s *Space) checkParent(child, parent wire.DoID) error {
	if parent == child {
		return refuse(BadParent, "object %d cannot be its own parent", child)
	}
	if s.families[child] == nil {
		return nil // it has no children here
	}
	for range maxAncestors {
		o := s.objects[parent]
		if o == nil {
			return nil
		}
		if parent = o.location.Parent; parent == child {
			return refuse(BadParent, "object %d cannot be below its own descendant %d", child, o.doID)
		}
	}
	return nil
}

// place moves an object, and announces it: the change to the parents, the old
// location, the AI and the owner, the entry to the new location. A new parent is asked
// for its AI, unless the object has one of its own.
func (s *Space) place(o *Object, to wire.Location, sender wire.Channel) error {
	from := o.location
	if to == from {
		return nil
	}
	s.leaveFamily(o)
	o.location, o.synced = to, false
	s.wrote(o)
	if err := s.joinFamily(o); err != nil {
		return err
	}
	adopted := to.Parent != from.Parent
	if adopted && to.Parent != wire.InvalidDoID && !o.explicitAI {
		s.message(o.doID.Channel(), wire.StateServerObjectGetAI, to.Parent.Channel()).Uint32(s.context)
		s.context++
		s.send(o.participant)
	}

	s.targets = s.targets[:0]
	s.target(o.ai)
	s.target(o.owner)
	if from.Parent != wire.InvalidDoID {
		s.target(from.Parent.Channel())
		s.target(from.Channel())
	}
	s.target(to.Parent.Channel())
	s.message(sender, wire.StateServerObjectChangingLocation, s.targets...).DoID(o.doID).Location(to).Location(from)
	s.send(o.participant)

	switch {
	case to.Parent != wire.InvalidDoID:
		s.enter(o, to.Channel(), wire.StateServerObjectEnterLocationWithRequired, wire.AudienceClients)
	case adopted && !o.explicitAI:
		s.changeAI(o, wire.InvalidChannel, sender)
	}
	return nil
}

// getLocation is GET_LOCATION, from any participant, or from a parent that has just been
// created.
func (s *Space) getLocation(o *Object, sender wire.Channel, r *wire.Reader) error {
	question := r.Uint32()
	if err := r.Done(); err != nil {
		return err
	}
	s.message(o.doID.Channel(), wire.StateServerObjectGetLocationResp, sender).
		Uint32(question).DoID(o.doID).Location(o.location)
	s.send(o.participant)
	return nil
}

// locationAck is LOCATION_ACK. One for a location that the object has left is ignored.
func (s *Space) locationAck(o *Object, r *wire.Reader) error {
	at := r.Location()
	if err := r.Done(); err != nil {
		return err
	}
	if at == o.location {
		o.synced = true
	}
	return nil
}
