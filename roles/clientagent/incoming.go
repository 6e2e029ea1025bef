package clientagent

import (
	"encoding/binary"
	"slices"

	"natstron/bridge/wire"
)

// incoming is a datagram from the cluster. What is worked out for one session is
// kept for all others that see the datagram.
type incoming struct {
	number  uint64 // its place among all datagrams that the role has handled
	sender  wire.Channel
	kind    wire.MsgType
	payload []byte

	buf     []byte
	framed  wire.ClientMsgType // what buf holds; 0: nothing
	outlive *incoming          // a copy, once somebody keeps it
}

func (in *incoming) read(d wire.Datagram, number uint64) error {
	m, err := d.Message()
	if err != nil {
		return err
	}
	*in = incoming{number: number, sender: m.Sender, kind: m.Type, payload: m.Payload.Rest(), buf: in.buf[:0]}
	return nil
}

// keep is the datagram in a form that outlives the call of Handle. All who keep it share
// it.
func (in *incoming) keep() *incoming {
	if in.outlive == nil {
		c := &incoming{number: in.number, sender: in.sender, kind: in.kind, payload: slices.Clone(in.payload)}
		c.outlive = c
		in.outlive = c
	}
	return in.outlive
}

// frame is a message to a client with the payload of this datagram from skip on.
// It is always called with the same skip for one type. The slice is valid until
// the next call.
func (in *incoming) frame(t wire.ClientMsgType, skip int) []byte {
	if in.framed != t {
		payload := in.payload[skip:]
		b := binary.LittleEndian.AppendUint16(in.buf[:0], uint16(2+len(payload)))
		b = binary.LittleEndian.AppendUint16(b, uint16(t))
		in.buf, in.framed = append(b, payload...), t
	}
	return in.buf
}
