// Package alivetest makes hosts vanish, for tests.
package alivetest

import (
	"net"
	"testing"

	"golang.org/x/sys/unix"
)

// Vanish has the system throw away all that arrives on a TCP connection, before it has
// acknowledged it: for the other end, its host has vanished.
func Vanish(t testing.TB, conn net.Conn) {
	t.Helper()
	raw, err := conn.(*net.TCPConn).SyscallConn()
	if err == nil {
		nothing := unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: 0} // of every packet
		controlErr := raw.Control(func(fd uintptr) {
			err = unix.SetsockoptSockFprog(int(fd), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: 1, Filter: &nothing})
		})
		if err == nil {
			err = controlErr
		}
	}
	if err != nil {
		t.Fatal(err)
	}
}
