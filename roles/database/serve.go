package database

import (
	"context"
	"errors"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/internal/backoff"
)

// serve joins the backbone again whenever the role is cut off, until ctx is done.
func (r *Role) serve(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case cause := <-r.lost:
			if err := r.rejoin(ctx, cause); err != nil {
				return err
			}
		}
	}
}

// rejoin comes back after the node has cut the role off. Requests that arrived
// meanwhile are lost, as all messages on a lost backbone are.
func (r *Role) rejoin(ctx context.Context, cause error) error {
	r.count.lost.Add(1)
	r.membership.leave()
	if errors.Is(cause, bridge.ErrStopped) {
		return cause
	}
	r.log.Error("cut off from the backbone: requests are missed until it listens again", "cause", cause)
	for pause := (backoff.Pause{First: 20 * time.Millisecond, Last: time.Second}); ; {
		err := r.join()
		switch {
		case err == nil:
			r.log.Info("listening again")
			return nil
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, bridge.ErrStopped):
			return err
		}
		if !pause.Wait(ctx.Done()) {
			return nil
		}
	}
}

// Handle implements [bridge.Handler]: it reads a request and queues it.
func (r *Role) Handle(t bridge.Turn, d wire.Datagram, to []*bridge.Participant) {
	m, err := d.Message()
	if err != nil {
		t.Later(func() { r.complain(0, 0, 0, err) })
		return
	}
	request, err := r.reader.read(m, time.Now())
	if err != nil {
		r.refuse(t, to[0], m, request, err)
		return
	}
	id, leftOut := request.id, request.leftOut // once it is queued, a worker has the request
	switch {
	case !r.queue.add(request):
		r.refuse(t, to[0], m, request, fail(Overloaded, "more than %d bytes of requests wait", r.options.MaxQueued))
	case leftOut != nil:
		t.Later(func() { r.leftOut(m.Type, m.Sender, id, leftOut) })
	}
	if relief := r.queue.crowded(); relief != nil {
		t.SlowDown(relief)
	}
}

// refuse answers a request that does not get into the queue; nil if the message
// cannot be answered.
func (r *Role) refuse(t bridge.Turn, p *bridge.Participant, m wire.Message, q *request, err error) {
	id := wire.InvalidDoID
	if q != nil {
		id = q.id
	}
	t.Later(func() { r.complain(m.Type, m.Sender, id, err) })
	if q == nil || !writeAnswer(&r.w, r.options.Control, q, outcome{err: err}) {
		return
	}
	answer, tooLong := r.w.Datagram()
	if tooLong != nil || t.Send(p, answer) != nil {
		r.count.unanswered.Add(1)
	}
}

func (r *Role) join() error {
	t := r.node.Begin()
	defer t.End()
	party := &bridge.Party{Handler: r, Dropped: func(_ *bridge.Participant, cause error) { r.lost <- cause }}
	p, err := t.JoinParty(party, r.options.Label)
	if err != nil {
		return err
	}
	for _, c := range []wire.Channel{r.options.Control, wire.BroadcastDBServers} {
		if err := t.Subscribe(p, c); err != nil {
			t.Leave(p)
			return err
		}
	}
	t.Claim(r.claim())
	r.membership.set(p)
	return nil
}

// claim is what the other nodes are told of the role.
func (r *Role) claim() bridge.Claim {
	return bridge.Claim{Service: bridge.ServesRequests, Lo: r.options.Control, Hi: r.options.Control}
}
