//go:build !linux

package arrival

import (
	"errors"
	"net"
	"syscall"

	"natstron/bridge/wire"
)

// socket is not there.
type socket struct{}

// Adopt returns the connection as it is.
func (*Loop) Adopt(nc net.Conn) net.Conn { return nc }

// Loop reads connections.
type Loop struct{ pacer Pacer }

// Start returns a loop that is ready to serve connections.
func Start(p Pacer) (*Loop, error) { return &Loop{p}, nil }

// Close ends the loop. No connection may be left.
func (*Loop) Close() {}

// Behind is false: each connection has a goroutine.
func (*Loop) Behind() bool { return false }

// Watch is not there.
func (*Loop) Watch(int, func()) error { return errors.ErrUnsupported }

// Unwatch is not there.
func (*Loop) Unwatch(int) {}

// Serve reads the connection until it ends. It returns at once.
func (c *Conn) Serve() {
	c.frames = wire.NewFrameReader(c.net, c.Buffer)
	go c.readOn()
}

// Close closes the connection. If it is served, it ends, unless it has already. It may
// be called by any goroutine.
func (c *Conn) Close() error { return c.net.Close() }

// acceptor is not there.
type acceptor struct{}

func (*acceptor) close() {}
func (*acceptor) wait()  {}

func newAcceptor(*Loop, net.Listener, Accepting) *acceptor { return nil }

func inherited(net.KeepAliveConfig) func(network, address string, c syscall.RawConn) error {
	return nil
}
