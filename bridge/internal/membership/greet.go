package membership

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"natstron/bridge/wire"
)

// A process greets the others: it tells what it is, and what it alone may serve. Until it
// knows that no other process holds that, it waits, and serves nothing.
//
//	Reserve ──▶ waits ──▶ holds ──▶ gives way (the process ends)
//
// Of two that clash, the one that holds goes before the one that waits; of two that hold,
// which happens when a partition heals, the one that has held longer, counted from its
// present connection; of two that wait, the one that has waited longer. By its own clock
// each, and told to both, so both come to the same end.

// Kinds of a [Holding].
const (
	HoldsControl  = "control channel"
	HoldsClients  = "client channels"
	HoldsObjects  = "dbss doIds"
	HoldsRanges   = "state server doIds" // only told: several state servers may have the same
	HoldsGenerate = "generated doIds"
	HoldsUberdog  = "uberdog"
	HoldsOwn      = "own channel"
	HoldsGiven    = "given doIds" // those that a state server chooses for objects
)

// A Holding is something that one process alone may serve, or that all must agree about.
type Holding struct {
	Kind string       `json:"kind"`
	Lo   wire.Channel `json:"lo,string"`
	Hi   wire.Channel `json:"hi,string"`
	By   string       `json:"by,omitempty"`  // the role; the class of an uberdog
	Key  string       `json:"key,omitempty"` // what to change in the configuration
}

func (h Holding) String() string {
	text := fmt.Sprintf("%s %d", h.Kind, h.Lo)
	if h.Hi != h.Lo {
		text += fmt.Sprintf(" to %d", h.Hi)
	}
	if h.By != "" {
		text += " (" + h.By + ")"
	}
	return text
}

// clashes says whether two processes cannot hold both. Clients must have no channel that is
// anything else's, and a state server gives no doId that anything else has or gives; of an
// UberDOG, all client agents must have the same class.
func (h Holding) clashes(o Holding) bool {
	if h.Lo > o.Hi || o.Lo > h.Hi {
		return false
	}
	switch {
	case h.Kind == HoldsGiven || o.Kind == HoldsGiven:
		return true
	case h.Kind == HoldsUberdog && o.Kind == HoldsUberdog:
		return h.By != o.By
	case h.Kind == o.Kind:
		return h.Kind != HoldsRanges
	}
	if h.Kind == HoldsOwn || o.Kind == HoldsOwn { // it may be an UberDOG that client agents know
		return h.Kind == HoldsControl || o.Kind == HoldsControl || h.Kind == HoldsClients || o.Kind == HoldsClients
	}
	channels := func(kind string) bool { return kind == HoldsControl || kind == HoldsUberdog }
	return h.Kind == HoldsClients && channels(o.Kind) || o.Kind == HoldsClients && channels(h.Kind) ||
		h.Kind == HoldsControl && channels(o.Kind) || o.Kind == HoldsControl && channels(h.Kind)
}

// maxHoldings is how many a process tells of: the note must fit into any message.
const maxHoldings = 100

// A Greeting is what a process tells of itself.
type Greeting struct {
	Process  string    `json:"process"` // host:pid
	Version  string    `json:"version"`
	DCHash   string    `json:"dc_hash,omitempty"` // empty: it has no DC file
	Holdings []Holding `json:"holdings,omitempty"`
	// Tolerant says that another DC hash is only told, not refused.
	Tolerant bool `json:"-"`
}

// A greetNote is a greeting on its way.
type greetNote struct {
	Greeting
	ID      string `json:"id"`           // of the process, over all its connections
	Since   int64  `json:"since,string"` // ns since 1970: when it began to hold, or to wait
	Waiting bool   `json:"waiting,omitempty"`
	Serial  uint64 `json:"serial,string"` // counts its changes: heartbeats tell it, so that one that was missed is asked for
}

// before says whether g goes before o.
func (g *greetNote) before(o *greetNote) bool {
	if g.Waiting != o.Waiting {
		return o.Waiting
	}
	return cmp.Or(cmp.Compare(g.Since, o.Since), strings.Compare(g.ID, o.ID)) < 0
}

