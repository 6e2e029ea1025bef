package clientagent

import (
	"natstron/bridge/wire"
	"natstron/roles/ask"
)

// Ask asks a question of package ask: of the database, an object, an UberDOG; it also sets
// timers ([ask.After]) and has work done in a goroutine ([ask.Do]). The question's function is
// called in a turn, once, after Ask has returned; see package ask for what holds.
//
// What the client sends meanwhile is handled as ever, so the function may find the session in
// another state. If that must not be, see Wait. If the client goes, the function is not called.
//
// cancel ends the question without an answer. It may be called where the methods of the session
// may be.
func (s *Session) Ask(q ask.Question) (cancel func()) { return s.asker.Ask(q, nil) }

// Wait is Ask, but what the client sends from now on waits, too, in order, until the question has
// ended, and with it all others that the session waits for. If the question's function waits for
// another one, the messages wait on: nothing comes in between.
//
// A client that sends more than 64 KiB meanwhile is not read until then. Messages that wait count
// as sent: limits of rates hold for them, and the client need not send heartbeats. Once the client
// has gone, they are dropped.
func (s *Session) Wait(q ask.Question) (cancel func()) {
	if s.s.ended {
		return func() {}
	}
	s.s.held.questions++
	return s.asker.Ask(q, s.s.unhold)
}

// Tell sends a message of package ask that has no answer. An error says that nothing was sent.
func (s *Session) Tell(m ask.Message) error { return s.asker.Tell(m) }

// host is the session for its asker.
type host struct{ s *session }

func (h host) Channel() wire.Channel      { return h.s.channel }
func (h host) Send(d wire.Datagram) error { return h.s.route(d) }
func (h host) Go(work func())             { h.s.role.conns.Go(work) }

func (h host) Later(do func()) {
	r := h.s.role
	r.deferred = append(r.deferred, do)
}

func (h host) Turn(do func()) {
	h.s.role.enter()
	defer h.s.role.leave()
	do()
}
