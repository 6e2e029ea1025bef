package bridge

import (
	"log/slog"
	"maps"
	"slices"
	"time"

	"natstron/bridge/internal/membership"
	"natstron/bridge/wire"
)

// A participant may leave a [Will]. If its node dies or loses its connection, its
// post-removes are not sent: all nodes keep them, as an estate, and what their participants
// send to its channels. Another node can become the heir: a participant there goes on with
// the same channels, and gets that. If none has come in time, the post-removes are sent.
//
// There is one heir at most. A node that wants to be it tells all others, and waits until
// they have heard; then it has heard of all who want the same, because each of them told so
// before it answered, and the first origin in order has it. Nodes in parts of a network that
// are parted do not hear each other. A node that keeps an estate asks the others whether it is
// over when it has been away, when something is sent to the estate, and before it ends it.

// A Will says how a participant goes on at another node.
type Will struct {
	Key      uint64         // of what goes on: the session
	Channels []wire.Channel // its own: what is sent to them is kept meanwhile
	// Opened may be heard by others, too, as many as MaxWillOpened: what connections, clients
	// and game roles send to them is kept as well. What objects tell a place is not.
	Opened []wire.Channel
	State  []byte        // for the heir
	For    time.Duration // how long it waits
}

// MaxWillOpened is how many channels of a will others may hear, too.
const MaxWillOpened = membership.MaxWillOpened

// An Estate is what a participant with a will has left: of a node that is dead, or that has
// lost its connection.
type Estate struct {
	Will
	Origin      string        // of that node
	PostRemoves []PostRemove  // in order
	Left        time.Duration // how long it may still be taken
}

func estateOf(e membership.Estate) Estate {
	all := make([]PostRemove, len(e.PostRemoves))
	for i, pr := range e.PostRemoves {
		all[i] = PostRemove{Sender: pr.Sender, Datagram: pr.Datagram}
	}
	return Estate{Will: Will(e.Will), Origin: e.Origin, PostRemoves: all, Left: e.Left}
}

// estate is one that is kept here.
type estate struct {
	membership.Estate
	died  time.Time // when it began
	until time.Time // when it may be taken no longer
	timer *time.Timer
	heirs []string  // the origins of the nodes that want it
	asked time.Time // when the others were asked whether it is over
	mail  []wire.Datagram
	bytes int
}

// Bounds of what is kept.
const (
	// maxEstates is how many are kept. Of more, the post-removes are sent at once.
	maxEstates = 100_000
	// maxMail is how many bytes are kept for one. If that is not enough, it is over.
	maxMail = 256 << 10
)

// estateID says which estate is meant: a session may be left again by its heir.
type estateID struct {
	key    uint64
	origin string
}

// estates are those that are kept here, and which ones are over. They belong to the node's
// lock.
type estates struct {
	all      map[uint64]*estate
	channels map[wire.Channel]*estate   // their own
	opened   map[wire.Channel][]*estate // which others may hear, too
	over     map[estateID]ended
}

// ended is what has become of an estate.
type ended struct {
	heir string // empty: none
	at   time.Time
}

// SetWill leaves a will of p, instead of the one before. It is told to the other nodes with
// the next datagrams. An error says that they cannot be told.
func (t Turn) SetWill(p *Participant, w Will) error {
	n := t.n
	before := p.will
	if p.left || p.cutOff {
		return ErrCutOff
	}
	w.For = min(w.For, membership.MaxWait)
	will, effects, err := n.members.AddWill(p.id, membership.Will(w), time.Now())
	if err != nil {
		return err
	}
	p.own()
	p.will = &will
	n.perform(effects)
	if before != nil {
		n.perform(n.members.ForgetPostRemoves([]uint64{before.Seq}))
	}
	return nil
}

// ClearWill takes p's will back.
func (t Turn) ClearWill(p *Participant) {
	if will := p.will; will != nil {
		p.will = nil
		t.n.perform(t.n.members.ForgetPostRemoves([]uint64{will.Seq}))
	}
}

// bequeath makes what a participant with a will has left an estate: this node has lost its
// connection.
func (n *Node) bequeath(p *Participant) {
	if p.will == nil || n.stopping {
		return
	}
	seqs := []uint64{p.will.Seq}
	for _, pr := range p.postRemoves {
		seqs = append(seqs, pr.Seq)
		n.unkeep(pr)
	}
	n.keepEstate(membership.Estate{Will: *p.will.Will, Origin: n.members.Origin(), PostRemoves: p.postRemoves, Left: p.will.Will.For})
	n.perform(n.members.ForgetPostRemoves(seqs))
	p.will, p.postRemoves, p.postRemoveBytes = nil, nil, 0
}

