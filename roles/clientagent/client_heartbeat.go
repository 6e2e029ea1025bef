package clientagent

import (
	"time"

	"natstron/bridge/wire"
)

func clientHeartbeat(s *session, payload []byte) *ejection {
	s.limits.heartbeat = time.Now()
	in := wire.NewReader(payload)
	return notWhole(&in)
}

func clientDisconnect(s *session, payload []byte) *ejection {
	in := wire.NewReader(payload)
	if why := notWhole(&in); why != nil {
		return why
	}
	s.role.event(s.allocated, "client-disconnected")
	s.logTraffic("a client disconnects")
	s.end()
	s.hangUp()
	return nil
}
