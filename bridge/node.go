package bridge

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"natstron/bridge/internal/foreign"
	"natstron/bridge/internal/link"
	"natstron/bridge/internal/membership"
	"natstron/bridge/internal/routing"
	"natstron/bridge/internal/transport"
	"natstron/bridge/internal/unheard"
	"natstron/internal/backoff"
	"natstron/internal/complaint"
)

// A Node is a process's place on the backbone: one NATS connection, and all the
// participants of the process. A process has exactly one; several would break
// the order that the package's comment promises.
type Node struct {
	options   Options
	log       *slog.Logger
	transport transport.Transport
	sockets   link.Sockets // nil: a goroutine reads the connection to NATS

	stop     chan struct{} // closed by Stop
	ended    chan struct{} // closed when the supervisor has returned
	fatal    error         // why, if not by Stop; once ended is closed
	events   *link.Events
	traffic  chan struct{} // has a value when a tick became due
	counters link.Counters

	// mu guards all that follows. Every datagram, every change of a subscription and
	// every post-remove of the process goes through it one after the other: this total
	// order is what most of the guarantees in the package's comment rest on. A
	// goroutine that holds it does no I/O: what must be written goes into queues, which
	// are emptied without it.
	mu sync.Mutex

	// The participants.
	serving      bool          // participants may join
	stopping     bool          // Stop was called
	empty        chan struct{} // closed when the node is stopping and all participants have left
	participants routing.Roster[*Participant]
	table        routing.Table[*Participant]
	noExtras     extras
	lastID       uint64
	answers      map[string]func(request []byte) []byte
	answering    int      // questions whose answer is being made
	unanswered   []func() // that wait
	asking       asking

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
	holds    []*Hold
	pauses   pauses
	lost     lostSessions
	keepers  []Keeper
	foreign  foreign.Objects[*membership.Peer]
	stats    Stats
	unheard  *unheard.Counts
	packets  bool // the log shows each datagram

	// The backbone and the other nodes.
	link       presentLink   // nil: none
	joined     chan struct{} // closed when the present link may serve participants
	reserved   chan struct{} // closed when Reserve may return
	givesWay   chan error
	payload    int64 // what the NATS server takes in a message; 0: not known
	outbox     *link.Outbox
	arrival    Arrival       // of the datagram that is being routed, if another node sent it
	audience   link.Audience // of the last datagram of this node
	tickDue    bool          // a tick is to follow a datagram that was published
	members    *membership.Members
	complaints complaint.Limiter
}

// A presentLink is what the node does with its present link within a turn.
type presentLink interface {
	Origin() string
	Lose(cause error)
	Drain(limit time.Duration)
	Go(do func())
}

// Start joins the backbone: it starts the embedded server, if that is what the
// options say, and connects. It returns when participants may join. The context
// bounds the start only.
func Start(ctx context.Context, o Options) (*Node, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	n := newNode(o)
	if o.Sockets != nil {
		if n.sockets, err = o.Sockets(n); err != nil {
			return nil, err
		}
	}
	if n.transport, err = newTransport(ctx, o); err != nil {
		return nil, err
	}
	n.outbox.Interest = link.NewInterest(n.transport.Listeners(), o.Subjects.prefix(), n.table.Coverage.Covers)
	l, err := n.connect(ctx)
	if err != nil {
		n.transport.Shutdown()
		return nil, err
	}
	n.log.Info("joined the backbone", "at", n.transport.String(), "origin", l.Origin())
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
		traffic: make(chan struct{}, 1),

		reserved: make(chan struct{}), givesWay: make(chan error, 1),
		turn:    1,
		unheard: unheard.New(time.Now()),
	}
	n.checkPackets()
	n.outbox = link.NewOutbox(&n.mu, o.Subjects.prefix(), o.MaxPending)
	n.outbox.TooLong = n.tooLong
	n.table = routing.NewTable[*Participant](routing.Thresholds{Bucket: o.BucketThreshold, Zones: o.ZoneThreshold}, n.outbox.Change)
	n.events = link.NewEvents()
	n.foreign.Heard, n.foreign.Handled, n.foreign.Succeeds = n.table.Heard, n.handles, n.succeeds
	n.members = membership.New(membership.Config{
		Name:               o.Name,
		KeepOnGap:          o.KeepOnGap,
		Heartbeat:          o.Heartbeat,
		DeadAfter:          o.DeadAfter,
		OrderTimeout:       o.OrderTimeout,
		MaxPostRemoveBytes: o.MaxPostRemoveBytes,
		Coverage:           n.table.Coverage,
		Holding:            n.holding,
		WhenReleased:       n.whenReleased,
		Facts: func() membership.Facts {
			return membership.Facts{
				Seq: n.outbox.Seq, Published: n.outbox.Stats().Wanted, Alone: n.outbox.Alone(n.turn),
				Serving: n.serving, Participants: n.participants.Len(),
			}
		},
	})
	return n
}

