package otp

import (
	"encoding/binary"
	"errors"
	"fmt"

	"natstron/bridge/wire"
)

// What a participant sends and cannot be translated.
var (
	// ErrAstron says that a participant speaks Astron's protocol: it sent one of its
	// control messages.
	ErrAstron = errors.New("a participant speaks Astron's protocol on a port of the OTP dialect: nothing of it is handled")
	// ErrNested says that bundles lie in bundles.
	ErrNested = errors.New("datagrams lie too deep in each other")
)

func (t *Translator) toAstron(d wire.Datagram, emit func(wire.Datagram) error, depth int) error {
	if depth >= maxDepth {
		return ErrNested
	}
	if d.IsControl() {
		return ErrAstron
	}
	if isControl(d) {
		return t.control(d, emit, depth)
	}
	in, ok := parse(d)
	if !ok {
		return emit(d)
	}
	if err := t.message(&in, emit, depth); err != nil {
		return fmt.Errorf("%s: %w", MsgType(in.number), err)
	}
	return nil
}

// message translates what is not a control message.
func (t *Translator) message(in *incoming, emit func(wire.Datagram) error, depth int) error {
	switch MsgType(in.number) {
	case bundle:
		return t.bundle(in, emit, depth)
	case openChannel, openChannels, closeChannels:
		return t.channels(in, emit, depth)
	case generate, generateOther:
		return t.generate(in, emit, depth)
	case generateStored, generateStoredOther:
		return t.generateStored(in, emit, depth)
	case queryZones:
		return t.queryZones(in, emit)
	case queryChildren:
		return t.queryChildren(in, emit)
	case addAI:
		return addAIReceiver(in, emit)
	case setZone:
		in.payload = in.payload[:min(len(in.payload), size[location])] // some append more
	case create:
		t.made(in.payload)
	case queryAll:
		if len(in.payload) > size[context] { // Astron's SET_FIELD
			return t.pass(in, emit, depth)
		}
	case deleteRAM:
		if len(in.payload) >= 4 && !t.later {
			delete(t.own, wire.DoID(binary.LittleEndian.Uint32(in.payload)))
		}
	case queryField:
		if len(in.payload) >= 10 {
			t.asked.add(binary.LittleEndian.Uint32(in.payload[6:]), wire.FieldID(binary.LittleEndian.Uint16(in.payload[4:])))
		}
	}
	m := byOTP.find(in.number)
	if m == nil || m.way == ofOnly || !meant(in) {
		return t.pass(in, emit, depth)
	}
	b, err := m.toAstron(in.header(t.up[depth][:0], uint16(m.Astron), toClient), in)
	if err != nil {
		return err
	}
	t.up[depth] = b
	return send(b, emit)
}

// foreign is added to the number of a game's own message that would be one for client
// agents in Astron: who is of the dialect, too, gets it as it was, and nobody else takes
// it for what it is not.
const foreign = 60_000

// isForeign reports whether a message has to travel under another number.
func isForeign(number uint16) bool {
	return number < uint16(wire.StateServerCreateObjectWithRequired) && byAstron.find(number) != nil
}

// pass sends what the table does not name as it is.
func (t *Translator) pass(in *incoming, emit func(wire.Datagram) error, depth int) error {
	number := in.number
	if isForeign(number) {
		number += foreign
	}
	b := append(in.header(t.up[depth][:0], number, toClient), in.payload...)
	t.up[depth] = b
	return send(b, emit)
}

// usage is the channel on which avatars and accounts are accounted for, in messages
// that OtpGo has given another meaning elsewhere.
const usage wire.Channel = 4004

// meant reports whether a message is what the table says it is.
func meant(in *incoming) bool {
	switch in.number {
	case 3005:
		return in.recipient != usage && len(in.payload) == 0
	case 3006:
		return in.recipient != usage && len(in.payload) == 4
	}
	return true
}

// bundle takes the datagrams out of BOUNCE_MESSAGE: they are to be taken as one.
func (t *Translator) bundle(in *incoming, emit func(wire.Datagram) error, depth int) error {
	r := wire.NewReader(in.payload)
	for r.Len() > 0 {
		d := wire.Datagram(r.Blob())
		if err := r.Err(); err != nil {
			return err
		}
		if err := d.Check(); err != nil {
			return err
		}
		if err := t.toAstron(d, emit, depth+1); err != nil {
			return err
		}
	}
	return r.Err()
}

// channels makes one message for each channel that a client is to hear, or not to
// hear any more.
func (t *Translator) channels(in *incoming, emit func(wire.Datagram) error, depth int) error {
	m := byOTP.find(in.number)
	r := wire.NewReader(in.payload)
	for r.Len() > 0 {
		c := r.Channel()
		if err := r.Err(); err != nil {
			return err
		}
		b := in.header(t.up[depth][:0], uint16(m.Astron), toClient)
		b = binary.LittleEndian.AppendUint64(b, uint64(toClient(c)))
		t.up[depth] = b
		if err := send(b, emit); err != nil {
			return err
		}
	}
	return r.Err()
}
