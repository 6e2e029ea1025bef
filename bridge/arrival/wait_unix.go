//go:build unix

package arrival

import (
	"net"

	"natstron/internal/nonblock"
)

// waiter returns a function that waits until something has arrived on a connection, or
// it has ended; nil if the connection is not a socket of the system.
func waiter(conn net.Conn) func() error {
	raw := nonblock.Raw(conn)
	if raw == nil {
		return nil
	}
	readable := func(fd uintptr) bool { return nonblock.Readable(int(fd)) }
	return func() error { return raw.Read(readable) }
}
