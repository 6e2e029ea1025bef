package nonblock

import "syscall"

// Duplicate is another descriptor of the same socket; negative if there is none. It lives on when
// c is closed, and the runtime's poller does not know it.
func Duplicate(c syscall.Conn) int {
	raw, err := c.SyscallConn()
	if err != nil {
		return -1
	}
	fd := -1
	err = raw.Control(func(old uintptr) {
		if n, _, errno := syscall.Syscall(syscall.SYS_FCNTL, old, syscall.F_DUPFD_CLOEXEC, 0); errno == 0 {
			fd = int(n)
		}
	})
	if err != nil {
		return -1
	}
	return fd
}
