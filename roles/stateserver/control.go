package stateserver

import (
	"natstron/bridge"
	"natstron/dc"
	"natstron/internal/wire"
)

// control handles a message to the state server itself (document 12, section 1),
// or one to an object that had not been created when it came.
func (r *Role) control(_ *bridge.Participant, d wire.Datagram, m wire.Message) error {
	var err error
	if r.addressed(d) {
		switch m.Type {
		case wire.StateServerCreateObjectWithRequired:
			err = r.create(d, m, false)
		case wire.StateServerCreateObjectWithRequiredOther:
			err = r.create(d, m, true)
		case wire.StateServerDeleteAIObjects:
			err = r.deleteAIObjects(m)
		default:
			err = refuse(UnknownMessage, "a state server takes CREATE_OBJECT_WITH_REQUIRED(_OTHER) and DELETE_AI_OBJECTS")
		}
	}
	for i := range d.RecipientCount() {
		if c := d.Recipient(i); c <= wire.MaxDoID.Channel() && !r.own(c) {
			r.space.HandleLate(wire.DoID(c), m)
		}
	}
	return err
}

// create creates an object, which takes over its channel, or refuses to, and
// listens on that channel no more.
func (r *Role) create(d wire.Datagram, m wire.Message, other bool) error {
	err := r.space.create(m, other)
	if err != nil {
		if c, ok := r.claim(d); ok {
			r.space.turn.GiveUp(r.participant, c)
		}
	}
	return err
}

// own says whether c is a channel that the state server itself listens on.
func (r *Role) own(c wire.Channel) bool {
	return c == r.options.Control || c == wire.BroadcastStateServers
}

// addressed says whether one of d's recipients is the state server itself.
func (r *Role) addressed(d wire.Datagram) bool {
	for i := range d.RecipientCount() {
		if r.own(d.Recipient(i)) {
			return true
		}
	}
	return false
}

// claim is the channel of the object that d creates. AI processes send to an
// object right behind the message that creates it; the state server listens on
// the object's channel from the moment in which that message is routed until
// the object is there. The node calls this while it routes.
func (r *Role) claim(d wire.Datagram) (wire.Channel, bool) {
	m, err := d.Message()
	if err != nil || (m.Type != wire.StateServerCreateObjectWithRequired &&
		m.Type != wire.StateServerCreateObjectWithRequiredOther) || !r.addressed(d) {
		return 0, false
	}
	c := m.Payload.DoID().Channel()
	return c, m.Payload.Err() == nil && !r.own(c)
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
