package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"natstron/internal/status"
)

// Options say what a [Server] shows.
type Options struct {
	Address string // to listen at, host:port
	// User and Password are what basic authentication asks for; with neither,
	// everybody may look.
	User, Password string
	// Status makes a snapshot. It is called by one goroutine at a time.
	Status func() *status.Snapshot
	// Ready is why the process is not ready; nothing while it is. It must return
	// soon after the context is done.
	Ready func(ctx context.Context) []string
	// Metrics answers /metrics.
	Metrics http.Handler
	// Profile switches /debug/pprof on.
	Profile bool
	Log     *slog.Logger // required
}

// Server is a process's web server. Its methods are safe for use by several
// goroutines.
type Server struct {
	options Options
	ln      net.Listener
	http    *http.Server
	open    atomic.Int64 // connections
	denied  atomic.Uint64
	shots   snapshots
}

// Bounds of what a connection may cost.
const (
	readTimeout    = 10 * time.Second
	writeTimeout   = 30 * time.Second
	idleTimeout    = time.Minute
	maxHeader      = 16 << 10
	maxConnections = 256
)

// Listen opens the port. Serve must follow.
func Listen(ctx context.Context, o Options) (*Server, error) {
	s := &Server{options: o, shots: snapshots{take: o.Status}}
	handler, err := s.handler()
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	var config net.ListenConfig
	if s.ln, err = config.Listen(ctx, "tcp", o.Address); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	s.http = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ConnState:         s.connection,
		// Browsers and scanners break connections off all the time.
		ErrorLog: slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
	}
	return s, nil
}

// connection counts connections, and closes one too many.
func (s *Server) connection(c net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		if s.open.Add(1) > maxConnections {
			_ = c.Close() // refused
		}
	case http.StateClosed, http.StateHijacked:
		s.open.Add(-1)
	}
}

// Addr is where the server listens.
func (s *Server) Addr() net.Addr { return s.ln.Addr() }

// Denied is how many requests came with a wrong user or password.
func (s *Server) Denied() uint64 { return s.denied.Load() }

// Serve answers until Close. Any other end is an error.
func (s *Server) Serve() error {
	if err := s.http.Serve(s.ln); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("web: %w", err)
	}
	return nil
}

// Close ends the port and all connections at once: nobody waits for an answer
// that is out of date.
func (s *Server) Close() {
	_ = s.http.Close() // Serve tells of anything else
	_ = s.ln.Close()   // where Serve was never called
}
