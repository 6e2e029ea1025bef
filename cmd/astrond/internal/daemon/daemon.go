package daemon

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"natstron/bridge"
	"natstron/bridge/arrival"
	"natstron/bridge/md"
	"natstron/cmd/astrond/internal/board"
	"natstron/cmd/astrond/internal/logging"
	"natstron/dc"
	"natstron/internal/config"
	"natstron/internal/eventsender"
	"natstron/internal/secret"
	"natstron/internal/web"
	"natstron/roles"
	"natstron/roles/clientagent"
	"natstron/roles/gamerole"
	"natstron/roles/inspect"
)

// The time that an orderly end may take. Participants have most of it, so that
// the rest is enough to tell the backbone.
const (
	stopTimeout        = 4500 * time.Millisecond
	participantTimeout = 3 * time.Second
	lingerTimeout      = time.Second
)

// statsEvery is how often the counters are logged.
const statsEvery = time.Minute

// Extensions are what a program has besides what is built in.
type Extensions struct {
	Classes clientagent.Classes
	Roles   gamerole.Types
}

// daemon is what runs, in the order in which it is started; it ends in the
// reverse order.
type daemon struct {
	cfg  *config.Config
	file *dc.File     // what the DC files declare
	log  *slog.Logger // of the process
	ours Extensions

	board     *board.Board
	web       *web.Server         // nil: none
	events    *eventsender.Sender // nil: no event logger
	node      *bridge.Node
	arrivals  *arrival.Loop // reads the connections of all ports
	upstream  *md.Upstream  // nil: none
	director  *directorRole // nil: no message director port
	drainers  []roles.Drainer
	followers []roles.Follower
	pools     clientagent.ChannelPools
	handovers clientagent.Handovers
	drainMu   sync.Mutex // held while roles are told to drain, or not to
	ending    bool       // told to end: no drain is undone any more; with drainMu

	endRoles context.CancelFunc // nil before the roles are started
	rolesEnd chan struct{}      // closed when they have ended
	failed   chan error         // why the process cannot go on
}

// run runs what a checked configuration asks for, until it is told to end,
// or something that it cannot do without ends. file is what its DC files declare,
// ours what the program has besides what is built in.
// To be told to end is no error. Names of files are relative to the working
// directory. The error is a [*configfile.Error] where something in the configuration
// is to be changed.
func run(end *Ending, cfg *config.Config, file *dc.File, ours Extensions, log logging.Log) error {
	d := &daemon{
		cfg: cfg, file: file, ours: ours, log: log.Logger,
		board:  &board.Board{Config: cfg, File: file, Began: time.Now(), Log: log, Denied: func() uint64 { return 0 }},
		failed: make(chan error, 3),
	}
	err := d.start(end.ctx)
	if err == nil {
		err = d.wait(end)
	} else if end.ctx.Err() != nil {
		err = nil // it was told to end while it started
	}
	if stopErr := d.stop(); err == nil {
		err = stopErr
	}
	return err
}

// start starts everything. What was started before an error is left to stop.
func (d *daemon) start(ctx context.Context) error {
	main := logging.Component(d.log, "Main")
	if !d.cfg.MessageDirector.Threaded {
		main.Debug("messagedirector.threaded has no effect: routing always uses all processors")
	}
	if !d.cfg.MessageDirector.Listens() && len(d.cfg.Roles) == 0 {
		main.Warn("there is neither a message director port nor a role: this process only runs its backbone")
	}
	if err := checkHosts(ctx, d.cfg); err != nil {
		return err
	}
	if err := d.startWeb(ctx); err != nil {
		return err
	}
	if err := d.startEvents(ctx); err != nil {
		return err
	}
	if err := d.startNode(ctx); err != nil {
		return err
	}
	all, err := d.makeRoles()
	if err != nil {
		return err
	}
	if err := d.greet(ctx); err != nil {
		return err
	}
	if err := d.startUpstream(ctx); err != nil {
		return err
	}
	return d.startRoles(ctx, all)
}

func (d *daemon) startEvents(ctx context.Context) error {
	at := d.cfg.General.EventLogger
	if at == "" {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, resolveTimeout)
	defer cancel()
	events, err := eventsender.Dial(ctx, at, logging.Component(d.log, "Event Sender"))
	if err != nil {
		return addressFault(d.cfg, "general.eventlogger", err)
	}
	d.events = events
	d.board.Update(func(s *board.State) { s.Events = events })
	return nil
}

func (d *daemon) startNode(ctx context.Context) error {
	options := d.cfg.Backbone
	options.Log = logging.Component(d.log, "Backbone")
	options.Sockets = func(n *bridge.Node) (s bridge.Sockets, err error) {
		d.arrivals, err = arrival.Start(n)
		return d.arrivals, err
	}
	ctx, cancel := context.WithTimeout(ctx, options.ConnectTimeout)
	defer cancel()
	var err error
	if d.node, err = bridge.Start(ctx, options); err != nil {
		return fault(d.cfg, "backbone", err.Error(), backboneFix(d.cfg, err))
	}
	d.board.Update(func(s *board.State) { s.Node = d.node })
	d.node.Answer(inspect.Subject, d.board.Answer)
	go d.board.Remember(d.node.Ended())
	d.node.Answer(LogQuestion, answering(d.answerLog))
	return nil
}

func (d *daemon) startUpstream(ctx context.Context) error {
	at := d.cfg.MessageDirector.Connect
	if at == "" {
		return nil
	}
	upstream, err := md.Connect(ctx, d.node, at, d.cfg.MessageDirector.Options)
	if err != nil {
		return addressFault(d.cfg, "messagedirector.connect", err)
	}
	d.upstream = upstream
	logging.Component(d.log, "Message Director").Info("connected to the upstream", "address", at)
	go func() { d.failed <- upstream.Run() }()
	return nil
}

