package database

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/internal/complaint"
	"natstron/storage"
)

// Role is a database server. It is a roles.Role. Stats may be called by any
// goroutine at any time.
type Role struct {
	options Options
	node    *bridge.Node
	log     *slog.Logger
	reader  reader

	store      storage.Store
	objects    *storage.Objects
	indexes    *indexes
	lost       chan error // why the node cut the participant off
	membership *membership
	queue      *queue
	watch      *watch
	w          wire.Writer // of what Handle sends; it belongs to the node's turn

	stopServing, stopWorking context.CancelFunc
	served                   chan struct{}  // closed when serve has returned
	serveErr                 error          // what it returned
	workers, watching        sync.WaitGroup // watching: and making indexes
	finished                 sync.Once

	count      counters
	complaints complaint.Limiter
}

// New returns a database server that is not started yet.
func New(node *bridge.Node, o Options) (*Role, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	list, err := fieldIndexes(o.File, o.Index)
	if err != nil {
		return nil, err
	}
	return &Role{
		options:    o,
		node:       node,
		log:        o.Log.With("role", o.Label),
		reader:     newReader(o.File, o.Objects, list),
		indexes:    newIndexes(list),
		lost:       make(chan error, 1),
		membership: newMembership(),
		queue:      newQueue(o.MaxQueued),
		served:     make(chan struct{}),
	}, nil
}

// Name is the label.
func (r *Role) Name() string { return r.options.Label }

// Ready implements roles.Checked: it asks the store for an object that cannot exist,
// unless the store is known not to answer.
func (r *Role) Ready(ctx context.Context) error {
	if p, _ := r.membership.current(); p == nil {
		return errors.New("it is cut off from the backbone")
	}
	if r.queue.full() {
		return errors.New("too many requests wait for the database")
	}
	if err := r.watch.state(); err != nil {
		return err
	}
	if err := r.indexes.check(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, watchTime)
	defer cancel()
	err := probe(ctx, r.store)
	if err != nil {
		r.watch.checkSoon()
	}
	return err
}
