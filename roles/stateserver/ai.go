package stateserver

import "natstron/bridge/wire"

// setAI is SET_AI. From then on the AI is the object's own, not its parent's.
func (s *Space) setAI(o *Object, sender wire.Channel, r *wire.Reader) error {
	to := r.Channel()
	if err := r.Done(); err != nil {
		return err
	}
	s.setExplicitAI(o, false)
	s.changeAI(o, to, sender)
	s.setExplicitAI(o, true)
	return nil
}

// setExplicitAI notes whether the object's AI is its own, and updates the index of
// such objects.
func (s *Space) setExplicitAI(o *Object, explicit bool) {
	if o.explicitAI == explicit {
		return
	}
	o.explicitAI = explicit
	s.wrote(o)
	if o.ai == wire.InvalidChannel {
		return
	}
	if explicit {
		s.byAI[o.ai] = s.byAI[o.ai].add(o, inAI)
		return
	}
	if left := s.byAI[o.ai].remove(o, inAI); len(left) > 0 {
		s.byAI[o.ai] = left
	} else {
		delete(s.byAI, o.ai)
	}
}

// changeAI gives an object another AI, and tells the old one, the children and
// the new one. The object must not be in the index.
func (s *Space) changeAI(o *Object, to wire.Channel, sender wire.Channel) {
	from := o.ai
	if to == from {
		return
	}
	o.ai = to
	s.wrote(o)
	s.targets = s.targets[:0]
	s.target(from)
	if s.hasChildren(o) {
		s.target(o.doID.ChildrenChannel())
	}
	s.message(sender, wire.StateServerObjectChangingAI, s.targets...).DoID(o.doID).Channel(to).Channel(from)
	s.send(o.participant)
	if to != wire.InvalidChannel {
		s.enter(o, to, wire.StateServerObjectEnterAIWithRequired, wire.AudienceServers)
	}
}

// changingAI is CHANGING_AI, by which a parent tells its children. It also goes to
// the old AI: one that is not about the parent is for another participant with this
// channel.
func (s *Space) changingAI(o *Object, sender wire.Channel, r *wire.Reader) error {
	parent, to := r.DoID(), r.Channel()
	r.Channel() // the old one
	if err := r.Done(); err != nil {
		return err
	}
	s.inheritAI(o, parent, to, sender)
	return nil
}

// parentsAI is GET_AI_RESP, the parent's answer. The object may have another
// parent by now.
func (s *Space) parentsAI(o *Object, sender wire.Channel, r *wire.Reader) error {
	r.Uint32() // the context
	parent, to := r.DoID(), r.Channel()
	if err := r.Done(); err != nil {
		return err
	}
	s.inheritAI(o, parent, to, sender)
	return nil
}

func (s *Space) inheritAI(o *Object, parent wire.DoID, to, sender wire.Channel) {
	if parent == o.location.Parent && parent != wire.InvalidDoID && !o.explicitAI {
		s.changeAI(o, to, sender)
	}
}

// getAI is GET_AI.
func (s *Space) getAI(o *Object, sender wire.Channel, r *wire.Reader) error {
	question := r.Uint32()
	if err := r.Done(); err != nil {
		return err
	}
	s.message(o.doID.Channel(), wire.StateServerObjectGetAIResp, sender).
		Uint32(question).DoID(o.doID).Channel(o.ai)
	s.send(o.participant)
	return nil
}

// deleteByAI is DELETE_AI_OBJECTS, as it comes to an object.
func (s *Space) deleteByAI(o *Object, sender wire.Channel, r *wire.Reader) error {
	ai := r.Channel()
	if err := r.Done(); err != nil {
		return err
	}
	if ai != o.ai {
		return refuse(WrongAddress, "it is about AI %d, but the object's is %d", ai, o.ai)
	}
	s.delete(o, sender, true)
	return nil
}
