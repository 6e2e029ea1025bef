package bridge

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"natstron/bridge/internal/link"
	"natstron/bridge/internal/membership"
	"natstron/bridge/internal/unheard"
	"natstron/bridge/wire"
)

// foreignAfter is how long a program has to be subscribed to a control channel that no role
// claims before it counts as a server of another kind: our own claim what they serve soon.
const foreignAfter = 3 * time.Second

// probe is what is known of a channel that no role claims.
type probe struct {
	asked time.Time // when NATS was asked whether anybody subscribes to it; zero: it has answered
	no    bool      // it has said no
	since time.Time // since when somebody does; zero: nobody
}

// probed is the word in the subject of NATS's answer to a probe.
const probed = "probed"

// Unserved is the channel of a state server or a database server that d, of p, is for, and
// whether nobody is there yet to take it: no role claims the channel, and no other program that
// could be a server is subscribed to it. It is for what a role asks when it begins: call it
// again, until somebody is there.
func (t Turn) Unserved(p *Participant, d wire.Datagram) (to wire.Channel, unserved bool) {
	n := t.n
	if d.RecipientCount() != 1 {
		return 0, false
	}
	to = d.Recipient(0)
	return to, n.kindOf(d.Type(), to) == unheard.Control && !t.served(p, to)
}

// Serves reports whether a role is known to serve the channel that a message of p is for, or
// another participant of this process. Of what is not for a server's own channel nobody knows:
// it is true.
func (t Turn) Serves(p *Participant, kind wire.MsgType, c wire.Channel) bool {
	return t.n.kindOf(kind, c) != unheard.Control || t.serves(p, c)
}

func (t Turn) serves(p *Participant, c wire.Channel) bool {
	n := t.n
	s := n.table.At(c)
	return n.up != nil || s.First != nil && s.First != p || len(s.Others()) > 0 ||
		slices.ContainsFunc(n.table.RangesAt(c), func(other *Participant) bool { return other != p }) ||
		n.members.Exists(func(peer *membership.Peer) bool { return peer.Answers(c) })
}

// served reports whether a role serves a channel, or, for a few seconds at least, any other
// program.
func (t Turn) served(p *Participant, c wire.Channel) bool {
	n := t.n
	if t.serves(p, c) {
		delete(n.probes, c)
		return true
	}
	known := n.probes[c]
	if known == nil {
		known = new(probe)
		if n.probes == nil {
			n.probes = map[wire.Channel]*probe{}
		}
		n.probes[c] = known
	}
	n.probe(c, known)
	return !known.since.IsZero() && time.Since(known.since) >= foreignAfter
}

// probe finds out whether any other program is subscribed to a channel.
func (n *Node) probe(c wire.Channel, known *probe) {
	heard := func(is bool) {
		switch {
		case !is:
			known.since = time.Time{}
		case known.since.IsZero():
			known.since = time.Now()
		}
	}
	switch anybody, can := n.outbox.Hears(c, n.turn); {
	case can:
		heard(anybody)
	case time.Since(known.asked) >= foreignAfter: // an answer may be lost with the backbone
		known.asked, known.no = time.Now(), false
		n.outbox.Note(n.options.Subjects.Subject(c), n.answerSubject(fmt.Sprintf("%s.%d", probed, uint64(c))), toNobody)
		n.outbox.Ping(func() { // behind the answer, if there is one
			known.asked = time.Time{}
			heard(!known.no)
		})
	}
}

// probeAnswered takes NATS's answer to a probe: end is the end of its subject. It says whether it
// is one.
func (n *Node) probeAnswered(end string, m *link.Message) bool {
	_, end, _ = strings.Cut(end, ".")
	end, ok := strings.CutPrefix(end, probed+".")
	if !ok {
		return false
	}
	if c, err := strconv.ParseUint(end, 10, 64); err == nil && m.Unanswered {
		if known := n.probes[wire.Channel(c)]; known != nil {
			known.no = true
		}
	}
	return true
}
