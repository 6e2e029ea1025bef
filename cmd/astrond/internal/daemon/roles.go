package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"natstron/bridge"
	"natstron/bridge/md"
	"natstron/cmd/astrond/internal/logging"
	"natstron/internal/config"
	"natstron/internal/msgtext"
	"natstron/roles"
	"natstron/roles/clientagent"
	"natstron/roles/database"
	"natstron/roles/dbss"
	"natstron/roles/eventlogger"
	"natstron/roles/gamerole"
	"natstron/roles/stateserver"
	"natstron/storage"
	"natstron/storage/anystore"
)

// makeRoles makes everything that the configuration asks for and that lives on
// the node, in the order in which it starts: what others lean on first, and
// clients, who may use all of it at once, last. It ends in the reverse order.
func (d *daemon) makeRoles() (all []roles.Role, err error) {
	for _, kind := range []string{"eventlogger", "database", "stateserver", "dbss", own, "messagedirector", "clientagent"} {
		if kind == "messagedirector" && d.cfg.MessageDirector.Listens() {
			d.director = &directorRole{daemon: d}
			all = append(all, d.placed(d.director, kind))
		}
		for i, options := range d.cfg.Roles {
			if options.Type() != kind && (kind != own || options.Own == nil) {
				continue
			}
			path := config.RolePath(i)
			role, err := d.makeRole(options)
			if err != nil {
				return nil, fault(d.cfg, path, err.Error(), "")
			}
			if f, ok := role.(roles.Follower); ok {
				d.followers = append(d.followers, f)
			}
			all = append(all, d.placed(role, path))
		}
	}
	return all, nil
}

// own stands for the types of the game's own roles.
const own = ""

// placedRole is a role with its place in the configuration, where the reason is told if
// it cannot start.
type placedRole struct {
	roles.Role
	cfg  *config.Config
	path string
}

func (d *daemon) placed(role roles.Role, path string) roles.Role {
	return placedRole{d.board.Watch(role), d.cfg, path}
}

func (p placedRole) Start(ctx context.Context) error {
	return ExplainStart(p.cfg, p.path, p.Role.Start(ctx))
}

func (d *daemon) makeRole(role config.Role) (roles.Role, error) {
	switch {
	case role.EventLogger != nil:
		o := *role.EventLogger
		o.Node, o.Log = d.node, logging.Component(d.log, "Event Logger")
		return eventlogger.New(o)
	case role.Database != nil:
		o := *role.Database
		o.File, o.Log = d.file, logging.Component(d.log, "Database")
		return database.New(d.node, o)
	case role.StateServer != nil:
		o := *role.StateServer
		o.File, o.Log = d.file, logging.Component(d.log, "State Server")
		return stateserver.New(d.node, o)
	case role.DBSS != nil:
		o := *role.DBSS
		o.File, o.Log = d.file, logging.Component(d.log, "DBSS")
		return dbss.New(d.node, o)
	case role.Own != nil:
		r, err := d.ours.Roles[role.Own.Type].New(gamerole.Setup{
			Type: role.Own.Type, Node: d.node, File: d.file, Options: role.Own.Options, Log: logging.Component(d.log, role.Own.Type),
		})
		if err == nil && r.Drains() {
			d.drainers = append(d.drainers, r)
		}
		return r, err
	}
	o := *role.ClientAgent
	o.File, o.Log = d.file, logging.Component(d.log, "Client Agent")
	o.Uberdogs, o.Pool, o.Handovers = d.cfg.Uberdogs, d.pools.Get(o.Channels.Min, o.Channels.Max), &d.handovers
	o.Event, o.Arrivals = d.events.Send, d.arrivals
	if makeClass, ok := d.ours.Classes.Get(o.ClientType); ok {
		var err error
		name := "clientagent[" + o.Bind + "]"
		if o.Class, err = makeClass(clientagent.Agent{Name: name, File: d.file, Log: o.Log.With("role", name), OTP: o.OTP}); err != nil {
			return nil, fmt.Errorf("the client type %s: %w", o.ClientType, err)
		}
	}
	agent, err := clientagent.New(d.node, o)
	if err == nil {
		d.drainers = append(d.drainers, agent)
	}
	return agent, err
}

// ExplainStart tells why the role at path cannot start, at the place of the key that is
// to be changed.
func ExplainStart(cfg *config.Config, path string, err error) error {
	var (
		port   *clientagent.ListenError
		store  *anystore.Error
		socket *net.OpError
	)
	switch {
	case errors.As(err, &port):
		return addressFault(cfg, path+"."+port.Key, err)
	case errors.As(err, &store):
		fix := ""
		if strings.HasPrefix(store.Key, "server") {
			fix = "check that the server runs and that this machine can reach it"
		}
		if errors.Is(err, storage.ErrPermission) {
			fix = "name a user that may read and write this database (MongoDB's role readWrite), or give this one that role"
		}
		if errors.Is(err, storage.ErrLocked) {
			fix = "end the other process, or give each database a place of its own"
		}
		return fault(cfg, path+".backend."+store.Key, store.Problem, fix)
	case errors.Is(err, bridge.ErrNoJetStream):
		fix := "set backbone.embedded.store_dir, or write survive: off"
		if cfg.Backbone.External != nil {
			fix = "switch JetStream on at the NATS server, and permit this process's user to use it; or write survive: off"
		}
		return fault(cfg, path+".survive", err.Error(), fix)
	case errors.Is(err, database.ErrRival):
		return fault(cfg, path+".control", err.Error(), "")
	case errors.As(err, &socket):
		return addressFault(cfg, path+".bind", err)
	}
	return err
}

// directorRole is the message director port, as a role among the others.
type directorRole struct {
	daemon     *daemon
	*md.Server // not until it is started
}

func (r *directorRole) Name() string { return "messagedirector" }

func (r *directorRole) Start(ctx context.Context) (err error) {
	d := r.daemon
	o := d.cfg.MessageDirector.Options
	o.Linger, o.LogMessage, o.Arrivals, o.Log = lingerTimeout, d.events.Send, d.arrivals, logging.Component(d.log, "Message Director")
	o.DC = msgtext.Values{File: d.file}
	if r.Server, err = md.New(d.node, o); err != nil {
		return err
	}
	if err := r.listen(ctx); err != nil {
		r.Server.Close()
		return err
	}
	return nil
}

func (r *directorRole) listen(ctx context.Context) error {
	o := r.daemon.cfg.MessageDirector
	if o.Bind != "" {
		if err := r.Server.Listen(ctx, o.Bind, md.Astron); err != nil {
			return err
		}
	}
	for i, l := range o.Listeners {
		if err := r.Server.Listen(ctx, l.Bind, l.Dialect); err != nil {
			return addressFault(r.daemon.cfg, fmt.Sprintf("messagedirector.listeners[%d].bind", i), err)
		}
	}
	return nil
}

// Run serves until ctx is done. Participants leave in Stop.
func (r *directorRole) Run(ctx context.Context) error {
	failed := make(chan error, 1)
	go func() { failed <- r.Server.Serve() }()
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

func (r *directorRole) Stop(context.Context, error) { r.Server.Close() }
