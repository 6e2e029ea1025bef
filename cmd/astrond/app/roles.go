package app

import (
	"context"
	"errors"
	"fmt"

	"natstron/bridge"
	"natstron/bridge/md"
	"natstron/internal/config"
	"natstron/roles"
	"natstron/roles/clientagent"
	"natstron/roles/eventlogger"
	"natstron/roles/stateserver"
)

// makeRoles makes everything that the configuration asks for and that lives on
// the node, in the order in which it starts: what others lean on first, and
// clients, who may use all of it at once, last. It ends in the reverse order.
func (d *daemon) makeRoles() ([]roles.Role, error) {
	var all []roles.Role
	for _, kind := range []string{config.TypeEventLogger, config.TypeDatabase, config.TypeStateServer, config.TypeDBSS} {
		for _, role := range d.cfg.Roles {
			if role.Type() != kind {
				continue
			}
			made, err := d.makeRole(role)
			if err != nil {
				return nil, err
			}
			all = append(all, made)
		}
	}
	if listens(d.cfg) {
		d.director = &directorRole{daemon: d}
		all = append(all, d.director)
	}
	pools := new(clientagent.ChannelPools)
	for _, role := range d.cfg.Roles {
		if role, ok := role.(*config.ClientAgent); ok {
			made, err := d.makeClientAgent(role, pools)
			if err != nil {
				return nil, err
			}
			all = append(all, made)
		}
	}
	return all, nil
}

func (d *daemon) makeRole(role config.Role) (roles.Role, error) {
	switch role := role.(type) {
	case *config.EventLogger:
		return d.makeEventLogger(role)
	case *config.Database:
		return d.makeDatabase(role)
	case *config.StateServer:
		return d.makeStateServer(role)
	case *config.DBSS:
		return d.makeDBSS(role)
	}
	return nil, fault(d.cfg, role.Path(), role.Type()+" is not in this version of astrond", "take the role out")
}

func (d *daemon) makeEventLogger(role *config.EventLogger) (roles.Role, error) {
	o := eventlogger.Options{
		Bind:           role.Bind.String(),
		Output:         role.Output,
		RotateInterval: role.RotateInterval.Std(),
		Log:            component(d.log, "Event Logger"),
	}
	if role.NATS {
		o.Node = d.node
	}
	made, err := eventlogger.New(o)
	if err != nil {
		return nil, fault(d.cfg, role.Path(), err.Error(), "")
	}
	return eventLogger{made, d.cfg, role.Path() + ".bind", role.Bind}, nil
}

func (d *daemon) makeStateServer(role *config.StateServer) (roles.Role, error) {
	var ranges []bridge.ChannelRange
	for _, r := range role.Ranges {
		ranges = append(ranges, bridge.ChannelRange{Lo: r.Min.Channel(), Hi: r.Max.Channel()})
	}
	made, err := stateserver.New(d.node, stateserver.Options{
		Control:    role.Control,
		File:       d.file,
		Log:        component(d.log, "State Server"),
		Ranges:     ranges,
		MaxObjects: role.MaxObjects,
	})
	if err != nil {
		return nil, fault(d.cfg, role.Path(), err.Error(), "")
	}
	return made, nil
}

// eventLogger is an event logger of a configuration: a port that it cannot open is
// told at the place of its address.
type eventLogger struct {
	*eventlogger.EventLogger
	cfg  *config.Config
	path string
	at   config.Address
}

func (o eventLogger) Start(ctx context.Context) error {
	err := o.EventLogger.Start(ctx)
	var told *config.Error
	if err == nil || errors.As(err, &told) {
		return err
	}
	return addressFault(o.cfg, o.path, o.at, err)
}

// directorRole is the message director port, as a role among the others.
type directorRole struct {
	daemon *daemon
	server *md.Server
}

func (r *directorRole) Name() string { return "messagedirector" }

// listens says whether the message director has a port.
func listens(cfg *config.Config) bool {
	return !cfg.MessageDirector.Bind.IsZero() || len(cfg.MessageDirector.Listeners) > 0
}

func (r *directorRole) Start(ctx context.Context) (err error) {
	d := r.daemon
	o := md.Options{
		MaxParticipants: d.cfg.MessageDirector.MaxParticipants,
		MaxQueue:        int(d.cfg.MessageDirector.MaxQueue),
		Linger:          lingerTimeout,
		HostTimeout:     d.cfg.MessageDirector.HostTimeout.Std(),
		LogMessage:      d.events.Send,
		Arrivals:        d.arrivals,
		DC:              newDecoder(d.file).values,
		Log:             component(d.log, "Message Director"),
	}
	if r.server, err = md.New(d.node, o); err != nil {
		return err
	}
	if err := r.listen(ctx); err != nil {
		r.server.Close()
		return err
	}
	return nil
}

func (r *directorRole) listen(ctx context.Context) error {
	cfg := r.daemon.cfg
	if at := cfg.MessageDirector.Bind; !at.IsZero() {
		if err := r.server.Listen(ctx, at.String(), md.Astron); err != nil {
			return addressFault(cfg, "messagedirector.bind", at, err)
		}
	}
	for i, l := range cfg.MessageDirector.Listeners {
		dialect := md.Astron
		if l.Dialect == config.DialectOTP {
			dialect = md.OTP
		}
		if err := r.server.Listen(ctx, l.Bind.String(), dialect); err != nil {
			return addressFault(cfg, fmt.Sprintf("messagedirector.listeners[%d].bind", i), l.Bind, err)
		}
	}
	return nil
}

// Run serves until ctx is done. Participants leave in Stop.
func (r *directorRole) Run(ctx context.Context) error {
	failed := make(chan error, 1)
	go func() { failed <- r.server.Serve() }()
	select {
	case <-ctx.Done():
		return nil
	case err := <-failed:
		if err == nil {
			err = fmt.Errorf("message director: %w", roles.ErrEndedEarly)
		}
		return err
	}
}

func (r *directorRole) Stop(context.Context, error) { r.server.Close() }
