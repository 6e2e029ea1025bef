package link

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"natstron/bridge/internal/natsconn"
	"natstron/internal/nonblock"
)

// reading is how far the reader is.
type reading struct {
	born    time.Time
	read    atomic.Int64 // when something was last read, in ns after born
	handled atomic.Int64 // when all that was read was last handled
	idle    atomic.Bool  // the reader waits for more
	mu      sync.Mutex   // held by the reader
}

func (r *reading) now() int64 { return int64(time.Since(r.born)) }

// fill reads what has come and has it taken. It waits for that, unless the link is watched. It
// reports whether the link is still there.
func (l *Link) fill(take func()) bool {
	r := &l.reading
	r.mu.Lock()
	defer r.mu.Unlock()
	r.idle.Store(true)
	err := l.conn.Fill()
	r.idle.Store(false)
	r.read.Store(r.now())
	switch {
	case errors.Is(err, nonblock.ErrNothing):
		return true
	case err != nil:
		l.Lose(err)
	}
	select {
	case <-l.lost:
		return false
	default:
	}
	take()
	r.handled.Store(r.now())
	r.idle.Store(true)
	return true
}

// Take hands over messages that have come, at most so many, and reports whether there may be
// more. The node's lock must be held.
func (l *Link) Take(most int, take func(*Message)) (more bool) {
	o := l.config.Outbox
	for range most {
		kind, err := l.conn.Next()
		switch kind {
		case natsconn.Msg:
			take(&l.conn.Message)
		case natsconn.Ping:
			o.pong()
		case natsconn.Pong:
			l.unanswered = 0
			o.ponged()
		case natsconn.Refused:
			l.refused(err)
		default:
			if err != nil {
				l.Lose(err)
			}
			return false
		}
	}
	return true
}

// KeepAlive pings the server, and ends the link if it has not answered for too long. The
// node's lock must be held.
func (l *Link) KeepAlive() {
	if l.unanswered++; l.unanswered > l.config.PingsOut {
		l.Lose(nats.ErrStaleConnection)
		return
	}
	l.config.Outbox.Ping(func() {})
}

// Current reports whether the receiver knows what the others said up to limit before now: the
// connection was not silent for longer, and is not held up.
func (l *Link) Current(now time.Time, limit time.Duration) bool {
	r := &l.reading
	past := int64(now.Add(-limit).Sub(r.born))
	return r.read.Load() >= past && (r.idle.Load() || r.handled.Load() >= past)
}

// refused is told what the server does not do.
func (l *Link) refused(err error) {
	l.config.Counters.Refused.Add(1)
	if others, ok := l.complaints.Due("refused", time.Now()); ok {
		l.config.Later(func() {
			l.config.Log.Error("the backbone refuses something: check this node's permissions", "error", err, others)
		})
	}
	for _, root := range l.config.Roots[1:] { // a node cannot live without what is not datagrams
		if errors.Is(err, ErrPermission) && strings.Contains(err.Error(), `"`+root+".") {
			l.Lose(err)
		}
	}
}
