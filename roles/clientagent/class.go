package clientagent

import "natstron/internal/wire"

// Class is a game's own code in every session of a client agent, chosen by
// client.type: it can see and change what passes between clients and the
// cluster, and act by itself. The agent's own checks come after FromClient, so a
// Class cannot let a client do what the rules forbid, unless it does it itself.
//
// Its methods are called one at a time for the whole agent, by different
// goroutines, while the agent waits: they must not block. They may call the
// methods of the [Session] they are given, and of no other.
type Class interface {
	// Connected is called when a client has connected, before its hello.
	Connected(s *Session)
	// FromClient is called with each message of a client: type and payload,
	// without the length. It returns what the agent is to handle in its place,
	// the same slice for no change, or nil for nothing. The slice is valid during
	// the call only.
	FromClient(s *Session, message []byte) []byte
	// ToClient is called with each message to a client, likewise, and returns
	// what is sent in its place. Several clients share the slice: it must not be
	// changed in place.
	ToClient(s *Session, message []byte) []byte
	// Disconnected is called when the session has ended.
	Disconnected(s *Session)
}

// Session is what a [Class] may do with a client's session. It is valid during
// the calls of the class's methods, and for comparing afterwards.
type Session struct {
	s *session
	// Value is for the class: what it remembers of this client.
	Value any
}

// Channel is the client's channel: the sender of what it sends.
func (s *Session) Channel() wire.Channel { return s.s.channel }

// State is how far the client has got.
func (s *Session) State() State { return s.s.state }

// SetState does what CLIENTAGENT_SET_STATE does.
func (s *Session) SetState(state State) { s.s.setState(state) }

// Send sends a datagram into the cluster as the client's session. An error says
// that nothing was sent.
func (s *Session) Send(d wire.Datagram) error { return s.s.role.routing().Send(s.s.p, d) }

// SendClient sends a message, type and payload, to the client. It does not pass
// through the class again.
func (s *Session) SendClient(message []byte) { s.s.sendRaw(message) }

// Eject ends the session with a code and a reason.
func (s *Session) Eject(code wire.EjectCode, reason string) { s.s.eject(code, "%s", reason) }

// Declare does what CLIENTAGENT_DECLARE_OBJECT does.
func (s *Session) Declare(do wire.DoID, class wire.DClassID) { s.s.declare(do, class) }

// AddSessionObject does what CLIENTAGENT_ADD_SESSION_OBJECT does.
func (s *Session) AddSessionObject(do wire.DoID) { s.s.addSessionObject(do) }

// AddInterest does what CLIENTAGENT_ADD_INTEREST_MULTIPLE does; nobody is told
// when it is done, but the client.
func (s *Session) AddInterest(id uint16, parent wire.DoID, zones ...wire.Zone) {
	s.s.serverInterest(id, parent, zones, 0)
}
