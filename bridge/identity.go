package bridge

import (
	"errors"
	"strconv"
	"strings"
)

// An identity names one datagram among all copies of it on NATS. It travels in
// the reply subject, _A.<origin>.<seq>.<participant>, where an operator can
// read it and where it costs least.
//
// An origin is one incarnation of a node's connection. Its datagrams count up,
// and all copies of one are published together, so a receiver needs no more
// than the last seq. Post-removes have the origin with [postRemoveSuffix]:
// these may be sent by several nodes, in any order, so there the receiver
// remembers each.
type identity struct {
	origin      string // empty: this node's own
	seq         uint64
	participant uint64
}

const (
	identityPrefix   = "_A."
	postRemoveSuffix = "-pr"
)

func (id identity) append(dst []byte) []byte {
	dst = append(append(dst, identityPrefix...), id.origin...)
	dst = strconv.AppendUint(append(dst, '.'), id.seq, 10)
	return strconv.AppendUint(append(dst, '.'), id.participant, 10)
}

// isOrigin says whether s can be an origin: a token of letters and digits.
func isOrigin(s string) bool {
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return s != "" && len(s) <= maxOrigin
}

var errOrigin = errors.New("not an origin")

// maxOrigin is the longest origin that is read.
const maxOrigin = 64

// parseIdentity reads a reply subject; false for one that is none of ours.
func parseIdentity(reply string) (identity, bool) {
	rest, ok := strings.CutPrefix(reply, identityPrefix)
	if !ok {
		return identity{}, false
	}
	origin, rest, ok := strings.Cut(rest, ".")
	seq, participant, ok2 := strings.Cut(rest, ".")
	if !ok || !ok2 || origin == "" || len(origin) > maxOrigin {
		return identity{}, false
	}
	id := identity{origin: origin}
	var err error
	if id.seq, err = strconv.ParseUint(seq, 10, 64); err != nil || id.seq == 0 {
		return identity{}, false
	}
	if id.participant, err = strconv.ParseUint(participant, 10, 64); err != nil {
		return identity{}, false
	}
	return id, true
}

// identities remembers what has been received: in two generations, so that each
// entry lives for at least the time between two calls of age, and none for ever.
type identities struct {
	last, lastBefore       map[string]*sequence           // datagrams: the last seq of each origin
	removed, removedBefore map[string]map[uint64]struct{} // post-removes: the seqs of each origin
	removals               int                            // of removed
}

// A sequence is how far the datagrams of an origin have come.
type sequence struct {
	last uint64 // that was taken
	told uint64 // by the node itself, in its last heartbeat
}

func newIdentities() identities {
	return identities{last: map[string]*sequence{}, removed: map[string]map[uint64]struct{}{}}
}

// Bounds of what somebody can make us remember who invents origins.
const (
	maxSequences = 4 * maxPeers
	maxRemoved   = 4_000_000
	// maxLeap is more than a node sends between two heartbeats.
	maxLeap = 1 << 32
)

// taken is what an identity says of a datagram.
type taken uint8

const (
	isFresh taken = iota
	isCopy        // it was here already
	isLeap        // its node cannot have come so far
)

// fresh says whether id comes for the first time, and remembers it.
func (s *identities) fresh(id identity) bool { return s.take(id) == isFresh }

// take says what id is, and remembers it.
func (s *identities) take(id identity) taken {
	if strings.HasSuffix(id.origin, postRemoveSuffix) {
		if s.freshRemoved(id) {
			return isFresh
		}
		return isCopy
	}
	q := s.last[id.origin]
	if q == nil {
		if q = s.lastBefore[id.origin]; q == nil {
			if len(s.last) >= maxSequences {
				return isFresh // not remembered: each copy counts
			}
			q = new(sequence)
		}
		s.last[strings.Clone(id.origin)] = q
	}
	switch {
	case id.seq <= q.last:
		return isCopy
	case q.told > 0 && id.seq-max(q.last, q.told) > maxLeap && id.seq > max(q.last, q.told):
		return isLeap
	}
	q.last = id.seq
	return isFresh
}

// told takes what a node says of its last datagram. All that it sent before is here:
// so a later one that was taken already was somebody else's, and is returned. It does
// not stand for those that come.
func (s *identities) told(origin string, seq uint64) (forged uint64) {
	q := s.last[origin]
	if q == nil {
		if q = s.lastBefore[origin]; q == nil {
			return 0
		}
	}
	if q.last > seq {
		forged, q.last = q.last, seq
	}
	q.told = max(seq, 1)
	return forged
}

// seq is the last seq of an origin's datagrams; 0 if none has come.
func (s *identities) seq(origin string) uint64 {
	for _, last := range []map[string]*sequence{s.last, s.lastBefore} {
		if q := last[origin]; q != nil {
			return q.last
		}
	}
	return 0
}

func (s *identities) freshRemoved(id identity) bool {
	seen := s.removed[id.origin]
	if _, ok := seen[id.seq]; ok {
		return false
	}
	if _, ok := s.removedBefore[id.origin][id.seq]; ok {
		return false
	}
	if seen == nil {
		seen = map[uint64]struct{}{}
		s.removed[strings.Clone(id.origin)] = seen
	}
	seen[id.seq] = struct{}{}
	if s.removals++; s.removals > maxRemoved {
		s.ageRemoved()
	}
	return true
}

// age forgets the generation before the present one.
func (s *identities) age() {
	s.lastBefore, s.last = s.last, map[string]*sequence{}
	s.ageRemoved()
}

func (s *identities) ageRemoved() {
	s.removedBefore, s.removed = s.removed, map[string]map[uint64]struct{}{}
	s.removals = 0
}

// forget drops what is known of an origin that will not send again.
func (s *identities) forget(origin string) {
	delete(s.last, origin)
	delete(s.lastBefore, origin)
}
