package otp

import (
	"encoding/binary"
	"fmt"

	"natstron/bridge/wire"
)

// Control is the channel that takes the dialect's control messages, as the only
// recipient.
const Control wire.Channel = 4001

// Options of a [Translator].
type Options struct {
	// Subscribed reports whether the participant hears what is sent to c, which is
	// Astron's channel. Required.
	Subscribed func(c wire.Channel) bool
	// DC knows the DC files: forms of some messages differ in length alone. Without
	// it they are read in their newer form.
	DC wire.ValueReader
}

// A Translator speaks for one participant of the dialect: it translates what the
// participant sends, and what it gets. The methods may be called from within the
// functions that they are given, but for calls of themselves.
type Translator struct {
	options Options
	up      [maxDepth][]byte // a buffer for each datagram and the one in it
	down    []byte
	own     own
	senders map[wire.Channel]struct{} // of post-removes
	asked   asked                     // field by context
	queries map[uint32]*query         // objects that are being told, by context

	// later says that what is translated is a post-remove: it has not happened yet.
	later bool
}

// New returns the translator for a participant that has just connected.
func New(o Options) *Translator { return &Translator{options: o} }

// incoming is a datagram taken apart.
type incoming struct {
	datagram  wire.Datagram
	recipient wire.Channel // the first
	sender    wire.Channel
	number    uint16
	payload   []byte
}

const channelSize = 8

// parse splits a datagram. ok is false for one without sender and type.
func parse(d wire.Datagram) (in incoming, ok bool) {
	at := 1 + d.RecipientCount()*channelSize
	if len(d) < at+channelSize+2 {
		return in, false
	}
	in = incoming{
		datagram: d,
		sender:   wire.Channel(binary.LittleEndian.Uint64(d[at:])),
		number:   binary.LittleEndian.Uint16(d[at+channelSize:]),
		payload:  d[at+channelSize+2:],
	}
	if d[0] > 0 {
		in.recipient = d.Recipient(0)
	}
	return in, true
}

// header starts a datagram like in, but of another type, its channels turned by turn.
func (in *incoming) header(b []byte, number uint16, turn func(wire.Channel) wire.Channel) []byte {
	b = append(b, in.datagram[0])
	for i := range in.datagram.RecipientCount() {
		b = binary.LittleEndian.AppendUint64(b, uint64(turn(in.datagram.Recipient(i))))
	}
	b = binary.LittleEndian.AppendUint64(b, uint64(turn(in.sender)))
	return binary.LittleEndian.AppendUint16(b, number)
}

// maxDepth is how many datagrams may lie in each other: the one that came, one in a
// bundle in it, one more.
const maxDepth = 4

// ToAstron translates a datagram that the participant sent, and calls emit with each
// that comes of it: one, mostly. They are valid until emit returns. An error wraps what
// emit returned, which ends it; or else it says that the datagram is malformed, or none
// that can be sent here, and wraps [wire.ErrTruncated], [wire.ErrExcess],
// [wire.ErrTooLong], [ErrAstron] or [ErrNested].
func (t *Translator) ToAstron(d wire.Datagram, emit func(wire.Datagram) error) error {
	return t.toAstron(d, emit, 0)
}

// FromAstron translates a datagram that was sent to the participant, as [Translator.ToAstron]
// does. Nothing may come of it.
func (t *Translator) FromAstron(d wire.Datagram, emit func(wire.Datagram) error) error {
	in, ok := parse(d)
	if !ok {
		return emit(d)
	}
	if err := t.fromAstron(&in, emit); err != nil {
		return fmt.Errorf("%s: %w", wire.MsgType(in.number), err)
	}
	return nil
}

// send gives a datagram to emit.
func send(b []byte, emit func(wire.Datagram) error) error {
	if len(b) > wire.MaxLength {
		return fmt.Errorf("datagram %w: %d bytes, at most %d", wire.ErrTooLong, len(b), wire.MaxLength)
	}
	return emit(b)
}
