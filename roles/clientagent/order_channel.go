package clientagent

import "natstron/bridge/wire"

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
	s.role.whenInForce(channels, do)
}

// whenInForce calls do when all nodes know of the process's subscriptions to the channels.
func (r *Role) whenInForce(channels []wire.Channel, do func()) {
	later := func() {
		r.enter()
		defer r.leave()
		do()
	}
	if r.turn.Effective(later, channels...) {
		do()
	}
}

// orderClientID makes a channel the sender of what the client sends, and one of the
// session.
func orderClientID(s *session, _ wire.Channel, c wire.Channel) error {
	if s.channel != s.allocated && s.channel != c && !s.Opened(s.channel) {
		s.Unsubscribe(s.channel)
	}
	s.channel = c
	if err := s.Subscribe(c); err != nil {
		s.eject(ejectf(wire.EjectGeneric, "The client has too many channels."))
	}
	return nil
}

func orderOpenChannel(s *session, _ wire.Channel, c wire.Channel) error {
	if err := s.Subscribe(c); err != nil {
		return err
	}
	if s.opened == nil {
		s.opened = map[wire.Channel]struct{}{}
	}
	s.opened[c] = struct{}{}
	return nil
}

// orderCloseChannel takes a channel off the session, whatever it was subscribed for.
func orderCloseChannel(s *session, _ wire.Channel, c wire.Channel) error {
	s.Unsubscribe(c)
	delete(s.opened, c)
	return nil
}