// greeting is this node's, and what came of it.
type greeting struct {
	note     *greetNote // nil: it does not greet
	tolerant bool
	first    uint64    // the number of the first ping behind the note
	began    time.Time // when it was sent
	clashes  []Clash
	logged   string // the clashes that were last logged
	yield    int    // heartbeats for which it would have had to give way
}

// yieldAfter is how many heartbeats a clash must stand before a process that holds gives
// way: one note that is wrong must not end it.
const yieldAfter = 4

// A Clash is something that another process has, and this one cannot have as well.
type Clash struct {
	// Text says who has what, and what to change.
	Text string
	// DC says that it is the DC files.
	DC bool
	// Waits says that this process serves nothing because of it.
	Waits bool
	// yields says that this process must give way.
	yields bool
}

// ErrGivesWay says that another process serves the same, and has done so for longer.
var ErrGivesWay = errors.New("gives way to another process that serves the same")

// Reserve greets the others. [Reserved] follows when this process may serve.
func (m *Members) Reserve(g Greeting, now time.Time) []Effect {
	m.now = now
	m.greeting = greeting{note: &greetNote{Greeting: g, ID: m.origin, Since: now.UnixNano(), Waiting: true}, tolerant: g.Tolerant}
	m.greeting.note.bound()
	m.greeting.note.Serial = 1
	m.greet()
	m.askAround()
	return m.take()
}

