// Package membership is what a node knows of the other nodes, and they of it: which ones
// there are, which of them live, and whether they have done what they were told. It is a
// state machine without I/O, lock or clock: what happens goes into a method, which returns
// [Effect]s for the node to perform.
package membership

import (
	"errors"
	"slices"
	"strings"
	"time"

	"golang.org/x/time/rate"

	"natstron/bridge/internal/identity"
	"natstron/bridge/internal/routing"
	"natstron/internal/complaint"
	"natstron/internal/latency"
)

// Why a link is to end.
var (
	ErrDeclaredDead = errors.New("the other nodes declared this one dead")
	ErrPaused       = errors.New("this process was paused for longer than the other nodes wait")
	ErrMissed       = errors.New("messages were lost between NATS servers")
)

// ErrNoRoom says that all participants together leave too many post-removes.
var ErrNoRoom = errors.New("no room for a post-remove")

// Config is what the state machine needs to know of its node.
type Config struct {
	Name               string
	KeepOnGap          bool
	Heartbeat          time.Duration
	DeadAfter          time.Duration
	OrderTimeout       time.Duration
	MaxPostRemoveBytes int               // of the participants of this node, and of those of all others
	Coverage           *routing.Coverage // what this node subscribes to
	// Holding reports whether roles here keep what they want to tell others. WhenReleased
	// calls a function, as a step, when all that they have done so far may be known; it
	// returns false, and does not, if nothing is kept. Both may be nil.
	Holding      func() bool
	WhenReleased func(then func()) bool
	Facts        func() Facts
}

// Facts is what heartbeats say of the node besides.
type Facts struct {
	Seq          uint64 // of the last datagram that was published
	Published    uint64 // counts what was to be published, whether or not anybody seemed to listen
	Serving      bool   // participants may join
	Participants int
	Alone        bool // nobody can hear it
}

// Members is what a node knows of the other nodes, and they of it. Its methods must not be
// called at the same time: it belongs to the node's lock.
type Members struct {
	config  Config
	now     time.Time // of the present step
	effects []Effect
	stats   Stats

	// This node.
	origin   string    // of the present link, or of the last one
	online   bool      // there is a link
	place    Place     // of the link
	payload  int64     // what the NATS server takes in a message; 0: not known
	lostAt   time.Time // when the link before the present one was lost
	backBy   time.Time // when others that lost the backbone at that time should be back
	was      []string  // the origins before it, for a while
	wasUntil time.Time // when the others have heard of it
	kept     bool      // some of their participants are still here, with post-removes
	left     bool      // it has said goodbye
	claims   []Claim   // of its roles

	// Post-removes of this node.
	own            postRemoves
	lastPostRemove uint64
	owed           []PostRemove // sent while there was no backbone to send them to
	toldAll        time.Time    // when all were last told

	// The other nodes.
	senders   *identity.Senders[known]
	aged      time.Time // when senders were last aged
	peers     []*Peer   // by origin
	dead      []*death
	peerBytes int // of the post-removes of all peers
	rotation  int // where the next walk begins that does not reach all peers

	pings     uint64 // the number of the last one
	beats     int    // heartbeats of the present link at which silence counted
	beat      uint64 // the number of the last heartbeat or tick
	ticks     ticks
	missed    bool      // the link is to end because something was lost
	said      time.Time // when the last heartbeat was said
	spoke     bool      // something else was said to all since
	effective effective
	greeting  greeting
	settling  settling
	overheard overheard
	joining   joining
	orders    orders

	calls   []Call // what is to be called, one after the other
	calling bool

	complaints complaint.Limiter
	peerLog    *rate.Limiter // of what becomes of other nodes
	hellos     *rate.Limiter // answered with a greeting and a heartbeat
	strangers  *rate.Limiter // pinged when they are met
}

// known is what is known of an origin besides its datagrams.
type known struct {
	peer *Peer
	dead *death
}

// A death is an origin that was declared dead. What still comes from it is dropped.
type death struct {
	origin string
	until  time.Time // when it is forgotten
	told   time.Time // when it was last told that it is dead
	silent bool      // its silence was the only sign
}

const (
	// deadFor is how long a death is remembered.
	deadFor = 10 * time.Minute
	// forgetAfter is how long an identity is remembered, at least. The copies of a
	// datagram come within a moment of each other. The survivors of a node send its
	// post-removes within seconds, but the node itself, if it only lost its connection,
	// sends them when it is back.
	forgetAfter = 10 * time.Minute
)

// New is what a node knows that has not had a link yet.
func New(config Config) *Members {
	m := &Members{
		config:    config,
		senders:   identity.NewSenders(func(k known) bool { return k.peer != nil || k.dead != nil }),
		effective: effective{missing: map[string]struct{}{}},
		peerLog:   rate.NewLimiter(10, 200),
		hellos:    rate.NewLimiter(100, 100),
		strangers: rate.NewLimiter(100, 200),
	}
	return m
}

