package clientagent

import (
	"encoding/binary"
	"fmt"
	"math"

	"natstron/bridge/wire"
)

// event tells the event logger something about a client with that channel, or 0 if it
// never got one: a MessagePack map of strings, the type first, then the sender
// (document 20, section 0).
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
