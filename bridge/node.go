package bridge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"natstron/bridge/internal/routing"
	"natstron/bridge/wire"
)

// A Node is a process's place on the backbone: one NATS connection, and all the
// participants of the process. A process has exactly one; several would break
// the order that the package's comment promises.
type Node struct {
	options   Options
	log       *slog.Logger
	transport transport

	stop   chan struct{} // closed by Stop
	ended  chan struct{} // closed when the supervisor has returned
	fatal  error         // why, if not by Stop; once ended is closed
	events events

	// mu guards all that follows. Every datagram, every change of a subscription and
	// every post-remove of the process goes through it one after the other: this total
	// order is what most of the guarantees in the package's comment rest on. Nobody who
	// holds it does I/O: what must be written goes into queues, which are emptied
	// without it.
	mu sync.Mutex

	// Who takes part.
	serving      bool          // participants may join
	stopping     bool          // Stop was called
	empty        chan struct{} // closed when the node is stopping and all participants have left
	participants routing.Roster[*Participant]
	table        routing.Table[*Participant]
	noExtras     extras
	lastID       uint64
	claims       []Claim // of the roles of this process
	answers      map[string]func(request []byte) []byte

	// The turn.
	turn     uint64 // counts turns, to wake each sink once; starts at 1
	routing  uint64 // counts datagrams, to deliver each once
	settling bool   // datagrams are being routed: what is sent meanwhile waits
	waiting  queue  // what has been sent and is not routed yet
	dirty    []Waker
	cut      []*Participant
	after    []func()
	relief   <-chan struct{}
	targets  []*Participant // scratch
	handlers []*Party       // scratch
	up       *upstream
	orders   orders
	foreign  foreign
	stats    Stats

	// The backbone.
	link      *link
	lostAt    time.Time // when the link before the present one was lost
	payload   int64     // what the NATS server takes in a message; 0: not known
	outbox    outbox
	interest  *interest // nil where nobody can tell who listens: then everything is published
	published uint64    // counts what was to be published, whether or not anybody seemed to listen
	seq       uint64    // of the last datagram published under the present origin

	// The other nodes.
	origin    string    // of the present link, or of the last one
	was       []string  // the origins before it, for a while
	wasUntil  time.Time // when the others have heard of it
	kept      bool      // some of their participants are still here, with post-removes
	gone      bool      // it has said goodbye: a word more, and it would be there again
	toldAll   time.Time // when all post-removes were last told
	aged      time.Time // when identities were last aged
	pings     uint64    // the number of the last one
	beat      uint64    // of the last heartbeat or tick
	ticked    uint64    // what had been published then
	ticks     ticks
	ids       identities
	peers     peers
	effective effective
	settle    settling
	joining   joining
	complaints
}

// Start joins the backbone: it starts the embedded server, if that is what the
// options say, and connects. It returns when participants may join. The context
// bounds the start only.
func Start(ctx context.Context, o Options) (*Node, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("backbone: %w", err)
	}
	n := newNode(o)
	if n.transport, err = newTransport(ctx, o); err != nil {
		return nil, fmt.Errorf("backbone: %w", err)
	}
	n.interest = n.transport.interest(o.Subjects, n.table.Coverage.Covers)
	l, err := n.connect(ctx)
	if err != nil {
		n.transport.shutdown()
		return nil, fmt.Errorf("backbone: %w", err)
	}
	n.log.Info("joined the backbone", "at", n.transport.String(), "origin", l.origin)
	go n.supervise(l)
	return n, nil
}

// newNode is a node that is not connected to anything. The options must be
// complete.
func newNode(o Options) *Node {
	n := &Node{
		options: o,
		log:     o.Log,
		stop:    make(chan struct{}),
		ended:   make(chan struct{}),
		empty:   make(chan struct{}),
	}
	n.table = routing.NewTable[*Participant](o.BucketThreshold, n.subscription)
	n.outbox = newOutbox(o.MaxPending)
	n.events.ready = make(chan struct{}, 1)
	n.ids = newIdentities()
	n.effective.missing = map[string]struct{}{}
	n.peers.known = map[string]*peer{}
	n.peers.dead = map[string]*deadOrigin{}
	n.settle.waiting = map[*peer]struct{}{}
	n.ticks.traffic = make(chan struct{}, 1)
	n.complaints = newComplaints()
	n.turn = 1
	return n
}

