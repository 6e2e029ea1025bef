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

	"natstron/internal/netaddr"
	"natstron/internal/secret"
	"natstron/internal/status"
	"natstron/roles/inspect"
)

// Options say what a [Server] shows.
type Options struct {
	// Bind is host:port.
	Bind           string          `key:"bind" is:"listen" port:"8080" default:"127.0.0.1:8080" doc:"Where browsers and scrapers connect, over HTTP."`
	Authentication *Authentication `key:"authentication" doc:"The user and password that HTTP basic authentication asks for; left out, anyone may look."`
	Profile        bool            `key:"pprof,ours" doc:"Whether Go's profiler is there, under /debug/pprof: for measuring, not for everyday use."`
	// Status makes a snapshot. It is called by one goroutine at a time.
	Status func() *status.Snapshot
	// Ready is why the process is not ready; nothing while it is. It must return
	// soon after the context is done.
	Ready func(ctx context.Context) []string
	// Ask asks every process of the cluster.
	Ask inspect.Asker
	// Metrics answers /metrics.
	Metrics http.Handler
	Log     *slog.Logger // required
}

// Authentication is what HTTP basic authentication asks for.
type Authentication struct {
	Username     string `key:"username,required" is:"filled" doc:"The user's name."`
	Password     string `key:"password" is:"secret" doc:"The user's password."`
	PasswordFile string `key:"password_file,ours" is:"secret file" doc:"The file that holds the user's password."`
}

// CheckKeys finds a password that is missing, or given twice.
func (a *Authentication) CheckKeys(_ func(string) bool, report func(problem, fix string, keys ...string)) {
	switch {
	case a.Password == "" && a.PasswordFile == "":
		report("has no password", "add password_file, or password", "", "password", "password_file")
	case a.Password != "" && a.PasswordFile != "":
		report("is given beside password", "keep one of them", "password_file", "password")
	}
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
	cluster clusterAnswers
	waits   waits
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
	s := &Server{options: o, shots: snapshots{take: o.Status}, cluster: newClusterAnswers(o.Ask)}
	if a := o.Authentication; a != nil {
		password, err := secret.Read(a.Password, a.PasswordFile)
		if err != nil {
			return nil, fmt.Errorf("web: %w", err)
		}
		s.options.Authentication = &Authentication{Username: a.Username, Password: password}
	}
	handler, err := s.handler()
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	var config net.ListenConfig
	if s.ln, err = config.Listen(ctx, netaddr.Network("tcp", o.Bind), o.Bind); err != nil {
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
