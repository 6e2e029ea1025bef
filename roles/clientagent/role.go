package clientagent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"natstron/bridge"
	"natstron/dc"
	"natstron/internal/latency"
	"natstron/internal/stream"
	"natstron/internal/wire"
)

// Role is a client agent. It is a roles.Role.
type Role struct {
	node      *bridge.Node
	o         Options
	log       *slog.Logger
	pool      stream.Pool
	text      map[*dc.Field]bool // fields that hold strings
	listening []*listening
	conns     sync.WaitGroup
	lost      chan struct{} // has a value when the node dropped the hub

	interestTime latency.Histogram // of Stats

	mu       sync.Mutex // guards all below, and every session; taken before the node's turn
	mailbox  *mailbox
	hub      *bridge.Participant // holds the channel range
	sessions map[*session]struct{}
	places   map[place]int
	closed   bool          // no new clients
	draining time.Time     // when those that are left are ejected; zero: the agent does not drain
	drained  chan struct{} // closed when a draining agent has no clients
	stats    Stats
	opening  []*operation // with a time to end their wait, in order
	timer    *time.Timer  // for the first of them
	index    uint64       // of the datagram at hand, in the mailbox
	in       incoming     // the datagram at hand
	w        wire.Writer  // of what goes to the cluster
	cw       wire.Writer  // of what goes to clients

	// What was begun since mu was taken, and leave completes.
	turn   bridge.Turn
	turned bool
	work   *work

	refusalLogged  time.Time // when a refused connection was last logged
	refusalsSilent int       // those that were not, since

	acts []func() // what the class has asked for meanwhile
	busy bool     // the class is called in the middle of something
}

// work is what is left to do when the lock is gone.
type work struct {
	dirty []*session
	after []func()
}

var workPool = sync.Pool{New: func() any { return new(work) }}

// New returns a client agent that is not started yet.
func New(node *bridge.Node, o Options) (*Role, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	r := &Role{
		node: node, o: o, log: o.Log,
		text:     textFields(o.File),
		lost:     make(chan struct{}, 1),
		drained:  make(chan struct{}),
		sessions: map[*session]struct{}{},
		places:   map[place]int{},
		timer:    time.NewTimer(time.Hour),
		mailbox:  newMailbox(),
	}
	r.timer.Stop()
	r.stats.Ejects = map[wire.EjectCode]uint64{}
	return r, nil
}

// Name is the label.
func (r *Role) Name() string { return r.o.Label }

// Start subscribes to the whole channel range, and opens the ports. Clients are
// served when Run is called. A port that cannot be opened is a [*ListenError].
func (r *Role) Start(ctx context.Context) error {
	if err := r.join(); err != nil {
		return fmt.Errorf("%s: %w", r.o.Label, err)
	}
	for i, l := range r.o.Listeners {
		p, err := r.listen(ctx, l)
		if err != nil {
			r.Stop(ctx, err)
			return &ListenError{i, fmt.Errorf("%s: %w", r.o.Label, err)}
		}
		r.listening = append(r.listening, p)
	}
	return nil
}

// Addrs are the addresses of the listeners, in their order.
func (r *Role) Addrs() []net.Addr {
	var all []net.Addr
	for _, l := range r.listening {
		all = append(all, l.ln.Addr())
	}
	return all
}

// join enters the backbone. The range is held from now on, so
// that what is sent to a session's channel finds its way at once.
func (r *Role) join() error {
	hub, err := r.node.Join(r.o.Label, deaf{}, func(cause error) {
		if !errors.Is(cause, bridge.ErrStopped) {
			r.lost <- struct{}{}
		}
	})
	if err != nil {
		return err
	}
	if err := hub.SubscribeRange(r.o.Channels.first, r.o.Channels.last); err != nil {
		hub.Leave()
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hub = hub
	return nil
}

// Run serves clients until ctx is done. When the node loses the backbone, clients
// may have missed something: all are disconnected, and new ones are served as
// soon as the backbone is back.
func (r *Role) Run(ctx context.Context) error {
	failed := make(chan error, len(r.listening))
	for _, l := range r.listening {
		r.conns.Go(func() {
			if err := l.serve(r); err != nil {
				failed <- err
			}
		})
	}
	sweep := time.NewTicker(r.o.Limits.sweepEvery())
	defer sweep.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-failed:
			return err
		case <-r.lost:
			if err := r.rejoin(ctx); err != nil {
				return err
			}
		case <-r.mailbox.Ready:
			r.empty()
		case <-r.timer.C:
			r.timeUp()
		case now := <-sweep.C:
			r.sweep(now)
		}
	}
}

