package stateserver

import (
	"slices"

	"natstron/bridge"
	"natstron/bridge/wire"
)

// message starts a message in the space's writer; send sends it.
func (s *Space) message(sender wire.Channel, t wire.MsgType, to ...wire.Channel) *wire.Writer {
	s.w.Reset()
	return s.w.Header(sender, t, to...)
}

// Tell sends a message that carries nothing but the object's doId to its location,
// its AI and its owner.
func (s *Space) Tell(o *Object, sender wire.Channel, t wire.MsgType) {
	s.targets = s.targets[:0]
	if o.location.Parent != wire.InvalidDoID {
		s.target(o.location.Channel())
	}
	s.target(o.ai)
	s.target(o.owner)
	s.message(sender, t, s.targets...).DoID(o.doID)
	s.send(o.participant)
}

// Later does something when the turn of the node has ended, such as logging.
func (s *Space) Later(do func()) { s.turn.Later(do) }

// target adds a recipient to s.targets.
func (s *Space) target(c wire.Channel) {
	if c != wire.InvalidChannel && !slices.Contains(s.targets, c) {
		s.targets = append(s.targets, c)
	}
}

// send sends the message in the space's writer for p.
func (s *Space) send(p *bridge.Participant) {
	d, err := s.w.Datagram()
	if err != nil {
		s.count.refused[TooLarge].Add(1)
		s.turn.Later(func() { s.options.Log.Error("cannot send a message", "participant", p.ID(), "error", err) })
		return
	}
	s.Send(p, d)
}

// Send sends a datagram for a participant of the space. One without recipients
// is not sent.
func (s *Space) Send(p *bridge.Participant, d wire.Datagram) {
	if d.RecipientCount() == 0 {
		return
	}
	// An error means that the node has cut the participant off; Serve is told.
	if err := s.turn.Send(p, d); err == nil {
		s.count.sent.Add(1)
	}
}
