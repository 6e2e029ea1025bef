package stateserver

import "natstron/bridge/wire"

// setOwner is SET_OWNER: the old owner is told, and the new one shown what it may
// see.
func (s *Space) setOwner(o *Object, sender wire.Channel, r *wire.Reader) error {
	to := r.Channel()
	if err := r.Done(); err != nil {
		return err
	}
	from := o.owner
	if to == from {
		return nil
	}
	o.owner = to
	s.wrote(o)
	if from != wire.InvalidChannel {
		s.message(sender, wire.StateServerObjectChangingOwner, from).DoID(o.doID).Channel(to).Channel(from)
		s.send(o.participant)
	}
	if to != wire.InvalidChannel {
		s.enter(o, to, wire.StateServerObjectEnterOwnerWithRequired, wire.AudienceOwner)
	}
	return nil
}

// getOwner is GET_OWNER.
func (s *Space) getOwner(o *Object, sender wire.Channel, r *wire.Reader) error {
	question := r.Uint32()
	if err := r.Done(); err != nil {
		return err
	}
	s.message(o.doID.Channel(), wire.StateServerObjectGetOwnerResp, sender).
		Uint32(question).DoID(o.doID).Channel(o.owner)
	s.send(o.participant)
	return nil
}
