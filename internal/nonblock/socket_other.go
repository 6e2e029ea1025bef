//go:build !linux

package nonblock

import "net"

// Socket is not there.
type Socket struct {
	*Writer
	net.Conn
	FD int
}

// TakeOver is nil.
func TakeOver(net.Conn) *Socket { return nil }
