package clientagent

import (
	"log/slog"
	"time"

	"natstron/bridge/wire"
)

// maxRepeated is how much of a client's text is repeated to it, and in the log.
const maxRepeated = 256

func clientHello(s *session, payload []byte) {
	in := wire.NewReader(payload)
	s.limits.heartbeat = time.Now()
	hash, version := in.Uint32(), in.Text()
	if !s.whole(&in) {
		return
	}
	o, said := &s.role.o, version[:min(len(version), maxRepeated)]
	switch {
	case version != o.Version && o.HideVersion:
		s.eject(wire.EjectBadVersion, "The client's version %q is not the server's.", said)
	case version != o.Version:
		s.eject(wire.EjectBadVersion, "The client's version is %q, the server's is %q.", said, o.Version)
	case hash != o.Hash && o.HideHash:
		s.eject(wire.EjectBadDCHash, "The client's DC hash 0x%08x is not the server's.", hash)
	case hash != o.Hash:
		s.eject(wire.EjectBadDCHash, "The client's DC hash is 0x%08x, the server's is 0x%08x.", hash, o.Hash)
	default:
		s.role.stats.Hellos++
		if frame, err := s.role.client.BeginFrame().ClientMsgType(wire.ClientHelloResp).Frame(); err == nil {
			s.Send(frame)
		}
		s.setState(StateAnonymous)
	}
}

func clientHeartbeat(s *session, payload []byte) {
	in := wire.NewReader(payload)
	if s.whole(&in) {
		s.limits.heartbeat = time.Now()
	}
}

func clientDisconnect(s *session, payload []byte) {
	in := wire.NewReader(payload)
	if !s.whole(&in) {
		return
	}
	s.role.event(s.allocated, "client-disconnected")
	s.Log(slog.LevelDebug, "a client disconnects")
	s.end()
	s.hangUp()
}
