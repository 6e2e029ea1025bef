//go:build linux && !race

package nonblock

import (
	"syscall"
	"unsafe"
)

// What does not wait need not be told to the runtime: it would wake its monitor if that sleeps,
// which costs more than a short message. Long ones are told, so that others can run meanwhile.
const short = 16 << 10

func read(fd int, b []byte) (int, error) { return call(syscall.SYS_READ, fd, b) }

func write(fd int, b []byte) (int, error) {
	if len(b) > short {
		return syscall.Write(fd, b)
	}
	return call(syscall.SYS_WRITE, fd, b)
}

func call(number uintptr, fd int, b []byte) (int, error) {
	n, _, errno := syscall.RawSyscall(number, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)))
	if errno != 0 {
		return -1, errno
	}
	return int(n), nil
}
