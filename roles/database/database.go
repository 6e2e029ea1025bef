package database

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"natstron/bridge"
	"natstron/internal/wire"
	"natstron/storage"
)

// Role is a database server. It is a roles.Role. Stats may be called by any
// goroutine at any time.
type Role struct {
	options Options
	node    *bridge.Node
	log     *slog.Logger
	reader  reader

	store   storage.Store
	objects *storage.Objects
	inbox   *bridge.Inbox
	lost    chan error // why the node cut the participant off
	seat    *seat
	queue   *queue
	w       wire.Writer // of the goroutine in Run

	count      counters
	complaints complaints
}

// New returns a database server that is not started yet.
func New(node *bridge.Node, o Options) (*Role, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	return &Role{
		options: o,
		node:    node,
		log:     o.Log.With("role", o.Label),
		reader:  newReader(o.File),
		inbox:   bridge.NewInbox(o.MaxQueued),
		lost:    make(chan error, 1),
		seat:    newSeat(),
		queue:   newQueue(o.MaxQueued),
	}, nil
}

// Name is the label.
func (r *Role) Name() string { return r.options.Label }

// Start opens the store, looks for another server on the control channel, and
// subscribes.
func (r *Role) Start(ctx context.Context) (err error) {
	if r.store, err = r.options.Open(ctx); err != nil {
		return err
	}
	r.objects = storage.NewObjects(r.store, r.options.File)
	if err = look(ctx, r.node, r.options.Label, r.options.Control, r.options.Listen); err == nil {
		err = r.join()
	}
	if err != nil {
		return errors.Join(err, r.store.Close())
	}
	return nil
}

func (r *Role) join() error {
	t := r.node.Begin()
	defer t.End()
	p, err := t.Join(r.options.Label, r.inbox, func(cause error) { r.lost <- cause })
	if err != nil {
		return err
	}
	for _, c := range []wire.Channel{r.options.Control, wire.BroadcastDBServers} {
		if err := t.Subscribe(p, c); err != nil {
			t.Leave(p)
			return err
		}
	}
	r.seat.take(p)
	return nil
}

// How long Run may go on when it is to end: first with what has been asked, then with
// saying that the rest will not be done.
const (
	finishTime = 1500 * time.Millisecond
	giveUpTime = 500 * time.Millisecond
)

// Run serves until ctx is done, and then finishes what has been asked, as far as
// that is soon. It fails when another server has taken over the control channel while
// the backbone was lost.
func (r *Role) Run(ctx context.Context) error {
	working, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	var workers sync.WaitGroup
	for range r.options.Workers {
		workers.Go(func() { r.work(working) })
	}
	err := r.serve(ctx)
	if p, _ := r.seat.now(); p != nil {
		p.Unsubscribe(r.options.Control, wire.BroadcastDBServers)
		r.takeIn()
	}
	r.queue.close()
	if !r.drained(finishTime) {
		requests, _ := r.queue.load()
		r.log.Error("ending with requests that are not done", "requests", requests)
	}
	cancel()
	if r.drained(giveUpTime) {
		workers.Wait()
	}
	return err
}

func (r *Role) drained(within time.Duration) bool {
	select {
	case <-r.queue.drained:
		return true
	case <-time.After(within):
		return false
	}
}

func (r *Role) serve(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case cause := <-r.lost:
			if err := r.rejoin(ctx, cause); err != nil {
				return err
			}
		case <-r.inbox.Ready:
			r.takeIn()
		}
	}
}

// Bounds of the pause between two attempts to join again.
const (
	firstPause = 20 * time.Millisecond
	lastPause  = time.Second
)

// rejoin comes back after the node has cut the role off. Requests that arrived
// meanwhile are lost, as all messages on a lost backbone are.
func (r *Role) rejoin(ctx context.Context, cause error) error {
	r.count.lost.Add(1)
	r.seat.leave()
	if errors.Is(cause, bridge.ErrStopped) {
		return cause
	}
	r.log.Error("cut off: requests may be missed until it listens again", "cause", cause)
	for pause := firstPause; ; pause = min(2*pause, lastPause) {
		err := look(ctx, r.node, r.options.Label, r.options.Control, r.options.Listen)
		if err == nil {
			err = r.join()
		}
		switch {
		case err == nil:
			r.log.Info("listens again")
			return nil
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, ErrRival), errors.Is(err, bridge.ErrStopped):
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
	}
}

// takeIn reads what has arrived, and queues it.
func (r *Role) takeIn() {
	now := time.Now()
	for _, d := range r.inbox.Take() {
		m, err := d.Datagram.Message()
		if err != nil {
			r.complain(0, 0, 0, err)
			continue
		}
		request, err := r.reader.read(m, now)
		if err == nil && !r.queue.add(request) {
			err = fail(Overloaded, "more than %d bytes of requests wait", r.options.MaxQueued)
		}
		switch {
		case err != nil:
			r.refuse(m, request, err)
		case request.leftOut != nil:
			r.leftOut(request)
		}
	}
}

// refuse answers a request that does not get into the queue; nil if the message
// cannot be answered.
func (r *Role) refuse(m wire.Message, q *request, err error) {
	if q == nil {
		r.complain(m.Type, m.Sender, 0, err)
		return
	}
	r.complain(m.Type, m.Sender, q.id, err)
	if !writeAnswer(&r.w, r.options.Control, q, outcome{err: err}) {
		return
	}
	d, err := r.w.Datagram()
	p, _ := r.seat.now()
	if err != nil || p == nil || p.Send(d) != nil {
		r.count.unanswered.Add(1)
	}
}

// Stop gives the store back. What was asked and not done is not done.
func (r *Role) Stop(_ context.Context, _ error) {
	r.seat.leave()
	r.inbox.Close()
	if err := r.store.Close(); err != nil {
		r.log.Error("cannot close the database", "error", err)
	}
}
