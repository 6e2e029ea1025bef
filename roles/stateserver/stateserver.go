package stateserver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/dc"
)

// Options say what a state server works with.
type Options struct {
	// Control is the channel on which it is told to create objects; required.
	Control wire.Channel `key:"control,required" alone:"give each role a control channel of its own" doc:"The channel on which objects are created."`
	// File is the DC files; required. Without any dclass no object can be
	// created.
	File *dc.File
	Log  *slog.Logger // default: discard
	// Label names it in logs and metrics; default "stateserver[<control>]".
	Label string
	// Ranges are at most [MaxRanges].
	Ranges []wire.DoIDRange `key:"ranges,ours" each:"range" doc:"The doIds of objects that are created by AIs connected to other processes. This process then takes all that is sent to them from the backbone, so that what an AI sends to a new object need not wait until the object is created."`
	// Generate is zero if the state server chooses no doIds.
	Generate wire.DoIDRange `key:"generate,ours,optional" doc:"The doIds that it gives to objects whose creators leave the choice to it (STATESERVER_GENERATE_OBJECT_WITH_REQUIRED). Nothing else in the cluster may have any of them."`
	// Objects exist as long as the state server. [CheckStatic] says what is wrong
	// with them.
	Objects []StaticObject `key:"objects,ours" each:"object" doc:"Objects that exist as long as the state server, without an AI that creates them: roots of worlds, directories. They are in no location."`
	// MaxObjects is that of [SpaceOptions].
	SurviveOptions `key:",inline"`
	MaxObjects     int `key:"max_objects,ours" default:"10000000" min:"1" max:"1000000000" doc:"How many objects there may be; one more is refused. What it knows of their children has room for four times as many."`
}

// MaxRanges is how many ranges of doIds one role may have. Each is held on the backbone
// as a few wildcards, for as long as the role runs.
const MaxRanges = 1000

// CheckKeys finds what is wrong with options in a configuration.
func (o *Options) CheckKeys(_ func(string) bool, report func(problem, fix string, keys ...string)) {
	CheckRanges(len(o.Ranges), report)
}

// CheckRanges reports more ranges than there may be.
func CheckRanges(n int, report func(problem, fix string, keys ...string)) {
	if n > MaxRanges {
		report(fmt.Sprintf("has %d ranges", n), fmt.Sprintf("write at most %d: join those that touch", MaxRanges), "ranges")
	}
}

// Role is a state server: a [Space], and a control channel on which objects are
// created (document 12, section 1). It is a roles.Role.
type Role struct {
	options     Options
	space       *Space
	participant *bridge.Participant
}

// New returns a state server that is not started yet.
func New(node *bridge.Node, o Options) (*Role, error) {
	if o.Control <= wire.LastReservedChannel {
		return nil, fmt.Errorf("stateserver: control channel %d: channels up to %d are reserved",
			o.Control, wire.LastReservedChannel)
	}
	if o.File == nil {
		return nil, errors.New("stateserver: no DC file")
	}
	o.Label = cmp.Or(o.Label, fmt.Sprintf("stateserver[%d]", o.Control))
	r := &Role{options: o}
	r.space = NewSpace(node, SpaceOptions{
		Label:      o.Label,
		File:       o.File,
		Log:        o.Log,
		MaxObjects: o.MaxObjects,
		Survival:   o.SurviveOptions,
		Control:    r.control,
	})
	if o.Generate != (wire.DoIDRange{}) {
		r.space.given = newDoIDs(o.Generate)
	}
	return r, nil
}

// Name is the label.
func (r *Role) Name() string { return r.options.Label }

// Stats may be called by any goroutine at any time.
func (r *Role) Stats() RoleStats {
	s := RoleStats{Stats: r.space.Stats()}
	if given := r.space.given; given != nil {
		s.FreeDoIDs = given.free.Load()
	}
	return s
}

// Start subscribes to the control channel, and to the one that all state servers
// listen on.
func (r *Role) Start(ctx context.Context) error {
	if err := r.space.Restore(ctx, r.log()); err != nil {
		return err
	}
	err := r.space.Enter(func() (err error) {
		if r.participant, err = r.space.Join(r.options.Label, r); err != nil {
			return err
		}
		for _, c := range r.covered() {
			r.space.turn.Cover(c.Min.Channel(), c.Max.Channel())
		}
		if err := r.space.Subscribe(r.participant, r.options.Control); err != nil {
			return err
		}
		if err := r.space.Subscribe(r.participant, wire.BroadcastStateServers); err != nil {
			return err
		}
		r.space.Begin()
		r.space.Claim(r.claims()...)
		return r.createStatic()
	})
	if err == nil {
		r.space.GoOn()
	} else {
		r.space.Close(ctx, r.options.Control)
		return err
	}
	if n := len(r.options.File.Classes()); n > 0 {
		r.space.options.Log.Info("serving", "control", uint64(r.options.Control), "dclasses", n)
	} else {
		r.space.options.Log.Warn("cannot create objects: the DC files (general.dc_files) have no dclass")
	}
	return nil
}

// log is the name of what is kept.
func (r *Role) log() string { return fmt.Sprintf("stateserver-%d", r.options.Control) }

// Follow implements roles.Follower: it reads what another process keeps.
func (r *Role) Follow(ctx context.Context) { r.space.Follow(ctx, r.log()) }

// Ready implements roles.Checked: a state server that survives is ready while JetStream takes
// what changes.
func (r *Role) Ready(context.Context) error {
	return r.Stats().Survival.Ready()
}

// Run serves until ctx is done. It fails when the node cannot go on serving it:
// the objects have missed messages then. A state server that has failed is not
// started again; its process ends, so that others notice.
func (r *Role) Run(ctx context.Context) error { return r.space.Serve(ctx) }

// Stop ends all objects, and tells those who see them; those that survive go on in the next
// process. If the process dies instead,
// the other nodes do it.
func (r *Role) Stop(ctx context.Context, cause error) {
	if cause == nil {
		r.space.HandOver(ctx, nil, r.claims()...)
	}
	r.space.Close(ctx, r.options.Control)
	_ = r.space.Enter(func() error { // which cannot fail
		for _, c := range r.covered() {
			r.space.turn.Uncover(c.Min.Channel(), c.Max.Channel())
		}
		if !r.space.Survives() { // else the others are to keep the objects
			r.space.Unclaim(r.claims()...)
		}
		return nil
	})
}

// covered are the doIds whose objects are here, wherever their creators are.
func (r *Role) covered() []wire.DoIDRange {
	if r.space.given == nil {
		return r.options.Ranges
	}
	return append(r.options.Ranges[:len(r.options.Ranges):len(r.options.Ranges)], r.options.Generate)
}

// claims are what the other nodes are told of the state server.
func (r *Role) claims() []bridge.Claim {
	all := []bridge.Claim{
		{Service: bridge.ServesControl, Lo: r.options.Control, Hi: r.options.Control},
		{Service: bridge.ServesAnyObject},
	}
	for _, c := range r.covered() {
		all = append(all, bridge.Claim{Service: bridge.ServesObjects, Lo: c.Min.Channel(), Hi: c.Max.Channel()})
	}
	return r.space.Surviving(all...)
}
