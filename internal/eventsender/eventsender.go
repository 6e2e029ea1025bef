package eventsender

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"sync"
	"time"
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
	conn net.Conn
	log  *slog.Logger
	done sync.WaitGroup

	mu         sync.Mutex
	queue      [][]byte
	bytes      int
	closed     bool
	wake       chan struct{}
	stats      Stats
	complained time.Time
	told       uint64 // of what was lost
}

// Dial resolves the event logger's address, host:port, and returns a Sender to
// it. The context bounds the resolving. Close must follow.
func Dial(ctx context.Context, address string, log *slog.Logger) (*Sender, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "udp", address)
	if err != nil {
		return nil, fmt.Errorf("event logger: %w", err)
	}
	s := start(conn, log)
	s.done.Go(s.write)
	return s, nil
}

// start is a sender that nobody writes for yet.
func start(conn net.Conn, log *slog.Logger) *Sender {
	return &Sender{conn: conn, log: log, wake: make(chan struct{}, 1)}
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
	s.complain(time.Now(), 0)
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
		s.flush()
	}
	s.flush()
}

// flush sends what is queued now.
func (s *Sender) flush() {
	s.mu.Lock()
	queue := s.queue
	s.queue, s.bytes = nil, 0
	s.mu.Unlock()
	for _, event := range queue {
		_, err := s.conn.Write(event)
		s.mu.Lock()
		if err == nil {
			s.stats.Sent++
		} else {
			s.stats.Refused++
		}
		s.mu.Unlock()
	}
	s.complain(time.Now(), complainEvery)
}

// complain logs what was lost since the last time, if that is at least pause ago.
func (s *Sender) complain(now time.Time, pause time.Duration) {
	s.mu.Lock()
	stats := s.stats
	quiet := stats.lost() == s.told || now.Sub(s.complained) < pause
	if !quiet {
		s.told, s.complained = stats.lost(), now
	}
	s.mu.Unlock()
	if quiet {
		return
	}
	s.log.Warn("events were lost", "event_logger", s.conn.RemoteAddr().String(),
		"sent", stats.Sent, "dropped", stats.Dropped, "too_long", stats.TooLong, "refused", stats.Refused)
}
