package stateserver

import (
	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/dc"
)

// control handles a message to the state server itself (document 12, section 1, and
// what Disney's servers did besides).
func (r *Role) control(_ *bridge.Participant, _ wire.Datagram, m wire.Message) error {
	switch m.Type {
	case wire.StateServerCreateObjectWithRequired:
		return r.space.create(m, false)
	case wire.StateServerCreateObjectWithRequiredOther:
		return r.space.create(m, true)
	case wire.StateServerDeleteAIObjects:
		return r.deleteAIObjects(m)
	case wire.StateServerObjectDeleteRAM:
		return r.deleteRAM(m)
	case wire.StateServerObjectGetAll:
		return r.getSelf(m)
	case wire.ClientAgentDoneInterestResp:
		return nil // AIs of Disney's kind open interests in the state server's name
	}
	return refuse(UnknownMessage, "a state server takes CREATE_OBJECT_WITH_REQUIRED(_OTHER), DELETE_RAM, DELETE_AI_OBJECTS, and GET_ALL about itself")
}

// create is CREATE_OBJECT_WITH_REQUIRED, and the form with other fields.
func (s *Space) create(m wire.Message, other bool) error {
	p := &m.Payload
	spec := Spec{Sender: m.Sender, DoID: p.DoID(), Location: p.Location(), Values: &s.parsed}
	id := p.DClassID()
	if err := p.Err(); err != nil {
		return err
	}
	var ok bool
	if spec.Class, ok = s.file.ClassByID(uint16(id)); !ok || spec.Class.Undeclared() {
		return refuse(UnknownClass, "create: there is no dclass %d", id)
	}
	s.parsed.Reset()
	rest, err := s.parsed.readRequired(spec.Class, p.Rest())
	if err == nil && other {
		rest, err = s.parsed.ReadOther(spec.Class, rest, func(f *dc.Field) {
			s.Refused(m, nil, refuse(WrongField, "create %s: %s is not ram, it is left out", spec.Class.Name(), f.Name()))
		})
	}
	switch {
	case err != nil:
		return refuse(ReasonOf(err), "create %s(%d): %w", spec.Class.Name(), spec.DoID, err)
	case len(rest) > 0:
		return refuse(Excess, "create %s(%d): %d bytes are left behind the fields", spec.Class.Name(), spec.DoID, len(rest))
	}
	_, err = s.Create(spec)
	return err
}

// deleteAIObjects is DELETE_AI_OBJECTS: it goes on to all objects whose AI was
// set to that channel.
func (r *Role) deleteAIObjects(m wire.Message) error {
	s := r.space
	ai := m.Payload.Channel()
	if err := m.Payload.Done(); err != nil {
		return err
	}
	if ai == wire.InvalidChannel {
		return refuse(BadChannel, "channel 0 is no AI's")
	}
	for objects := s.byAI[ai]; len(objects) > 0; {
		n := min(len(objects), maxRecipients)
		s.targets = s.targets[:0]
		for _, o := range objects[:n] {
			s.targets = append(s.targets, o.doID.Channel())
		}
		s.message(m.Sender, wire.StateServerDeleteAIObjects, s.targets...).Channel(ai)
		s.send(r.participant)
		objects = objects[n:]
	}
	return nil
}

// maxRecipients is how many recipients a datagram can have.
const maxRecipients = 255
