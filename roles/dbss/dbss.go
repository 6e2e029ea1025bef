package dbss

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/internal/complaint"
	"natstron/roles/stateserver"
)

// Options say what a database-state server works with.
type Options struct {
	// Database is the control channel of the database server behind it; required.
	Database wire.Channel `key:"database,required" doc:"The control channel of the database server that keeps the objects."`
	// Ranges are at least one and at most [stateserver.MaxRanges], of which no two
	// overlap.
	Ranges []wire.DoIDRange `key:"ranges,required" halves:"min max" each:"range" doc:"The doIds that it takes care of; no two dbss may share one."`
	// File is the DC files; required.
	File *dc.File
	Log  *slog.Logger // default: discard
	// Label names it in logs and metrics; default "dbss[<first doId>]".
	Label string

	// Timeout is how long the database may take for an answer; default 10 s.
	Timeout time.Duration `key:"timeout,ours" default:"10s" min:"100ms" max:"1h" doc:"How long the database may take for an answer. Then an object is not activated, and a question for its fields is answered with none."`
	// MaxObjects is that of [stateserver.SpaceOptions].
	MaxObjects int
	// MaxQuestions is how many questions to the database may be open, those for
	// loading objects included; default one million.
	MaxQuestions int
	// MaxWaiting is how many bytes of datagrams may wait for one loading object,
	// and MaxWaitingAll for all of them; default 1 MiB and 256 MiB.
	MaxWaiting    int
	MaxWaitingAll int

	stateserver.SurviveOptions `key:",inline"`

	logEvery time.Duration // see stateserver.SpaceOptions; tests want to see all
}

// CheckKeys finds what is wrong with options in a configuration.
func (o *Options) CheckKeys(_ func(string) bool, report func(problem, fix string, keys ...string)) {
	if len(o.Ranges) == 0 {
		report("is empty", "write at least one range, such as - min: 100000000", "ranges")
	}
	stateserver.CheckRanges(len(o.Ranges), report)
}

// Defaults of [Options].
const (
	defaultTimeout       = 10 * time.Second
	defaultMaxQuestions  = 1_000_000
	defaultMaxWaiting    = 1 << 20
	defaultMaxWaitingAll = 256 << 20
)

// Role is a database-state server. It is a roles.Role.
type Role struct {
	options     Options
	ranges      ranges
	log         *slog.Logger
	space       *stateserver.Space
	participant *bridge.Participant

	loading    map[wire.DoID]*loading
	waiting    int // bytes of datagrams in their queues
	questions  questions
	echoes     echoes
	expired    time.Time // when expireEchoes was last called
	catchup    catchup
	idled      chan struct{} // closed when nothing is asked or loading; nil: nobody waits for it
	unanswered bool          // the database did not answer: do not ask it again now

	now        func() time.Time
	random     func() uint32 // of contexts
	count      counters
	complaints complaint.Limiter

	// What follows is used again and again, to save allocations.
	w       wire.Writer
	values  stateserver.Values
	updates []dc.FieldValue
	changes []dc.FieldValue
	fields  []*dc.Field
}

