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
	"natstron/bridge/wire"
	"natstron/internal/alive"
	"natstron/internal/complaint"
	"natstron/internal/stream"

	"golang.org/x/sync/errgroup"
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
	// DC knows the DC files, for participants of the dialect [OTP]. Default: older forms
	// of some messages are not understood.
	DC wire.ValueReader
	// Arrivals reads the connections. Ports that share one are read in the order in
	// which something arrived on any of them. Default: one of its own.
	Arrivals *arrival.Loop

	Log *slog.Logger // default: discard
}

func (o Options) maxQueue() int { return cmp.Or(o.MaxQueue, 128<<20) }

// Dialect is what the participants of a port speak.
type Dialect uint8

const (
	// Astron is Astron's protocol (document 19).
	Astron Dialect = iota
	// OTP is that of Disney's servers (package natstron/bridge/otp).
	OTP
)

// String is the dialect as a configuration has it.
func (d Dialect) String() string {
	if d == OTP {
		return "otp"
	}
	return "astron"
}

// Listener is a port in a configuration.
type Listener struct {
	Bind    string  `key:"bind,required" is:"listen" port:"7199" doc:"Where participants connect, over TCP."`
	Dialect Dialect `key:"dialect" choices:"astron otp" doc:"What they speak: astron, or otp, that of Disney's servers, for AI and UberDOG processes of the original games' descendants; see otp.md."`
}

// Server is the classic message director, on one or several ports: each TCP
// connection to them is a participant of the node.
type Server struct {
	node    *bridge.Node
	options Options
	log     *slog.Logger
	ports   []port
	pool    stream.Pool
	own     *arrival.Loop // nil: it is the caller's
	watch   *alive.Watch

	mu     sync.Mutex
	open   map[*participant]struct{}
	closed bool
	conns  sync.WaitGroup // one for each that is open

	complaints complaint.Limiter

	count counters
}

// port is where participants of one dialect connect.
type port struct {
	*arrival.Port
	dialect Dialect
}

// New returns a server that listens nowhere yet. Serve or Close must follow.
func New(node *bridge.Node, o Options) (*Server, error) {
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
	s.watch = alive.Start(o.HostTimeout)
	return s, nil
}

// Listen opens a port at host:port, for participants that speak the dialect. It is to
// be called before Serve.
func (s *Server) Listen(ctx context.Context, address string, dialect Dialect) error {
	p, err := s.options.Arrivals.Listen(ctx, address, alive.KeepAlive(s.options.HostTimeout))
	if err != nil {
		return fmt.Errorf("message director: %w", err)
	}
	s.ports = append(s.ports, port{p, dialect})
	s.log.Info("listening", "address", p.Addr(), "dialect", dialect)
	return nil
}

// Addrs are where the server listens.
func (s *Server) Addrs() []net.Addr {
	var all []net.Addr
	for _, p := range s.ports {
		all = append(all, p.Addr())
	}
	return all
}

// Serve accepts connections until Close, then waits until all participants have
// left. Any other end of a listener is an error, and ends the others.
func (s *Server) Serve() error {
	if s.own != nil {
		defer s.own.Close()
	}
	defer s.watch.Close()
	defer s.conns.Wait()
	var serving errgroup.Group
	for _, p := range s.ports {
		serving.Go(func() error {
			err := s.serve(p)
			if err != nil {
				s.Close()
			}
			return err
		})
	}
	return serving.Wait()
}

// serve accepts connections to a port.
func (s *Server) serve(p port) error {
	err := p.Serve(arrival.Accepting{
		// A participant may have been connected to another process that has died:
		// what that one left behind is sent first.
		Take: func(conn net.Conn) {
			s.conns.Add(1)
			s.node.WhenSettled(func() {
				defer s.conns.Done()
				s.accept(conn, p.dialect)
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
func (s *Server) accept(conn net.Conn, dialect Dialect) {
	conn = s.options.Arrivals.Adopt(conn)
	c := &participant{
		server: s,
		conn:   conn,
		log:    s.log.With("participant", conn.RemoteAddr().String()),
		gone:   make(chan struct{}),
	}
	c.sink = newSink(conn, &s.pool, c.shut, s.options.MaxQueue)
	var sink bridge.Sink = c.sink
	if dialect == OTP {
		c.translated = newTranslated(c)
		sink = c.translated
	}
	if err := s.admit(c, sink); err != nil {
		c.log.Warn("refused a connection", "error", err)
		_ = conn.Close() // refused
		return
	}
	c.log.Info("got an incoming connection")
	c.unwatch = s.watch.Add(conn, c.vanished)
	s.options.Arrivals.Conn(conn, arrival.Callbacks{Take: c.takeFrames, End: c.end, Gone: c.gone}).Serve()
}

func (s *Server) admit(c *participant, sink bridge.Sink) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return bridge.ErrStopped
	}
	if limit := s.options.MaxParticipants; limit > 0 && len(s.open) >= limit {
		return fmt.Errorf("all %d places are taken (messagedirector.max_participants)", limit)
	}
	p, err := s.node.Join(c.conn.RemoteAddr().String(), sink, c.dropped)
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
	for _, p := range s.ports {
		p.Close()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for c := range s.open {
		c.p.Drop(bridge.ErrStopped)
	}
}