// URL is where other processes and operators reach the backbone that this node
// is on; empty if nowhere.
func (n *Node) URL() string { return n.transport.public() }

// Ended is closed when the node has ended: by Stop, or because its embedded
// server did. Err then says why.
func (n *Node) Ended() <-chan struct{} { return n.ended }

// Err is why the node ended; nil while it runs and after Stop.
func (n *Node) Err() error {
	select {
	case <-n.ended:
		return n.fatal
	default:
		return nil
	}
}

// connect makes a link where the other nodes are, and has participants join.
func (n *Node) connect(ctx context.Context) (*link, error) {
	for moves := 0; ; moves++ {
		l, err := n.connectOnce(ctx)
		if err != nil {
			return nil, err
		}
		if moves > len(n.transport.servers()) || !n.otherHalf(ctx, l) {
			n.serve(l)
			return l, nil
		}
		n.retreat(l)
	}
}

// connectOnce makes a link, gives it what this node wants to hear, and waits until the
// other nodes have settled what came before this one.
func (n *Node) connectOnce(ctx context.Context) (*link, error) {
	if err := n.transport.ready(ctx); err != nil {
		return nil, err
	}
	l, err := n.dial()
	if err != nil {
		return nil, err
	}
	if err := l.listen(); err != nil {
		l.close()
		return nil, err
	}
	n.attach(l)
	l.serve()
	select {
	case <-n.joining.done:
	case <-l.lost:
	case <-n.stop:
	case <-ctx.Done():
	}
	return l, nil
}

// serve has participants join.
func (n *Node) serve(l *link) {
	t := n.Begin()
	defer t.End()
	n.endJoining()
	select {
	case <-l.lost:
		return
	default:
	}
	n.serving = !n.stopping
	n.heartbeat()
	l.done.Go(l.lookAround)
}

// attach makes l the link that routing writes to, under a new origin.
func (n *Node) attach(l *link) {
	t := n.Begin()
	defer t.End()
	old := n.origin
	n.link, n.origin = l, l.origin
	n.seq = 0
	n.outbox.open = true
	n.watchPayload(l.payload.Load())
	n.resubscribe()
	if n.events.wanted() {
		n.outbox.add(op{kind: opSubscribeEvents})
	}
	now := time.Now()
	for _, p := range n.peers.known {
		p.heard = now.Add(2 * lastPause) // the others may still be on their way back
		p.forgetOrders(n.orders.serial)
		p.probed = probed{}
	}
	n.beginJoining(now)
	if old != "" {
		n.succeed(old)
	}
	n.heartbeat()
	n.beginAnew()
}

// How long, and of how many, a node says that it had other origins before: all
// nodes that lost the backbone at the same time must be back until then.
const (
	wasFor = time.Minute
	wasMax = 8
)

// succeed settles what the origin before the present one left: post-removes of
// participants that are gone are sent; those that are still to be sent are kept
// by this origin from now on. All of them keep their identity, so that they
// arrive once even if the others have given the old origin up meanwhile. What the
// network still brings of the old one is not heard: the participants have it.
func (n *Node) succeed(old string) {
	now := time.Now()
	if late := now.Sub(n.lostAt); late > forgetAfter && len(n.peers.owed) > 0 {
		n.logLater(slog.LevelWarn, "back too late to send post-removes: the other nodes have sent them",
			"post_removes", len(n.peers.owed), "away", late.Round(time.Second))
		n.peers.owed = nil
	}
	for _, pr := range n.peers.owed {
		n.publish(pr.datagram, pr.identity())
	}
	n.peers.owed = nil
	n.peers.own = postRemoves{}
	n.kept = false
	for p := range n.participants.All() {
		for _, pr := range p.postRemoves {
			n.peers.own.add(pr)
			n.kept = n.kept || !p.cutOff
		}
	}
	n.peers.dead[old] = &deadOrigin{until: now.Add(deadFor), told: now.Add(deadFor)}
	n.was = append(n.was[max(0, len(n.was)-wasMax+1):], old)
	n.wasUntil = now.Add(wasFor)
	n.tellAll(now)
}