// keepEstate keeps an estate, unless it is over.
func (n *Node) keepEstate(e membership.Estate) {
	_, over := n.estates.over[estateID{e.Key, e.Origin}]
	before := n.estates.all[e.Key]
	if over || before != nil && before.Origin == e.Origin {
		return
	}
	now := time.Now()
	have := &estate{Estate: e, died: now.Add(e.Left - e.For), until: now.Add(e.Left)}
	if before != nil { // it had an heir, of which nobody here has heard, and which is gone
		n.forgetEstate(before, ended{heir: e.Origin})
		have.mail, have.bytes = before.mail, before.bytes
	}
	if n.estates.all == nil {
		n.estates.all, n.estates.channels, n.estates.opened = map[uint64]*estate{}, map[wire.Channel]*estate{}, map[wire.Channel][]*estate{}
	}
	if len(n.estates.all) >= maxEstates {
		n.sendInOrder(e.PostRemoves, nil, nil)
		n.complain("estates", "too many sessions wait for another client agent: one ends", "sessions", len(n.estates.all))
		return
	}
	n.estates.all[e.Key] = have
	for _, c := range e.Channels {
		n.estates.channels[c] = have
	}
	for _, c := range e.Opened {
		n.estates.opened[c] = append(n.estates.opened[c], have)
	}
	n.stats.Estates++
	// The others have noticed within DeadAfter: nobody takes what another one gives up.
	have.timer = time.AfterFunc(e.Left+2*n.options.DeadAfter, func() { n.lapse(have) })
}

// lapse ends an estate whose time is up, unless others know that it is over already: a note
// may not have come here.
func (n *Node) lapse(e *estate) {
	t := n.Begin()
	defer t.End()
	switch {
	case n.estates.all[e.Key] != e:
	case !n.outbox.IsOpen():
		e.timer.Reset(n.options.DeadAfter)
	default:
		n.ifStill(e, func() { n.endEstate(e) })
	}
}

// ifStill asks the others whether an estate is over, and calls then, in a turn of its own, if
// none of them says so.
func (n *Node) ifStill(e *estate, then func()) {
	n.askStill(e)
	n.perform(n.members.WhenSurelyHeard(func() {
		go func() {
			t := n.Begin()
			defer t.End()
			if n.estates.all[e.Key] == e {
				then()
			}
		}()
	}, time.Now()))
}

func (n *Node) askStill(e *estate) {
	e.asked = time.Now()
	n.perform(n.members.TellEstate(membership.EstateStill, e.Key, e.Origin))
}

// askStillEvery is how often the others are asked whether an estate is over, while something is
// sent to it.
const askStillEvery = 2 * time.Second

// checkEstates asks the others for what this node has missed, as it has been away: whether its
// estates are over, and which others there are.
func (n *Node) checkEstates() {
	for _, e := range n.estates.all {
		n.askStill(e)
	}
	n.perform(n.members.AskEstates(time.Now()))
}

// forgetEstate removes an estate, and remembers what has become of it.
func (n *Node) forgetEstate(e *estate, how ended) {
	e.timer.Stop()
	delete(n.estates.all, e.Key)
	for _, c := range e.Channels {
		if n.estates.channels[c] == e {
			delete(n.estates.channels, c)
		}
	}
	for _, c := range e.Opened {
		if all := slices.DeleteFunc(n.estates.opened[c], func(have *estate) bool { return have == e }); len(all) > 0 {
			n.estates.opened[c] = all
		} else {
			delete(n.estates.opened, c)
		}
	}
	n.noteOver(estateID{e.Key, e.Origin}, how)
}

// noteOver remembers what has become of an estate, for a while.
func (n *Node) noteOver(id estateID, how ended) {
	if n.estates.over == nil {
		n.estates.over = map[estateID]ended{}
	}
	how.at = time.Now()
	if len(n.estates.over) >= maxEstates {
		maps.DeleteFunc(n.estates.over, func(_ estateID, o ended) bool { return how.at.Sub(o.at) > time.Minute })
	}
	if len(n.estates.over) < maxEstates {
		n.estates.over[id] = how
	}
}

// endEstate sends the post-removes of an estate that has no heir.
func (n *Node) endEstate(e *estate) {
	n.forgetEstate(e, ended{})
	n.stats.EstatesLapsed++
	n.sendInOrder(n.members.WithoutRenewed(e.PostRemoves, e.died), nil, nil)
	Turn{n}.Settle()
}

