package clientagent

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"natstron/bridge"
	"natstron/bridge/arrival"
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/alive"
	"natstron/internal/backoff"
	"natstron/internal/complaint"
	"natstron/internal/latency"
	"natstron/internal/stream"
	"natstron/roles/ask"
	"natstron/roles/clientagent/internal/view"
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
	anonymous map[wire.DoID]bool // UberDOGs
	encrypted *tls.Config        // of the ports with TLS
	ports     ports
	conns     sync.WaitGroup
	lost      chan struct{} // has a value when the node dropped the hub

	complaints   complaint.Limiter
	interestTime latency.Histogram // of Stats

	// All below, and every session, belongs to the node's turn.
	turn          bridge.Turn         // the present one, see enter and Handle
	hub           *bridge.Participant // holds the channel range; its Value is nil
	sessions      map[*session]struct{}
	networks      map[netip.Prefix]int // how many sessions each has
	closed        bool                 // no new clients
	stopping      bool
	draining      time.Time     // when those that are left are ejected; zero: the agent does not drain
	drained       chan struct{} // closed when a draining agent has no clients
	stats         Stats
	views         view.Views
	rules         *rules // nil: there are no avatars
	interestRules *interestRules
	resumes       resumes
	expire        *time.Timer // for views
	reader        wire.Reader // of orders
	cluster       wire.Writer // of what goes to the cluster
	client        wire.Writer // of what goes to clients

	askers   *ask.Askers // of the sessions, of the client class
	inClass  bool        // the class is called in the middle of something
	deferred []func()    // what it asked for, to be done after that
}

// New returns a client agent that is not started yet.
func New(node *bridge.Node, o Options) (*Role, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	r := &Role{
		node: node, o: o, log: o.Log.With("role", o.Label),
		lost:      make(chan struct{}, 1),
		ports:     ports{failed: make(chan error, 1)},
		drained:   make(chan struct{}),
		sessions:  map[*session]struct{}{},
		networks:  map[netip.Prefix]int{},
		anonymous: map[wire.DoID]bool{},
		expire:    time.NewTimer(time.Hour),
	}
	r.expire.Stop()
	r.party = bridge.Party{Handler: r, Dropped: r.dropped, InOrder: true}
	r.views = view.Views{
		File: o.File, Uberdogs: map[wire.DoID]*dc.Class{}, Timeout: o.InterestTimeout,
		Alarm: func(after time.Duration) { r.expire.Reset(after) }, Opened: r.interestTime.Observe, Now: time.Now,
	}
	r.interestRules = newInterestRules(o.InterestRules, o.File)
	if o.AvatarClass != "" {
		r.views.Avatar, _ = o.File.DClassByName(o.AvatarClass) // complete has found it
	}
	for _, u := range o.Uberdogs {
		r.views.Uberdogs[u.ID], _ = o.File.ClassByName(u.Class) // complete has found it
		r.anonymous[u.ID] = u.Anonymous
	}
	r.askers = ask.New(ask.Options{
		File: o.File, Timeout: o.AnswerTimeout, MaxOpen: o.Limits.OpenQuestions, MaxWork: o.Limits.Work,
	})
	r.stats.Ejects = map[wire.EjectCode]uint64{}
	if err := r.initResumes(); err != nil {
		return nil, err
	}
	return r, nil
}

// Name is the label.
func (r *Role) Name() string { return r.o.Label }

