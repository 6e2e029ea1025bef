package eventsender

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"natstron/internal/complaint"
)

const (
	// maxQueue is how many bytes of events wait at most.
	maxQueue = 1 << 20
	// eventSize is about what an event costs besides its bytes.
	eventSize = 64
	// maxEvent is the largest payload of a UDP datagram over IPv4.
	maxEvent = 65_507
	// complainEvery is how often a loss is logged at most.
	complainEvery = 10 * time.Second
	// closeTimeout is how long Close goes on sending.
	closeTimeout = time.Second
	// resolveEvery is how often the event logger's name is resolved again, and
	// resolveTimeout how long that may take.
	resolveEvery   = 30 * time.Second
	resolveTimeout = time.Second
)

// Stats are a sender's counters since its start.
type Stats struct {
	Sent    uint64 // events given to the network
	Dropped uint64 // events that found the queue full, or came after Close
	TooLong uint64 // events that fit no UDP datagram
	Refused uint64 // events that the network refused, so far as it told
}

func (s Stats) lost() uint64 { return s.Dropped + s.TooLong + s.Refused }

// Sender sends events. Its methods are safe for use by several goroutines.
type Sender struct {
	log      *slog.Logger
	done     sync.WaitGroup
	dial     func(context.Context) (net.Conn, error) // again; nil: an address does not change
	resolved time.Time                               // when it was last dialled; belongs to the writer

	mu         sync.Mutex
	conn       net.Conn // only the writer changes it
	queue      [][]byte
	bytes      int
	closed     bool
	wake       chan struct{}
	stats      Stats
	told       uint64 // of what was lost
	complaints complaint.Limiter
}

// Dial resolves the event logger's address, host:port, and returns a Sender to
// it. The context bounds the resolving. Where the host is a name, it is resolved
// again now and then: containers come back with another address. Close must
// follow.
func Dial(ctx context.Context, address string, log *slog.Logger) (*Sender, error) {
	var dialer net.Dialer
	dial := func(ctx context.Context) (net.Conn, error) { return dialer.DialContext(ctx, "udp", address) }
	conn, err := dial(ctx)
	if err != nil {
		return nil, fmt.Errorf("event logger: %w", err)
	}
	s := start(conn, log)
	if _, err := netip.ParseAddrPort(address); err != nil {
		s.dial = dial
	}
	s.done.Go(s.write)
	return s, nil
}

// start returns a sender whose goroutine has not begun.
func start(conn net.Conn, log *slog.Logger) *Sender {
	return &Sender{conn: conn, log: log, resolved: time.Now(), wake: make(chan struct{}, 1), complaints: complaint.Limiter{Every: complainEvery}}
}

// Send queues a copy of an event.
func (s *Sender) Send(event []byte) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case len(event) > maxEvent:
		s.stats.TooLong++
	case s.closed || s.bytes+len(event)+eventSize > maxQueue:
		s.stats.Dropped++
	default:
		s.queue = append(s.queue, slices.Clone(event))
		s.bytes += len(event) + eventSize
	}
	s.signal()
}

// signal wakes the writer, also to tell of losses: Send must not write to a
// log. The lock must be held.
func (s *Sender) signal() {
	if s.closed {
		return
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Close sends what is queued, for a second at most, and ends.
func (s *Sender) Close() {
	if s == nil {
		return
	}
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.wake)
		_ = s.conn.SetWriteDeadline(time.Now().Add(closeTimeout)) // then it takes longer
	}
	s.mu.Unlock()
	s.done.Wait()
	_ = s.conn.Close() // it was to end
	s.complaints.Reset()
	s.complain(time.Now())
}

// Stats is the present state of the counters.
func (s *Sender) Stats() Stats {
	if s == nil {
		return Stats{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

// write empties the queue until the sender is closed.
func (s *Sender) write() {
	for range s.wake {
		s.follow(time.Now())
		s.flush()
	}
	s.flush()
}

// follow resolves the event logger's name again, if that was not done for a while. If it
// fails, the sender keeps the address that it has.
func (s *Sender) follow(now time.Time) {
	if s.dial == nil || now.Sub(s.resolved) < resolveEvery {
		return
	}
	s.resolved = now
	ctx, cancel := context.WithTimeout(context.Background(), resolveTimeout)
	defer cancel()
	conn, err := s.dial(ctx)
	if err != nil {
		return
	}
	s.mu.Lock()
	old := s.conn
	moved := !s.closed && conn.RemoteAddr().String() != old.RemoteAddr().String()
	if moved {
		s.conn, conn = conn, old
	}
	s.mu.Unlock()
	_ = conn.Close() // the one that is not needed
	if moved {
		s.log.Info("the event logger has another address", "event_logger", s.conn.RemoteAddr().String(), "before", old.RemoteAddr().String())
	}
}

// flush sends what is queued now.
func (s *Sender) flush() {
	s.mu.Lock()
	queue := s.queue
	s.queue, s.bytes = nil, 0
	conn := s.conn
	s.mu.Unlock()
	for _, event := range queue {
		_, err := conn.Write(event)
		s.mu.Lock()
		if err == nil {
			s.stats.Sent++
		} else {
			s.stats.Refused++
		}
		s.mu.Unlock()
	}
	s.complain(time.Now())
}

// complain logs that events were lost, if any were since it last did, and that is due.
func (s *Sender) complain(now time.Time) {
	s.mu.Lock()
	stats := s.stats
	due := stats.lost() != s.told
	if due {
		_, due = s.complaints.Due("", now)
	}
	if due {
		s.told = stats.lost()
	}
	s.mu.Unlock()
	if !due {
		return
	}
	s.log.Warn("events were lost", "event_logger", s.conn.RemoteAddr().String(),
		"sent", stats.Sent, "dropped", stats.Dropped, "too_long", stats.TooLong, "refused", stats.Refused)
}
