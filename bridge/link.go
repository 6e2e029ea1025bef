package bridge

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"

	"natstron/bridge/internal/routing"
)

// Why a link ended.
var (
	errDeclaredDead  = errors.New("the other nodes declared this one dead")
	errFroze         = errors.New("this process stood still for longer than the other nodes wait")
	errOutboxFull    = errors.New("the backbone does not take what this node sends")
	errStuck         = errors.New("the server does not read what this node sends")
	errLeafLost      = errors.New("the connection to the hub ended")
	errSlowReceiving = errors.New("messages from the backbone were dropped on their way in")
	errHole          = errors.New("messages were lost between NATS servers")
)

// link is one connection to NATS, from its first subscription to its loss. Three
// goroutines work on it: one writes the outbox, one routes what arrives, one
// ends subscriptions that are not wanted any more.
type link struct {
	node   *Node
	origin string
	place  place
	nc     *nats.Conn
	msgs   chan *nats.Msg
	gate   *gate

	subscriptions map[routing.Cover]*nats.Subscription // the writer's
	events        *nats.Subscription                   // the writer's; nil: nobody here wants events
	subject       []byte                               // scratch of the writer
	reply         []byte
	writing       atomic.Bool   // the writer is at a batch
	written       atomic.Uint64 // ops that it has performed
	progress      progress      // the receiver's view of it
	retired       retired
	tooLongs      complaint    // the writer's
	payload       atomic.Int64 // what the server took in a message when the writer last looked
	beats         int          // heartbeats at which silence counted; it belongs to the node's lock
	holed         bool         // it ends because something was lost on the way; it belongs to the node's lock

	lostOnce sync.Once
	lost     chan struct{} // closed when the link has ended
	cause    error         // why, once lost is closed
	done     sync.WaitGroup
}