// URL is where other processes and operators reach the backbone that this node
// is on; empty if nowhere.
func (n *Node) URL() string { return n.transport.Public() }

// Monitor is the URL of the embedded server's own monitoring; empty if there is none.
func (n *Node) Monitor() string {
	if e, ok := n.transport.(*transport.Embedded); ok {
		return e.Monitor()
	}
	return ""
}

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
func (n *Node) connect(ctx context.Context) (*link.Link, error) {
	for moves := 0; ; moves++ {
		l, err := n.connectOnce(ctx)
		if err != nil {
			return nil, err
		}
		if moves > len(n.transport.Servers()) || !n.shouldMove(ctx, l) {
			n.serve(l)
			return l, nil
		}
		n.retreat(l)
	}
}

// connectOnce makes a link, gives it what this node wants to hear, and waits until the
// other nodes have settled what came before this one.
func (n *Node) connectOnce(ctx context.Context) (*link.Link, error) {
	if err := n.transport.Ready(ctx); err != nil {
		return nil, err
	}
	l, err := link.Dial(link.Config{
		Name:           n.options.Name,
		Roots:          n.options.Subjects.roots(),
		EventSubject:   n.options.Subjects.Control() + "." + kindEvents,
		Transport:      n.transport,
		Outbox:         n.outbox,
		Events:         n.events,
		ConnectTimeout: n.options.ConnectTimeout,
		PingEvery:      n.options.pingEvery(),
		PingsOut:       n.options.pingsOut(),
		Log:            n.log,
		Sockets:        n.sockets,
		Later:          func(do func()) { n.after = append(n.after, do) },
		Counters:       &n.counters,
	})
	if err != nil {
		return nil, err
	}
	place := membership.Place{Hubs: n.transport.Hubs()}
	server, name := l.Server()
	place.Server = server
	if n.options.External != nil {
		place.At = name
	}
	n.attach(l, place, l.Payload(), n.controlSubjects(l.Origin())...)
	if err := l.Start(receiver{n, l}.take); err != nil {
		l.Lose(err)
	}
	l.Go(receiver{n, l}.keepTime)
	select {
	case <-n.joined:
	case <-l.Lost():
	case <-n.stop:
	case <-ctx.Done():
	}
	return l, nil
}

// serve has participants join.
func (n *Node) serve(l *link.Link) {
	t := n.Begin()
	defer t.End()
	n.perform(n.members.StopJoining())
	select {
	case <-l.Lost():
		return
	default:
	}
	n.serving = !n.stopping
	n.perform(n.members.Announce(time.Now()))
	l.Go(func() { n.checkServers(l) })
}

// attach makes l, which leads to a place, the link that routing writes to. The node listens to
// some subjects besides channels.
func (n *Node) attach(l presentLink, place membership.Place, payload int64, subjects ...string) {
	t := n.Begin()
	defer t.End()
	n.link = l
	n.joined = make(chan struct{})
	n.outbox.Open(l.Origin())
	n.watchPayload(payload)
	for _, subject := range subjects {
		n.outbox.Listen(subject)
	}
	n.table.Coverage.Renew(n.outbox.Subscribe)
	if n.events.Wanted() {
		n.outbox.Listen(n.options.Subjects.Events())
	}
	kept := false // some participants have lived on
	for p := range n.participants.All() {
		kept = kept || !p.cutOff && len(p.postRemoves) > 0
	}
	n.perform(n.members.Attach(l.Origin(), place, kept, time.Now()))
}

