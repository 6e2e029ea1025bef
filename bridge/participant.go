package bridge

import (
	"errors"
	"slices"

	"natstron/bridge/internal/membership"
	"natstron/bridge/internal/routing"
	"natstron/bridge/wire"
)

// Why a participant was cut off by its node, see [Node.Join], or refused.
var (
	// ErrOverflow: its sink had no room for a datagram.
	ErrOverflow = errors.New("more is queued for it than its limit allows")
	// ErrBackboneLost: the node lost the backbone, or was declared dead by the
	// other nodes, so datagrams may be missing.
	ErrBackboneLost = errors.New("the backbone was lost")
	// ErrCutOff: the participant has been cut off, or has left, so it cannot
	// send any more.
	ErrCutOff = errors.New("the participant is cut off")
	// ErrStopped: the node has been stopped, or was never started.
	ErrStopped = errors.New("the node has stopped")
	// ErrTooManySubscriptions: a participant asked for more channels and ranges
	// than [Options.MaxSubscriptions].
	ErrTooManySubscriptions = errors.New("too many subscriptions")
	// ErrTooManyPostRemoves: a participant left more post-removes than one of
	// [Options.MaxPostRemoves], [Options.MaxParticipantPostRemoveBytes] and
	// [Options.MaxPostRemoveBytes] allows.
	ErrTooManyPostRemoves = errors.New("too many post-removes")
)

// A Participant is one party to the traffic: a connection to the message
// director port, a role, an object of a state server, a client session. It
// receives what is sent to its channels, but never what it sent itself.
//
// Its methods are safe for use by several goroutines. To do several things at
// the cost of one, use [Node.Begin] and the methods of [Turn].
type Participant struct {
	// Value is what this participant stands for. Its owner sets it in the turn of
	// [Turn.Join], before anything is delivered, and does not change it after that. The
	// node does not use it.
	Value any

	party *Party
	id    uint64

	// All below belongs to the node's lock. What routing looks at comes first.
	routed   uint64 // the last routing that found it
	cutOff   bool   // nothing more is delivered
	left     bool
	place    uint32 // in the roster
	name     string
	channels routing.Channels
	*extras
}

// A Party is what the participants of one owner share, such as all objects of a
// state server: there may be millions of them. It belongs to one node.
type Party struct {
	// Handler, if set, handles what is delivered to the participants; Sink takes it
	// otherwise.
	Handler Handler
	Sink    Sink
	// Dropped is called once for a participant that the node cannot go on
	// serving, see [Node.Join].
	Dropped func(p *Participant, cause error)
	// InOrder holds what a participant sends until what it ordered before has taken
	// effect in other processes, too: for participants that speak for a program
	// outside, such as a connection or a client. [Node.Join] sets it.
	InOrder bool
	// Hold, if set, can keep what the participants send to others.
	Hold *Hold

	node    *Node
	turn    uint64         // the last turn that delivered to the sink
	targets []*Participant // of the datagram at hand, for the handler
}

// A Handler is a role: it handles what its participants receive while the node
// routes, so that all effects of a datagram are in place before the next one of its
// sender is routed.
type Handler interface {
	// Handle handles a datagram, which was sent to the participants in to, each of
	// them once. It is called within the turn t and acts with it: it may send, join,
	// subscribe and leave. What it sends is routed after it has returned. It must
	// not wait for anything; what needs a disk, a database or a socket is handed to
	// a goroutine, and goes on in a turn of its own. d and to are valid until it
	// returns.
	//
	// A participant in to may have left, if another handler of the same datagram
	// made it leave.
	Handle(t Turn, d wire.Datagram, to []*Participant)
}

// extras are what few participants have. Those that have none share a value that
// stays empty: call own before changing them.
type extras struct {
	url             string
	ranges          routing.Spans
	postRemoves     []membership.PostRemove
	postRemoveBytes int
	checkpoint      *membership.PostRemove // nil: none
	ordering        *ordering              // nil: it has not ordered anything
}

// own makes p's extras its own.
func (p *Participant) own() {
	if p.extras == &p.party.node.noExtras {
		p.extras = new(extras)
	}
}

// Join adds a participant. Its datagrams go to sink. Name is for people: logs
// and the operator's views.
//
// Where the node cannot go on serving it, it calls dropped once, from any
// goroutine and without holding a lock: with [ErrOverflow], [ErrBackboneLost]
// or [ErrStopped]. Nothing is delivered to it from then on, and its owner must
// call [Participant.Leave].
func (n *Node) Join(name string, sink Sink, dropped func(cause error)) (*Participant, error) {
	t := n.Begin()
	defer t.End()
	return t.Join(name, sink, dropped)
}

