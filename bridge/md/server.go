package md

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"natstron/bridge"
	"natstron/bridge/arrival"
	"natstron/internal/alive"
	"natstron/internal/complaint"
	"natstron/internal/stream"
)

// DefaultPort is the message director's, where an address names none.
const DefaultPort = 7199

// Options of a [Server]. What is zero takes the default named here.
type Options struct {
	// MaxParticipants: default no limit.
	MaxParticipants int `key:"max_participants,ours" default:"10000" min:"1" max:"1000000" doc:"How many connections are served at once; more are closed. The default is room for a large cluster, and still an end to a process that connects again and again without hanging up."`
	// MaxQueue is in bytes; default 128 MiB. A frame is at most 64 KiB and its
	// length; a queue must hold some of them.
	MaxQueue int `key:"max_queue,ours" is:"size" default:"128MiB" min:"256KiB" doc:"How much may wait for a participant that reads too slowly; past it the participant is disconnected and its post-removes are sent."`
	// Linger is how long an orderly stop waits for a participant to take what
	// is queued for it. Default 1 s.
	Linger time.Duration
	// HostTimeout: default as long as the system likes.
	HostTimeout time.Duration `key:"host_timeout,ours" default:"20s" max:"1d" orzero:"2s" doc:"How long the host of a participant, or of the upstream, may not answer before the connection counts as lost, whether or not anything is sent to it; a program that stands still on a host that answers is no reason. 0 leaves it to the system, which takes up to a quarter of an hour."`
	// LogMessage takes what CONTROL_LOG_MESSAGE brings, while routing: it must
	// not block, and must copy what it keeps. Default: it is dropped.
	LogMessage func(event []byte)
	// Arrivals reads the connections. Ports that share one are read in the order in
	// which something arrived on any of them. Default: one of its own.
	Arrivals *arrival.Loop

	Log *slog.Logger // default: discard
}

func (o Options) maxQueue() int { return cmp.Or(o.MaxQueue, 128<<20) }

// Server is the classic message director port: each TCP connection to it is a
// participant of the node.
type Server struct {
	node    *bridge.Node
	options Options
	log     *slog.Logger
	port    *arrival.Port
	pool    stream.Pool
	own     *arrival.Loop // nil: it is the caller's
	watch   *alive.Watch

	mu     sync.Mutex
	open   map[*participant]struct{}
	closed bool
	conns  sync.WaitGroup // one for each that is open

	complaints complaint.Limiter
}

// Listen opens the port, at host:port. Serve must follow.
func Listen(ctx context.Context, node *bridge.Node, address string, o Options) (*Server, error) {
	o.MaxQueue = o.maxQueue()
	o.Linger = cmp.Or(o.Linger, time.Second)
	if o.LogMessage == nil {
		o.LogMessage = func([]byte) {}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{node: node, options: o, log: o.Log, open: map[*participant]struct{}{}}
	var err error
	if o.Arrivals == nil {
		if s.own, err = arrival.Start(node); err != nil {
			return nil, fmt.Errorf("message director: %w", err)
		}
		s.options.Arrivals = s.own
	}
	if s.port, err = s.options.Arrivals.Listen(ctx, address, alive.KeepAlive(o.HostTimeout)); err != nil {
		if s.own != nil {
			s.own.Close()
		}
		return nil, fmt.Errorf("message director: %w", err)
	}
	s.watch = alive.Start(o.HostTimeout)
	o.Log.Info("listening", "address", s.port.Addr())
	return s, nil
}

// Addr is where the server listens.
func (s *Server) Addr() net.Addr { return s.port.Addr() }

// Connections is how many participants are connected.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}

// Serve accepts connections until Close, then waits until all participants have
// left. Any other end of the listener is an error.
func (s *Server) Serve() error {
	if s.own != nil {
		defer s.own.Close()
	}
	defer s.watch.Close()
	defer s.conns.Wait()
	err := s.port.Serve(arrival.Accepting{
		// A participant may have been connected to another process that has died:
		// what it left behind there is sent first.
		Take: func(conn net.Conn) {
			s.conns.Add(1)
			s.node.WhenSettled(func() {
				defer s.conns.Done()
				s.accept(conn)
			})
		},
		Failed: func(err error, pause time.Duration) {
			s.log.Error("cannot accept a connection", "error", err, "next_try", pause)
		},
	})
	if err != nil {
		return fmt.Errorf("message director: %w", err)
	}
	return nil
}

// accept makes a connection a participant, or refuses it.
func (s *Server) accept(conn net.Conn) {
	conn = s.options.Arrivals.Adopt(conn)
	c := &participant{
		server: s,
		conn:   conn,
		log:    s.log.With("participant", conn.RemoteAddr().String()),
		gone:   make(chan struct{}),
	}
	c.sink = newSink(conn, &s.pool, c.shut, s.options.MaxQueue)
	if err := s.admit(c); err != nil {
		c.log.Warn("refused a connection", "error", err)
		_ = conn.Close() // refused
		return
	}
	c.log.Info("got an incoming connection")
	c.unwatch = s.watch.Add(conn, c.vanished)
	s.options.Arrivals.Conn(conn, arrival.Callbacks{Take: c.takeFrames, End: c.end, Gone: c.gone}).Serve()
}

func (s *Server) admit(c *participant) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return bridge.ErrStopped
	}
	if limit := s.options.MaxParticipants; limit > 0 && len(s.open) >= limit {
		return fmt.Errorf("all %d places are taken (messagedirector.max_participants)", limit)
	}
	p, err := s.node.Join(c.conn.RemoteAddr().String(), c.sink, c.dropped)
	if err != nil {
		return err
	}
	c.p = p
	s.open[c] = struct{}{}
	s.conns.Add(1)
	return nil
}

// gone takes note that a connection has ended.
func (s *Server) gone(c *participant) {
	s.mu.Lock()
	delete(s.open, c)
	s.mu.Unlock()
	s.conns.Done()
}

// foreign logs that a connection speaks another protocol, at most once a second: a web
// page can make many.
func (s *Server) foreign(c *participant, err error) {
	if others, ok := s.complaints.Due("foreign", time.Now()); ok {
		c.log.Warn("closed a connection that is no participant's: nothing of it was routed", "error", err, others)
	}
}

// Close stops accepting, and ends all connections in order: what is queued for
// them is written for at most [Options.Linger].
func (s *Server) Close() {
	s.port.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for c := range s.open {
		c.p.Drop(bridge.ErrStopped)
	}
}
