// Package watch is for tools that watch a cluster, or ask its nodes something, without being
// a node.
package watch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"

	"natstron/bridge"
	"natstron/bridge/internal/identity"
	"natstron/bridge/internal/routing"
	"natstron/bridge/wire"
)

// Options say where and what to observe. What is zero takes the default
// named here.
type Options struct {
	Server   bridge.External
	Subjects bridge.Subjects
	// Only are the channels to observe: a datagram is observed if one of its
	// recipients is in one of them. Default: all. Reversed ranges are nothing.
	Only []wire.ChannelRange
	// Name is what operators see as the connection's name; default "observer".
	Name string
	// MaxQueue is how many bytes of datagrams may wait to be looked at; what
	// comes then is missed, and counted. Default 64 MiB.
	MaxQueue int
	Timeout  time.Duration // to connect and to subscribe; default 5 s
}

// Observed is one datagram, as an observer sees it.
type Observed struct {
	// Time is when its first copy arrived here.
	Time time.Time
	// Datagram is whole: its recipients are all there.
	Datagram wire.Datagram
	// Origin, Seq and Participant are its identity: which incarnation of which
	// node sent it, its number there, and the participant. They are zero where a
	// program that is no node published it.
	Origin      string
	Seq         uint64
	Participant uint64
	// Missed is how many messages were lost to this observer since the one
	// before, because it was too slow.
	Missed uint64
}

// Stats are an observer's counters.
type Stats struct {
	Datagrams uint64 // handed out
	Messages  uint64 // from NATS: a datagram has one for each observed subject of its recipients
	Malformed uint64 // of these, what is no datagram
	Missed    uint64 // messages, and datagrams, lost because the observer was too slow
}

// An Observer watches the traffic of a cluster without taking part in it: it is
// not a node, sends nothing, and is not waited for. Where it cannot keep up it
// misses datagrams, and says how many; it never slows anybody down.
type Observer struct {
	nc       *nats.Conn
	subs     []*nats.Subscription
	msgs     chan *nats.Msg
	only     routing.Spans // nil: all
	maxQueue int

	slow     atomic.Bool // the library has dropped messages
	lostOnce sync.Once
	lost     chan struct{}
	cause    error // why, once lost is closed
	closing  chan struct{}
	done     sync.WaitGroup

	ids  *identity.Senders[struct{}] // the sorter's
	aged time.Time

	mu       sync.Mutex
	queue    []Observed
	bytes    int
	overflow uint64 // datagrams that the queue had no room for
	dropped  uint64 // messages that the library dropped, when last asked
	reported uint64 // of all missed
	stats    Stats
	ready    chan struct{}
}

// observerMessages is how many messages wait at most to be sorted. Sorting is
// quick, so few do.
const observerMessages = 16 << 10

// maxOrigins bounds what a stranger on NATS can make an observer remember.
const maxOrigins = 100_000

// Observe connects to a NATS server and subscribes. It returns when the server
// has made the subscriptions: what is sent from then on is observed. Run must
// follow, and Close after it. The context bounds the start only.
func Observe(ctx context.Context, o Options) (*Observer, error) {
	o.Name = cmp.Or(o.Name, "observer")
	o.Timeout = cmp.Or(o.Timeout, 5*time.Second)
	ob := &Observer{
		msgs:     make(chan *nats.Msg, observerMessages),
		maxQueue: cmp.Or(o.MaxQueue, 64<<20),
		lost:     make(chan struct{}),
		closing:  make(chan struct{}),
		ids:      identity.NewSenders[struct{}](nil),
		ready:    make(chan struct{}, 1),
	}
	covers := []routing.Cover{routing.All}
	if len(o.Only) > 0 {
		ob.only, covers = narrowTo(o.Only)
	}
	if err := ob.connect(ctx, o, covers); err != nil {
		if ob.nc != nil {
			ob.nc.Close()
		}
		return nil, fmt.Errorf("observe: %w", err)
	}
	ob.done.Go(ob.sort)
	return ob, nil
}

// narrowTo is the channels of some ranges, and disjoint covers over them.
func narrowTo(ranges []wire.ChannelRange) (routing.Spans, []routing.Cover) {
	only := routing.Spans{}
	var all []routing.Cover
	for _, r := range ranges {
		if r.Min <= r.Max {
			only = only.Plus(routing.Span{Lo: r.Min, Hi: r.Max})
			all = append(all, routing.CoverRange(r.Min, r.Max)...)
		}
	}
	var covers []routing.Cover
	for i, c := range all {
		inOther := slices.ContainsFunc(all, func(o routing.Cover) bool { return o != c && o.Contains(c) })
		if !inOther && !slices.Contains(all[:i], c) {
			covers = append(covers, c)
		}
	}
	return only, covers
}

