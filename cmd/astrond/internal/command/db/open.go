package db

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"natstron/cmd/astrond/internal/cmdline"
	"natstron/cmd/astrond/internal/daemon"
	"natstron/dc"
	"natstron/internal/secret"
	"natstron/storage"
	"natstron/storage/embedded"
	"natstron/storage/mongo"
	"natstron/storage/yaml"
)

// open opens it to change something, with its indexes. If one of them cannot be unique, it
// says so, and goes on: the command may be what puts that right.
func (d chosenDB) open(ctx context.Context, c *cli.Context) (storage.Store, error) {
	store, err := d.role.Backend.Open(ctx, d.role.Generate, d.file, nil)
	if err != nil {
		return nil, daemon.ExplainStart(d.cfg, d.path, err)
	}
	doubles, err := storage.DoublesIn(storage.NewObjects(store, d.file).SetIndexes(ctx, d.indexes()))
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	for _, one := range doubles {
		fmt.Fprintf(c.App.ErrWriter, "warning: %v\n", one)
	}
	return store, nil
}

// readDB opens the chosen database for reading alone, and closes it again.
func readDB(c *cli.Context, do func(ctx context.Context, d chosenDB, r storage.Reader) error) (err error) {
	d, err := chooseDB(c)
	if err != nil {
		return err
	}
	ctx, stop := cmdline.Interruptible(c)
	defer stop()
	r, err := d.role.Backend.OpenForReading(ctx, d.role.Generate, d.file)
	if err != nil {
		return daemon.ExplainStart(d.cfg, d.path, err)
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	return do(ctx, d, r)
}

// openSource opens what an import reads from, by its name, for reading alone: a file
// of the embedded database, a folder of YAML files, a MongoDB URI.
func openSource(ctx context.Context, name string, ids storage.Range, file *dc.File) (storage.Reader, error) {
	if strings.HasPrefix(name, "mongodb://") || strings.HasPrefix(name, "mongodb+srv://") {
		r, err := mongo.OpenForReading(ctx, name, ids, mongo.Options{})
		if err != nil {
			err = errors.New(strings.ReplaceAll(err.Error(), name, secret.MaskURL(name)))
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

// isSQLite reports whether a file is one of SQLite's.
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
