package mongo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"

	"natstron/bridge/wire"
	"natstron/storage"
	"natstron/storage/internal/backend"
)

// Options are what a URI does not say.
type Options struct {
	// Workers is how many calls may be at the server at once; others wait. 0: the
	// URI's maxPoolSize, or 100.
	Workers int
	// Timeout is how long a call may take, repetitions and all. 0: 10 seconds.
	Timeout time.Duration
	// Log is told of ids that got lost. Default: discard.
	Log *slog.Logger
}

// Store is a [storage.Store] in a MongoDB database.
type Store struct {
	ids     storage.Range
	timeout time.Duration
	log     *slog.Logger
	client  *mongo.Client
	objects *mongo.Collection
	globals *mongo.Collection
	freed   *mongo.Collection
	counter string // _id of the document in globals
	read    reader
	spares  spares

	calls backend.Calls

	clockMu sync.Mutex
	clock   int64 // of the latest id that was freed
}

var _ storage.Store = (*Store)(nil)

// Open connects to the database that the URI names in its path, as
// mongodb://host:27017/astron. New objects get ids of the range. It waits for the
// server until ctx ends, at most for the timeout. Several processes may open
// one database, for the same range or for others.
func Open(ctx context.Context, uri string, ids storage.Range, o Options) (*Store, error) {
	return connect(ctx, uri, ids, o, (*Store).prepareCounter)
}

// OpenForReading connects likewise, and changes nothing in the database. IDs tells of
// the range.
func OpenForReading(ctx context.Context, uri string, ids storage.Range, o Options) (storage.Reader, error) {
	s, err := connect(ctx, uri, ids, o, (*Store).findCounter)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// connect connects, and has the counter of the ids found or made.
func connect(ctx context.Context, uri string, ids storage.Range, o Options, counter func(*Store, context.Context) error) (_ *Store, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("open MongoDB: %w", err)
		}
	}()
	if err := ids.Check(); err != nil {
		return nil, err
	}
	name, err := database(uri)
	if err != nil {
		return nil, err
	}
	s := &Store{ids: ids, timeout: o.Timeout, log: o.Log}
	s.spares.trying = map[wire.DoID]bool{}
	s.spares.reading = make(chan struct{}, 1)
	s.spares.reading <- struct{}{}
	if s.timeout <= 0 {
		s.timeout = 10 * time.Second
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	journaled := writeconcern.Majority()
	journal := true
	journaled.Journal = &journal
	settings := options.Client().ApplyURI(uri).SetWriteConcern(journaled).SetReadPreference(readpref.Primary())
	if o.Workers > 0 {
		settings.SetMaxPoolSize(uint64(o.Workers))
	}
	if s.client, err = mongo.Connect(settings); err != nil {
		return nil, err
	}
	if err = s.prepare(ctx, s.client.Database(name)); err == nil {
		err = counter(s, ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.client.Disconnect(context.WithoutCancel(ctx)))
	}
	return s, nil
}

// prepare finds out whose database it is.
func (s *Store) prepare(ctx context.Context, db *mongo.Database) error {
	return s.repeat(ctx, func(ctx context.Context, _ *attempts) error {
		names, err := db.ListCollectionNames(ctx, bson.D{})
		if err != nil {
			return fromRead(err)
		}
		prefix := "astron."
		if !slices.Contains(names, "astron.objects") && !slices.Contains(names, "astron.globals") && slices.Contains(names, "objects") {
			prefix, s.read.scaled = "", true // OtpGo's or Ardos's
		}
		s.objects, s.globals, s.freed = db.Collection(prefix+"objects"), db.Collection(prefix+"globals"), db.Collection(prefix+"freed")
		return nil
	})
}

// Close is [storage.Store.Close].
func (s *Store) Close() error {
	return s.calls.Close(func() error {
		if ids := s.given(); s.counter != "" && len(ids) > 0 {
			s.free(context.Background(), ids...)
		}
		ctx, cancel := context.WithTimeout(context.Background(), s.timeout)
		defer cancel()
		return s.client.Disconnect(ctx)
	})
}