// keepMail keeps a datagram of this node for those of its recipients that have left estates,
// and returns what goes to the others; nil if there are none. shared says that it is kept for
// a channel that others may hear, too: an heir that hears that already gets it twice.
func (n *Node) keepMail(p *Participant, d wire.Datagram) (rest wire.Datagram, shared bool) {
	var others []wire.Channel
	for i := range d.RecipientCount() {
		c := d.Recipient(i)
		if e := n.estates.channels[c]; e != nil {
			n.keepLetter(e, d, c)
			continue
		}
		others = append(others, c)
		if p != nil && p.party.InOrder {
			for _, e := range slices.Clone(n.estates.opened[c]) { // one may end
				shared = true
				n.keepLetter(e, d, e.Channels[0])
			}
		}
	}
	switch len(others) {
	case d.RecipientCount():
		return d, shared
	case 0:
		return nil, false
	}
	return addressed(d, others...), shared
}

// keepLetter keeps a datagram for an estate, addressed to one of its own channels.
func (n *Node) keepLetter(e *estate, d wire.Datagram, to wire.Channel) {
	if e.bytes+len(d) > maxMail {
		n.finishEstate(e, "more was sent to it than is kept")
		return
	}
	if letter := addressed(d, to); letter != nil {
		e.mail = append(e.mail, letter)
		e.bytes += len(letter)
	}
	if kind := d.Type(); kind == wire.ClientAgentEject || kind == wire.ClientAgentDrop {
		n.ifStill(e, func() { n.finishEstate(e, "it was told to end") }) // else the heir is told to
	} else if time.Since(e.asked) > askStillEvery {
		n.askStill(e)
	}
}

// addressed is a copy of a datagram for other recipients; nil if it makes no sense.
func addressed(d wire.Datagram, to ...wire.Channel) wire.Datagram {
	m, err := d.Message()
	if err != nil {
		return nil
	}
	var w wire.Writer
	other, err := w.Header(m.Sender, m.Type, to...).Raw(m.Payload.Rest()).Datagram()
	if err != nil {
		return nil
	}
	return other
}

// finishEstate ends an estate here and everywhere.
func (n *Node) finishEstate(e *estate, why string) {
	n.logLater(slog.LevelInfo, "a session that waits for another client agent is over", "cause", why, "session", e.Key)
	n.perform(n.members.TellEstate(membership.EstateEnd, e.Key, e.Origin))
	n.endEstate(e)
}

// heardEstate takes what another node says of an estate.
func (n *Node) heardEstate(h membership.HeardEstate) {
	id := estateID{h.Key, h.Origin}
	e := n.estates.all[h.Key]
	if e != nil && e.Origin != h.Origin {
		e = nil
	}
	switch how, over := n.estates.over[id]; {
	case h.Step == membership.EstateHeld:
		n.keepEstate(h.Estate)
	case h.Step == membership.EstateOver:
		n.learnOver(id, e, over, h.Heir)
	case over && (h.Step == membership.EstateClaim || h.Step == membership.EstateStill):
		if how.heir == n.members.Origin() {
			n.perform(n.members.TellEstate(membership.EstateTaken, h.Key, h.Origin))
		} else {
			n.perform(n.members.TellOver(h.From, h.Key, h.Origin, how.heir))
		}
	case e == nil:
		switch {
		case over:
		case h.Step == membership.EstateTaken:
			n.noteOver(id, ended{heir: h.From})
		case h.Step == membership.EstateEnd:
			n.noteOver(id, ended{})
		}
	case h.Step == membership.EstateClaim:
		e.heirs = append(e.heirs, h.From)
	case h.Step == membership.EstateGive:
		e.heirs = slices.DeleteFunc(e.heirs, func(have string) bool { return have == h.From })
	case h.Step == membership.EstateTaken:
		n.handEstate(e, h.From)
	case h.Step == membership.EstateEnd:
		n.endEstate(e)
	}
}

// learnOver takes note that an estate is over: what becomes of it was told before, and was not
// heard here.
func (n *Node) learnOver(id estateID, e *estate, over bool, heir string) {
	switch {
	case e != nil && heir != "":
		n.handEstate(e, heir)
	case e != nil:
		n.forgetEstate(e, ended{}) // the others have sent its post-removes
	case !over:
		n.noteOver(id, ended{heir: heir})
	}
}

// handEstate sends an heir what has been kept for it.
func (n *Node) handEstate(e *estate, heir string) {
	n.forgetEstate(e, ended{heir: heir})
	for _, d := range e.mail {
		n.waiting.then(func(t Turn) {
			n.audience = n.publish(d, n.nextIdentity(nil))
			t.route(nil, d)
		})
	}
	Turn{n}.Settle()
}

// tellEstates tells a newcomer of all estates.
func (n *Node) tellEstates(to string) {
	now := time.Now()
	for _, e := range n.estates.all {
		told := e.Estate
		if told.Left = e.until.Sub(now); told.Left > 0 {
			n.perform(n.members.TellHeld(to, told, now))
		}
	}
}