// dial makes a connection. Nothing is subscribed yet.
func (n *Node) dial() (*link, error) {
	l := &link{
		node:          n,
		origin:        nuid.Next(),
		msgs:          make(chan *nats.Msg, gateQueue),
		subscriptions: map[routing.Cover]*nats.Subscription{},
		lost:          make(chan struct{}),
	}
	options := append(n.transport.options(l.wrap),
		nats.Name(n.options.Name),
		nats.NoReconnect(),
		nats.NoEcho(),
		nats.Timeout(n.options.ConnectTimeout),
		nats.PingInterval(n.options.pingEvery()),
		nats.MaxPingsOutstanding(n.options.pingsOut()),
		nats.ClosedHandler(func(nc *nats.Conn) { l.lose(cmp.Or(nc.LastError(), nats.ErrConnectionClosed)) }),
		nats.ErrorHandler(l.asyncError),
	)
	nc, err := nats.Connect(n.transport.url(), options...)
	if err != nil {
		return nil, fmt.Errorf("connect to the backbone at %s: %w", n.transport, err)
	}
	l.nc = nc
	l.place = n.transport.place()
	l.place.Server = nc.ConnectedServerId()
	if n.options.External != nil {
		l.place.At = nc.ConnectedServerName()
	}
	l.payload.Store(nc.MaxPayload())
	if err := checkPayload(l.payload.Load()); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

// pingsOutstanding is how many pings may go unanswered. With the interval of 5
// s a dead host is noticed within 15 s, by either side.
const pingsOutstanding = 2

// asyncError is told what the library cannot return.
func (l *link) asyncError(_ *nats.Conn, sub *nats.Subscription, err error) {
	if errors.Is(err, nats.ErrSlowConsumer) {
		l.lose(fmt.Errorf("%w: %w", errSlowReceiving, err))
		return
	}
	subject := ""
	if sub != nil {
		subject = sub.Subject
	}
	l.node.count(func(s *Stats) { s.BackboneErrors++ })
	l.node.log.Error("backbone refuses something: check this node's permissions", "subject", subject, "error", err)
}

// lose ends the link. The first cause counts.
func (l *link) lose(cause error) {
	l.lostOnce.Do(func() {
		l.cause = cause
		close(l.lost)
	})
}

// close ends the link and waits for its goroutines. The network connection goes
// first: the library may hold its lock in a write that does not end.
func (l *link) close() {
	l.lose(ErrStopped)
	_ = l.gate.Close()
	l.nc.Close()
	l.done.Wait()
}

// listen subscribes to the notes of other nodes.
func (l *link) listen() error {
	s := l.node.options.Subjects
	subjects := []string{s.ping() + "." + l.origin, s.Control() + "." + kindPong + "." + l.origin + ".>"}
	for _, kind := range []string{kindHere, kindDone, kindSettled} {
		subjects = append(subjects, s.Control()+"."+kind+"."+l.origin)
	}
	for _, kind := range []string{kindHeartbeat, kindTick, kindPostRemove, kindHello, kindBye, kindDead, kindAsk, kindEcho} {
		subjects = append(subjects, s.Control()+"."+kind+".*")
	}
	for _, subject := range subjects {
		if _, err := l.nc.ChanSubscribe(subject, l.msgs); err != nil {
			return fmt.Errorf("subscribe to the notes of other nodes: %w", err)
		}
	}
	return nil
}

// serve starts the link's goroutines.
func (l *link) serve() {
	l.done.Go(l.write)
	l.done.Go(l.retire)
	l.done.Go(l.receive)
}

// write empties the outbox, until the link ends.
func (l *link) write() {
	n := l.node
	for {
		select {
		case <-l.lost:
			return
		case <-n.outbox.ready:
		case <-l.node.events.ready:
		}
		for {
			events, err := l.writeEvents()
			if err != nil {
				l.lose(err)
				return
			}
			n.mu.Lock()
			b := n.outbox.take()
			n.mu.Unlock()
			l.writing.Store(len(b.ops) > 0)
			l.payload.Store(l.nc.MaxPayload()) // it waits while the library writes, so nobody else may ask
			for i := range b.ops {
				if err := l.perform(b, &b.ops[i]); err != nil {
					l.lose(err)
					l.node.count(func(s *Stats) { s.Unpublished += uint64(b.publishes(i)) })
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

func (l *link) perform(b *outBatch, p *op) error {
	switch p.kind {
	case opPublish:
		l.subject = p.cover.Append(l.subject[:0], l.node.options.Subjects.prefix())
		id := p.id
		if id.origin == "" {
			id.origin = l.origin
		}
		l.reply = id.append(l.reply[:0])
		err := l.nc.PublishRequest(unsafeString(l.subject), unsafeString(l.reply), b.bytes[p.start:p.end])
		if err == nil || l.tooLong(err, unsafeString(l.subject), p.end-p.start) {
			return nil
		}
		return err
	case opFlush:
		for more := true; more; {
			var err error
			if more, err = l.writeEvents(); err != nil {
				return err
			}
		}
		close(p.done)
	case opNote:
		var err error
		if p.reply != "" {
			err = l.nc.PublishRequest(p.subject, p.reply, b.bytes[p.start:p.end])
		} else {
			err = l.nc.Publish(p.subject, b.bytes[p.start:p.end])
		}
		if err == nil || l.tooLong(err, p.subject, p.end-p.start) {
			return nil
		}
		return err
	case opSubscribeEvents:
		subject := l.node.options.Subjects.Events()
		sub, err := l.nc.ChanSubscribe(subject, l.msgs)
		if err != nil {
			return fmt.Errorf("subscribe to %s: %w", subject, err)
		}
		l.events = sub
	case opUnsubscribeEvents:
		if sub := l.events; sub != nil {
			l.events = nil
			if err := sub.Unsubscribe(); err != nil {
				return fmt.Errorf("unsubscribe from %s: %w", sub.Subject, err)
			}
		}
	case opSubscribe:
		if sub := l.retired.takeBack(p.cover); sub != nil {
			l.subscriptions[p.cover] = sub
			return nil
		}
		subject := string(p.cover.Append(nil, l.node.options.Subjects.prefix()))
		sub, err := l.nc.ChanSubscribe(subject, l.msgs)
		if err != nil {
			return fmt.Errorf("subscribe to %s: %w", subject, err)
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

// unsafeString lends b as a string to a call that does not keep it.
func unsafeString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// progress notices a writer that stands still.
type progress struct {
	written uint64
	since   time.Time
}

// stuck says whether the writer has been at one and the same op for longer than
// limit. The library cannot tell: while it writes, its own pings wait.
func (l *link) stuck(now time.Time, limit time.Duration) bool {
	written := l.written.Load()
	if !l.writing.Load() || written != l.progress.written || l.progress.since.IsZero() {
		l.progress = progress{written, now}
		return false
	}
	return now.Sub(l.progress.since) > limit
}

// batchMessages is how many messages are routed in one turn at most.
const batchMessages = 256

// receive routes what arrives and keeps the time, until the link ends.
func (l *link) receive() {
	n := l.node
	beat, probe := time.NewTicker(n.options.Heartbeat), time.NewTicker(n.options.probeEvery())
	tick := time.NewTimer(time.Hour) // reset when one becomes due
	defer beat.Stop()
	defer probe.Stop()
	defer tick.Stop()
	last := time.Now()
	for {
		select {
		case <-l.lost:
			return
		case m := <-l.msgs:
			l.takeBatch(m, time.Now())
		case <-n.ticks.traffic:
			l.tick(tick)
		case <-tick.C:
			l.tick(tick)
		case <-probe.C:
			t := n.Begin()
			n.probe(time.Now())
			t.End()
		case <-beat.C:
			now := time.Now()
			l.beat(now, now.Sub(last))
			last = now
		}
	}
}

// tick says a tick, now or when it is time.
func (l *link) tick(again *time.Timer) {
	t := l.node.Begin()
	defer t.End()
	if wait := l.node.tick(time.Now()); wait > 0 {
		again.Reset(wait)
	}
}

// takeBatch handles m and some of what waits behind it, in one turn.
func (l *link) takeBatch(m *nats.Msg, now time.Time) (taken int) {
	t := l.node.Begin()
	l.take(m, now)
	for taken = 1; taken < batchMessages && len(l.msgs) > 0; taken++ {
		l.take(<-l.msgs, now)
	}
	t.End()
	l.gate.drained()
	return taken
}

// beat is called once for each heartbeat; gap is the time since the last one.
// Other nodes are judged by what they said, so first all that waits is heard.
func (l *link) beat(now time.Time, gap time.Duration) {
	quiet, err := l.node.transport.healthy(now)
	if err != nil {
		l.lose(err)
		return
	}
	limit := l.node.options.DeadAfter / 2
	fair := gap <= limit && quiet <= limit && l.gate.quiet(now) <= limit && cap(l.msgs)-len(l.msgs) >= gateRoom
	for waiting := len(l.msgs); waiting > 0 && len(l.msgs) > 0; {
		waiting -= l.takeBatch(<-l.msgs, now)
	}
	l.node.heartbeatTick(l, now, gap, fair)
}

// take handles one message from NATS.
func (l *link) take(m *nats.Msg, now time.Time) {
	n := l.node
	if rest, ok := strings.CutPrefix(m.Subject, n.options.Subjects.Control()+"."); ok {
		kind, origin, _ := strings.Cut(rest, ".")
		if kind == kindEvents {
			n.events.arrive(m.Data)
			return
		}
		switch kind {
		case kindAsk:
			n.asked(origin, m.Reply, m.Data)
			return
		case kindPong:
			n.ponged(origin, noResponders(m), now)
			return
		}
		n.hear(kind, origin, m.Data, now)
		return
	}
	if strings.HasPrefix(m.Subject, n.options.Subjects.ping()+".") {
		n.pinged(m)
		return
	}
	n.arrive(m.Reply, m.Data, now)
}

// drain sends what is queued, and waits at most limit for the server to have it.
func (l *link) drain(limit time.Duration) {
	done := make(chan struct{})
	t := l.node.Begin()
	l.node.outbox.add(op{kind: opFlush, done: done})
	t.End()
	select {
	case <-done:
		_ = l.nc.FlushTimeout(limit) // all that can be done at the end
	case <-l.lost:
	case <-time.After(limit):
	}
}
