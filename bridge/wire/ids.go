package wire

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Channel is an address on the backbone. Any 64-bit number is one.
type Channel uint64

// DoID is the identifier of a distributed object.
type DoID uint32

// Zone is a subdivision of a parent object's space.
type Zone uint32

// FieldID is the number of a field in the DC files.
type FieldID uint16

// DClassID is the number of a dclass in the DC files.
type DClassID uint16

// Location is where an object is: its parent, and the zone under it.
type Location struct {
	Parent DoID
	Zone   Zone
}

// Channels and identifiers with a fixed meaning (protocol document 00, section 5).
const (
	InvalidChannel Channel = 0
	// ControlChannel, as a datagram's only recipient, makes it a control message
	// for the message director.
	ControlChannel Channel = 1
	// BroadcastClients reaches every client session.
	BroadcastClients Channel = 10
	// BroadcastStateServers reaches every state server.
	BroadcastStateServers Channel = 12
	// BroadcastDBServers reaches every database server.
	BroadcastDBServers Channel = 13
	// LastReservedChannel is the last channel that no configuration may use.
	LastReservedChannel Channel = 999
	// MaxChannel is the highest channel.
	MaxChannel Channel = 1<<64 - 1

	InvalidDoID DoID = 0
	// LastReservedDoID is the last doId that no configuration may use.
	LastReservedDoID DoID = 999
	// MaxDoID is the highest doId.
	MaxDoID DoID = 1<<32 - 1
)

const (
	zoneBits       = 32
	childrenPrefix = Channel(1) << zoneBits
	databasePrefix = Channel(2) << zoneBits
)

// Channel is the address of the object itself.
func (d DoID) Channel() Channel { return Channel(d) }

// ChildrenChannel is the address to which all children of d subscribe.
func (d DoID) ChildrenChannel() Channel { return childrenPrefix | Channel(d) }

// DatabaseChannel is the address on which a database announces changes of d.
func (d DoID) DatabaseChannel() Channel { return databasePrefix | Channel(d) }

// Channel is the address of l, to which those with an interest in l subscribe.
func (l Location) Channel() Channel { return Channel(l.Parent)<<zoneBits | Channel(l.Zone) }

// Location reads c as the channel of a location; every channel can be read so.
func (c Channel) Location() Location {
	return Location{Parent: DoID(c >> zoneBits), Zone: Zone(c)}
}

// String is "parent:zone", in decimal, as [ParseChannel] takes it.
func (l Location) String() string {
	return strconv.FormatUint(uint64(l.Parent), 10) + ":" + strconv.FormatUint(uint64(l.Zone), 10)
}

// ParseChannel reads a channel as people write it: a number, or a location as
// PARENT:ZONE. Numbers are decimal, or hexadecimal with 0x before them.
func ParseChannel(s string) (Channel, error) {
	parent, zone, isLocation := strings.Cut(s, ":")
	if !isLocation {
		c, err := parseNumber(s, 64)
		if err != nil {
			return 0, fmt.Errorf("channel %q: %w", s, err)
		}
		return Channel(c), nil
	}
	p, err := parseNumber(parent, 32)
	if err != nil {
		return 0, fmt.Errorf("channel %q: parent: %w", s, err)
	}
	z, err := parseNumber(zone, 32)
	if err != nil {
		return 0, fmt.Errorf("channel %q: zone: %w", s, err)
	}
	return Location{Parent: DoID(p), Zone: Zone(z)}.Channel(), nil
}

func parseNumber(s string, bits int) (uint64, error) {
	digits, base := s, 10
	if len(s) > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X') {
		digits, base = s[2:], 16
	}
	n, err := strconv.ParseUint(digits, base, bits)
	if errors.Is(err, strconv.ErrRange) {
		return 0, fmt.Errorf("%s does not fit %d bits", s, bits)
	}
	if err != nil {
		return 0, errors.New("want a decimal number, a hexadecimal one after 0x, or PARENT:ZONE")
	}
	return n, nil
}