// Join is [Node.Join] within a turn.
func (t Turn) Join(name string, sink Sink, dropped func(cause error)) (*Participant, error) {
	return t.JoinParty(&Party{Sink: sink, InOrder: true, Dropped: func(_ *Participant, cause error) { dropped(cause) }}, name)
}

// JoinParty is Join for one of several participants with the same owner. A party
// belongs to one node.
func (t Turn) JoinParty(party *Party, name string) (*Participant, error) {
	n := t.n
	if !n.serving {
		return nil, n.notServing()
	}
	n.lastID++
	party.node = n
	p := &Participant{party: party, id: n.lastID, name: name, extras: &n.noExtras}
	p.place = n.participants.Add(p)
	return p, nil
}

// ID is a number that no other participant of this node's lifetime has. It is
// the last token of the reply subject of its datagrams on NATS.
func (p *Participant) ID() uint64 { return p.id }

// Send takes a turn for [Turn.Route].
func (p *Participant) Send(d wire.Datagram) error {
	t := p.party.node.Begin()
	defer t.End()
	return t.Route(p, d)
}

// inTurn does something in a turn of its own.
func (p *Participant) inTurn(do func(t Turn) error) error {
	t := p.party.node.Begin()
	defer t.End()
	return do(t)
}

// Subscribe takes a turn for [Turn.Subscribe].
func (p *Participant) Subscribe(channels ...wire.Channel) error {
	return p.inTurn(func(t Turn) (err error) {
		for i := 0; i < len(channels) && err == nil; i++ {
			err = t.Subscribe(p, channels[i])
		}
		return err
	})
}

// Unsubscribe takes a turn for [Turn.Unsubscribe].
func (p *Participant) Unsubscribe(channels ...wire.Channel) {
	t := p.party.node.Begin()
	defer t.End()
	for _, c := range channels {
		t.Unsubscribe(p, c)
	}
}

// SubscribeRange takes a turn for [Turn.SubscribeRange].
func (p *Participant) SubscribeRange(lo, hi wire.Channel) error {
	return p.inTurn(func(t Turn) error { return t.SubscribeRange(p, lo, hi) })
}

// UnsubscribeRange takes a turn for [Turn.UnsubscribeRange].
func (p *Participant) UnsubscribeRange(lo, hi wire.Channel) error {
	return p.inTurn(func(t Turn) error { return t.UnsubscribeRange(p, lo, hi) })
}

// AddPostRemove takes a turn for [Turn.AddPostRemove].
func (p *Participant) AddPostRemove(sender wire.Channel, d wire.Datagram) error {
	return p.inTurn(func(t Turn) error { return t.AddPostRemove(p, sender, d) })
}

// ClearPostRemoves takes a turn for [Turn.ClearPostRemoves].
func (p *Participant) ClearPostRemoves(sender wire.Channel) {
	t := p.party.node.Begin()
	defer t.End()
	t.ClearPostRemoves(p, sender)
}

// How many channels and ranges one turn of Leave takes off at most, so that a
// participant with a million of them does not stop the traffic of all others.
const (
	leaveAtOnce       = 10_000
	leaveRangesAtOnce = 20
)

// Leave is [Turn.Leave], in several turns where p has many channels or ranges:
// nothing is delivered to it from the first one on.
func (p *Participant) Leave() {
	for last := false; !last; {
		t := p.party.node.Begin()
		p.cutOff = true
		last = p.left || (p.channels.Len() <= leaveAtOnce && len(p.ranges) <= leaveRangesAtOnce)
		if last {
			t.Leave(p)
		} else {
			for _, c := range p.channels.Some(leaveAtOnce) {
				t.Unsubscribe(p, c)
			}
			for _, s := range p.ranges[:min(leaveRangesAtOnce, len(p.ranges))] {
				_ = t.UnsubscribeRange(p, s.Lo, s.Hi) // a whole one: never one more
			}
		}
		t.End()
	}
}

// Drop cuts p off, as the node does when it cannot go on serving it: the
// function given to [Node.Join] is called with cause, unless it has been
// already, or p has left.
func (p *Participant) Drop(cause error) {
	t := p.party.node.Begin()
	first := !p.cutOff
	p.cutOff = true
	t.End()
	if first {
		p.party.Dropped(p, cause)
	}
}

// SetName gives p a name for people (CONTROL_SET_CON_NAME).
func (t Turn) SetName(p *Participant, name string) { p.name = name }

// SetURL tells where p's own status page is (CONTROL_SET_CON_URL).
func (t Turn) SetURL(p *Participant, url string) {
	p.own()
	p.url = url
}

// Name is what SetName set, or the name that p joined with.
func (t Turn) Name(p *Participant) string { return p.name }

