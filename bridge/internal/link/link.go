// Package link is one connection to NATS: what a node writes to it, and how fast it may
// bring what others write. It knows neither routing nor the other nodes.
package link

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"

	"natstron/bridge/internal/routing"
	"natstron/bridge/internal/transport"
	"natstron/internal/complaint"
)

// Why a link ended by itself.
var (
	ErrClosed        = errors.New("the link was closed")
	ErrSlowReceiving = errors.New("messages from the backbone were dropped on their way in")
)

// Config is what a link needs of its node.
type Config struct {
	Name           string   // what operators see as the connection's name
	Prefix         string   // of the subjects of channels
	EventSubject   string   // of this node's events, without its origin
	Roots          []string // of all subjects that a node uses
	Transport      transport.Transport
	Outbox         *Outbox
	Events         *Events
	ConnectTimeout time.Duration
	PingEvery      time.Duration
	PingsOut       int // that many pings may go unanswered
	Log            *slog.Logger
	Counters       *Counters
}

// Counters outlive a link.
type Counters struct {
	TooLong atomic.Uint64 // messages that the server did not take
	Refused atomic.Uint64 // what the server refused besides
}

// A Message is what NATS brings.
type Message = nats.Msg

// Unanswered reports whether m is NATS's answer that nobody got what was published.
func Unanswered(m *Message) bool {
	return len(m.Data) == 0 && m.Header != nil && m.Header.Get("Status") == "503"
}

// Link is one connection to NATS, from its first subscription to its loss. One goroutine
// writes the outbox, one ends subscriptions that are not wanted any more, and one of the
// node's receives.
type Link struct {
	config   Config
	origin   string
	nc       *nats.Conn
	messages chan *Message
	gate     *gate

	subscriptions map[routing.Cover]*nats.Subscription // the writer's
	listens       map[string]*nats.Subscription        // the writer's, by subject
	subject       []byte                               // scratch of the writer
	reply         []byte
	writing       atomic.Bool   // the writer is at a batch
	written       atomic.Uint64 // ops that it has performed
	progress      progress      // the receiver's view of it
	retired       retired
	complaints    complaint.Limiter
	permitted     atomic.Bool  // it could do all that it must, at first
	payload       atomic.Int64 // what the server took in a message when the writer last looked

	lostOnce sync.Once
	lost     chan struct{} // closed when the link has ended
	cause    error         // why, once lost is closed
	done     sync.WaitGroup
}

// Dial makes a connection, under a new origin. Nothing is subscribed yet.
func Dial(c Config) (*Link, error) {
	l := &Link{
		config:        c,
		origin:        nuid.Next(),
		messages:      make(chan *Message, gateQueue),
		subscriptions: map[routing.Cover]*nats.Subscription{},
		listens:       map[string]*nats.Subscription{},
		lost:          make(chan struct{}),
	}
	nc, err := c.Transport.Dial(l.wrap,
		nats.Name(c.Name),
		nats.NoReconnect(),
		nats.NoEcho(),
		nats.Timeout(c.ConnectTimeout),
		nats.PingInterval(c.PingEvery),
		nats.MaxPingsOutstanding(c.PingsOut),
		nats.ClosedHandler(func(nc *nats.Conn) { l.Lose(cmp.Or(nc.LastError(), nats.ErrConnectionClosed)) }),
		nats.ErrorHandler(l.asyncError),
	)
	if err != nil {
		return nil, fmt.Errorf("connect to the backbone at %s: %w", c.Transport, err)
	}
	l.nc = nc
	l.payload.Store(nc.MaxPayload())
	err = checkPayload(l.payload.Load())
	if err == nil {
		err = l.checkPermissions()
	}
	if err != nil {
		l.Close()
		return nil, err
	}
	l.permitted.Store(true)
	return l, nil
}

// wrap puts the gate before the connection's reader.
func (l *Link) wrap(conn net.Conn) net.Conn {
	l.gate = newGate(conn, func() int { return cap(l.messages) - len(l.messages) })
	return l.gate
}

// Origin names this link among all links of all nodes.
func (l *Link) Origin() string { return l.origin }

// Server is the id and the name of the NATS server at the other end.
func (l *Link) Server() (id, name string) {
	return l.nc.ConnectedServerId(), l.nc.ConnectedServerName()
}

// Payload is what the server takes in a message, in bytes.
func (l *Link) Payload() int64 { return l.payload.Load() }

// Messages is what the link brings. The receiver calls [Link.Drained] now and then.
func (l *Link) Messages() <-chan *Message { return l.messages }

// Drained tells the link that there is room for messages again.
func (l *Link) Drained() { l.gate.drained() }

// Current reports whether the receiver knows what the others said up to limit before now: the connection was not silent for longer, and is not held up.
func (l *Link) Current(now time.Time, limit time.Duration) bool {
	return l.gate.quiet(now) <= limit && cap(l.messages)-len(l.messages) >= gateRoom
}

// asyncError is told what the library cannot return.
func (l *Link) asyncError(_ *nats.Conn, sub *nats.Subscription, err error) {
	if errors.Is(err, nats.ErrSlowConsumer) {
		l.Lose(fmt.Errorf("%w: %w", ErrSlowReceiving, err))
		return
	}
	if !l.permitted.Load() {
		return // Dial tells
	}
	subject := ""
	if sub != nil {
		subject = sub.Subject
	}
	l.config.Counters.Refused.Add(1)
	if others, ok := l.complaints.Due("refused", time.Now()); ok {
		l.config.Log.Error("the backbone refuses something: check this node's permissions", "subject", subject, "error", err, others)
	}
	for _, root := range l.config.Roots[1:] { // a node cannot live without what is not datagrams
		if errors.Is(err, ErrPermission) && strings.Contains(err.Error(), `"`+root+".") {
			l.Lose(err)
		}
	}
}

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

// Close ends the link and waits for its goroutines. The network connection goes first:
// the library may hold its lock in a write that does not end.
func (l *Link) Close() {
	l.Lose(ErrClosed)
	_ = l.gate.Close()
	l.nc.Close()
	l.done.Wait()
}

// Listen subscribes to subjects that are not those of channels.
func (l *Link) Listen(subjects ...string) error {
	for _, subject := range subjects {
		if _, err := l.subscribe(subject); err != nil {
			return err
		}
	}
	return nil
}

// Start starts the link's goroutines.
func (l *Link) Start() {
	l.done.Go(l.write)
	l.done.Go(l.retire)
}

// Go runs do in a goroutine that Close waits for.
func (l *Link) Go(do func()) { l.done.Go(do) }

// Drain sends what is queued, and waits at most limit for the server to have it.
func (l *Link) Drain(limit time.Duration) {
	done := make(chan struct{})
	o := l.config.Outbox
	o.lock.Lock()
	o.Flush(done)
	o.Signal()
	o.lock.Unlock()
	select {
	case <-done:
		_ = l.nc.FlushTimeout(limit) // all that can be done at the end
	case <-l.lost:
	case <-time.After(limit):
	}
}

// progress notices a writer that stands still.
type progress struct {
	written uint64
	since   time.Time
}

// Stuck reports whether the writer has been at one and the same op for longer than limit. The
// library cannot tell: while it writes, its own pings wait. Only one goroutine may ask.
func (l *Link) Stuck(now time.Time, limit time.Duration) bool {
	written := l.written.Load()
	if !l.writing.Load() || written != l.progress.written || l.progress.since.IsZero() {
		l.progress = progress{written, now}
		return false
	}
	return now.Sub(l.progress.since) > limit
}
