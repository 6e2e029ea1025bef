package clientagent

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"natstron/bridge/wire"
	"natstron/internal/alive"
	"natstron/internal/arrival"
)

// listening is an open port.
type listening struct {
	Listener
	port *arrival.Port

	mu      sync.Mutex
	opening map[net.Conn]time.Time // in their handshake, since when
	closed  bool
}

// maxOpening bounds the connections of a port that are in their handshake. When
// one more comes, the oldest is given up: somebody who opens many and says nothing
// keeps out nobody who is quicker than that.
const maxOpening = 1000

// ListenError says which port could not be opened.
type ListenError struct {
	Listener int // its index in the options
	Err      error
}

func (e *ListenError) Error() string { return e.Err.Error() }

// Unwrap is the operating system's error.
func (e *ListenError) Unwrap() error { return e.Err }

func (r *Role) listen(ctx context.Context, l Listener) (*listening, error) {
	port, err := r.arrivals.Listen(ctx, l.Address, alive.KeepAlive(r.o.Limits.Host))
	if err != nil {
		return nil, err
	}
	r.log.Info("listening for clients", "address", port.Addr(), "tls", l.TLS != nil, "websocket", l.WebSocket, "proxy", l.Proxy != nil)
	return &listening{Listener: l, port: port, opening: map[net.Conn]time.Time{}}, nil
}

// serve accepts clients until close. Any other end of the port is an error.
func (l *listening) serve(r *Role) error {
	err := l.port.Serve(arrival.Accepting{
		Take: func(conn net.Conn) {
			r.accepted()
			switch {
			case !l.begin(conn):
				_ = conn.Close() // refused
			case l.plain():
				l.client(r, conn)
			default:
				r.conns.Go(func() { l.client(r, conn) })
			}
		},
		Failed: func(err error, pause time.Duration) {
			r.log.Error("cannot accept a client", "error", err, "next_try", pause)
		},
		Deadlines: !l.plain(),
	})
	if err != nil {
		return fmt.Errorf("listen for clients: %w", err)
	}
	return nil
}

// client begins to serve one connection.
func (l *listening) client(r *Role, raw net.Conn) {
	conn, who, err := l.handshake(r, raw)
	if err != nil {
		l.end(raw)
		r.refused(raw.RemoteAddr(), err)
		_ = raw.Close() // refused
		return
	}
	// The client may have been connected to another process that has died: what that
	// one left behind is sent first.
	r.conns.Add(1)
	r.node.WhenSettled(func() {
		defer r.conns.Done()
		l.end(raw)
		r.serve(conn, raw, who)
	})
}

// serve makes a connection a client's, or turns it away. raw is the socket below it.
func (r *Role) serve(conn, raw net.Conn, who peer) {
	if conn == raw {
		conn = r.arrivals.Adopt(conn)
		raw = conn
	}
	s, err := r.admit(conn, who)
	if err != nil {
		r.conns.Go(func() { r.turnAway(conn, who, err) })
		return
	}
	r.conns.Add(1)
	s.unwatch = r.watch.Add(raw, s.vanished)
	s.read.Serve()
}

// plain says whether a connection is a client's from its first byte on.
func (l *listening) plain() bool { return l.Proxy == nil && l.TLS == nil && !l.WebSocket }

// handshake does what must be done before the first datagram, in bounded time.
func (l *listening) handshake(r *Role, raw net.Conn) (net.Conn, peer, error) {
	conn, who := raw, peer{remote: addrPort(raw.RemoteAddr()), local: addrPort(raw.LocalAddr())}
	if l.plain() {
		return conn, who, nil
	}
	err := raw.SetDeadline(time.Now().Add(r.o.Limits.Handshake))
	if err == nil && l.Proxy != nil {
		conn, who, err = readProxy(conn, l.Proxy)
	}
	if err == nil && l.TLS != nil {
		encrypted := tls.Server(conn, l.TLS)
		conn, err = encrypted, encrypted.HandshakeContext(context.Background())
	}
	if err == nil && l.WebSocket {
		conn, err = upgrade(conn, l.Origins, r.o.Limits.ByteRate)
	}
	if err == nil {
		err = raw.SetDeadline(time.Time{})
	}
	return conn, who, err
}

// begin notes a connection that begins its handshake. It says no when the port is
// closed.
func (l *listening) begin(conn net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return false
	}
	if len(l.opening) >= maxOpening {
		l.giveUpOldest()
	}
	l.opening[conn] = time.Now()
	return true
}

func (l *listening) giveUpOldest() {
	var oldest net.Conn
	for conn, since := range l.opening {
		if oldest == nil || since.Before(l.opening[oldest]) {
			oldest = conn
		}
	}
	_ = oldest.Close() // whoever serves it finds out
	delete(l.opening, oldest)
}

func (l *listening) end(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.opening, conn)
}

// close closes the port, and the connections that have no session yet.
func (l *listening) close() {
	l.port.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	for conn := range l.opening {
		_ = conn.Close() // it is to end
	}
}

func (r *Role) accepted() {
	r.enter()
	defer r.leave()
	r.stats.Connections++
}

// turnAway tells a client that it cannot be served.
func (r *Role) turnAway(conn net.Conn, who peer, why error) {
	code, reason := wire.EjectGeneric, "The server cannot serve you: "+why.Error()+"."
	if errors.Is(why, errStopping) {
		code = wire.EjectMaintenance
	}
	r.enter()
	r.stats.Ejects[code]++
	r.leave()
	r.refused(net.TCPAddrFromAddrPort(who.remote), why)
	r.event(0, "client-ejected", "reason_code", fmt.Sprint(uint16(code)), "reason_msg", reason,
		"remote_address", who.remote.String(), "local_address", who.local.String())
	refuse(conn, code, reason)
}

// refused counts a connection that did not become a session. It is logged at most
// once a second: anybody can make many.
func (r *Role) refused(from net.Addr, why error) {
	now := time.Now()
	r.enter()
	r.stats.Refused++
	silent := now.Sub(r.refusalLogged) < time.Second
	if silent {
		r.refusalsSilent++
	}
	others := r.refusalsSilent
	if !silent {
		r.refusalLogged, r.refusalsSilent = now, 0
	}
	r.leave()
	if silent {
		return
	}
	attrs := []any{"address", from, "error", why}
	if others > 0 {
		attrs = append(attrs, "others", others)
	}
	r.log.Info("refused a connection", attrs...)
}
