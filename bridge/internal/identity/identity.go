// Package identity names datagrams on NATS, and knows which ones have been here.
package identity

import (
	"errors"
	"strconv"
	"strings"
)

// An Identity names one datagram among all copies of it on NATS. It travels in
// the reply subject, _A.<origin>.<seq>.<participant>, where an operator can
// read it and where it costs least.
//
// An origin is one incarnation of a node's connection. Its datagrams count up,
// and all copies of one are published together, so a receiver needs no more
// than the last seq. Post-removes have the origin with [PostRemoveSuffix]:
// these may be sent by several nodes, in any order, so there the receiver
// remembers each.
type Identity struct {
	Origin      string // empty: this node's own
	Seq         uint64
	Participant uint64 // less than 1<<63
	Kept        bool   // the node keeps the datagram, too, for those who open a channel later
}

const (
	prefix = "_A."
	// PostRemoveSuffix follows an origin in the identities of its post-removes.
	PostRemoveSuffix = "-pr"
	keptMark         = 1 << 63 // of a participant on its way
)

// Append writes the reply subject.
func (id Identity) Append(dst []byte) []byte {
	dst = append(append(dst, prefix...), id.Origin...)
	dst = strconv.AppendUint(append(dst, '.'), id.Seq, 10)
	participant := id.Participant
	if id.Kept {
		participant |= keptMark
	}
	return strconv.AppendUint(append(dst, '.'), participant, 10)
}

// IsOrigin reports whether s can be an origin: a token of letters and digits.
func IsOrigin(s string) bool {
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return s != "" && len(s) <= maxOrigin
}

// ErrOrigin says that something is not an origin.
var ErrOrigin = errors.New("not an origin")

// maxOrigin is the longest origin that is read.
const maxOrigin = 64

// Parse reads a reply subject; false if it is not an identity.
func Parse(reply string) (Identity, bool) {
	rest, ok := strings.CutPrefix(reply, prefix)
	if !ok {
		return Identity{}, false
	}
	origin, rest, ok := strings.Cut(rest, ".")
	seq, participant, ok2 := strings.Cut(rest, ".")
	if !ok || !ok2 || origin == "" || len(origin) > maxOrigin {
		return Identity{}, false
	}
	id := Identity{Origin: origin}
	var err error
	if id.Seq, err = strconv.ParseUint(seq, 10, 64); err != nil || id.Seq == 0 {
		return Identity{}, false
	}
	if id.Participant, err = strconv.ParseUint(participant, 10, 64); err != nil {
		return Identity{}, false
	}
	id.Kept = id.Participant&keptMark != 0
	id.Participant &^= keptMark
	return id, true
}