// supervise replaces the link whenever it is lost, until the node is stopped or
// cannot go on.
func (n *Node) supervise(l *link) {
	defer close(n.ended)
	defer n.transport.shutdown()
	for {
		select {
		case <-n.stop:
			n.farewell(l)
			return
		case <-l.lost:
		}
		n.gap(l)
		if l = n.reconnect(); l == nil {
			return
		}
	}
}

// gap ends a lost link, and the participants with it unless they are to be kept.
func (n *Node) gap(l *link) {
	l.close()
	keep := n.options.KeepOnGap && !errors.Is(l.cause, errDeclaredDead) && !errors.Is(l.cause, errFroze)
	t := n.Begin()
	lost := n.outbox.shut()
	n.stats.Gaps++
	n.stats.Unpublished += uint64(lost)
	n.link, n.lostAt = nil, time.Now()
	n.releaseHeld(true)
	n.giveUpSettling()
	n.serving = keep && !n.stopping
	var drop []*Participant
	if !keep {
		drop = n.cutAll()
	}
	t.End()
	n.log.Error("lost the backbone", "cause", l.cause, "queued_lost", lost, "participants_dropped", len(drop))
	for _, p := range drop {
		p.party.Dropped(p, ErrBackboneLost)
	}
}

// dropAll drops who was kept when the backbone was lost, since there will be none
// again.
func (n *Node) dropAll() {
	t := n.Begin()
	n.serving = false
	drop := n.cutAll()
	t.End()
	for _, p := range drop {
		p.party.Dropped(p, ErrBackboneLost)
	}
}

// cutAll cuts all participants off; whoever called must tell them.
func (n *Node) cutAll() []*Participant {
	var all []*Participant
	for p := range n.participants.All() {
		if !p.cutOff {
			p.cutOff = true
			all = append(all, p)
		}
	}
	return all
}

// Bounds of the pause between two attempts to reconnect.
const (
	firstPause = 50 * time.Millisecond
	lastPause  = 2 * time.Second
)

// reconnect tries until there is a link again, or none can be.
func (n *Node) reconnect() *link {
	began := time.Now()
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		ctx, cancel := context.WithTimeout(context.Background(), n.options.ConnectTimeout)
		l, err := n.connect(ctx)
		cancel()
		if err == nil {
			n.log.Info("joined the backbone again", "origin", l.origin, "after", time.Since(began).Round(time.Millisecond))
			return l
		}
		if errors.Is(err, errServerEnded) {
			n.fatal = err
			n.log.Error("the embedded server has ended, this process cannot go on", "error", err)
			n.dropAll()
			return nil
		}
		n.log.Warn("cannot reach the backbone yet", "error", err, "next_try", pause)
		select {
		case <-n.stop:
			n.farewell(nil)
			return nil
		case <-time.After(pause + rand.N(pause/2)):
		}
	}
}

// Stop ends the node in order: participants are dropped with [ErrStopped],
// their post-removes are sent, the other nodes are told, the connection and the
// embedded server end. The context bounds all of it.
func (n *Node) Stop(ctx context.Context) {
	t := n.Begin()
	first := !n.stopping
	n.stopping, n.serving = true, false
	drop := n.cutAll()
	if first && n.participants.Len() == 0 {
		close(n.empty)
	}
	t.End()
	for _, p := range drop {
		p.party.Dropped(p, ErrStopped)
	}
	select {
	case <-n.empty:
	case <-n.ended:
	case <-ctx.Done():
		n.log.Warn("stopping with participants left", "participants", n.Stats().Participants)
	}
	if first {
		close(n.stop)
	}
	select {
	case <-n.ended:
	case <-ctx.Done():
	}
}

// farewell says goodbye and ends the link.
func (n *Node) farewell(l *link) {
	if l == nil {
		return
	}
	n.goodbye()
	l.drain(n.options.ConnectTimeout)
	l.close()
}

// goodbye is the last that the other nodes hear.
func (n *Node) goodbye() {
	t := n.Begin()
	defer t.End()
	n.releaseHeld(true)
	n.giveUpSettling()
	t.Settle()
	n.tell(kindBye, struct{}{})
	n.gone = true
}