// detach is the end of a link: nothing is written any more, and nothing waited for. It
// says how many datagrams were not written.
func (n *Node) detach() (lost int) {
	lost = n.outbox.Shut()
	n.link = nil
	n.releaseHeld(true)
	n.perform(n.members.Detach(time.Now()))
	return lost
}

// supervise replaces the link whenever it is lost, until the node is stopped or
// cannot go on.
func (n *Node) supervise(l *link.Link) {
	defer close(n.ended)
	defer n.transport.Shutdown()
	for {
		select {
		case <-n.stop:
			n.farewell(l)
			return
		case <-l.Lost():
		}
		n.gap(l)
		if l = n.reconnect(); l == nil {
			return
		}
	}
}

// gap ends a lost link, and the participants with it unless they are to be kept.
func (n *Node) gap(l *link.Link) {
	l.Close()
	cause := l.Cause()
	keep := n.options.KeepOnGap && !errors.Is(cause, membership.ErrDeclaredDead) && !errors.Is(cause, membership.ErrPaused)
	t := n.Begin()
	n.stats.Gaps++
	lost := n.detach()
	n.serving = keep && !n.stopping
	if !keep {
		n.members.Disclaim()
		for p := range n.participants.All() {
			n.loseSession(p)
		}
	}
	t.End()
	dropped := 0
	if !keep {
		dropped = n.dropAll(ErrBackboneLost)
	}
	n.log.Error("lost the backbone", "cause", cause, "queued_lost", lost, "participants_dropped", dropped)
}

// dropAll stops serving: it cuts all participants off and tells them the cause. It says
// how many there were.
func (n *Node) dropAll(cause error) int {
	t := n.Begin()
	n.serving = false
	var all []*Participant
	for p := range n.participants.All() {
		if !p.cutOff {
			p.cutOff = true
			all = append(all, p)
		}
	}
	t.End()
	for _, p := range all {
		p.party.Dropped(p, cause)
	}
	return len(all)
}

// refusedFor is how long a node tries again that may not do any longer what it must.
const refusedFor = 30 * time.Second

// ErrPermission says that the NATS server does not permit something to this user.
var ErrPermission = link.ErrPermission

// reconnect tries until there is a link again, or none can be.
func (n *Node) reconnect() *link.Link {
	began := time.Now()
	pause := backoff.Pause{First: 50 * time.Millisecond, Last: 2 * time.Second}
	for {
		ctx, cancel := context.WithTimeout(context.Background(), n.options.ConnectTimeout)
		l, err := n.connect(ctx)
		cancel()
		if err == nil {
			n.log.Info("joined the backbone again", "origin", l.Origin(), "after", time.Since(began).Round(time.Millisecond))
			return l
		}
		refused := errors.Is(err, ErrPermission) && time.Since(began) > refusedFor
		if refused || errors.Is(err, transport.ErrServerEnded) {
			n.fatal = err
			n.log.Error("this process cannot go on without the backbone", "error", err)
			n.dropAll(ErrBackboneLost) // those that were kept
			return nil
		}
		next := pause.Next()
		n.log.Warn("cannot reach the backbone yet", "error", err, "next_try", next)
		if !backoff.Wait(n.stop, next) {
			n.farewell(nil)
			return nil
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
	if first && n.participants.Len() == 0 {
		close(n.empty)
	}
	t.End()
	n.dropAll(ErrStopped)
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
func (n *Node) farewell(l *link.Link) {
	if l == nil {
		return
	}
	n.goodbye()
	l.Drain(n.options.ConnectTimeout)
	l.Close()
}

// goodbye is the last that the other nodes hear.
func (n *Node) goodbye() {
	t := n.Begin()
	defer t.End()
	n.releaseHeld(true)
	t.Settle()
	n.perform(n.members.Leave(time.Now()))
}

// notServing is why nobody can join.
func (n *Node) notServing() error {
	if n.stopping {
		return ErrStopped
	}
	return ErrBackboneLost
}

// Pace waits while the backbone takes less than this process sends. A reader of a
// connection calls it before [Node.Begin]: then the connection's other end is slowed
// down, instead of a queue that grows until the backbone counts as lost. It must not be
// called within a turn, nor by a goroutine that takes what the backbone brings.
func (n *Node) Pace() { n.outbox.Pace() }

// Congested reports whether [Node.Pace] would wait.
func (n *Node) Congested() bool { return n.outbox.Congested() }

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
