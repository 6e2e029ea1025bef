//go:build !unix

package arrival

import "net"

// waiter is nil: a buffer is held while waiting.
func waiter(net.Conn) func() error { return nil }
