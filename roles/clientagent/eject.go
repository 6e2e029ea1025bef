package clientagent

import (
	"fmt"
	"log/slog"

	"natstron/bridge/wire"
	"natstron/roles/clientagent/internal/view"
)

// isSecurity says whether a reason to be ejected is an attempt at what the rules
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

// eject tells the client why it is disconnected, and ends the session.
func (s *session) eject(code wire.EjectCode, format string, args ...any) {
	if s.ended || s.leaving {
		return
	}
	s.leaving = true
	reason := fmt.Sprintf(format, args...)
	s.noteEject(code, reason)
	if frame, err := writeEject(&s.role.client, code, reason); err == nil {
		s.Send(frame)
	}
	s.end()
	s.hangUp()
}

// writeEject writes the message that tells a client why it is disconnected.
func writeEject(w *wire.Writer, code wire.EjectCode, reason string) ([]byte, error) {
	return w.BeginFrame().ClientMsgType(wire.ClientEject).Uint16(uint16(code)).Text(reason).Frame()
}

func (s *session) noteEject(code wire.EjectCode, reason string) {
	level, kind := slog.LevelInfo, "client-ejected"
	if isSecurity(code) {
		level, kind = slog.LevelWarn, "client-ejected-security"
	}
	s.role.stats.Ejects[code]++
	s.Log(level, "ejecting a client", "code", uint16(code), "reason", reason)
	s.role.event(s.allocated, kind, "reason_code", fmt.Sprint(uint16(code)), "reason_msg", reason)
}

// cut ends the session of a client that does not read: what waits for it, and a
// reason besides, would not reach it.
func (s *session) cut(format string, args ...any) {
	if s.ended || s.leaving {
		return
	}
	s.noteEject(wire.EjectWriteError, fmt.Sprintf(format, args...))
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

// Lost implements [view.Session].
func (s *session) Lost(do wire.DoID, how view.Loss) {
	if how == view.Deleted {
		s.removeSessionObject(do) // it need not be deleted again
	}
	s.eject(wire.EjectSessionObjectDeleted, "The session object %d %v.", do, how)
}