// rejoinEvery is how often a lost backbone is tried.
const rejoinEvery = 100 * time.Millisecond

// rejoin waits until the node is back. The sessions have been, or are being,
// dropped one by one.
func (r *Role) rejoin(ctx context.Context) error {
	r.hub.Leave()
	r.log.Warn("the backbone was lost, all clients are disconnected")
	tick := time.NewTicker(rejoinEvery)
	defer tick.Stop()
	for {
		err := r.join()
		switch {
		case err == nil:
			return nil
		case errors.Is(err, bridge.ErrStopped):
			<-ctx.Done() // whoever stopped the node will end this role too
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Stop closes the ports, tells all clients, and waits for their connections to
// end as long as the context lets it.
func (r *Role) Stop(ctx context.Context, _ error) {
	for _, l := range r.listening {
		l.close()
	}
	r.enter()
	r.closed = true
	r.ejectAll()
	r.leave()
	ended := make(chan struct{})
	go func() {
		r.conns.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
		r.log.Warn("stopping with connections left")
	}
	r.timer.Stop()
	r.mailbox.Close()
	r.hub.Leave()
}

// ejectAll tells all clients that the agent ends.
func (r *Role) ejectAll() {
	for s := range r.sessions {
		s.eject(wire.EjectMaintenance, "The server is stopping.")
	}
}

// enter takes the lock that guards everything.
func (r *Role) enter() {
	r.mu.Lock()
	r.work = workPool.Get().(*work)
}

// leave gives the lock back, then routes and writes what was left to do.
func (r *Role) leave() {
	r.act()
	w, turn, turned := r.work, r.turn, r.turned
	r.work, r.turned = nil, false
	for _, s := range w.dirty {
		s.dirty = false
	}
	r.mu.Unlock()
	if turned {
		turn.End()
	}
	for _, s := range w.dirty {
		s.stream.Flush()
	}
	for _, do := range w.after {
		do()
	}
	clear(w.dirty)
	clear(w.after)
	w.dirty, w.after = w.dirty[:0], w.after[:0]
	workPool.Put(w)
}

// routing is the turn to route, until leave.
func (r *Role) routing() bridge.Turn {
	if !r.turned {
		r.turn, r.turned = r.node.Begin(), true
	}
	return r.turn
}

// later does something when the lock is gone.
func (r *Role) later(do func()) { r.work.after = append(r.work.after, do) }

// A batch of datagrams for sessions is handled in pieces, so that clients get
// their turn in between.
const pieceTargets = 8192

// empty handles what is in the mailbox.
func (r *Role) empty() {
	all := r.mailbox.Take()
	for len(all) > 0 {
		r.enter()
		for targets := 0; targets < pieceTargets && len(all) > 0; all = all[1:] {
			r.dispatch(all[0])
			targets += len(all[0].To) + 1
		}
		r.leave()
	}
}

// dispatch hands one datagram to the sessions that it is for.
func (r *Role) dispatch(d bridge.Delivery) {
	r.index++
	r.stats.Received++
	in := &r.in
	if err := in.read(d.Datagram, r.index); err != nil {
		r.stats.Malformed++
		r.later(func() { r.log.Warn("ignored a datagram", "error", err) })
		return
	}
	for _, p := range d.To {
		s := p.Value.(*session)
		if !s.ended {
			s.fromCluster(in)
		}
	}
	r.act()
}
