package otp

import (
	"encoding/binary"
	"fmt"

	"natstron/bridge/wire"
)

// values are the parts at the front of a payload.
type values [parts]uint64

// read takes the parts off the front of a payload.
func (v *values) read(names []part, payload []byte) (rest []byte, err error) {
	r := wire.NewReader(payload)
	for _, p := range names {
		if p == magic && r.Len() == 0 {
			break // some leave it out
		}
		switch size[p] {
		case 1:
			v[p] = uint64(r.Uint8())
		case 2:
			v[p] = uint64(r.Uint16())
		case 4:
			v[p] = uint64(r.Uint32())
		case 8:
			v[p] = r.Uint64()
		}
	}
	rest = r.Rest()
	return rest, r.Err()
}

// append puts the parts at the end of b.
func (v *values) append(b []byte, names []part) []byte {
	for _, p := range names {
		switch size[p] {
		case 1:
			b = append(b, byte(v[p]))
		case 2:
			b = binary.LittleEndian.AppendUint16(b, uint16(v[p]))
		case 4:
			b = binary.LittleEndian.AppendUint32(b, uint32(v[p]))
		case 8:
			b = binary.LittleEndian.AppendUint64(b, v[p])
		}
	}
	return b
}

// toAstron appends the payload that Astron has for m's.
func (m *Message) toAstron(b []byte, in *incoming) ([]byte, error) {
	if m.otp == nil {
		return append(b, in.payload...), nil
	}
	var v values
	rest, err := v.read(m.otp, in.payload)
	if err != nil {
		return nil, err
	}
	v[toID] = uint64(uint32(in.recipient))
	v[channel], v[channel2] = uint64(toClient(wire.Channel(v[channel]))), uint64(toClient(wire.Channel(v[channel2])))
	for _, p := range m.astron {
		if each := elements(p); each > 0 {
			if len(rest)%each != 0 {
				return nil, fmt.Errorf("%w: %d bytes are no list", wire.ErrExcess, len(rest))
			}
			v[p] = uint64(len(rest) / each)
		}
	}
	front := m.astron
	if m.Type == queryFieldResp && v[success] == 0 {
		front = front[:2] // which field has no value is not said
	}
	b = append(v.append(b, front), rest...)
	if m.Type == setInterest { // the client is told with it that it is open
		b = binary.LittleEndian.AppendUint32(b, uint32(v[context]))
	}
	return b, nil
}

// toOTP appends the payload that the dialect has for m's. plain says that no other
// fields follow.
func (m *Message) toOTP(b []byte, in *incoming, plain bool) ([]byte, error) {
	if m.otp == nil {
		return append(b, in.payload...), nil
	}
	var v values
	rest, err := v.read(m.astron, in.payload)
	if err != nil {
		return nil, err
	}
	if front := int(v[zones]) * size[zone]; m.Type == setInterest && len(rest) == front+size[context] {
		v[context] = uint64(binary.LittleEndian.Uint32(rest[front:]))
		rest = rest[:front]
	}
	for _, p := range m.astron {
		if each := elements(p); each > 0 && int(v[p])*each != len(rest) {
			return nil, fmt.Errorf("%w: a list of %d has %d bytes", wire.ErrExcess, v[p], len(rest))
		}
	}
	if m.Type == queryFieldsResp && v[success] != 0 {
		if len(rest) < 2 {
			return nil, fmt.Errorf("%w: the number of fields is missing", wire.ErrTruncated)
		}
		rest = rest[2:]
	}
	v[fromID] = uint64(uint32(in.sender))
	v[again], v[magic] = v[context], 0xDEADBEEF
	v[channel], v[channel2] = uint64(fromClient(wire.Channel(v[channel]))), uint64(fromClient(wire.Channel(v[channel2])))
	b = append(v.append(b, m.otp), rest...)
	if plain {
		b = append(b, 0, 0)
	}
	return b, nil
}

// elements is how many bytes each element has of the list that p counts.
func elements(p part) int {
	switch p {
	case fields:
		return 2
	case zones:
		return 4
	}
	return 0
}

// The channels by which clients are known to Disney's servers: those of avatars and
// of accounts. The former are, in Astron, the channels of a parent's children, the
// latter those of locations. So they are others here, the ones that Panda3D's code
// for Astron uses.
const (
	avatarPuppet, accountPuppet             = 1, 3
	avatarPuppetAstron, accountPuppetAstron = 1001, 1003

	high = 32
)

// toClient is Astron's channel for one of the dialect's.
func toClient(c wire.Channel) wire.Channel {
	switch c >> high {
	case avatarPuppet:
		return avatarPuppetAstron<<high | c&0xFFFF_FFFF
	case accountPuppet:
		return accountPuppetAstron<<high | c&0xFFFF_FFFF
	}
	return c
}

// fromClient is the dialect's channel for one of Astron's.
func fromClient(c wire.Channel) wire.Channel {
	switch c >> high {
	case avatarPuppetAstron:
		return avatarPuppet<<high | c&0xFFFF_FFFF
	case accountPuppetAstron:
		return accountPuppet<<high | c&0xFFFF_FFFF
	}
	return c
}
