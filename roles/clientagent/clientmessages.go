package clientagent

import (
	"errors"

	"natstron/bridge/wire"
)

// clientMessages are the messages that clients may send (document 10, section 3).
// They are handled by one function each, in a file of its own.
var clientMessages = map[wire.ClientMsgType]struct {
	allowed states
	handle  func(s *session, payload []byte)
}{
	wire.ClientHello:               {whenNew, clientHello},
	wire.ClientDisconnect:          {whenAnonymous | whenEstablished, clientDisconnect},
	wire.ClientHeartbeat:           {whenAnonymous | whenEstablished, clientHeartbeat},
	wire.ClientObjectSetField:      {whenAnonymous | whenEstablished, clientSetField},
	wire.ClientObjectLocation:      {whenEstablished, clientLocation},
	wire.ClientAddInterest:         {whenEstablished, clientAddInterest},
	wire.ClientAddInterestMultiple: {whenEstablished, clientAddInterestMultiple},
	wire.ClientRemoveInterest:      {whenEstablished, clientRemoveInterest},
}

// states are those in which a message is allowed.
type states uint8

const (
	whenNew         states = 1 << StateNew
	whenAnonymous   states = 1 << StateAnonymous
	whenEstablished states = 1 << StateEstablished
)

// fromClient handles one message of the client: type and payload.
func (s *session) fromClient(message []byte) {
	r := s.role
	r.stats.DatagramsIn++
	r.stats.BytesIn += uint64(len(message) + wire.FrameHeader)
	r.stats.SizesIn.Add(len(message))
	if !s.inRate(len(message)) {
		return
	}
	if s.class != nil {
		if message = r.o.Class.FromClient(s.class, message); message == nil || s.ended {
			return
		}
	}
	in := wire.NewReader(message)
	t := in.ClientMsgType()
	if in.Err() != nil {
		s.whole(&in)
		return
	}
	m := clientMessages[t]
	switch {
	case m.allowed&(1<<s.state) != 0:
		m.handle(s, in.Rest())
	case s.state == StateNew:
		s.eject(wire.EjectNoHello, "The first message must be CLIENT_HELLO, not %v.", t)
	case s.state == StateAnonymous:
		s.eject(wire.EjectInvalidMsgType, "The client may not send %v before it has logged in.", t)
	default:
		s.eject(wire.EjectInvalidMsgType, "The client may not send %v.", t)
	}
}

// whole says whether a message was neither too short nor too long for what was
// read of it, and ejects the client if it was.
func (s *session) whole(in *wire.Reader) bool {
	err := in.Done()
	switch {
	case errors.Is(err, wire.ErrTruncated):
		s.eject(wire.EjectTruncatedDatagram, "The message ends too early: %v.", err)
	case err != nil:
		s.eject(wire.EjectOversizedDatagram, "The message is too long: %v.", err)
	}
	return err == nil
}