// Start subscribes to the whole channel range, and opens the ports. Clients are
// served when Run is called. A port that cannot be opened is a [*ListenError].
func (r *Role) Start(ctx context.Context) error {
	if r.o.TLS != nil {
		var err error
		if r.encrypted, err = loadTLS(*r.o.TLS, r.log); err != nil {
			return fmt.Errorf("%s: %w", r.o.Label, err)
		}
	}
	if r.arrivals = r.o.Arrivals; r.arrivals == nil {
		var err error
		if r.arrivals, err = arrival.Start(r.node); err != nil {
			return fmt.Errorf("%s: %w", r.o.Label, err)
		}
	}
	r.flusher.behind = r.arrivals.Behind
	r.watch = alive.Start(r.o.Limits.Host)
	if err := r.join(); err != nil {
		r.watch.Close()
		r.closeArrivals()
		return fmt.Errorf("%s: %w", r.o.Label, err)
	}
	if err := r.joinHandovers(ctx); err != nil {
		r.Stop(ctx, err)
		return err
	}
	if err := r.openPorts(ctx, nil); err != nil {
		r.Stop(ctx, err)
		return err
	}
	r.warnOfRules()
	return nil
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
	err = r.turn.SubscribeRange(hub, r.o.Pool.first, r.o.Pool.last)
	if err == nil {
		err = r.joinRules()
	}
	if err != nil {
		r.turn.Leave(hub)
		return err
	}
	r.hub = hub
	r.turn.Claim(r.claim())
	return nil
}

// claim is what the other nodes are told of the agent.
func (r *Role) claim() bridge.Claim {
	return bridge.Claim{Service: bridge.ServesClients, Lo: r.o.Pool.first, Hi: r.o.Pool.last}
}

// quit gives up the channel range.
func (r *Role) quit() {
	r.enter()
	defer r.leave()
	r.quitRules()
	r.turn.Leave(r.hub)
	r.turn.Unclaim(r.claim())
}

// dropped is called by the node when it cannot go on serving a session, or the hub.
func (r *Role) dropped(p *bridge.Participant, cause error) {
	s, ok := p.Value.(*session)
	stopped := errors.Is(cause, bridge.ErrStopped)
	if in, onItsWay := p.Value.(*incoming); onItsWay {
		r.enter()
		in.failed = cause
		s = in.session
		r.leave()
		if s == nil {
			return
		}
	} else if !ok {
		if !stopped && p.Value == nil { // the hub; the rules' participant is lost with it
			r.lost <- struct{}{}
		}
		return
	}
	r.enter()
	defer r.leave()
	if stopped {
		s.eject(stopping())
	} else if !s.abandon(cause) {
		s.eject(ejectf(wire.EjectGeneric, "The server lost its cluster: %v.", cause))
	}
}

// Run serves clients until ctx is done. When the node loses the backbone, clients
// may have missed something: all are disconnected, and new ones are served as
// soon as the backbone is back.
func (r *Role) Run(ctx context.Context) error {
	r.ports.mu.Lock()
	r.servePorts()
	r.ports.mu.Unlock()
	sweep := time.NewTicker(r.o.Limits.sweepEvery(r.o.Resume.Within))
	defer sweep.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-r.ports.failed:
			return err
		case <-r.lost:
			r.rejoin(ctx)
		case <-r.expire.C:
			r.expireInterests()
		case now := <-sweep.C:
			r.sweep(now)
		}
	}
}

// rejoinEvery is how often the role tries to join a lost backbone.
const rejoinEvery = 100 * time.Millisecond

// rejoin waits until the node is back. The sessions have been, or are being,
// dropped one by one.
func (r *Role) rejoin(ctx context.Context) {
	r.quit()
	r.log.Warn("the backbone was lost, all clients are disconnected")
	for {
		switch err := r.join(); {
		case errors.Is(err, bridge.ErrStopped):
			<-ctx.Done() // the process stops, and this role with it
			return
		case err == nil || !backoff.Wait(ctx.Done(), rejoinEvery):
			return
		}
	}
}

// Stop closes the ports, tells all clients, and waits for their connections to
// end as long as the context lets it.
func (r *Role) Stop(ctx context.Context, _ error) {
	r.ports.end()
	r.enter()
	r.closed, r.stopping = true, true
	r.leave()
	r.ejectAll()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.ports.close(true)
		r.conns.Wait()
		r.watch.Close()
		r.closeArrivals()
	}()
	select {
	case <-ended:
	case <-ctx.Done():
		r.log.Warn("stopping with connections left")
	}
	r.expire.Stop()
	r.o.Handovers.remove(r)
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
	r.each(func(s *session) { s.eject(stopping()) })
}

func stopping() *ejection { return ejectf(wire.EjectMaintenance, "The server is stopping.") }
