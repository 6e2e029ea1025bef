package eventlogger

import (
	"strconv"

	"natstron/bridge/wire"
)

// Packets of Disney's AI processes are not MessagePack. They begin with the length of what
// follows, little-endian as all of it is:
//
//	uint16 length, uint16 kind, uint16 server, uint32 channel
//
// and go on, by kind:
//
//	1  string type, string who, string description    an event
//	2  string who, uint32 avatars, uint32 objects      how busy the process is
//	3  string who, uint64 channel, uint32 avatars, uint32 objects
//
// A packet of MessagePack, which is a map, cannot have that form from its first to its
// last byte but by intent.
const (
	disneyEvent      = 1
	disneyStatus     = 2
	disneyLongStatus = 3
)

// appendDisney appends the members of such a packet, as appendMembers does. ok is false
// if it is none.
func appendDisney(dst, packet []byte) (_ []byte, ok bool) {
	r := wire.NewReader(packet)
	length, kind, _, channel := int(r.Uint16()), r.Uint16(), r.Uint16(), uint64(r.Uint32())
	// The processes cut a long description, and leave the length as it was.
	if length != len(packet)-2 && (kind != disneyEvent || length < len(packet)-2) {
		return dst, false
	}
	event, who, description := []byte("status"), r.Blob(), []byte(nil)
	var avatars, objects uint32
	switch kind {
	case disneyEvent:
		event, who, description = who, r.Blob(), r.Blob()
	case disneyLongStatus:
		channel = r.Uint64()
		fallthrough
	case disneyStatus:
		avatars, objects = r.Uint32(), r.Uint32()
	default:
		return dst, false
	}
	if r.Done() != nil {
		return dst, false
	}
	dst = appendText(append(dst, `"type": `...), event)
	dst = append(strconv.AppendUint(append(dst, `, "sender": "`...), channel, 10), '"')
	dst = appendText(append(dst, `, "who": `...), who)
	if kind == disneyEvent {
		return appendText(append(dst, `, "description": `...), description), true
	}
	dst = strconv.AppendUint(append(dst, `, "avatars": `...), uint64(avatars), 10)
	return strconv.AppendUint(append(dst, `, "objects": `...), uint64(objects), 10), true
}
