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
	last, lastBefore       map[string]*uint64             // datagrams: the last seq of each origin
	removed, removedBefore map[string]map[uint64]struct{} // post-removes: the seqs of each origin
}

func newIdentities() identities {
	return identities{last: map[string]*uint64{}, removed: map[string]map[uint64]struct{}{}}
}

// fresh says whether id comes for the first time, and remembers it.
func (s *identities) fresh(id identity) bool {
	if strings.HasSuffix(id.origin, postRemoveSuffix) {
		return s.freshRemoved(id)
	}
	last := s.last[id.origin]
	if last == nil {
		if last = s.lastBefore[id.origin]; last == nil {
			last = new(uint64)
		}
		s.last[strings.Clone(id.origin)] = last
	}
	if id.seq <= *last {
		return false
	}
	*last = id.seq
	return true
}

// seq is the last seq of an origin's datagrams; 0 if none has come.
func (s *identities) seq(origin string) uint64 {
	for _, last := range []map[string]*uint64{s.last, s.lastBefore} {
		if seq := last[origin]; seq != nil {
			return *seq
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
	return true
}

// age forgets the generation before the present one.
func (s *identities) age() {
	s.lastBefore, s.last = s.last, map[string]*uint64{}
	s.removedBefore, s.removed = s.removed, map[string]map[uint64]struct{}{}
}

// forget drops what is known of an origin that will not send again.
func (s *identities) forget(origin string) {
	delete(s.last, origin)
	delete(s.lastBefore, origin)
}
