package arrival

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"natstron/internal/backoff"
	"natstron/internal/netaddr"
)

// Port is an open TCP port.
type Port struct {
	loop   *Loop
	ln     net.Listener
	closed chan struct{}

	mu       sync.Mutex
	ended    bool
	acceptor *acceptor // nil: Serve has not begun, or accepts the connections itself
}

// Accepting is what the owner of a port does with it.
type Accepting struct {
	// Take takes a connection over, and adopts it. It must not wait.
	Take func(net.Conn)
	// Failed is called when a connection could not be accepted, with the pause before
	// the next try: the process may be out of file descriptors, for example.
	Failed func(err error, pause time.Duration)
	// Deadlines says that Take needs connections that have deadlines, and are not read
	// by the loop: those on which TLS is spoken, for example.
	Deadlines bool
}

// Listen opens a port at host:port; an IPv4 address means IPv4 alone. Serve must follow.
// The system tries quiet connections as keepAlive says.
func (l *Loop) Listen(ctx context.Context, address string, keepAlive net.KeepAliveConfig) (*Port, error) {
	config := net.ListenConfig{KeepAliveConfig: keepAlive, Control: inherited(keepAlive)}
	config.SetMultipathTCP(false)
	ln, err := config.Listen(ctx, netaddr.Network("tcp", address), address)
	if err != nil {
		return nil, err
	}
	return &Port{loop: l, ln: ln, closed: make(chan struct{})}, nil
}

// Addr is the address of the port.
func (p *Port) Addr() net.Addr { return p.ln.Addr() }

// Serve accepts connections until Close, and then returns nil. Any other end of the
// port is an error.
//
// On Linux, unless the connections need deadlines, the loop accepts them in the order
// of what arrives on others: a participant that connects and speaks is heard before
// another that speaks after it.
func (p *Port) Serve(do Accepting) error {
	if a := p.accept(do); a != nil {
		<-p.closed
		a.wait()
		return nil
	}
	for pause := newPause(); ; {
		conn, err := p.ln.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return nil
		case isTemporary(err):
			next := pause.Next()
			do.Failed(err, next)
			backoff.Wait(p.closed, next)
		case err != nil:
			return err
		default:
			pause.Reset()
			do.Take(conn)
		}
	}
}

// accept has the loop accept the connections; nil if it cannot.
func (p *Port) accept(do Accepting) *acceptor {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended || do.Deadlines {
		return nil
	}
	if p.acceptor = newAcceptor(p.loop, p.ln, do); p.acceptor != nil {
		_ = p.ln.Close() // the acceptor has a copy
	}
	return p.acceptor
}

// Close closes the port. Serve returns soon after.
func (p *Port) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.ln.Close() // not to be used
	if p.acceptor != nil {
		p.acceptor.close()
	}
	if !p.ended {
		p.ended = true
		close(p.closed)
	}
}

// newPause is the pauses between attempts to accept a connection.
func newPause() backoff.Pause { return backoff.Pause{First: 5 * time.Millisecond, Last: time.Second} }

func isTemporary(err error) bool {
	var t interface{ Temporary() bool }
	return errors.As(err, &t) && t.Temporary()
}