// subscriptions is how many channels and ranges p has.
func (p *Participant) subscriptions() int { return p.channels.Len() + len(p.ranges) }

// Hears reports whether what is sent to c reaches p. It is for a [Sink]: only within a
// turn.
func (p *Participant) Hears(c wire.Channel) bool { return p.channels.Has(c) || p.ranges.Contains(c) }

// Subscribe lets p receive what is sent to c, from this turn on. A channel that
// p has already, by itself or in a range, is no error and changes nothing.
func (t Turn) Subscribe(p *Participant, c wire.Channel) error {
	if p.left || p.Hears(c) {
		return nil
	}
	if p.subscriptions() >= t.n.options.MaxSubscriptions {
		return ErrTooManySubscriptions
	}
	n := t.n
	if n.table.Subscribe(p, &p.channels, c) && n.up != nil {
		n.up.addChannel(c)
	}
	return nil
}

// Unsubscribe takes back a subscription of the single channel c. Inside a range
// of p's, or where p has no such subscription, it changes nothing.
func (t Turn) Unsubscribe(p *Participant, c wire.Channel) {
	n := t.n
	if n.table.Unsubscribe(p, &p.channels, c) && n.up != nil {
		n.up.removeChannel(c, len(n.table.RangesAt(c)) > 0)
	}
}

// maxRanges bounds the separate ranges of one participant: changing one costs
// time in proportion to all of them.
const maxRanges = 10_000

// SubscribeRange lets p receive what is sent to any channel from lo to hi, both
// included. A reversed range is nothing.
func (t Turn) SubscribeRange(p *Participant, lo, hi wire.Channel) error {
	if p.left || lo > hi {
		return nil
	}
	if p.subscriptions() >= t.n.options.MaxSubscriptions || len(p.ranges) >= maxRanges {
		return ErrTooManySubscriptions
	}
	n := t.n
	s := routing.Span{Lo: lo, Hi: hi}
	if n.up != nil && !n.table.Ranged(s) {
		n.up.addRange(s)
	}
	p.own()
	p.ranges = n.table.SubscribeRange(p, p.ranges, s)
	return nil
}

// UnsubscribeRange takes back everything of p's from lo to hi, both included:
// the single channels in it, too. A hole makes two ranges of one, so this, too,
// can be too many subscriptions: then nothing changes.
func (t Turn) UnsubscribeRange(p *Participant, lo, hi wire.Channel) error {
	if p.left || lo > hi {
		return nil
	}
	n := t.n
	s := routing.Span{Lo: lo, Hi: hi}
	switch full := p.subscriptions() >= t.n.options.MaxSubscriptions || len(p.ranges) >= maxRanges; {
	case !p.ranges.Overlaps(s) && len(p.channels.Within(s)) == 0:
		return nil
	case full && len(p.ranges.Minus(s)) > len(p.ranges):
		return ErrTooManySubscriptions
	}
	next, removal := n.table.UnsubscribeRange(p, &p.channels, p.ranges, s)
	if len(p.ranges) > 0 {
		p.ranges = next // its extras are its own
	}
	if n.up != nil {
		n.up.removeRange(n.table.Silent(removal), removal.Channels, &n.table)
	}
	return nil
}

// Cover has the node take from the backbone what is sent to the channels from lo to
// hi, both included, though nobody here may have subscribed to them yet: what comes
// right behind the datagram that makes a participant subscribe is then here as well.
// Uncover ends it, once for each time.
func (t Turn) Cover(lo, hi wire.Channel) {
	if lo <= hi {
		t.n.table.Coverage.AddRange(routing.Span{Lo: lo, Hi: hi})
	}
}

// Uncover takes back one Cover of the same channels.
func (t Turn) Uncover(lo, hi wire.Channel) {
	if lo <= hi {
		t.n.table.Coverage.RemoveRange(routing.Span{Lo: lo, Hi: hi})
	}
}

// Leave ends p: it unsubscribes from everything, then its post-removes are
// routed in the order in which they were added. A second call does nothing.
func (t Turn) Leave(p *Participant) {
	if p.left {
		return
	}
	n := t.n
	p.cutOff = true
	for _, c := range p.channels.Some(p.channels.Len()) {
		t.Unsubscribe(p, c)
	}
	for _, s := range slices.Clone(p.ranges) {
		_ = t.UnsubscribeRange(p, s.Lo, s.Hi) // a whole one: never one more
	}
	p.left = true
	n.participants.Remove(p.place)
	t.ClearCheckpoint(p)
	t.sendPostRemoves(p)
	if t.n.stopping && n.participants.Len() == 0 {
		close(t.n.empty)
	}
}