// startRoles starts the roles and the message director port. It returns when all
// of them are ready, or one of them cannot start.
func (d *daemon) startRoles(ctx context.Context, all []roles.Role) error {
	// Once they are ready, the roles go on until stop: clients may have to finish.
	starting := ctx
	ctx, d.endRoles = context.WithCancel(context.WithoutCancel(ctx))
	started := context.AfterFunc(starting, d.endRoles)
	d.rolesEnd = make(chan struct{})
	ready := make(chan struct{})
	group := roles.Group{Roles: all, StopTimeout: participantTimeout, Ready: func() {
		started()
		close(ready)
	}}
	failed := make(chan error, 1)
	go func() {
		defer close(d.rolesEnd)
		failed <- group.Run(ctx)
	}()
	select {
	case <-ready:
		d.waitSubscribed(starting)
		d.ready(time.Since(d.board.Began))
		if len(d.drainers) > 0 {
			d.node.Answer(DrainQuestion, answering(d.answerDrain))
		}
		go func() { d.failed <- <-failed }()
		return nil
	case err := <-failed:
		return err
	}
}

// subscribedWithin is how long a process that has started waits for NATS to have its subscriptions
// before it is ready all the same: the backbone may be lost, or another process stand still.
const subscribedWithin = 3 * time.Second

// waitSubscribed waits until what others send reaches the roles: an operator starts the next
// process when this one is ready.
func (d *daemon) waitSubscribed(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, subscribedWithin)
	defer cancel()
	if err := d.node.WaitSubscribed(ctx); err != nil && ctx.Err() != nil {
		logging.Component(d.log, "Main").Info("ready before all NATS servers have answered: what others send may not reach this process yet")
	}
}

// ready tells where the process is to be reached.
func (d *daemon) ready(took time.Duration) {
	d.board.Update(func(s *board.State) { s.Started = true })
	attrs := []any{"took", took.Round(time.Millisecond)}
	if d.director != nil {
		attrs = append(attrs, "message_director", d.director.Addrs()[0])
	}
	if n := len(d.cfg.Roles); n > 0 {
		attrs = append(attrs, "roles", n)
	}
	if d.web != nil {
		attrs = append(attrs, "status", "http://"+d.web.Addr().String()+"/")
	}
	if e := d.cfg.Backbone.External; e != nil {
		attrs = append(attrs, "nats", secret.MaskURLs(e.URLs))
	} else if url := d.node.URL(); url != "" {
		attrs = append(attrs, "nats", url,
			"watch", "NATS_URL="+url+" nats sub '"+d.cfg.Backbone.Subjects.All()+"'")
	}
	if url := d.node.Monitor(); url != "" {
		attrs = append(attrs, "nats_monitor", url)
	}
	logging.Component(d.log, "Main").Info("ready", attrs...)
}

// wait returns when the process is to end, and nobody is left to wait for: nil if
// it was told to.
func (d *daemon) wait(end *Ending) error {
	tick := time.NewTicker(statsEvery)
	defer tick.Stop()
	for {
		select {
		case <-end.ctx.Done():
			logging.Component(d.log, "Main").Info("stopping")
			return d.drainFirst(end)
		case err := <-d.failed:
			if err == nil && end.ctx.Err() != nil {
				continue // the roles were told to end, as we are
			}
			return err
		case <-d.node.Ended():
			return d.node.Err()
		case err := <-d.node.GivesWay():
			return err
		case <-tick.C:
			logging.Component(d.log, "Main").Debug("counters", statsAttrs(d.node.Stats())...)
		}
	}
}

// errStop says that the end was not orderly.
var errStop = errors.New("not everything stopped in time: other nodes may have to send the post-removes of participants")

// stop ends everything in order: participants leave, their post-removes are
// sent, then the node says goodbye. It returns in time, whatever hangs.
func (d *daemon) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	done := make(chan struct{})
	go func() {
		d.stopAll(ctx)
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("after %v: %w", stopTimeout, errStop)
	}
}

func (d *daemon) stopAll(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, participantTimeout)
	defer cancel()
	d.board.Update(func(s *board.State) { s.Stopping = true })
	if d.endRoles != nil {
		d.endRoles()
		select {
		case <-d.rolesEnd:
		case <-ctx.Done():
		}
	}
	if d.node != nil {
		d.node.Stop(ctx)
	}
	if d.arrivals != nil {
		d.arrivals.Close()
	}
	if d.upstream != nil {
		d.upstream.Close(lingerTimeout)
	}
	d.events.Close()
	if d.web != nil {
		d.web.Close()
	}
	if d.node != nil {
		logging.Component(d.log, "Main").Info("stopped", statsAttrs(d.node.Stats())...)
	}
}

// backboneFix says what to do where the backbone cannot be joined.
func backboneFix(cfg *config.Config, err error) string {
	b := &cfg.Backbone
	switch {
	case errors.Is(err, bridge.ErrPermission):
		user := cmp.Or(b.Embedded.User, "that connects without a name")
		if b.External != nil {
			user = cmp.Or(b.External.User, user)
		}
		return fmt.Sprintf("give this process another user (backbone.user), or permit the user %s to publish and subscribe to %s", user, strings.Join(b.Subjects.Needed(), ", "))
	case b.External != nil:
		return "check that the NATS servers run and accept this process"
	case len(b.Embedded.Leaf.Remotes) > 0:
		return "check that the hub runs and accepts leaf nodes, and that " +
			cmp.Or(b.Embedded.Listen, bridge.DefaultListen) + " is free"
	}
	return "check that its addresses are free"
}
