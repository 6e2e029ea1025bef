package database

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/storage"
	"natstron/storage/anystore"
)

// Options say what a database server works with.
type Options struct {
	// Control is the channel on which it takes requests; required.
	Control wire.Channel `key:"control,required" alone:"give each role a control channel of its own" doc:"The channel on which it takes requests."`
	// File is the DC files; required.
	File      *dc.File
	Broadcast bool             `key:"broadcast" default:"true" doc:"Whether changes are announced on the objects' database channels."`
	Generate  storage.Range    `key:"generate,required" doc:"The doIds that new objects get."`
	Backend   anystore.Backend `key:"backend" was:"storage engine" default:"embedded" doc:"Where objects are kept."`
	// Open opens the store instead of Backend, if it is set. [Role.Start] calls it
	// once, and the role closes what it returns.
	Open func(ctx context.Context) (storage.Store, error)
	// Index are the fields by which objects can be found.
	Index []Index `key:"index,ours" each:"index" short:"field" doc:"The fields by which objects can be found: Class.field, or a section where the index is unique. See database.md."`
	// Objects are the types by whose numbers objects can be created.
	Objects []ObjectType `key:"objects,ours" each:"object type" doc:"The types of objects that processes of the OTP dialect create by number."`

	Log *slog.Logger // default: discard
	// Label names it in logs and metrics; default "database[<control>]".
	Label string

	// Workers is how many requests are at the store at once; default 64.
	Workers int
	// Timeout is how long a request may take, from its arrival on; default 10 s.
	Timeout time.Duration
	// MaxQueued is how many bytes the requests that wait may take, about; those
	// beyond are answered as failures. Default 128 MiB.
	MaxQueued int
	// Listen is how long Start waits for the answer of another server on the
	// control channel; default 500 ms.
	Listen time.Duration
	// Watch is how often the store is asked whether it answers; default 1 s.
	Watch time.Duration
}

func (o Options) withDefaults() (Options, error) {
	switch {
	case o.Control <= wire.LastReservedChannel:
		return o, fmt.Errorf("database: control channel %d: channels up to %d are reserved", o.Control, wire.LastReservedChannel)
	case o.File == nil:
		return o, errors.New("database: no DC file")
	case o.Open == nil && o.Backend == (anystore.Backend{}):
		return o, errors.New("database: no store")
	}
	for _, t := range o.Objects {
		if _, ok := o.File.DClassByName(t.Class); !ok {
			return o, fmt.Errorf("database: object type %d: the DC files have no dclass %s", t.ID, t.Class)
		}
	}
	if _, err := fieldIndexes(o.File, o.Index); err != nil {
		return o, fmt.Errorf("database: %w", err)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Open == nil {
		o.Open = func(ctx context.Context) (storage.Store, error) {
			return o.Backend.Open(ctx, o.Generate, o.File, o.Log)
		}
	}
	o.Label = cmp.Or(o.Label, fmt.Sprintf("database[%d]", o.Control))
	o.Workers = cmp.Or(o.Workers, 64)
	o.Timeout = cmp.Or(o.Timeout, 10*time.Second)
	o.MaxQueued = cmp.Or(o.MaxQueued, 128<<20)
	o.Listen = cmp.Or(o.Listen, 500*time.Millisecond)
	o.Watch = cmp.Or(o.Watch, watchEvery)
	return o, nil
}
