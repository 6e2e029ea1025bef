package stateserver

import "natstron/bridge/wire"

// An entry message shows an object to a participant: its location, its class, and the
// values that the participant may see. Each exists in two forms, the second one for objects
// that keep fields which are not required; its number is the next.

// enter sends an entry message.
func (s *Space) enter(o *Object, to wire.Channel, t wire.MsgType, audience wire.Audience) {
	s.sendEntry(o, to, t, audience, nil)
}

// enterInterest answers a question for the objects of a zone. The parent has
// counted the object if it has acknowledged where the object is. If not, the
// object enters as any other, and the asker sorts out the difference.
func (s *Space) enterInterest(o *Object, asker wire.Channel, question uint32) {
	if !o.synced {
		s.enter(o, asker, wire.StateServerObjectEnterLocationWithRequired, wire.AudienceClients)
		return
	}
	s.sendEntry(o, asker, wire.StateServerObjectEnterInterestWithRequired, wire.AudienceClients, &question)
}

func (s *Space) sendEntry(o *Object, to wire.Channel, t wire.MsgType, audience wire.Audience, question *uint32) {
	all, _ := o.values.others(audience)
	if all > 0 {
		t++
	}
	w := s.message(o.doID.Channel(), t, to)
	if question != nil {
		w.Uint32(*question)
	}
	s.appendEntry(w, o, audience)
	if all > 0 {
		o.values.appendOther(w, audience)
	}
	s.send(o.participant)
}

// appendEntry appends identity, location, class and required fields.
func (s *Space) appendEntry(w *wire.Writer, o *Object, audience wire.Audience) {
	id, _ := o.class.ID()
	w.DoID(o.doID).Location(o.location).DClassID(wire.DClassID(id))
	o.values.appendRequired(w, o.class, audience)
}
