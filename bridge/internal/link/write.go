package link

import (
	"errors"
	"fmt"
	"time"
	"unsafe"

	"github.com/nats-io/nats.go"
)

// write empties the outbox, until the link ends.
func (l *Link) write() {
	o := l.config.Outbox
	for {
		select {
		case <-l.lost:
			return
		case <-o.ready:
		case <-l.config.Events.ready:
		}
		for {
			events, err := l.writeEvents()
			if err != nil {
				l.Lose(err)
				return
			}
			b := o.take()
			l.writing.Store(len(b.ops) > 0)
			l.payload.Store(l.nc.MaxPayload()) // it waits while the library writes, so nobody else may ask
			for i := range b.ops {
				if err := l.perform(b, &b.ops[i]); err != nil {
					l.Lose(err)
					o.lose(b.publishes(i))
					return
				}
				l.written.Add(1)
			}
			if len(b.ops) == 0 && !events {
				break
			}
		}
	}
}

func (l *Link) perform(b *batch, p *op) error {
	switch p.kind {
	case opPublish:
		l.subject = p.cover.Append(l.subject[:0], l.config.Prefix)
		id := p.id
		if id.Origin == "" {
			id.Origin = l.origin
		}
		l.reply = id.Append(l.reply[:0])
		return l.publish(lend(l.subject), lend(l.reply), b.bytes[p.start:p.end])
	case opNote:
		return l.publish(p.subject, p.reply, b.bytes[p.start:p.end])
	case opFlush:
		for more := true; more; {
			var err error
			if more, err = l.writeEvents(); err != nil {
				return err
			}
		}
		close(p.done)
	case opListen:
		sub, err := l.subscribe(p.subject)
		if err != nil {
			return err
		}
		l.listens[p.subject] = sub
	case opIgnore:
		if sub := l.listens[p.subject]; sub != nil {
			delete(l.listens, p.subject)
			if err := sub.Unsubscribe(); err != nil {
				return fmt.Errorf("unsubscribe from %s: %w", p.subject, err)
			}
		}
	case opSubscribe:
		sub := l.retired.takeBack(p.cover)
		if sub == nil {
			var err error
			if sub, err = l.subscribe(string(p.cover.Append(nil, l.config.Prefix))); err != nil {
				return err
			}
		}
		l.subscriptions[p.cover] = sub
	case opUnsubscribe:
		if sub := l.subscriptions[p.cover]; sub != nil {
			delete(l.subscriptions, p.cover)
			l.retired.add(p.cover, sub)
		}
	}
	return nil
}

func (l *Link) subscribe(subject string) (*nats.Subscription, error) {
	sub, err := l.nc.ChanSubscribe(subject, l.messages)
	if err != nil {
		return nil, fmt.Errorf("subscribe to %s: %w", subject, err)
	}
	return sub, nil
}

// publish publishes a message, with a reply subject if that is not empty. One that is too
// long for the server is counted and logged, and is no error.
func (l *Link) publish(subject, reply string, payload []byte) error {
	var err error
	if reply == "" {
		err = l.nc.Publish(subject, payload) // PublishRequest takes no empty reply
	} else {
		err = l.nc.PublishRequest(subject, reply, payload)
	}
	if err == nil || l.tooLong(err, subject, len(payload)) {
		return nil
	}
	return err
}

// lend lends b as a string to a call that does not keep it.
func lend(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// A NATS server takes messages up to its max_payload, a megabyte if nobody changes it. It
// ends the connection of a client that sends a longer one, and the library refuses to. So
// what does not fit is left out, counted and logged, and costs nothing else.
const (
	// WantedPayload is enough for all that a node sends: the longest datagram, and the
	// note of a post-remove just as long.
	WantedPayload = 96 << 10
	// LeastPayload is what a node cannot do without: heartbeats must fit.
	LeastPayload = 16 << 10
)

// checkPayload reports whether a node can live on a server that takes so much.
func checkPayload(max int64) error {
	if max >= LeastPayload {
		return nil
	}
	return fmt.Errorf("the NATS server takes messages of at most %d bytes (max_payload), and astrond needs %d at least, %d for the longest datagrams and post-removes",
		max, LeastPayload, WantedPayload)
}

// tooLong reports whether err is that the server does not take so much, and then counts and
// logs that. Only the writer calls it.
func (l *Link) tooLong(err error, subject string, bytes int) bool {
	if !errors.Is(err, nats.ErrMaxPayload) {
		return false
	}
	l.config.Counters.TooLong.Add(1)
	if others, ok := l.complaints.Due("too long", time.Now()); ok {
		l.config.Log.Error("a message does not reach the other processes: it is longer than the NATS server takes", "subject", string([]byte(subject)),
			"bytes", bytes, "max_payload", l.payload.Load(), others)
	}
	return true
}
