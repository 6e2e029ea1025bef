package clientagent

import (
	"natstron/bridge/wire"
	"natstron/roles/clientagent/internal/view"
)

// Channel implements [view.Session].
func (s *session) Channel() wire.Channel { return s.channel }

// Opened implements [view.Session].
func (s *session) Opened(c wire.Channel) bool {
	_, ok := s.opened[c]
	return ok
}

// Subscribe implements [view.Session].
func (s *session) Subscribe(c wire.Channel) error { return s.role.turn.Subscribe(s.participant, c) }

// Unsubscribe implements [view.Session].
func (s *session) Unsubscribe(c wire.Channel) { s.role.turn.Unsubscribe(s.participant, c) }

// WhenInForce implements [view.Session].
func (s *session) WhenInForce(channels []wire.Channel, do func()) {
	r := s.role
	later := func() {
		r.enter()
		defer r.leave()
		do()
	}
	if r.turn.Effective(later, channels...) {
		do()
	}
}

// setClientID makes a channel the sender of what the client sends, and one of the
// session.
func setClientID(s *session, d *view.Datagram) error {
	r := wire.NewReader(d.Payload)
	c := r.Channel()
	if r.Err() != nil {
		return r.Err()
	}
	if s.channel != s.allocated && s.channel != c && !s.Opened(s.channel) {
		s.Unsubscribe(s.channel)
	}
	s.channel = c
	if err := s.Subscribe(c); err != nil {
		s.eject(wire.EjectGeneric, "The client has too many channels.")
	}
	return nil
}

func openChannel(s *session, d *view.Datagram) error {
	r := wire.NewReader(d.Payload)
	c := r.Channel()
	if r.Err() != nil {
		return r.Err()
	}
	if err := s.Subscribe(c); err != nil {
		return err
	}
	if s.opened == nil {
		s.opened = map[wire.Channel]struct{}{}
	}
	s.opened[c] = struct{}{}
	return nil
}

// closeChannel takes a channel off the session, whatever it was subscribed for.
func closeChannel(s *session, d *view.Datagram) error {
	r := wire.NewReader(d.Payload)
	if c := r.Channel(); r.Err() == nil {
		s.Unsubscribe(c)
		delete(s.opened, c)
	}
	return r.Err()
}
