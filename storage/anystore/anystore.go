// Package anystore opens the database that a configuration asks for.
package anystore

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"natstron/dc"
	"natstron/internal/secret"
	"natstron/storage"
	"natstron/storage/embedded"
	"natstron/storage/mongo"
	"natstron/storage/yaml"
)

// Backend says where objects are kept: one field is set.
type Backend struct {
	Embedded *Embedded `type:"embedded,ours" was:"bdb sqlite3 sqlite" now:"write type: embedded, which is one local file, too; its name is file" doc:"One local file, crash-safe, without a server. The default where the section is left out."`
	YAML     *YAML     `type:"yaml" doc:"A folder of YAML files that people can edit."`
	MongoDB  *MongoDB  `type:"mongodb" doc:"A MongoDB database, with the reference's layout."`
	SQL      *SQL      `type:"soci" refused:"astrond has no backend soci, nor any other for SQL servers; write type: embedded (a local file, no server) or mongodb; to move your objects, write them to a file that astrond db import can read" doc:"SQL databases, as the reference had them. Not supported: use embedded or mongodb."`
}

// Embedded keeps objects in one local file; see package embedded.
type Embedded struct {
	File string `key:"file,ours" was:"filename" is:"path" default:"astron.db" alone:"give each database a place of its own" doc:"The file, which is made when it is not there."`
}

// YAML keeps objects in a folder of YAML files; see package yaml.
type YAML struct {
	Directory string `key:"directory" was:"foldername storage_folder folder" is:"path" default:"yaml_db" alone:"give each database a place of its own" doc:"The folder."`
}

// MongoDB keeps objects in a MongoDB database; see package mongo.
type MongoDB struct {
	Server  string `key:"server" was:"host port database username password" now:"write it into server: mongodb://USER:PASSWORD@HOST:PORT/DATABASE" is:"url" called:"a MongoDB URI" but:"begins with mongodb:// or mongodb+srv://" default:"mongodb://127.0.0.1/test" doc:"The server or replica set; the path names the database."`
	Workers int    `key:"workers" default:"8" min:"1" max:"1000" doc:"How many operations run at once."`
}

// CheckKeys looks at the URI's scheme only: the driver knows the rest.
func (m *MongoDB) CheckKeys(_ func(string) bool, report func(problem, fix string, keys ...string)) {
	if rest, ok := strings.CutPrefix(strings.Replace(m.Server, "mongodb+srv://", "mongodb://", 1), "mongodb://"); !ok || rest == "" {
		report("is not a MongoDB URI", "write mongodb://host:port/database", "server")
	}
}

// SQL is what the reference has for SQL databases. It is never set.
type SQL struct {
	_ string `key:"driver" default:"mysql" doc:"The kind of SQL database."`
	_ string `key:"database" doc:"The name of the database."`
	_ string `key:"address" doc:"Where the SQL server listens."`
	_ string `key:"server" doc:"Another name for address."`
	_ string `key:"username" doc:"The user that logs in."`
	_ string `key:"password" is:"secret" doc:"The password of this user."`
}

// Type is the backend's type as a configuration has it.
func (b *Backend) Type() string {
	switch {
	case b.YAML != nil:
		return "yaml"
	case b.MongoDB != nil:
		return "mongodb"
	case b.SQL != nil:
		return "soci"
	}
	return "embedded"
}

// Error says why a database could not be opened, without the passwords in a URI.
type Error struct {
	// Key is the key of the configuration that names the database.
	Key string
	// Problem is what happened.
	Problem string
	err     error
}

func (e *Error) Error() string { return e.Problem }

// Unwrap is the backend's own error.
func (e *Error) Unwrap() error { return e.err }

// Open opens the database. New objects get ids of the range. The file says what values
// the objects have; log hears of ids that got lost, and may be nil. An error is an
// [*Error].
func (b *Backend) Open(ctx context.Context, ids storage.Range, file *dc.File, log *slog.Logger) (store storage.Store, err error) {
	switch {
	case b.Embedded != nil:
		store, err = embedded.Open(b.Embedded.File, ids)
	case b.YAML != nil:
		store, err = yaml.Open(b.YAML.Directory, ids, file)
	case b.MongoDB != nil:
		store, err = mongo.Open(ctx, b.MongoDB.Server, ids, mongo.Options{Workers: b.MongoDB.Workers, Log: log})
	default:
		err = fmt.Errorf("astrond has no backend %s", b.Type())
	}
	return opened(b, store, err)
}

// OpenForReading opens the database for reading alone, also while another process has
// it open. An error is an [*Error].
func (b *Backend) OpenForReading(ctx context.Context, ids storage.Range, file *dc.File) (r storage.Reader, err error) {
	switch {
	case b.Embedded != nil:
		r, err = embedded.OpenForReading(b.Embedded.File, ids)
	case b.YAML != nil:
		r, err = yaml.OpenForReading(b.YAML.Directory, ids, file)
	case b.MongoDB != nil:
		r, err = mongo.OpenForReading(ctx, b.MongoDB.Server, ids, mongo.Options{})
	default:
		err = fmt.Errorf("astrond has no backend %s", b.Type())
	}
	return opened(b, r, err)
}

func opened[T any](b *Backend, store T, err error) (T, error) {
	if err == nil {
		return store, nil
	}
	var none T
	e := &Error{Problem: err.Error(), err: err}
	switch {
	case b.Embedded != nil:
		e.Key = "file"
	case b.YAML != nil:
		e.Key = "directory"
	case b.MongoDB != nil:
		e.Key = "server"
		e.Problem = strings.ReplaceAll(e.Problem, b.MongoDB.Server, secret.MaskURL(b.MongoDB.Server))
	}
	return none, e
}
