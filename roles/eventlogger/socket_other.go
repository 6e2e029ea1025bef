//go:build !linux

package eventlogger

import (
	"net"
	"syscall"
)

const (
	receiveBuffer = 8 << 20 // what the system's buffer should be, in bytes
	controlSize   = 0
)

func prepareSocket(string, string, syscall.RawConn) error { return nil }

// enlarge asks for a receive buffer of so many bytes.
func enlarge(conn *net.UDPConn, size int) (got int, err error) {
	return size, conn.SetReadBuffer(size)
}

// droppedIn: these systems do not tell what they drop.
func droppedIn([]byte) (count uint32, ok bool) { return 0, false }
