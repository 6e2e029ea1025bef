package bridge

import (
	"cmp"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"natstron/bridge/internal/link"
	"natstron/bridge/internal/membership"
	"natstron/bridge/internal/unheard"
	"natstron/bridge/wire"
)

// A datagram is unheard if no participant of any process receives it. Within the process that
// is known. Beyond, an embedded server knows its subscriptions. An external one does not tell
// who publishes with a reply subject of its own, as datagrams do; so a node asks now and then,
// with a datagram to nobody on the subject of one that nobody here received: NATS answers if
// there is no subscriber. What is counted there is a sample, one a second of each type.

// Unheard is how many datagrams nobody received, of one type and to one kind of channel.
type Unheard struct {
	Message wire.MsgType // 0: all that the protocol does not have
	Kind    string       // control, object, client, other, broadcast
	Count   uint64

	// The last one: its recipient, its sender, and about when it was sent.
	To, From wire.Channel
	Last     time.Time
}

// Severe reports whether this is a fault for sure: a control channel without its role.
func (u Unheard) Severe() bool { return u.Kind == unheard.Control.String() }

// Expected reports whether it is common that nobody is there: in a place, say.
func (u Unheard) Expected() bool { return u.Kind == unheard.Broadcast.String() }

// noteUnheard takes note of a datagram that nobody in this process received. p sent it.
func (n *Node) noteUnheard(p *Participant, d wire.Datagram, audience link.Audience) {
	if n.up != nil || audience == link.Lost || d.RecipientCount() == 0 {
		return // the upstream may hear it; or it is counted already
	}
	if audience == link.Unknown && !n.unheard.Ask(d.Type()) {
		return
	}
	if audience == link.Somebody && (n.members.Any() || !n.outbox.Watched(n.turn)) {
		return
	}
	to, kind := n.meantFor(d)
	var sender wire.Channel
	if m, err := d.Message(); err == nil {
		sender = m.Sender
	}
	if sender == to { // it asks whether there is another one like it
		return
	}
	if audience != link.Unknown {
		n.countUnheard(d.Type(), kind, to, sender, !p.party.InOrder)
	} else if kind != unheard.Broadcast && d.RecipientCount() == 1 && !n.members.Exists(func(p *membership.Peer) bool { return p.Answers(to) }) {
		n.ask(d.Type(), to, sender, !p.party.InOrder)
	}
}

// meantFor is the first recipient that somebody should hear, and what it is for.
func (n *Node) meantFor(d wire.Datagram) (to wire.Channel, kind unheard.Kind) {
	for i := range d.RecipientCount() {
		to = d.Recipient(i)
		if kind = n.kindOf(d.Type(), to); kind != unheard.Broadcast {
			break
		}
	}
	return to, kind
}

func (n *Node) kindOf(t wire.MsgType, c wire.Channel) unheard.Kind {
	return n.unheard.KindOf(t, c, func() bool { return n.members.ClaimedByClients(c) })
}

const (
	// asked is the word in the subject of NATS's answer.
	asked = "unheard"
	// byRole and byProgram say there who sent it.
	byRole, byProgram = "role", "program"
)

// toNobody is a datagram without recipients, which those who hear it ignore.
var toNobody = []byte{0}

// ask asks NATS whether anybody subscribes to a channel.
func (n *Node) ask(t wire.MsgType, to, sender wire.Channel, role bool) {
	by := byProgram
	if role {
		by = byRole
	}
	n.outbox.Note(n.options.Subjects.Subject(to), n.answerSubject(fmt.Sprintf("%s.%d.%d.%d.%s", asked, uint16(t), uint64(to), uint64(sender), by)), toNobody)
}

// nobodyHeard takes NATS's answer to ask: end is the end of its subject. It says whether it
// is one.
func (n *Node) nobodyHeard(end string, m *link.Message) bool {
	_, end, _ = strings.Cut(end, ".")
	end, ok := strings.CutPrefix(end, asked+".")
	if !ok {
		return false
	}
	part := strings.Split(end, ".")
	if !m.Unanswered || len(part) != 4 {
		return true
	}
	t, wrong1 := strconv.ParseUint(part[0], 10, 16)
	to, wrong2 := strconv.ParseUint(part[1], 10, 64)
	sender, wrong3 := strconv.ParseUint(part[2], 10, 64)
	if wrong1 == nil && wrong2 == nil && wrong3 == nil {
		c := wire.Channel(to)
		n.countUnheard(wire.MsgType(t), n.kindOf(wire.MsgType(t), c), c, wire.Channel(sender), part[3] == byRole)
	}
	return true
}

// countUnheard counts a datagram that nobody received, and logs one once in a while. What a
// role of this process tells AIs, owners and parents that are gone is no news.
func (n *Node) countUnheard(t wire.MsgType, kind unheard.Kind, to, sender wire.Channel, role bool) {
	if role && kind == unheard.Object {
		kind = unheard.Other
	}
	others, due := n.unheard.Add(t, kind, to, sender)
	if !due {
		return
	}
	level := slog.LevelInfo
	switch {
	case kind == unheard.Control:
		level = slog.LevelWarn
	case role || kind == unheard.Other:
		level = slog.LevelDebug
	}
	var more slog.Attr
	if others > 0 {
		more = slog.Uint64("others", others)
	}
	n.logLater(level, "nobody received a message", "msgtype", t.String(), "channel", uint64(to), "sender", uint64(sender), "hint", n.hint(t, kind, to), more)
}

// hint is what is probably wrong.
func (n *Node) hint(t wire.MsgType, kind unheard.Kind, to wire.Channel) string {
	switch kind {
	case unheard.Control:
		what, channels := "state servers", n.members.Controls("state server")
		if t >= wire.DBServerCreateObject {
			what, channels = "database servers", n.members.Controls("database server")
		}
		var have []string
		for _, c := range channels {
			have = append(have, strconv.FormatUint(uint64(c), 10))
		}
		return fmt.Sprintf("nobody serves control channel %d; %s here: %s", to, what, cmp.Or(strings.Join(have, ", "), "none"))
	case unheard.Object:
		return fmt.Sprintf("there is no object %d: it was never created, or is deleted, or its database-state server or UberDOG does not run", to)
	case unheard.Client:
		return fmt.Sprintf("there is no client %d: it has left, or its client agent does not run", to)
	}
	return fmt.Sprintf("nobody is subscribed to channel %d", to)
}
