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
	b := []byte{0x80 | byte(len(all)/2)} // at most 15 pairs
	for _, v := range all {
		v = v[:min(len(v), math.MaxUint16)]
		if len(v) < 32 {
			b = append(b, 0xa0|byte(len(v)))
		} else { // Astron's event logger does not know the form with one byte
			b = binary.BigEndian.AppendUint16(append(b, 0xda), uint16(len(v)))
		}
		b = append(b, v...)
	}
	r.o.Event(b)
}