// New returns a database-state server that is not started yet.
func New(node *bridge.Node, o Options) (*Role, error) {
	if o.Database <= wire.LastReservedChannel {
		return nil, fmt.Errorf("dbss: database %d: channels up to %d are reserved", o.Database, wire.LastReservedChannel)
	}
	if o.File == nil {
		return nil, errors.New("dbss: no DC file")
	}
	own, err := newRanges(o.Ranges)
	if err != nil {
		return nil, fmt.Errorf("dbss: %w", err)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Label = cmp.Or(o.Label, fmt.Sprintf("dbss[%d]", own[0].Min))
	o.Timeout = cmp.Or(o.Timeout, defaultTimeout)
	o.MaxQuestions = cmp.Or(o.MaxQuestions, defaultMaxQuestions)
	o.MaxWaiting = cmp.Or(o.MaxWaiting, defaultMaxWaiting)
	o.MaxWaitingAll = cmp.Or(o.MaxWaitingAll, defaultMaxWaitingAll)
	r := &Role{
		options:    o,
		ranges:     own,
		log:        o.Log.With("role", o.Label),
		loading:    map[wire.DoID]*loading{},
		questions:  newQuestions(),
		echoes:     newEchoes(),
		now:        time.Now,
		random:     randomContext,
		complaints: complaint.Limiter{Every: o.logEvery},
	}
	r.space = stateserver.NewSpace(node, stateserver.SpaceOptions{
		Label:      o.Label,
		File:       o.File,
		Log:        o.Log,
		MaxObjects: o.MaxObjects,
		LogEvery:   o.logEvery,
		Control:    r.control,
		Other:      r.other,
		Updated:    r.updated,
		Survival:   o.SurviveOptions,
		Has:        r.Has,
		Restored:   r.restored,
		Tick:       r.tick,
		Every:      max(o.Timeout/ticksPerTimeout, time.Millisecond),
	})
	return r, nil
}

// ticksPerTimeout is how often in a timeout the role looks for what has run out.
const ticksPerTimeout = 20

// Name is the label.
func (r *Role) Name() string { return r.options.Label }

// Start subscribes to the ranges, and to the database channels of the doIds in
// them.
func (r *Role) Start(ctx context.Context) error {
	r.expired = r.now()
	if err := r.space.Restore(ctx, r.keptLog()); err != nil {
		return err
	}
	err := r.space.Enter(func() (err error) {
		if r.participant, err = r.space.Join(r.options.Label, r); err != nil {
			return err
		}
		for _, o := range r.ranges {
			if err := r.space.SubscribeRange(r.participant, o.Min.Channel(), o.Max.Channel()); err != nil {
				return err
			}
			if err := r.space.SubscribeRange(r.participant, o.Min.DatabaseChannel(), o.Max.DatabaseChannel()); err != nil {
				return err
			}
		}
		r.catchup.begins = r.space.Survives()
		r.space.Begin()
		r.space.Claim(r.claims()...)
		return nil
	})
	if err != nil {
		r.space.Close(ctx, r.options.Database)
		return fmt.Errorf("%s: %w", r.options.Label, err)
	}
	r.space.GoOn()
	return r.space.Enter(func() error {
		r.catchup.begins = false
		r.catchUp()
		return nil
	})
}

// keptLog is the name of what is kept.
func (r *Role) keptLog() string { return fmt.Sprintf("dbss-%d", r.ranges[0].Min) }

// Follow implements roles.Follower: it reads what another process keeps.
func (r *Role) Follow(ctx context.Context) { r.space.Follow(ctx, r.keptLog()) }

// Ready implements roles.Checked: see [stateserver.Role.Ready].
func (r *Role) Ready(context.Context) error { return r.Stats().Survival.Ready() }

// Run serves until ctx is done. It fails when the node cannot go on serving it:
// objects have missed messages then, see [stateserver.Role.Run].
func (r *Role) Run(ctx context.Context) error { return r.space.Serve(ctx) }

// Stop ends all active objects, and tells those who see them; those that survive go on in
// the next process. If the process dies instead, the other nodes do it. What is in the
// database stays there.
func (r *Role) Stop(ctx context.Context, cause error) {
	if cause == nil {
		r.space.HandOver(ctx, r.whenIdle, r.claims()...)
	}
	r.space.Close(ctx, r.options.Database)
	_ = r.space.Enter(func() error { // which cannot fail
		if !r.space.Survives() { // else the others are to keep the objects
			r.space.Unclaim(r.claims()...)
		}
		return nil
	})
	r.catchup = catchup{}
	r.loading, r.questions, r.echoes = map[wire.DoID]*loading{}, newQuestions(), newEchoes()
	r.waiting = 0
	r.gauge()
}

// claims are what the other nodes are told of the role.
func (r *Role) claims() (all []bridge.Claim) {
	for _, o := range r.ranges {
		all = append(all, bridge.Claim{Service: bridge.ServesObjects, Lo: o.Min.Channel(), Hi: o.Max.Channel()})
	}
	return r.space.Surviving(all...)
}
