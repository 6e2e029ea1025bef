package astrond

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"natstron/dc"
	"natstron/internal/config"
	"natstron/roles"
	"natstron/roles/database"
	"natstron/storage"
	"natstron/storage/embedded"
	"natstron/storage/mongo"
	"natstron/storage/yaml"
)

func (d *daemon) makeDatabase(role *config.Database) (roles.Role, error) {
	log := component(d.log, "Database")
	made, err := database.New(d.node, database.Options{
		Control:   role.Control,
		File:      d.file,
		Broadcast: bool(role.Broadcast),
		Log:       log,
		Open: func(ctx context.Context) (storage.Store, error) {
			return openBackend(ctx, d.cfg, role, d.file, mongo.Options{Log: log})
		},
	})
	if err != nil {
		return nil, fault(d.cfg, role.Path(), err.Error(), "")
	}
	return sole{made, d.cfg, role.Path() + ".control"}, nil
}

// openBackend opens where a database keeps its objects. The error is
// a [*config.Error]. Names of files are relative to the working directory.
func openBackend(ctx context.Context, cfg *config.Config, role *config.Database, file *dc.File, o mongo.Options) (store storage.Store, err error) {
	ids := storage.Range{Min: role.Generate.Min, Max: role.Generate.Max}
	path, fix := role.Backend.Path(), ""
	switch b := role.Backend.(type) {
	case *config.EmbeddedBackend:
		store, err = embedded.Open(b.File, ids)
		path += ".file"
	case *config.YAMLBackend:
		store, err = yaml.Open(b.Directory, ids, file)
		path += ".directory"
	case *config.MongoDBBackend:
		o.Workers = b.Workers
		store, err = mongo.Open(ctx, b.Server.Reveal(), ids, o)
		if err != nil {
			err = errors.New(strings.ReplaceAll(err.Error(), b.Server.Reveal(), b.Server.String()))
		}
		path += ".server"
		fix = "look whether the server runs and can be reached from here"
	default:
		err = fmt.Errorf("there is no backend %s", role.Backend.Type())
	}
	if err == nil {
		return store, nil
	}
	if errors.Is(err, storage.ErrLocked) {
		fix = "end the other process, or give each database a place of its own"
	}
	return nil, fault(cfg, path, err.Error(), fix)
}

// refuseSoci refuses the backend that the reference has for SQL servers.
func refuseSoci(cfg *config.Config) []config.Fault {
	var faults []config.Fault
	for _, role := range cfg.Roles {
		if role, ok := role.(*config.Database); ok && role.Backend.Type() == config.TypeSoci {
			faults = append(faults, cfg.Fault(role.Backend.Path()+".type",
				"astrond has no backend soci, nor any other for SQL servers",
				"write type: embedded (a local file, no server) or mongodb; to move your objects, have the C++ Astron write "+
					"them to a yaml or mongodb backend, and see astrond db import"))
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
