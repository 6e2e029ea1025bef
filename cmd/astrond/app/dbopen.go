package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"natstron/dc"
	"natstron/internal/config"
	"natstron/storage"
	"natstron/storage/embedded"
	"natstron/storage/mongo"
	"natstron/storage/yaml"

	"github.com/urfave/cli/v2"
)

// openBackend opens where a database keeps its objects. The error is
// a [*config.Error]. Names of files are relative to dir.
func openBackend(ctx context.Context, cfg *config.Config, dir string, role *config.Database, file *dc.File, o mongo.Options) (store storage.Store, err error) {
	ids := idsOf(role)
	switch b := role.Backend.(type) {
	case *config.EmbeddedBackend:
		store, err = embedded.Open(within(dir, b.File), ids)
	case *config.YAMLBackend:
		store, err = yaml.Open(within(dir, b.Directory), ids, file)
	case *config.MongoDBBackend:
		o.Workers = b.Workers
		store, err = mongo.Open(ctx, b.Server.Reveal(), ids, o)
	default:
		err = fmt.Errorf("there is no backend %s", role.Backend.Type())
	}
	if err != nil {
		return nil, backendFault(cfg, role, err)
	}
	return store, nil
}

// openToRead opens it for reading alone, also while astrond has it open.
func openToRead(ctx context.Context, d chosenDB) (r storage.Reader, err error) {
	ids := idsOf(d.role)
	switch b := d.role.Backend.(type) {
	case *config.EmbeddedBackend:
		r, err = embedded.OpenForReading(within(d.dir, b.File), ids)
	case *config.YAMLBackend:
		r, err = yaml.OpenForReading(within(d.dir, b.Directory), ids, d.file)
	case *config.MongoDBBackend:
		r, err = mongo.OpenForReading(ctx, b.Server.Reveal(), ids, mongo.Options{})
	default:
		err = fmt.Errorf("there is no backend %s", d.role.Backend.Type())
	}
	if err != nil {
		return nil, backendFault(d.cfg, d.role, err)
	}
	return r, nil
}

// readDB opens the chosen database for reading alone, and closes it again.
func readDB(c *cli.Context, do func(ctx context.Context, d chosenDB, r storage.Reader) error) (err error) {
	d, err := chooseDB(c)
	if err != nil {
		return err
	}
	ctx, stop := interruptible(c)
	defer stop()
	r, err := openToRead(ctx, d)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return do(ctx, d, r)
}

// backendFault tells at the place of the backend in the configuration why it cannot be
// opened, without the passwords in a URI.
func backendFault(cfg *config.Config, role *config.Database, err error) error {
	path, problem, fix := role.Backend.Path(), err.Error(), ""
	switch b := role.Backend.(type) {
	case *config.EmbeddedBackend:
		path += ".file"
	case *config.YAMLBackend:
		path += ".directory"
	case *config.MongoDBBackend:
		path += ".server"
		problem = strings.ReplaceAll(problem, b.Server.Reveal(), b.Server.String())
		fix = "look whether the server runs and can be reached from here"
	}
	if errors.Is(err, storage.ErrLocked) {
		fix = "end the other process, or give each database a place of its own"
	}
	return fault(cfg, path, problem, fix)
}

// openSource opens what an import reads from, by its name, for reading alone: a file
// of the embedded database, a folder of YAML files, a MongoDB URI.
func openSource(ctx context.Context, name string, ids storage.Range, file *dc.File) (storage.Reader, error) {
	if strings.HasPrefix(name, "mongodb://") || strings.HasPrefix(name, "mongodb+srv://") {
		r, err := mongo.OpenForReading(ctx, name, ids, mongo.Options{})
		if err != nil {
			err = errors.New(strings.ReplaceAll(err.Error(), name, config.URL(name).String()))
		}
		return r, err
	}
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return yaml.OpenForReading(name, ids, file)
	}
	return embedded.OpenForReading(name, ids)
}

// isSQLite says whether a file is one of SQLite's.
func isSQLite(name string) bool {
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	const magic = "SQLite format 3\x00"
	head := make([]byte, len(magic))
	n, _ := f.Read(head)
	return string(head[:n]) == magic
}

func idsOf(role *config.Database) storage.Range {
	return storage.Range{Min: role.Generate.Min, Max: role.Generate.Max}
}

// within is the name of a file, relative to dir where it is relative.
func within(dir, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}