// Origin is that of the present link, or of the last one.
func (m *Members) Origin() string { return m.origin }

// How long, and of how many, a node says that it had other origins before: all nodes that
// lost the backbone at the same time must be back until then.
const (
	wasFor = time.Minute
	wasMax = 8
)

// returnWithin is how long other nodes may take to come back to the backbone, once this
// one is back: twice the longest pause between two attempts.
const returnWithin = 4 * time.Second

// backWithin is how long a node that tries again and again takes at least. The longer the
// backbone was away, the longer are its pauses.
const backWithin = time.Second

// Attach begins life on a new link. kept says that participants of the origin before live
// on, with post-removes.
func (m *Members) Attach(origin string, place Place, kept bool, now time.Time) []Effect {
	m.now = now
	old := m.origin
	m.origin, m.place, m.online = origin, place, true
	m.backBy = now.Add(min(returnWithin, backWithin+2*now.Sub(m.lostAt)))
	m.beats, m.missed = 0, false
	for _, p := range m.peers {
		p.heard = now.Add(returnWithin)
		p.forgetOrders(m.orders.serial)
		p.vouched = p.probed.answered || p.vouched
		p.probed = probed{}
		if serves, away := p.Survivors(); len(serves)+len(away) > 0 {
			m.add(Pause{p, append(serves, away...)})
		}
	}
	m.beginJoining()
	if old != "" {
		m.succeed(old, kept)
	}
	m.renewGreeting()
	m.heartbeat()
	m.repeatRound()
	return m.take()
}

// succeed settles what the origin before the present one left: post-removes of
// participants that are gone are sent; those that are still to be sent are kept by this
// origin from now on. All of them keep their identity, so that they arrive once even if
// the others have given the old origin up meanwhile. What the network still brings of the
// old one is not heard: the participants have it.
func (m *Members) succeed(old string, kept bool) {
	if late := m.now.Sub(m.lostAt); late > forgetAfter && len(m.owed) > 0 {
		m.warn("back too late to send post-removes: the other nodes have sent them",
			"post_removes", len(m.owed), "away", late.Round(time.Second))
		m.owed = nil
	}
	for _, pr := range m.owed {
		m.add(Publish{pr})
	}
	m.owed = nil
	m.kept = kept
	m.die(old, false).told = m.now.Add(deadFor)
	m.was = append(m.was[max(0, len(m.was)-wasMax+1):], old)
	m.wasUntil = m.now.Add(wasFor)
	m.tellPostRemoves()
}

// Detach ends life on the present link. Nobody waits for anything any longer.
func (m *Members) Detach(now time.Time) []Effect {
	m.now = now
	m.online, m.lostAt = false, now
	m.stopSettling()
	return m.take()
}

// Retreat says goodbye on a link on which nobody was served yet.
func (m *Members) Retreat() []Effect {
	m.tell(KindBye, struct{}{})
	return m.take()
}

// Leave is the last that the other nodes hear.
func (m *Members) Leave(now time.Time) []Effect {
	m.now = now
	m.stopSettling()
	m.tell(KindBye, struct{}{})
	m.left = true
	return m.take()
}

// Left reports whether the node has said goodbye.
func (m *Members) Left() bool { return m.left }

// SetPayload tells what the NATS server takes in a message, in bytes.
func (m *Members) SetPayload(payload int64) { m.payload = payload }

// A Peer is another node's present incarnation.
type Peer struct {
	origin       string
	sender       *identity.Sender[known]
	name         string
	place        Place  // empty until it has said so
	met          string // the origin of this node that heard it last
	since        time.Time
	heard        time.Time
	seq          uint64 // of its last datagram, at the last heartbeat of ours
	participants int    // when last told
	joining      bool
	keeps        bool
	every        time.Duration // between two of its heartbeats
	postRemoves  postRemoves
	told         int       // how many it had at its last heartbeat
	refused      bool      // some of its post-removes were not kept: there is no room
	asked        time.Time // for its post-removes, since they differed
	claims       []Claim
	objects      bool       // it claims to have some
	gone         bool       // it has left, or was declared dead
	greeted      *greetNote // nil: it has not greeted
	greetSerial  uint64     // of its greeting, at its last heartbeat

	// Orders to it, by their serial.
	passed    uint64               // the last thing that roles here told or asked its roles
	proven    [Farthest + 1]uint64 // by how far it was asked: up to here they have taken effect
	questions [Farthest + 1]questions
	late      bool // it has not answered in time

	echoed  uint64 // the last round in which it asked
	counted counted
	probed  probed
	vouched bool // it has answered on an earlier link: it served what it said, and may be about to come back
}

// Name is for people; empty until the first heartbeat.
func (p *Peer) Name() string { return p.name }

// find is the peer with an origin, or nil.
func (m *Members) find(origin string) *Peer {
	if q := m.senders.Find(origin); q != nil {
		return q.Info.peer
	}
	return nil
}

