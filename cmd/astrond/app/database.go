package app

import (
	"context"
	"errors"

	"natstron/internal/config"
	"natstron/roles"
	"natstron/roles/database"
	"natstron/storage"
	"natstron/storage/mongo"
)

func (d *daemon) makeDatabase(role *config.Database) (roles.Role, error) {
	log := component(d.log, "Database")
	made, err := database.New(d.node, database.Options{
		Control:   role.Control,
		File:      d.file,
		Broadcast: bool(role.Broadcast),
		Log:       log,
		Open: func(ctx context.Context) (storage.Store, error) {
			return openBackend(ctx, d.cfg, ".", role, d.file, mongo.Options{Log: log})
		},
	})
	if err != nil {
		return nil, fault(d.cfg, role.Path(), err.Error(), "")
	}
	return sole{made, d.cfg, role.Path() + ".control"}, nil
}

// refuseSoci refuses the backend that the reference has for SQL servers.
func refuseSoci(cfg *config.Config) []config.Fault {
	var faults []config.Fault
	for _, role := range cfg.Roles {
		if role, ok := role.(*config.Database); ok && role.Backend.Type() == config.TypeSoci {
			faults = append(faults, cfg.Fault(role.Backend.Path()+".type",
				"astrond has no backend soci, nor any other for SQL servers",
				"write type: embedded (a local file, no server) or mongodb; to move your objects, have a program of "+
					"yours write them as the lines that astrond db import reads"))
		}
	}
	return faults
}

// sole is a role that must be alone on its control channel: another one there is
// told at the place of the channel in the configuration.
type sole struct {
	*database.Role
	cfg  *config.Config
	path string
}

func (s sole) Start(ctx context.Context) error {
	err := s.Role.Start(ctx)
	if errors.Is(err, database.ErrRival) {
		return fault(s.cfg, s.path, err.Error(), "")
	}
	return err
}
