package stateserver

import (
	"slices"

	"natstron/bridge"
	"natstron/internal/wire"
)

// Handle handles what has arrived, and says whether there was anything. It is
// what [Space.Serve] does whenever something comes.
func (s *Space) Handle() bool {
	batch := s.inbox.Take()
	if len(batch) == 0 {
		return false
	}
	s.begin()
	defer s.turn.End()
	for _, d := range batch {
		s.handle(d)
		s.spend()
	}
	return true
}

// handle handles one datagram: each of the space's participants that gets it
// does, once. The role's own are the first, so that they find the objects as the
// datagram found them.
func (s *Space) handle(d bridge.Delivery) {
	m, err := d.Datagram.Message()
	if err != nil {
		s.Refused(m, nil, err)
		return
	}
	s.count.message(m.Type)
	s.to, s.late, s.routing = d.To, s.late[:0], d.Routing
	for _, p := range d.To {
		switch p.Value.(type) {
		case *Object, *family:
		default:
			s.Refused(m, nil, s.control(p, d.Datagram, m))
		}
	}
	for _, p := range d.To {
		switch v := p.Value.(type) {
		case *Object:
			if v.gone {
				s.HandleLate(v.doID, m)
			} else {
				s.HandleFor(v, m)
			}
		case *family:
			if len(v.zones) > 0 {
				s.Refused(m, v, s.toChildren(v, m))
			}
		}
	}
	s.to = nil
}

// HandleFor lets an object handle a message, wherever it comes from.
func (s *Space) HandleFor(o *Object, m wire.Message) { s.Refused(m, o, s.object(o, m)) }

// HandleLate hands the message that is being handled to the object that has a
// doId now, if it had not joined when the message was routed: the message came
// behind the one that creates the object, and has waited in the inbox as long as
// that one. An object that had joined gets the message anyway, unless it is its own:
// objects may have their own channel as their AI.
func (s *Space) HandleLate(id wire.DoID, m wire.Message) {
	o, ok := s.objects[id]
	if !ok || s.routing > o.joined || slices.Contains(s.late, o) {
		return
	}
	s.late = append(s.late, o)
	s.HandleFor(o, m)
}
