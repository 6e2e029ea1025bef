package stateserver

import (
	"slices"

	"natstron/bridge"
	"natstron/internal/wire"
)

// handleBatch handles what has arrived, and says whether there was anything.
func (s *Space) handleBatch() bool {
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
// does, once.
func (s *Space) handle(d bridge.Delivery) {
	m, err := d.Datagram.Message()
	if err != nil {
		s.refused(m, nil, err)
		return
	}
	s.count.message(m.Type)
	s.to, s.late = d.To, s.late[:0]
	for _, p := range d.To {
		var err error
		switch v := p.Value.(type) {
		case *Object:
			if v.gone {
				s.handleLate(v.doID, m)
			} else {
				err = s.object(v, m)
			}
		case *family:
			if len(v.zones) > 0 {
				err = s.toChildren(v, m)
			}
		default:
			err = s.control(p, d.Datagram, m)
		}
		if err != nil {
			s.refused(m, p.Value, err)
		}
	}
	s.to = nil
}

// handleLate hands a message to the object that has a doId now, though it had
// not joined when the message was routed: the message came behind the one that
// creates the object, and has waited in the inbox as long as that one.
func (s *Space) handleLate(id wire.DoID, m wire.Message) {
	o, ok := s.objects[id]
	if !ok || slices.Contains(s.to, o.participant) || slices.Contains(s.late, o) {
		return
	}
	s.late = append(s.late, o)
	if err := s.object(o, m); err != nil {
		s.refused(m, o, err)
	}
}
