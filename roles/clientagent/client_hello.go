package clientagent

import (
	"time"

	"natstron/bridge/wire"
)

// maxRepeated is how much of a client's text is repeated to it, and in the log.
const maxRepeated = 256

func clientHello(s *session, payload []byte) *ejection {
	s.limits.heartbeat = time.Now()
	in := wire.NewReader(payload)
	hash, version := in.Uint32(), in.Text()
	if why := notWhole(&in); why != nil {
		return why
	}
	if why := s.role.wrongProgram(hash, version); why != nil {
		return why
	}
	s.role.stats.Hellos++
	if frame, err := s.role.client.BeginFrame().ClientMsgType(wire.ClientHelloResp).Frame(); err == nil {
		s.Send(frame)
	}
	s.setState(StateAnonymous)
	return nil
}

// wrongProgram is what becomes of a client with another version or other DC files.
func (r *Role) wrongProgram(hash uint32, version string) *ejection {
	o, said := &r.o, version[:min(len(version), maxRepeated)]
	switch {
	case version != o.Version && o.HideVersion:
		return ejectf(wire.EjectBadVersion, "The client's version %q is not the server's.", said)
	case version != o.Version:
		return ejectf(wire.EjectBadVersion, "The client's version is %q, the server's is %q.", said, o.Version)
	case hash != o.Hash && o.HideHash:
		return ejectf(wire.EjectBadDCHash, "The client's DC hash 0x%08x is not the server's.", hash)
	case hash != o.Hash:
		return ejectf(wire.EjectBadDCHash, "The client's DC hash is 0x%08x, the server's is 0x%08x.", hash, o.Hash)
	}
	return nil
}
