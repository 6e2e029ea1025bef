package stateserver

import (
	"natstron/bridge"
	"natstron/bridge/wire"
)

// Handle implements [bridge.Handler]: each of the space's participants that gets the
// datagram handles it, once. The role's own are the first, so that they find the
// objects as the datagram found them.
func (s *Space) Handle(t bridge.Turn, d wire.Datagram, to []*bridge.Participant) {
	s.turn = t
	m, err := d.Message()
	if err != nil {
		s.Refused(m, nil, err)
		return
	}
	s.count.message(m.Type)
	if err := s.survival.refuses(m.Type); err != nil {
		s.Refused(m, nil, err)
		return
	}
	s.to = to
	for _, p := range to {
		switch p.Value.(type) {
		case *Object, *family:
		default:
			s.Refused(m, nil, s.options.Control(p, d, m))
		}
	}
	for _, p := range to {
		switch v := p.Value.(type) {
		case *Object:
			if !v.gone {
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
