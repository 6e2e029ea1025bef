package clientagent

import (
	"fmt"
	"net/netip"
	"slices"

	"natstron/bridge/wire"
	"natstron/roles/ask"
)

// Class is a game's own code in every session of a client agent, chosen by
// client.type: it can see and change what passes between clients and the
// cluster, act by itself, and ask the cluster and others ([Session.Ask]). The agent's own
// checks come after FromClient, so a Class cannot let a client do what the rules forbid,
// unless it does it itself.
//
// Its methods, and the functions of its questions, are called one at a time for the whole
// process, by different goroutines, while all its traffic waits: they must not block.
// What takes time is done by [ask.Do]. They may call the methods of the [Session] they are
// given, and of no other.
type Class interface {
	// Connected is called when a client has connected, before its hello.
	Connected(s *Session)
	// FromClient is called with each message of a client: type and payload,
	// without the length. It returns what the agent handles instead, the same
	// slice for no change, or nil for nothing. The slice is valid during the call
	// only.
	FromClient(s *Session, message []byte) []byte
	// ToClient is called with each message to a client, and returns what is sent
	// instead, in the same way. Several clients share the slice: it must not be
	// changed.
	ToClient(s *Session, message []byte) []byte
	// Disconnected is called when the session has ended.
	Disconnected(s *Session)
}

// A Passer is a Class that sees in another way what the cluster has for the client as it
// is (CLIENTAGENT_SEND_DATAGRAM): it does not pass through ToClient.
type Passer interface {
	Class
	// FromCluster is as ToClient.
	FromCluster(s *Session, message []byte) []byte
}

// A Mover is a Class whose sessions can go on at another client agent with the same class, when
// their clients come back there (docs/resume.md). Without it, they come back to the same agent only.
// A session does not move while it waits for the answer to a question.
type Mover interface {
	Class
	// Move is what the class has to know elsewhere of a session that goes on there. Here it has
	// ended; Disconnected is not called.
	Move(s *Session) []byte
	// Moved is called, instead of Connected, with what Move said, where the session goes on. An
	// error ends it: Disconnected follows.
	Moved(s *Session, state []byte) error
}

// classType is what the agents that hand sessions to each other must have in common.
func (r *Role) classType() string {
	if r.o.Class == nil {
		return ""
	}
	return fmt.Sprintf("%T", r.o.Class)
}

// moves reports whether the session can go on elsewhere at all, and whether it can now.
func (s *session) moves() (ever, now bool) {
	if s.class == nil {
		return true, true
	}
	_, ever = s.role.o.Class.(Mover)
	return ever, ever && s.class.asker.Open() == 0 && !s.held.holds()
}

// moveClass is what another agent needs for the session's class.
func (s *session) moveClass() []byte {
	if s.class == nil {
		return nil
	}
	defer s.class.asker.Close()
	return s.role.o.Class.(Mover).Move(s.class)
}

// restoreClass has the class go on with a session of another agent.
func (s *session) restoreClass(state []byte) error {
	r := s.role
	if r.o.Class == nil {
		return nil
	}
	s.class = &Session{s: s}
	s.class.asker = r.askers.New(host{s})
	return r.o.Class.(Mover).Moved(s.class, state)
}

// Session is what a [Class] may do with a client's session. It is valid during
// the calls of the class's methods and of the functions of the session's questions, and for
// comparing afterwards.
//
// Within ToClient and Disconnected the agent is in the middle of something: there, what
// changes the session takes effect when the agent has handled the message that led to the
// call. Once the session has ended it does nothing; Send and Tell work to the end of
// Disconnected.
type Session struct {
	s     *session
	asker *ask.Asker
	// Value is what the class remembers of this client. The agent does not use it.
	Value any
}

// Channel is the client's channel: the sender of what it sends.
func (s *Session) Channel() wire.Channel { return s.s.channel }

// RemoteAddr is where the client is: as the proxy says, if there is one.
func (s *Session) RemoteAddr() netip.AddrPort { return s.s.peer.Remote }

// LocalAddr is where the client connected to, likewise.
func (s *Session) LocalAddr() netip.AddrPort { return s.s.peer.Local }

// TLVs is what else the proxy said of the client, as it sent it. It must not be
// changed.
func (s *Session) TLVs() []byte { return s.s.peer.TLVs }

// State is how far the client has got.
func (s *Session) State() State { return s.s.state }

// Send sends a datagram into the cluster as the client's session. An error says
// that nothing was sent.
func (s *Session) Send(d wire.Datagram) error { return s.s.route(d) }

// SendClient sends a message, type and payload, to the client: before the one at
// hand, within ToClient. It does not pass through the class again.
func (s *Session) SendClient(message []byte) { s.s.queue(s.s.frame(message)) }

// Pass does with a message, type and payload, what the agent does with one that FromClient
// returns. So FromClient can return nil, ask about the message, and pass it on later, as it
// was or changed.
func (s *Session) Pass(message []byte) {
	m := slices.Clone(message)
	s.do(func() { s.s.eject(s.s.handle(m)) })
}

// do does something with the session now, or when the agent has handled what it is
// in the middle of.
func (s *Session) do(act func()) {
	r := s.s.role
	switch {
	case s.s.ended:
	case r.inClass:
		r.deferred = append(r.deferred, func() {
			if !s.s.ended {
				act()
			}
		})
	default:
		act()
	}
}

// toClient lets the class see a message to the client.
func (s *Session) toClient(message []byte, see func(*Session, []byte) []byte) []byte {
	r := s.s.role
	before := r.inClass
	r.inClass = true
	message = see(s, message)
	r.inClass = before
	return message
}

// disconnected forgets what the class waits for, and tells it that the session has ended.
func (s *Session) disconnected() {
	s.asker.Close()
	s.s.held.drop()
	r := s.s.role
	before := r.inClass
	r.inClass = true
	r.o.Class.Disconnected(s)
	r.inClass = before
}

// runDeferred does what a class asked for in the middle of something.
func (r *Role) runDeferred() {
	for len(r.deferred) > 0 {
		do := r.deferred[0]
		r.deferred = r.deferred[1:]
		do()
	}
	r.writeCheckpoints()
}