func (ob *Observer) connect(ctx context.Context, o Options, covers []routing.Cover) error {
	var err error
	ob.nc, err = o.Server.Connect(o.Timeout, nats.Name(o.Name),
		nats.ClosedHandler(func(nc *nats.Conn) { ob.lose(cmp.Or(nc.LastError(), nats.ErrConnectionClosed)) }),
		nats.ErrorHandler(ob.asyncError))
	if err != nil {
		return err
	}
	prefix := strings.TrimSuffix(o.Subjects.All(), ".>")
	for _, c := range covers {
		subject := string(c.Append(nil, prefix))
		sub, err := ob.nc.ChanSubscribe(subject, ob.msgs)
		if err != nil {
			return fmt.Errorf("subscribe to %s: %w", subject, err)
		}
		ob.subs = append(ob.subs, sub)
	}
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	if err := ob.nc.FlushWithContext(ctx); err != nil {
		return err
	}
	return ob.nc.LastError() // a subscription that the server refuses
}

// asyncError is told what the library cannot return.
func (ob *Observer) asyncError(_ *nats.Conn, _ *nats.Subscription, err error) {
	if errors.Is(err, nats.ErrSlowConsumer) {
		ob.slow.Store(true)
		return
	}
	ob.lose(err)
}

// lose ends the observation. The first cause counts.
func (ob *Observer) lose(cause error) {
	ob.lostOnce.Do(func() {
		ob.cause = cause
		close(ob.lost)
	})
}

// Run calls see for each datagram, once, in the order in which NATS brought
// them, until the context or the connection ends. The one is no error, the other
// always is. see may take its time: what it cannot keep up with is missed, and
// counted.
func (ob *Observer) Run(ctx context.Context, see func(Observed)) error {
	for {
		var end error
		select {
		case <-ctx.Done():
			return nil
		case <-ob.lost:
			end = fmt.Errorf("observe: the connection ended: %w", ob.cause)
		case <-ob.ready:
		}
		for _, seen := range ob.takeQueue() {
			if ctx.Err() != nil {
				return nil
			}
			ob.mu.Lock()
			ob.stats.Datagrams++
			ob.mu.Unlock()
			see(seen)
		}
		if end != nil {
			return end
		}
	}
}

// Close ends the connection. It must not be called while Run runs.
func (ob *Observer) Close() {
	close(ob.closing)
	ob.nc.Close()
	ob.done.Wait()
}

// Stats is the present state of the counters.
func (ob *Observer) Stats() Stats {
	ob.mu.Lock()
	defer ob.mu.Unlock()
	s := ob.stats
	s.Missed = ob.missed()
	return s
}

// missed is everything that was lost so far. The lock must be held.
func (ob *Observer) missed() uint64 {
	if !ob.slow.Load() {
		return ob.overflow
	}
	var dropped uint64
	for _, sub := range ob.subs {
		n, err := sub.Dropped()
		if err != nil { // the connection has ended
			return ob.overflow + ob.dropped
		}
		dropped += uint64(n)
	}
	ob.dropped = dropped
	return ob.overflow + dropped
}

// takeQueue empties the queue.
func (ob *Observer) takeQueue() []Observed {
	ob.mu.Lock()
	defer ob.mu.Unlock()
	queue := ob.queue
	ob.queue, ob.bytes = nil, 0
	if len(queue) > 0 {
		missed := ob.missed()
		queue[0].Missed, ob.reported = missed-ob.reported, missed
	}
	return queue
}

// sort finds out which messages are datagrams to be observed.
func (ob *Observer) sort() {
	for {
		select {
		case <-ob.closing:
			return
		case m := <-ob.msgs:
			ob.message(m, time.Now())
		}
	}
}

// message handles one message from NATS.
func (ob *Observer) message(m *nats.Msg, now time.Time) {
	seen := Observed{Time: now, Datagram: m.Data}
	malformed := seen.Datagram.Check() != nil
	wanted := !malformed && seen.Datagram.RecipientCount() > 0 && ob.wants(seen.Datagram)
	if id, ok := identity.Parse(m.Reply); ok && wanted {
		wanted = ob.fresh(id, now)
		seen.Origin, seen.Seq, seen.Participant = id.Origin, id.Seq, id.Participant
	}
	ob.mu.Lock()
	defer ob.mu.Unlock()
	ob.stats.Messages++
	switch {
	case malformed:
		ob.stats.Malformed++
	case !wanted:
	case ob.bytes+len(m.Data)+observedSize > ob.maxQueue:
		ob.overflow++
	default:
		ob.bytes += len(m.Data) + observedSize
		ob.queue = append(ob.queue, seen)
		select {
		case ob.ready <- struct{}{}:
		default:
		}
	}
}

// observedSize is about what an [Observed] costs besides its datagram.
const observedSize = 256

func (ob *Observer) wants(d wire.Datagram) bool {
	if ob.only == nil {
		return true
	}
	for i := range d.RecipientCount() {
		if ob.only.Contains(d.Recipient(i)) {
			return true
		}
	}
	return false
}

// fresh reports whether id comes for the first time.
func (ob *Observer) fresh(id identity.Identity, now time.Time) bool {
	if now.Sub(ob.aged) > forgetAfter {
		ob.aged = now
		ob.ids.Age()
	}
	if ob.ids.Len() > maxOrigins {
		ob.ids = identity.NewSenders[struct{}](nil)
	}
	return ob.ids.Fresh(id)
}

// forgetAfter is how long an identity is remembered, at least.
const forgetAfter = 10 * time.Minute