// notServing is why nobody can join.
func (n *Node) notServing() error {
	if n.stopping {
		return ErrStopped
	}
	return ErrBackboneLost
}

// forgetAfter is how long an identity is remembered, at least. The copies of a
// datagram come within a moment of each other; the survivors of a node send its
// post-removes within seconds, but the node itself, if it only lost its
// connection, sends them when it is back.
const forgetAfter = 10 * time.Minute

// heartbeatTick is called once for each heartbeat; gap is the time since the last one.
// fair says whether silence of others can be held against them: who stood still,
// or has not read everything, or is not reached himself, cannot judge.
func (n *Node) heartbeatTick(l *link, now time.Time, gap time.Duration, fair bool) {
	if l.stuck(now, (pingsOutstanding+1)*n.options.PingInterval) {
		l.lose(errStuck)
		return
	}
	t := n.Begin()
	defer t.End()
	if gap > n.options.DeadAfter && len(n.peers.known) > 0 {
		l.lose(fmt.Errorf("%w: %v", errFroze, gap.Round(time.Millisecond)))
		return
	}
	if now.After(n.wasUntil) {
		n.was = nil
	}
	n.watchPayload(l.payload.Load())
	n.heartbeat()
	if fair {
		l.beats++
		n.buryAll(now)
	} else {
		for _, p := range n.peers.known {
			if p.heard.Before(now) {
				p.heard = now
			}
		}
	}
	n.checkRound(now)
	n.checkOrders(now)
	if n.effective.asking {
		n.tellEcho()
	}
	n.pingStrangers()
	if now.Sub(n.aged) > forgetAfter {
		n.aged = now
		n.ids.age()
	}
}

// lose ends the present link. The turn must be taken.
func (n *Node) lose(cause error) {
	if n.link != nil {
		n.link.lose(cause)
	}
}

// arrive routes a datagram from NATS. The turn must be taken.
func (n *Node) arrive(reply string, d wire.Datagram, now time.Time) {
	n.stats.Received++
	if err := check(d); err != nil {
		n.stats.Malformed++
		n.complain(&n.malformed, "malformed datagram from the backbone", "identity", cut(reply), "bytes", len(d), "error", err)
		return
	}
	var from *peer
	if id, ok := parseIdentity(reply); ok {
		from = n.peers.known[id.origin]
		if len(n.peers.dead) > 0 && n.zombie(id.origin, now) {
			n.stats.Zombies++
			return
		}
		switch n.ids.take(id) {
		case isCopy:
			n.stats.Duplicates++
			return
		case isLeap:
			n.stats.Leaps++
			n.complain(&n.leaps, "a datagram with another node's origin and a sequence that leaps: it is dropped", "identity", cut(reply))
			return
		}
	}
	t := Turn{n}
	if from != nil && !t.witness(from, d) {
		n.stats.Zombies++
		return
	}
	t.complete(func() { t.route(nil, d) })
}

// logLater logs when the turn has ended: a log that blocks must not stop the
// traffic.
func (n *Node) logLater(level slog.Level, message string, args ...any) {
	n.after = append(n.after, func() { n.log.Log(context.Background(), level, message, args...) })
}

// Pace waits while the backbone takes less than this process sends. Whoever reads
// datagrams from a connection calls it before [Node.Begin]: then the connection's
// other end is slowed down, in place of a queue that grows until the backbone
// counts as lost. It must not be called within a turn, nor by whoever takes what
// the backbone brings.
func (n *Node) Pace() {
	o := &n.outbox
	if !o.congested.Load() {
		return
	}
	n.mu.Lock()
	relief := o.relief
	n.mu.Unlock()
	<-relief
}

// Congested says whether [Node.Pace] would wait.
func (n *Node) Congested() bool { return n.outbox.congested.Load() }

// SetUpstream mirrors what this node's participants do to a classic message
// director: everything that they send, subscribe to and leave behind goes to
// sink, in that message director's protocol. It must be called before anybody
// joins. failed is called, while routing, when sink has no room.
func (n *Node) SetUpstream(sink Sink, failed func()) error {
	t := n.Begin()
	defer t.End()
	if n.lastID > 0 {
		return errors.New("upstream: participants have joined already")
	}
	n.up = &upstream{sink: sink, failed: failed}
	return nil
}
