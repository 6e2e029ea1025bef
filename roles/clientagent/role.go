package clientagent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"slices"
	"sync"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/internal/alive"
	"natstron/internal/arrival"
	"natstron/internal/latency"
	"natstron/internal/stream"
)

// Role is a client agent. It is a roles.Role, and the [bridge.Handler] of its
// sessions.
type Role struct {
	node      *bridge.Node
	party     bridge.Party // of the hub and all sessions
	o         Options
	log       *slog.Logger
	pool      stream.Pool
	flusher   flusher
	arrivals  *arrival.Loop
	watch     *alive.Watch
	listening []*listening
	conns     sync.WaitGroup
	lost      chan struct{} // has a value when the node dropped the hub

	interestTime latency.Histogram // of Stats

	// All below, and every session, belongs to the node's turn.
	turn     bridge.Turn         // the present one, see enter and Handle
	hub      *bridge.Participant // holds the channel range; its Value is nil
	sessions map[*session]struct{}
	places   map[place]int
	closed   bool          // no new clients
	draining time.Time     // when those that are left are ejected; zero: the agent does not drain
	drained  chan struct{} // closed when a draining agent has no clients
	stats    Stats
	opening  []*operation // with a time to end their wait, in order
	timer    *time.Timer  // for the first of them
	handled  uint64       // datagrams so far; the last one's number
	in       incoming     // the datagram at hand
	w        wire.Writer  // of what goes to the cluster
	cw       wire.Writer  // of what goes to clients

	refusalLogged  time.Time // when a refused connection was last logged
	refusalsSilent int       // those that were not, since

	acts []func() // what the class has asked for meanwhile
	busy bool     // the class is called in the middle of something
}

// New returns a client agent that is not started yet.
func New(node *bridge.Node, o Options) (*Role, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	r := &Role{
		node: node, o: o, log: o.Log,
		lost:     make(chan struct{}, 1),
		drained:  make(chan struct{}),
		sessions: map[*session]struct{}{},
		places:   map[place]int{},
		timer:    time.NewTimer(time.Hour),
	}
	r.party = bridge.Party{Handler: r, Dropped: r.dropped, InOrder: true}
	r.timer.Stop()
	r.stats.Ejects = map[wire.EjectCode]uint64{}
	return r, nil
}

// Name is the label.
func (r *Role) Name() string { return r.o.Label }

// Start subscribes to the whole channel range, and opens the ports. Clients are
// served when Run is called. A port that cannot be opened is a [*ListenError].
func (r *Role) Start(ctx context.Context) error {
	if r.arrivals = r.o.Arrivals; r.arrivals == nil {
		var err error
		if r.arrivals, err = arrival.Start(r.node); err != nil {
			return fmt.Errorf("%s: %w", r.o.Label, err)
		}
	}
	r.watch = alive.Start(r.o.Limits.Host)
	if err := r.join(); err != nil {
		r.watch.Close()
		r.closeArrivals()
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
		all = append(all, l.port.Addr())
	}
	return all
}

// join enters the backbone. The range is held from now on, so
// that what is sent to a session's channel finds its way at once.
func (r *Role) join() error {
	r.enter()
	defer r.leave()
	hub, err := r.turn.JoinParty(&r.party, r.o.Label)
	if err != nil {
		return err
	}
	if err := r.turn.SubscribeRange(hub, r.o.Channels.first, r.o.Channels.last); err != nil {
		r.turn.Leave(hub)
		return err
	}
	r.hub = hub
	r.turn.Claim(r.claim())
	return nil
}

// claim is what the other nodes are told of the agent.
func (r *Role) claim() bridge.Claim {
	return bridge.Claim{Service: bridge.ServesClients, Lo: r.o.Channels.first, Hi: r.o.Channels.last}
}

// quit gives up the channel range.
func (r *Role) quit() {
	r.enter()
	defer r.leave()
	r.turn.Leave(r.hub)
	r.turn.Unclaim(r.claim())
}

// dropped is called by the node when it cannot go on serving a session, or the hub.
func (r *Role) dropped(p *bridge.Participant, cause error) {
	s, ok := p.Value.(*session)
	switch {
	case ok:
		r.enter()
		defer r.leave()
		s.dropped(cause)
	case !errors.Is(cause, bridge.ErrStopped):
		r.lost <- struct{}{}
	}
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
	r.quit()
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
	r.leave()
	r.ejectAll()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.conns.Wait()
		r.watch.Close()
		r.closeArrivals()
	}()
	select {
	case <-ended:
	case <-ctx.Done():
		r.log.Warn("stopping with connections left")
	}
	r.timer.Stop()
	r.quit()
}

// closeArrivals ends the loop that reads connections, if it is the agent's own.
func (r *Role) closeArrivals() {
	if r.o.Arrivals == nil {
		r.arrivals.Close()
	}
}

// ejectAll tells all clients that the agent ends.
func (r *Role) ejectAll() {
	r.each(func(s *session) { s.eject(wire.EjectMaintenance, "The server is stopping.") })
}

// enter takes a turn of the node.
func (r *Role) enter() { r.turn = r.node.Begin() }

// leave completes what has been begun, and gives the turn back.
func (r *Role) leave() {
	r.act()
	r.turn.End()
}

// leavePaced is leave for the reader of a connection, see [bridge.Turn.EndPaced].
func (r *Role) leavePaced() (relief <-chan struct{}) {
	r.act()
	return r.turn.EndPaced()
}

// settle routes what has been sent, so that its effects are in place.
func (r *Role) settle() {
	r.act()
	r.turn.Settle()
}

// eachAtOnce is how many sessions a turn looks at.
const eachAtOnce = 256

// each does something with every session, in several turns if there are many, so
// that others get theirs in between.
func (r *Role) each(do func(s *session)) {
	r.enter()
	all := slices.Collect(maps.Keys(r.sessions))
	r.leave()
	for some := range slices.Chunk(all, eachAtOnce) {
		r.enter()
		for _, s := range some {
			if !s.ended {
				do(s)
				r.settle()
			}
		}
		r.leave()
	}
}

// Handle hands a datagram to the sessions that it is for. The node calls it.
func (r *Role) Handle(t bridge.Turn, d wire.Datagram, to []*bridge.Participant) {
	if len(to) == 1 && to[0] == r.hub {
		return // it was sent to a channel that no client has
	}
	r.turn = t
	r.handled++
	r.stats.Received++
	in := &r.in
	if err := in.read(d, r.handled); err != nil {
		r.stats.Malformed++
		t.Later(func() { r.log.Warn("ignored a datagram", "error", err) })
		return
	}
	for _, p := range to {
		if s, ok := p.Value.(*session); ok && !s.ended {
			s.fromCluster(in)
		}
	}
	r.act()
}
