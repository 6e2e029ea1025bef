package stateserver

import (
	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/dc"
)

// control handles a message to the state server itself (document 12, section 1, and
// what Disney's servers did besides).
func (r *Role) control(_ *bridge.Participant, d wire.Datagram, m wire.Message) error {
	switch m.Type {
	case wire.StateServerCreateObjectWithRequired:
		return r.create(m, false)
	case wire.StateServerCreateObjectWithRequiredOther:
		return r.create(m, true)
	case wire.StateServerGenerateObjectWithRequired:
		return r.generate(m, d, false)
	case wire.StateServerGenerateObjectWithRequiredOther, wire.StateServerGenerateObjectOfAI:
		return r.generate(m, d, true)
	case wire.StateServerDeleteAIObjects:
		return r.deleteAIObjects(m)
	case wire.StateServerObjectDeleteRAM:
		return r.deleteRAM(m)
	case wire.StateServerObjectGetAll:
		return r.getSelf(m)
	case wire.ClientAgentDoneInterestResp:
		return nil // AIs of Disney's kind open interests in the state server's name
	}
	return refuse(UnknownMessage, "it is not a message to a state server: these are CREATE_OBJECT_WITH_REQUIRED(_OTHER), GENERATE_OBJECT_WITH_REQUIRED(_OTHER), GENERATE_OBJECT_OF_AI, DELETE_RAM, DELETE_AI_OBJECTS, and GET_ALL about itself")
}

// create is CREATE_OBJECT_WITH_REQUIRED, and the form with other fields.
func (r *Role) create(m wire.Message, other bool) error {
	spec := Spec{DoID: m.Payload.DoID()}
	return r.space.create(m, spec, other)
}

// create creates an object of the rest of a message, which begins with its location, under
// the doId of spec.
func (s *Space) create(m wire.Message, spec Spec, other bool) error {
	p := &m.Payload
	spec.Sender, spec.Location, spec.Values = m.Sender, p.Location(), &s.parsed
	var err error
	if spec.Class, err = ReadClass(s.options.File, p); err != nil {
		return err
	}
	s.parsed.Reset()
	err = s.parsed.ReadRequired(spec.Class, p)
	if err == nil && other {
		err = s.parsed.ReadOther(spec.Class, p, func(f *dc.Field) {
			s.Refused(m, nil, refuse(WrongField, "create %s: %s is not ram, it is left out", spec.Class.Name(), f.Name()))
		})
	}
	if err == nil {
		err = p.Done()
	}
	if err != nil {
		return refuse(ReasonOf(err), "create %s(%d): %w", spec.Class.Name(), spec.DoID, err)
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
		return refuse(BadChannel, "channel 0 is not a channel of an AI")
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
