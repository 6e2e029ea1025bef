package clientagent

import (
	"errors"

	"natstron/bridge/wire"
)

// clientMessages are the messages that clients may send (document 10, section 3), and
// the states in which they may. The functions return why the client is to be ejected,
// if it is.
var clientMessages = map[wire.ClientMsgType]struct {
	allowed states
	handle  func(s *session, payload []byte) *ejection
}{
	wire.ClientHello:               {whenNew, clientHello},
	wire.ClientDisconnect:          {whenAnonymous | whenEstablished, clientDisconnect},
	wire.ClientHeartbeat:           {whenAnonymous | whenEstablished, clientHeartbeat},
	wire.ClientObjectSetField:      {whenAnonymous | whenEstablished, clientSetField},
	wire.ClientObjectLocation:      {whenEstablished, clientLocation},
	wire.ClientAddInterest:         {whenEstablished, clientAddInterest},
	wire.ClientAddInterestMultiple: {whenEstablished, clientAddInterestMultiple},
	wire.ClientRemoveInterest:      {whenEstablished, clientRemoveInterest},

	wire.ClientGetResumeToken: {whenEstablished, clientGetResumeToken},
	wire.ClientAcknowledge:    {whenAnonymous | whenEstablished, clientAcknowledge},
	wire.ClientResume:         {whenNew, clientResume},
	wire.ClientHave:           {whenNew, clientHave},
}

type states uint8

const (
	whenNew         states = 1 << StateNew
	whenAnonymous   states = 1 << StateAnonymous
	whenEstablished states = 1 << StateEstablished
)

// arrived takes note of a message of the client: type and payload. It may be one too many.
func (s *session) arrived(message []byte) *ejection {
	r := s.role
	r.stats.DatagramsIn++
	r.stats.BytesIn += uint64(len(message) + wire.FrameHeader)
	r.stats.SizesIn.Add(len(message))
	s.in.Add(len(message) + wire.FrameHeader)
	if s.ticket != nil && !r.isResume(message) {
		s.ticket.Received++
	}
	return s.limits.countMessage(&r.o.Limits, len(message))
}

// fromClient handles a message of the client, if its class lets it. The class has nothing to
// do with coming back.
func (s *session) fromClient(message []byte) *ejection {
	if s.class != nil && !s.role.isResume(message) {
		if message = s.role.o.Class.FromClient(s.class, message); message == nil || s.ended {
			return nil
		}
	}
	return s.handle(message)
}

// handle does what a message of the client asks for, if it may.
func (s *session) handle(message []byte) *ejection {
	in := wire.NewReader(message)
	t := in.ClientMsgType()
	if in.Err() != nil {
		return notWhole(&in)
	}
	m := clientMessages[t]
	switch {
	case s.moving:
		return ejectf(wire.EjectInvalidMsgType, "The client may send nothing before CLIENT_RESUMED.")
	case m.allowed&(1<<s.state) != 0:
		if t >= wire.ClientAddInterest {
			s.keeps()
		}
		return m.handle(s, in.Rest())
	case s.state == StateNew && isDatagram(message):
		return &ejection{wire.EjectNoHello, "The connection speaks the protocol of the message director, and this is the port of a client agent: " +
			"AIs and UberDOGs connect to messagedirector.bind."}
	case s.state == StateNew:
		return ejectf(wire.EjectNoHello, "The first message must be CLIENT_HELLO, not %v.", t)
	case s.state == StateAnonymous:
		return ejectf(wire.EjectInvalidMsgType, "The client may not send %v before it has logged in.", t)
	}
	return ejectf(wire.EjectInvalidMsgType, "The client may not send %v.", t)
}

// isResume reports whether a message is one of clients that come back, and they may.
func (r *Role) isResume(message []byte) bool {
	if r.resumes.keys == nil {
		return false
	}
	in := wire.NewReader(message)
	return in.ClientMsgType().Resumes()
}

// isDatagram says whether a first message is one for a message director.
func isDatagram(message []byte) bool {
	d := wire.Datagram(message)
	if d.Check() != nil {
		return false
	}
	t := d.Type()
	if d.IsControl() {
		t, _ = d.Control()
	}
	return t.Known()
}

// notWhole is what becomes of a client whose message is shorter or longer than what
// was read of it.
func notWhole(in *wire.Reader) *ejection { return wrongSize(in.Done()) }

// wrongSize is what becomes of a client because of an error that wraps
// [wire.ErrTruncated] or [wire.ErrExcess].
func wrongSize(err error) *ejection {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, wire.ErrTruncated):
		return ejectf(wire.EjectTruncatedDatagram, "The message ends too early: %v.", err)
	}
	return ejectf(wire.EjectOversizedDatagram, "The message is too long: %v.", err)
}
