package otp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"

	"natstron/bridge/wire"
)

// errControlLater says that a post-remove is a control message: nobody would take it.
var errControlLater = errors.New("a control message cannot be a post-remove")

// isControl reports whether d is a control message of the dialect.
func isControl(d wire.Datagram) bool {
	return len(d) >= 1+channelSize && d[0] == 1 && d.Recipient(0) == Control
}

// LooksLike reports whether d, from a participant of an Astron port, looks like a control
// message of the dialect: Astron's datagrams have a sender where that has its type.
func LooksLike(d wire.Datagram) bool {
	if !isControl(d) {
		return false
	}
	t, r := d.Control()
	return r.Err() == nil && findControl(MsgType(t)) != nil
}

func findControl(t MsgType) *Message {
	for i := range controls {
		if controls[i].Type == t {
			return &controls[i]
		}
	}
	return nil
}

// control translates a control message, which has no sender. What comes of it are
// Astron's, and of one with an unknown type nothing but an error.
func (t *Translator) control(d wire.Datagram, emit func(wire.Datagram) error, depth int) error {
	kind, r := d.Control()
	number, payload := MsgType(kind), r.Rest()
	if err := r.Err(); err != nil {
		return fmt.Errorf("control message: %w", err)
	}
	m := findControl(number)
	if m == nil {
		return fmt.Errorf("%w: type %d", wire.ErrUnknownControl, uint16(number))
	}
	if t.later {
		return errControlLater
	}
	switch number {
	case addPostRemove:
		return t.addPostRemove(payload, emit, depth)
	case clearPostRemoves:
		return t.clearPostRemoves(emit, depth)
	}
	b := controlHeader(t.up[depth][:0], m.Astron)
	if (number == setChannel || number == removeChannel) && len(payload) >= channelSize {
		c := wire.Channel(binary.LittleEndian.Uint64(payload))
		b = binary.LittleEndian.AppendUint64(b, uint64(toClient(c)))
		payload = payload[channelSize:]
	}
	b = append(b, payload...)
	t.up[depth] = b
	return send(b, emit)
}

// controlHeader starts one of Astron's control messages.
func controlHeader(b []byte, t wire.MsgType) []byte {
	b = append(b, 1)
	b = binary.LittleEndian.AppendUint64(b, uint64(wire.ControlChannel))
	return binary.LittleEndian.AppendUint16(b, uint16(t))
}

// addPostRemove translates what the participant leaves behind, now: when it is sent,
// nobody knows any more that it was of the dialect. Astron files it under its sender.
func (t *Translator) addPostRemove(payload []byte, emit func(wire.Datagram) error, depth int) error {
	left := wire.Datagram(payload) // some write it without a length
	if len(payload) >= 2 && int(binary.LittleEndian.Uint16(payload)) == len(payload)-2 {
		left = left[2:]
	}
	if err := left.Check(); err != nil {
		return fmt.Errorf("%s: %w", addPostRemoveName, err)
	}
	t.later = true
	defer func() { t.later = false }()
	return t.toAstron(left, func(d wire.Datagram) error {
		in, ok := parse(d)
		if !ok {
			return fmt.Errorf("%s: %w: it has no sender", addPostRemoveName, wire.ErrTruncated)
		}
		if t.senders == nil {
			t.senders = map[wire.Channel]struct{}{}
		}
		t.senders[in.sender] = struct{}{}
		b := controlHeader(t.up[depth][:0], wire.ControlAddPostRemove)
		b = binary.LittleEndian.AppendUint64(b, uint64(in.sender))
		b = binary.LittleEndian.AppendUint16(b, uint16(len(d)))
		b = append(b, d...)
		t.up[depth] = b
		return send(b, emit)
	}, depth+1)
}

const addPostRemoveName = "CONTROL_ADD_POST_REMOVE"

// clearPostRemoves takes back all post-removes, of every sender.
func (t *Translator) clearPostRemoves(emit func(wire.Datagram) error, depth int) error {
	senders := slices.Sorted(maps.Keys(t.senders))
	clear(t.senders)
	for _, sender := range senders {
		b := controlHeader(t.up[depth][:0], wire.ControlClearPostRemoves)
		b = binary.LittleEndian.AppendUint64(b, uint64(sender))
		t.up[depth] = b
		if err := send(b, emit); err != nil {
			return err
		}
	}
	return nil
}
