package clientagent

import (
	"fmt"
	"log/slog"

	"natstron/bridge/wire"
	"natstron/roles/clientagent/internal/view"
)

// isSecurity reports whether a reason to be ejected is an attempt at what the rules
// forbid, rather than an accident.
func isSecurity(code wire.EjectCode) bool {
	switch code {
	case wire.EjectOversizedDatagram, wire.EjectInvalidMsgType, wire.EjectAnonymousViolation,
		wire.EjectForbiddenInterest, wire.EjectMissingObject, wire.EjectForbiddenField,
		wire.EjectForbiddenRelocate, wire.EjectFieldConstraint:
		return true
	}
	return false
}

// ejection is why a client is ejected. The reason is a sentence for the client.
type ejection struct {
	code   wire.EjectCode
	reason string
}

func ejectf(code wire.EjectCode, format string, args ...any) *ejection {
	return &ejection{code, fmt.Sprintf(format, args...)}
}

// frame is the message that tells the client.
func (e *ejection) frame(w *wire.Writer) ([]byte, error) {
	return w.BeginFrame().ClientMsgType(wire.ClientEject).Uint16(uint16(e.code)).Text(e.reason).Frame()
}

// eject tells the client why it is disconnected, and ends the session. nil is no
// reason.
func (s *session) eject(why *ejection) {
	if why == nil || s.ended || s.leaving {
		return
	}
	s.leaving = true
	s.noteEject(why)
	if frame, err := why.frame(&s.role.client); err == nil {
		s.Send(frame)
	}
	s.end()
	s.hangUp()
}

func (s *session) noteEject(why *ejection) {
	level, kind := slog.LevelInfo, "client-ejected"
	if isSecurity(why.code) {
		level, kind = slog.LevelWarn, "client-ejected-security"
	}
	s.role.stats.Ejects[why.code]++
	s.Log(level, "ejecting a client", "code", uint16(why.code), "reason", why.reason)
	s.role.event(s.allocated, kind, "reason_code", fmt.Sprint(uint16(why.code)), "reason_msg", why.reason)
}

// cut ends the session of a client that does not read. What waits for it would not
// reach it, nor would a reason.
func (s *session) cut(format string, args ...any) {
	if s.ended || s.leaving {
		return
	}
	s.noteEject(ejectf(wire.EjectWriteError, format, args...))
	s.drop()
}

// drop ends the session and the connection at once. The client gets no reason.
func (s *session) drop() {
	s.end()
	s.stream.Discard()
	s.role.conns.Go(func() { // TLS and WebSocket may take seconds
		_ = s.read.Close() // it has to end, whatever the error
	})
}

// Deaf implements [view.Session].
func (s *session) Deaf(err error) { s.eject(notOpen(err)) }

// Lost implements [view.Session].
func (s *session) Lost(do wire.DoID, how view.Loss) {
	if how == view.Deleted {
		s.removeSessionObject(do) // it need not be deleted again
	}
	s.eject(ejectf(wire.EjectSessionObjectDeleted, "The session object %d %v.", do, how))
}