// index is where the peer with an origin is in the list, or belongs.
func (m *Members) index(origin string) (int, bool) {
	return slices.BinarySearchFunc(m.peers, origin, func(p *Peer, origin string) int { return strings.Compare(p.origin, origin) })
}

// meetOrigin is the peer with an origin, which has just been heard.
func (m *Members) meetOrigin(origin string) (*Peer, error) {
	p := m.find(origin)
	switch {
	case p != nil:
	case !identity.IsOrigin(origin):
		return nil, errOrigin
	case len(m.peers) >= MaxPeers:
		return nil, errTooManyPeers
	default:
		p = &Peer{origin: strings.Clone(origin), sender: m.senders.Add(origin), since: m.now}
		p.sender.Info.peer = p
		i, _ := m.index(origin)
		m.peers = slices.Insert(m.peers, i, p)
	}
	p.heard = m.now
	return p, nil
}

// drop forgets a node that has left or is dead. Nothing waits for it any longer.
func (m *Members) drop(origin string) {
	delete(m.joining.settled, origin)
	q := m.senders.Find(origin)
	if q == nil {
		return
	}
	if p := q.Info.peer; p != nil {
		p.gone = true
		m.peerBytes -= p.postRemoves.bytes
		i, _ := m.index(origin)
		m.peers = slices.Delete(m.peers, i, i+1)
		q.Info.peer = nil
		m.add(EndObjects{p})
	}
	q.Restart()
	if q.Info.dead == nil {
		m.senders.Forget(origin)
	}
}

// die remembers that an origin is dead.
func (m *Members) die(origin string, silent bool) *death {
	q := m.senders.Add(origin)
	if q.Info.dead == nil {
		q.Info.dead = new(death)
		m.dead = append(m.dead, q.Info.dead)
	}
	*q.Info.dead = death{origin: strings.Clone(origin), until: m.now.Add(deadFor), silent: silent}
	return q.Info.dead
}

// forgetDeaths forgets those that are long past.
func (m *Members) forgetDeaths() {
	m.dead = slices.DeleteFunc(m.dead, func(d *death) bool {
		if m.now.After(d.until) {
			m.senders.Forget(d.origin)
			return true
		}
		return false
	})
}

// some visits peers that fit, at most so many, and each time other ones: anybody can
// invent nodes, so not all at once.
func (m *Members) some(most int, fits func(*Peer) bool, do func(*Peer)) {
	for i := range m.peers {
		if most == 0 {
			m.rotation += i
			return
		}
		if p := m.peers[(m.rotation+i)%len(m.peers)]; fits(p) {
			do(p)
			most--
		}
	}
}

// changed goes on with what waited for peers that are gone.
func (m *Members) changed() {
	m.checkRound()
	m.checkSettling()
	m.checkAwaits()
	if m.waits() {
		m.checkGreeting()
	}
}

// Stats are counters, and, from Peers on, what is so at the moment.
type Stats struct {
	BadNotes            uint64
	DeadNodes           uint64
	Missed              uint64
	Leaps               uint64
	SettlesLate         uint64
	PostRemovesRefused  uint64
	RoundsLate          uint64
	OrdersLate          uint64
	Peers               int
	Every               time.Duration // between two heartbeats of this node
	PostRemoveBytes     int
	PeerPostRemoveBytes int
	Clashes             int              // with other processes
	DCMismatches        int              // other processes with other DC files
	Rounds              latency.Snapshot // how long they took
}

// Stats is the present state of the counters.
func (m *Members) Stats() Stats {
	s := m.stats
	s.Peers, s.Every, s.PostRemoveBytes, s.PeerPostRemoveBytes = len(m.peers), m.every(), m.own.bytes, m.peerBytes
	s.Rounds = m.effective.rounds.Snapshot()
	for _, c := range m.greeting.clashes {
		if c.DC {
			s.DCMismatches++
		} else {
			s.Clashes++
		}
	}
	return s
}

// Info is what an operator wants to know of a peer.
type Info struct {
	Name, Origin string
	Heard        time.Time
	Participants int
	PostRemoves  int
	Provable     bool

	Process, Version, DCHash string
	Serves                   []string
	Waiting                  bool
}

// Infos are those of all peers.
func (m *Members) Infos() (all []Info) {
	for _, p := range m.peers {
		i := Info{Name: p.name, Origin: p.origin, Heard: p.heard, Participants: p.participants, PostRemoves: len(p.postRemoves.bySeq), Provable: m.provable(p)}
		if g := p.greeted; g != nil {
			i.Process, i.Version, i.DCHash, i.Waiting = g.Process, g.Version, g.DCHash, g.Waiting
			for _, h := range g.Holdings {
				i.Serves = append(i.Serves, h.String())
			}
		}
		all = append(all, i)
	}
	return all
}

// Any reports whether there are other nodes.
func (m *Members) Any() bool { return len(m.peers) > 0 }
