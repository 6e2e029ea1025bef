//go:build !linux

package natsconn

import "net"

// takeOver does nothing: there is no loop.
func takeOver(net.Conn) (s socket, fd int, ok bool) { return nil, 0, false }
