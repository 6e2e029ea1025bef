package database

import (
	"context"
	"errors"
	"time"

	"natstron/bridge"
	"natstron/internal/wire"
)

// serve takes requests in until ctx is done.
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
		err := r.lookAndJoin(ctx)
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

// takeIn reads what has arrived, or the first part of it, and queues it. It says
// whether there was anything.
func (r *Role) takeIn() bool {
	now := time.Now()
	arrived := r.inbox.Take()
	for _, d := range arrived {
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
	return len(arrived) > 0
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

func (r *Role) join() error {
	t := r.node.Begin()
	defer t.End()
	p, err := t.Join(r.options.Label, door{r.inbox, r.queue}, func(cause error) { r.lost <- cause })
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
