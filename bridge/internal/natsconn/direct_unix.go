//go:build unix

package natsconn

import (
	"net"
	"syscall"

	"natstron/internal/nonblock"
)

// direct is a socket of the system that the runtime's poller waits for.
type direct struct {
	net.Conn
	raw syscall.RawConn
}

func (d direct) writeNow(p []byte) (n int, err error) {
	if closed := d.raw.Control(func(fd uintptr) { n, err = nonblock.Write(int(fd), p) }); closed != nil {
		return 0, closed
	}
	return n, err
}

// ready is nc in the form that costs the least to write.
func ready(nc net.Conn) socket {
	if tcp, ok := nc.(*net.TCPConn); ok {
		if raw := nonblock.Raw(tcp); raw != nil {
			return direct{nc, raw}
		}
	}
	return stream{nc}
}