// Controls are the control channels of all nodes whose roles' names begin with kind.
func (m *Members) Controls(kind string) (all []wire.Channel) {
	add := func(note *greetNote) {
		if note == nil {
			return
		}
		for _, h := range note.Holdings {
			if h.Kind == HoldsControl && strings.HasPrefix(h.By, kind) {
				all = append(all, h.Lo)
			}
		}
	}
	add(m.greeting.note)
	for _, p := range m.peers {
		add(p.greeted)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// greet tells the others.
func (m *Members) greet() {
	if m.greeting.note != nil && m.online {
		m.tell(KindGreet, *m.greeting.note)
	}
}

// askAround pings all others behind the greeting: one that has answered knows it, and has
// told its own.
func (m *Members) askAround() {
	m.greeting.first, m.greeting.began = m.pings+1, m.now
	m.askAgain()
	m.checkGreeting()
}

// askAgain pings those that have not answered. Strangers are pinged with heartbeats.
func (m *Members) askAgain() {
	for _, p := range m.peers {
		if p.probed.answered && p.probed.last < m.greeting.first {
			m.ping(p.origin, true)
		}
	}
}

// waits says whether this process has greeted and serves nothing yet.
func (m *Members) waits() bool { return m.greeting.note != nil && m.greeting.note.Waiting }

// greetingSerial is what heartbeats say.
func (m *Members) greetingSerial() uint64 {
	if m.greeting.note == nil {
		return 0
	}
	return m.greeting.note.Serial
}

// renewGreeting greets on a new link. What others have taken over meanwhile is theirs.
func (m *Members) renewGreeting() {
	g := &m.greeting
	if g.note == nil {
		return
	}
	if !g.note.Waiting {
		g.note.Since = m.now.UnixNano()
		g.note.Serial++
	}
	m.greet()
	m.askAround()
}

func (m *Members) hearGreet(p *Peer, note greetNote) {
	note.bound()
	p.greeted = &note
	if m.waits() { // else with the next heartbeat
		m.checkGreeting()
	}
}

// bound cuts what is longer than anybody needs.
func (g *greetNote) bound() {
	g.ID, g.Process, g.Version, g.DCHash = Cut(g.ID), Cut(g.Process), Cut(g.Version), Cut(g.DCHash)
	g.Holdings = slices.Clone(g.Holdings[:min(len(g.Holdings), maxHoldings)])
	for i, h := range g.Holdings {
		g.Holdings[i].Kind, g.Holdings[i].By, g.Holdings[i].Key = Cut(h.Kind), Cut(h.By), Cut(h.Key)
	}
}

// greetingMissed says whether p has told another greeting than was heard.
func (p *Peer) greetingMissed() bool {
	if p.greeted == nil {
		return p.greetSerial > 0
	}
	return p.greetSerial > p.greeted.Serial
}

// unheard says whether p may have something to say about this process's greeting.
func (m *Members) unheard(p *Peer) bool {
	return !m.strange(p) && (p.name == "" || p.probed.last < m.greeting.first || p.greetingMissed())
}

// checkGreeting looks whether this process may begin to serve.
func (m *Members) checkGreeting() {
	g := &m.greeting
	if g.note == nil || !m.online {
		return
	}
	g.clashes = g.clashes[:0]
	unheard := 0
	for _, p := range m.peers {
		if g.note.Waiting && m.unheard(p) {
			unheard++
		}
		if p.greeted != nil && p.greeted.ID != g.note.ID && (p.probed.answered || m.returns(p)) {
			m.compare(p)
		}
	}
	if unheard > 0 && m.now.Sub(g.began) <= m.config.DeadAfter {
		return
	}
	waited := g.logged != ""
	m.logClashes()
	if g.note.Waiting && !slices.ContainsFunc(g.clashes, func(c Clash) bool { return c.Waits }) {
		if unheard > 0 {
			m.warn("serving without knowing what all other nodes serve", "nodes_silent", unheard)
		}
		if waited {
			m.log(slog.LevelInfo, "nothing is in the way any more: this process begins to serve")
		}
		g.note.Waiting, g.note.Since = false, m.now.UnixNano()
		g.note.Serial++
		m.greet()
		m.add(Reserved{})
	}
}

// returns says whether this process, which waits, must assume that a peer which it has not
// heard on its present link is about to come back: both have lost the backbone.
func (m *Members) returns(p *Peer) bool {
	return m.waits() && p.vouched && p.met != m.origin && m.now.Before(m.backBy)
}

// compare finds what this process and a peer cannot have both.
func (m *Members) compare(p *Peer) {
	g, o := &m.greeting, p.greeted
	name := p.name
	if o.Process != "" {
		name += " (" + o.Process + ")"
	}
	theirs := o.before(g.note)
	add := func(text string, dc, refuses bool) {
		c := Clash{Text: text, DC: dc, Waits: refuses && theirs && g.note.Waiting, yields: refuses && theirs && !g.note.Waiting}
		if c.Waits {
			c.Text += "; this process waits until that one has ended"
		}
		g.clashes = append(g.clashes, c)
	}
	if o.DCHash != "" && g.note.DCHash != "" && o.DCHash != g.note.DCHash {
		add(fmt.Sprintf("the process %s has other DC files: their hash is %s there and %s here, so fields have other numbers; give all processes the same files, in the same order (general.dc_files)",
			name, o.DCHash, g.note.DCHash), true, !g.tolerant)
	}
	for _, h := range g.note.Holdings {
		i := slices.IndexFunc(o.Holdings, h.clashes)
		if i < 0 {
			continue
		}
		does := "serves it"
		if o.Waiting {
			does = "waits"
		}
		add(fmt.Sprintf("%s here clashes with %s of the process %s, which %s: stop one of the two processes, or change %s in one",
			h, o.Holdings[i], name, does, h.Key), false, true)
	}
}

// logClashes logs what clashes, when that has changed.
func (m *Members) logClashes() {
	g := &m.greeting
	var all strings.Builder
	for _, c := range g.clashes {
		all.WriteString(c.Text + "\n")
	}
	if all.String() == g.logged {
		return
	}
	before := g.logged
	g.logged = all.String()
	for _, c := range g.clashes {
		if strings.Contains(before, c.Text+"\n") {
			continue
		}
		level := slog.LevelWarn
		if c.DC {
			level = slog.LevelError
		}
		m.log(level, c.Text)
	}
}

// checkYield gives way when a clash has stood for long enough.
func (m *Members) checkYield() {
	g := &m.greeting
	m.checkGreeting()
	i := slices.IndexFunc(g.clashes, func(c Clash) bool { return c.yields })
	if i < 0 {
		g.yield = 0
		return
	}
	if g.yield++; g.yield == yieldAfter {
		m.add(GiveWay{fmt.Errorf("%w: %s", ErrGivesWay, g.clashes[i].Text)})
	}
}

// Clashes are what this process and others cannot have both, at the moment.
func (m *Members) Clashes() []Clash { return slices.Clone(m.greeting.clashes) }
