package database

import (
	"context"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
)

// work serves requests until the queue is closed and empty. When ctx ends, it refuses
// those that are left.
func (r *Role) work(ctx context.Context) {
	var w wire.Writer
	for {
		q := r.queue.next()
		if q == nil {
			return
		}
		r.do(ctx, &w, q)
		r.queue.finish(q)
	}
}

func (r *Role) do(ctx context.Context, w *wire.Writer, q *request) {
	until, cancel := context.WithDeadline(ctx, q.began.Add(r.options.Timeout))
	defer cancel()
	o := perform(until, r.objects, r.indexes, q)
	if q.msg == wire.DBServerSetStoredValues && q.leftOut != nil && o.err == nil { // found out only now
		r.leftOut(q.msg, q.sender, q.id, q.leftOut)
	}
	var messages []wire.Datagram
	if o.err == nil && r.options.Broadcast {
		messages = r.announce(w, q)
	}
	if o.err == nil {
		for _, write := range q.activation(o.id) {
			messages = r.write(messages, w, write, o.id)
		}
	}
	if writeAnswer(w, r.options.Control, q, o) {
		d, err := w.Datagram()
		if err != nil {
			o = outcome{id: o.id, err: fail(TooLarge, "the answer: %w", err)}
			writeAnswer(w, r.options.Control, q, o)
			d, _ = w.Datagram()
		}
		messages = append(messages, d)
	}
	if o.err != nil {
		r.complain(q.msg, q.sender, q.id, o.err)
		switch resultOf(o.err) {
		case Unavailable, TimedOut, Unknown:
			r.watch.checkSoon()
		}
	} else {
		r.count.operation(q.msg, Done)
	}
	r.send(ctx, messages)
	r.count.took(q.msg, time.Since(q.began))
}

// announce writes what tells of a change.
func (r *Role) announce(w *wire.Writer, q *request) []wire.Datagram {
	var messages []wire.Datagram
	for _, write := range announcements(q) {
		before := len(messages)
		messages = r.write(messages, w, write, q.id)
		r.count.announced.Add(uint64(len(messages) - before))
	}
	return messages
}

// write appends a message about an object, if it fits into a datagram.
func (r *Role) write(messages []wire.Datagram, w *wire.Writer, write func(*wire.Writer), id wire.DoID) []wire.Datagram {
	w.Reset()
	write(w)
	d, err := w.Datagram()
	if err != nil {
		r.log.Error("what was done cannot be told", "do_id", uint32(id), "error", err)
		return messages
	}
	return append(messages, append(wire.Datagram(nil), d...))
}

// send sends messages in one turn of the node. If the backbone is lost, it waits for
// it, for as long as a request may take.
func (r *Role) send(ctx context.Context, messages []wire.Datagram) {
	if len(messages) == 0 {
		return
	}
	r.node.Pace()
	p, _ := r.membership.current()
	if p != nil && r.sendAs(p, messages) == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, r.options.Timeout)
	defer cancel()
	for {
		if p = r.membership.next(ctx, p); p == nil {
			r.count.unanswered.Add(uint64(len(messages)))
			return
		}
		if r.sendAs(p, messages) == nil {
			return
		}
	}
}

func (r *Role) sendAs(p *bridge.Participant, messages []wire.Datagram) error {
	t := r.node.Begin()
	defer t.End()
	for _, d := range messages {
		if err := t.Send(p, d); err != nil {
			return err
		}
	}
	return nil
}