// Estate is what a session has left, if it may still be taken.
func (t Turn) Estate(key uint64) (e Estate, there bool) {
	have := t.n.estates.all[key]
	if have == nil || !time.Now().Before(have.until) {
		return Estate{}, false
	}
	return estateOf(have.Estate), true
}

// Estates are those of sessions whose first channel lies from lo to hi.
func (t Turn) Estates(lo, hi wire.Channel) (all []Estate) {
	for _, e := range t.n.estates.all {
		if len(e.Channels) > 0 && lo <= e.Channels[0] && e.Channels[0] <= hi {
			all = append(all, estateOf(e.Estate))
		}
	}
	return all
}

// Heir says what has become of an estate: whether it is over, and whether another node, or this
// one, has it.
func (t Turn) Heir(e Estate) (over, elsewhere, here bool) {
	how, over := t.n.estates.over[estateID{e.Key, e.Origin}]
	have := t.n.estates.all[e.Key]
	over = over || have == nil || have.Origin != e.Origin
	here = over && how.heir == t.n.members.Origin()
	return over, over && how.heir != "" && !here, here
}

// ClaimEstate asks to be the heir. It calls then once, in a turn of its own: with whether
// this node has it. If so, [Turn.TakeEstate] or [Turn.LeaveEstate] is to follow.
func (t Turn) ClaimEstate(e Estate, then func(t Turn, ours bool)) {
	n := t.n
	have := n.estates.all[e.Key]
	if have == nil || have.Origin != e.Origin {
		then(t, false)
		return
	}
	self := n.members.Origin()
	have.heirs = append(have.heirs, self)
	n.perform(n.members.TellEstate(membership.EstateClaim, e.Key, e.Origin))
	n.perform(n.members.WhenSurelyHeard(func() {
		go func() {
			t := n.Begin()
			defer t.End()
			have.heirs = slices.DeleteFunc(have.heirs, func(heir string) bool {
				return heir != n.members.Origin() && !n.members.Exists(func(p *membership.Peer) bool { return p.Origin() == heir })
			})
			there := n.estates.all[e.Key] == have && n.members.Origin() == self && n.outbox.IsOpen()
			ours := there && slices.Contains(have.heirs, self) && slices.Min(have.heirs) == self
			if there && !ours {
				t.LeaveEstate(e)
			}
			then(t, ours)
		}()
	}, time.Now()))
}

// TakeEstate makes this node the heir: a participant here has the channels, and has left the
// post-removes itself.
func (t Turn) TakeEstate(e Estate) {
	n := t.n
	if have := n.estates.all[e.Key]; have != nil && have.Origin == e.Origin {
		n.perform(n.members.TellEstate(membership.EstateTaken, e.Key, e.Origin))
		n.stats.EstatesTaken++
		n.handEstate(have, n.members.Origin())
	}
}

// LeaveEstate takes ClaimEstate back.
func (t Turn) LeaveEstate(e Estate) {
	n := t.n
	if have := n.estates.all[e.Key]; have != nil && have.Origin == e.Origin {
		self := n.members.Origin()
		have.heirs = slices.DeleteFunc(have.heirs, func(heir string) bool { return heir == self })
		n.perform(n.members.TellEstate(membership.EstateGive, e.Key, e.Origin))
	}
}

// EndEstate ends an estate that cannot be taken: its post-removes are sent.
func (t Turn) EndEstate(e Estate, why string) {
	if have := t.n.estates.all[e.Key]; have != nil && have.Origin == e.Origin {
		t.n.finishEstate(have, why)
	}
}

// Alone reports whether no other node is known.
func (t Turn) Alone() bool { return !t.n.members.Any() }

// AskEstates asks the others for estates, and calls then when they have told: a process that
// has just started does not know those of processes that it has not met.
func (t Turn) AskEstates(then func()) {
	t.n.perform(t.n.members.AskEstates(time.Now()))
	t.WhenHeard(then)
}

// WhenHeard calls then, without a lock, when all other nodes have heard what this one has said so
// far, and what they had sent before has arrived; those that do not answer are not waited for.
func (t Turn) WhenHeard(then func()) {
	n := t.n
	n.perform(n.members.WhenHeard(func() { n.after = append(n.after, then) }, time.Now()))
}

// WhenAnswered calls then, in a turn of its own, when everything that p has sent has had its
// effects in all processes: what would be answered at once has been, also by a process that was busy
// for long. Only the dead are not waited for.
func (t Turn) WhenAnswered(p *Participant, then func(t Turn)) {
	t.behind(p, func(t Turn) {
		n := t.n
		n.perform(n.members.WhenSurelyHeard(func() {
			go func() {
				t := n.Begin()
				defer t.End()
				then(t)
			}()
		}, time.Now()))
	})
}
