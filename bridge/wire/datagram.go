package wire

import (
	"encoding/binary"
	"fmt"
)

// Datagram is one message with its recipients, without the length prefix that
// it has on a TCP connection. Its bytes need not be valid: call Check before
// Recipient.
type Datagram []byte

const channelSize = 8

// Check reports an error unless d has as many recipients as its count says. It
// checks nothing else: a datagram without sender and type is routed as it is.
func (d Datagram) Check() error {
	if len(d) == 0 {
		return fmt.Errorf("datagram: %w: empty", ErrTruncated)
	}
	if want := 1 + int(d[0])*channelSize; len(d) < want {
		return fmt.Errorf("datagram: %w: %d recipients need %d bytes, %d there", ErrTruncated, d[0], want, len(d))
	}
	return nil
}

// RecipientCount is the number of recipients; zero for no bytes at all.
func (d Datagram) RecipientCount() int {
	if len(d) == 0 {
		return 0
	}
	return int(d[0])
}

// Recipient is the recipient at index i. It panics if i is out of range or Check
// reports an error.
func (d Datagram) Recipient(i int) Channel {
	return Channel(binary.LittleEndian.Uint64(d[1+i*channelSize:]))
}

// IsControl reports whether d is a control message: channel 1 is its only
// recipient. In [1, X] channel 1 is an ordinary recipient.
func (d Datagram) IsControl() bool {
	return len(d) >= 1+channelSize && d[0] == 1 && d.Recipient(0) == ControlChannel
}

// Control reads a control message, which has no sender: its type, and a reader of
// the rest.
func (d Datagram) Control() (MsgType, Reader) {
	r := NewReader(d)
	r.next(1 + channelSize)
	t := r.MsgType()
	return t, r
}

// Message is what a datagram carries besides its recipients.
type Message struct {
	Sender  Channel
	Type    MsgType
	Payload Reader
}

// Message reads sender and type; its Payload reads the rest.
func (d Datagram) Message() (Message, error) {
	r := NewReader(d)
	r.next(int(r.Uint8()) * channelSize)
	m := Message{Sender: r.Channel(), Type: r.MsgType()}
	if err := r.Err(); err != nil {
		return Message{}, fmt.Errorf("datagram: %w", err)
	}
	m.Payload = NewReader(d[r.Offset():])
	return m, nil
}

// Type is the message type of a datagram that Check has passed; 0 if it has none.
func (d Datagram) Type() MsgType {
	at := 1 + channelSize*d.RecipientCount() + channelSize
	if len(d) < at+2 {
		return 0
	}
	return MsgType(binary.LittleEndian.Uint16(d[at:]))
}
