// Package link is one connection to NATS: what a node writes to it, and how fast it may
// bring what others write. It knows neither routing nor the other nodes.
package link

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nuid"

	"natstron/bridge/internal/natsconn"
	"natstron/bridge/internal/transport"
	"natstron/internal/complaint"
)

// ErrClosed is why a link ended that was closed.
var ErrClosed = errors.New("the link was closed")

// Config is what a link needs of its node.
type Config struct {
	Name           string   // what operators see as the connection's name
	EventSubject   string   // of this node's events, without its origin
	Roots          []string // of all subjects that a node uses
	Transport      transport.Transport
	Outbox         *Outbox
	Events         *Events
	ConnectTimeout time.Duration
	PingEvery      time.Duration
	PingsOut       int // that many pings may go unanswered
	Log            *slog.Logger
	Sockets        Sockets         // may be nil
	Later          func(do func()) // does something when the present turn has ended
	Counters       *Counters
}

// Sockets is a loop that waits for sockets, as package arrival has it.
type Sockets interface {
	Watch(fd int, ready func()) error
	Unwatch(fd int)
}

// Counters outlive a link.
type Counters struct {
	TooLong atomic.Uint64 // messages that the server did not take
	Refused atomic.Uint64 // what the server refused besides
}

// A Message is what NATS brings.
type Message = natsconn.Message

// Link is one connection to NATS, from its first subscription to its loss. One goroutine of
// the node's reads it. A goroutine that ends a turn writes; one of the link writes what the
// connection does not take at once.
type Link struct {
	config Config
	origin string
	conn   *natsconn.Conn

	fd      int  // if watched
	watched bool // the loop for sockets says when there is something to read

	rest       chan *Batch   // capacity 1: what the link's writer is to write
	writing    atomic.Bool   // the writer is at a batch
	written    atomic.Uint64 // counts what it has written
	progress   progress      // the receiver's view of it
	reading    reading
	unanswered int // keep-alive pings; belongs to the node's lock
	complaints complaint.Limiter

	lostOnce sync.Once
	lost     chan struct{} // closed when the link has ended
	cause    error         // why, once lost is closed
	done     sync.WaitGroup
	closing  bool       // nothing may be begun that Close would wait for
	begin    sync.Mutex // of closing
}

// Dial makes a connection, under a new origin. Nothing is subscribed yet.
func Dial(c Config) (*Link, error) {
	l := &Link{config: c, origin: nuid.Next(), rest: make(chan *Batch, 1), lost: make(chan struct{})}
	l.reading.born = time.Now()
	conn, err := c.Transport.Open(c.Name, c.ConnectTimeout)
	if err != nil {
		return nil, fmt.Errorf("connect to the backbone at %s: %w", c.Transport, err)
	}
	l.conn = conn
	conn.SetDeadline(time.Now().Add(c.ConnectTimeout))
	err = checkPayload(conn.MaxPayload())
	if err == nil {
		err = l.checkPermissions()
	}
	if err != nil {
		l.Close()
		return nil, err
	}
	if l.fd, l.watched = -1, false; c.Sockets != nil {
		l.fd, l.watched = conn.TakeOver()
	}
	if !l.watched {
		conn.Ready()
	}
	return l, nil
}

// Origin names this link among all links of all nodes.
func (l *Link) Origin() string { return l.origin }

// Server is the id and the name of the NATS server at the other end.
func (l *Link) Server() (id, name string) { return l.conn.Server() }

// Payload is what the server takes in a message, in bytes.
func (l *Link) Payload() int64 { return l.conn.MaxPayload() }

// Lose ends the link. The first cause counts.
func (l *Link) Lose(cause error) {
	l.lostOnce.Do(func() {
		l.cause = cause
		close(l.lost)
	})
}

// Lost is closed when the link has ended; Cause then says why.
func (l *Link) Lost() <-chan struct{} { return l.lost }

// Cause is why the link ended. It must not be called before.
func (l *Link) Cause() error { return l.cause }

// Close ends the link and waits for its goroutines, and for its reader. The connection goes
// first: they may wait for it.
func (l *Link) Close() {
	l.Lose(ErrClosed)
	if l.watched {
		l.config.Sockets.Unwatch(l.fd)
	}
	_ = l.conn.Close() // not to be used
	l.begin.Lock()
	l.closing = true
	l.begin.Unlock()
	l.done.Wait()
	l.reading.mu.Lock() // nobody reads
	defer l.reading.mu.Unlock()
}

// Start has what is queued written, and what comes read, from now on: take is called when
// something has come, and is to call [Link.Take].
func (l *Link) Start(take func()) error {
	o := l.config.Outbox
	o.lock.Lock()
	o.link = l
	b := o.Begin()
	o.lock.Unlock()
	if b != nil {
		b.Write()
	}
	l.done.Go(l.write)
	if l.watched {
		return l.config.Sockets.Watch(l.fd, func() { l.fill(take) })
	}
	l.done.Go(func() {
		for l.fill(take) {
		}
	})
	return nil
}

// Go runs do in a goroutine that Close waits for. After that it does nothing.
func (l *Link) Go(do func()) {
	l.begin.Lock()
	defer l.begin.Unlock()
	if !l.closing {
		l.done.Go(do)
	}
}

// Drain sends what is queued, and events, and waits at most limit for the server to have it.
func (l *Link) Drain(limit time.Duration) {
	o, done := l.config.Outbox, make(chan struct{})
	for more := true; more; {
		var b *Batch
		if b, more = l.queueEvents(); b != nil {
			b.Write()
		}
	}
	o.lock.Lock()
	o.Ping(func() { close(done) })
	b := o.Begin()
	o.lock.Unlock()
	if b != nil {
		b.Write()
	}
	select {
	case <-done:
	case <-l.lost:
	case <-time.After(limit): // all that can be done at the end
	}
}

// progress notices a writer that stands still.
type progress struct {
	written uint64
	since   time.Time
}

// Stuck reports whether the writer has made no progress for longer than limit. Pings cannot tell:
// they wait behind what it writes. Only one goroutine may ask.
func (l *Link) Stuck(now time.Time, limit time.Duration) bool {
	written := l.written.Load()
	if !l.writing.Load() || written != l.progress.written || l.progress.since.IsZero() {
		l.progress = progress{written, now}
		return false
	}
	return now.Sub(l.progress.since) > limit
}
