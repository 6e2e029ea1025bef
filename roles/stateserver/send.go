package stateserver

import (
	"slices"

	"natstron/bridge"
	"natstron/internal/wire"
)

// perTurn is how many datagrams are handled or sent in one turn of the node.
// Others wait meanwhile, so it bounds how long: well below a millisecond.
const perTurn = 256

func (s *Space) begin() {
	s.turn = s.node.Begin()
	s.spent = 0
}

// spend gives the turn back, and takes the next, if this one has been long
// enough. Nobody else can touch the objects in between.
func (s *Space) spend() {
	if s.spent++; s.spent >= perTurn {
		s.turn.End()
		s.begin()
	}
}

// message starts a message in the space's writer; send sends it.
func (s *Space) message(sender wire.Channel, t wire.MsgType, to ...wire.Channel) *wire.Writer {
	s.w.Reset()
	return s.w.Header(sender, t, to...)
}

// tell starts a message to an object's location and to others, each once, those
// left out that are channel 0. Send does nothing if nobody is left.
func (s *Space) tell(o *Object, sender wire.Channel, t wire.MsgType, others ...wire.Channel) *wire.Writer {
	s.targets = s.targets[:0]
	if o.location.Parent != wire.InvalidDoID {
		s.targets = append(s.targets, o.location.Channel())
	}
	for _, c := range others {
		s.target(c)
	}
	return s.message(sender, t, s.targets...)
}

// target adds c to the recipients that are being collected.
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
		s.turn.Later(func() { s.log.Error("cannot send a message", "participant", p.ID(), "error", err) })
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
	// An error means that the node has cut us off; Serve hears of that.
	if err := s.turn.Send(p, d); err == nil {
		s.count.sent.Add(1)
	}
	s.spend()
}
