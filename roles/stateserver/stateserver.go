package stateserver

import (
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
	// Control is the channel on which it takes orders; required.
	Control wire.Channel
	// File is the DC files; required. Without any dclass no object can be
	// created.
	File *dc.File
	Log  *slog.Logger // default: discard
	// Label names it in logs and metrics; default "stateserver[<control>]".
	Label string
	// Ranges are the doIds that AI processes connected to other processes give to
	// their objects. The node takes from the backbone all that is sent to these
	// channels, so what is sent to a new object is on its way already while the
	// object is created, and need not wait for the creation.
	Ranges []bridge.ChannelRange
	// Objects exist as long as the state server. [CheckStatic] says what is wrong
	// with them.
	Objects []StaticObject
	// MaxObjects is that of [SpaceOptions].
	MaxObjects int
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
	if o.Label == "" {
		o.Label = fmt.Sprintf("stateserver[%d]", o.Control)
	}
	r := &Role{options: o}
	r.space = NewSpace(node, SpaceOptions{
		Label:      o.Label,
		File:       o.File,
		Log:        o.Log,
		MaxObjects: o.MaxObjects,
		Control:    r.control,
	})
	return r, nil
}

// Name is the label.
func (r *Role) Name() string { return r.options.Label }

// Stats may be called by any goroutine at any time.
func (r *Role) Stats() Stats { return r.space.Stats() }

// Start subscribes to the control channel, and to the one that all state servers
// listen on.
func (r *Role) Start(ctx context.Context) error {
	err := r.space.Enter(func() (err error) {
		if r.participant, err = r.space.Join(r.options.Label, r); err != nil {
			return err
		}
		for _, c := range r.options.Ranges {
			r.space.turn.Cover(c.Lo, c.Hi)
		}
		r.space.Claim(r.claims()...)
		if err := r.space.Subscribe(r.participant, r.options.Control); err != nil {
			return err
		}
		if err := r.space.Subscribe(r.participant, wire.BroadcastStateServers); err != nil {
			return err
		}
		return r.createStatic()
	})
	if err != nil {
		r.space.Close(ctx, r.options.Control)
		return err
	}
	if n := len(r.options.File.Classes()); n > 0 {
		r.space.log.Info("takes orders", "control", uint64(r.options.Control), "dclasses", n)
	} else {
		r.space.log.Warn("cannot create any object: the DC files (general.dc_files) have no dclass")
	}
	return nil
}

// Run serves until ctx is done. It fails when the node cannot go on serving it:
// the objects have missed messages then. A state server that has failed is not
// started again; its process ends, so that whoever relied on the objects can
// tell.
func (r *Role) Run(ctx context.Context) error { return r.space.Serve(ctx) }

// Stop ends all objects, and tells those who see them. If the process dies instead,
// the other nodes do it.
func (r *Role) Stop(ctx context.Context, _ error) {
	r.space.Close(ctx, r.options.Control)
	_ = r.space.Enter(func() error { // which cannot fail
		for _, c := range r.options.Ranges {
			r.space.turn.Uncover(c.Lo, c.Hi)
		}
		r.space.Unclaim(r.claims()...)
		return nil
	})
}

// claims are what the other nodes are told of the state server.
func (r *Role) claims() []bridge.Claim {
	all := []bridge.Claim{
		{Service: bridge.ServesControl, Lo: r.options.Control, Hi: r.options.Control},
		{Service: bridge.ServesAnyObject},
	}
	for _, c := range r.options.Ranges {
		all = append(all, bridge.Claim{Service: bridge.ServesObjects, Lo: c.Lo, Hi: c.Hi})
	}
	return all
}
