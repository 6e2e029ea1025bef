package clientagent

import (
	"encoding/binary"
	"fmt"
	"math"

	"natstron/bridge/wire"
)

// event is what the event logger is told about a session: a MessagePack map of
// strings, the type first, then the sender (document 20, section 0).
func (s *session) event(kind string, keysAndValues ...string) {
	s.role.event(s.allocated, kind, keysAndValues...)
}

// event is one of a client with that channel; 0, it never got one.
func (r *Role) event(client wire.Channel, kind string, keysAndValues ...string) {
	all := append([]string{"type", kind, "sender", fmt.Sprintf("Client:%d", client)}, keysAndValues...)
	r.o.Event(appendMap(nil, all))
}

// appendMap packs keys and values, which take turns; at most 15 pairs.
func appendMap(b []byte, keysAndValues []string) []byte {
	b = append(b, 0x80|byte(len(keysAndValues)/2))
	for _, v := range keysAndValues {
		b = appendText(b, v)
	}
	return b
}

func appendText(b []byte, v string) []byte {
	v = v[:min(len(v), math.MaxUint16)]
	if len(v) < 32 {
		b = append(b, 0xa0|byte(len(v)))
	} else {
		b = binary.BigEndian.AppendUint16(append(b, 0xda), uint16(len(v)))
	}
	return append(b, v...)
}
