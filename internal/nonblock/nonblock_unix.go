//go:build unix

package nonblock

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
)

// ErrNothing says that nothing has arrived.
var ErrNothing = errors.New("nothing has arrived")

// Raw is the socket of a connection; nil if that is not a socket of the system.
func Raw(conn net.Conn) syscall.RawConn {
	sc, ok := conn.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return nil
	}
	return raw
}

// Read reads what has arrived, or returns [ErrNothing]. At the end it is [io.EOF].
func Read(fd int, b []byte) (int, error) {
	for {
		n, err := syscall.Read(fd, b)
		switch err {
		case nil:
			if n == 0 && len(b) > 0 {
				return 0, io.EOF
			}
			return n, nil
		case syscall.EINTR:
		case syscall.EAGAIN:
			return 0, ErrNothing
		default:
			return 0, os.NewSyscallError("read", err)
		}
	}
}

// Write writes what the socket takes. Fewer bytes than len(b) mean that it is full, or
// an error.
func Write(fd int, b []byte) (int, error) {
	for {
		n, err := syscall.Write(fd, b)
		switch err {
		case nil:
			return n, nil
		case syscall.EINTR:
		case syscall.EAGAIN:
			return 0, nil
		default:
			return max(n, 0), os.NewSyscallError("write", err)
		}
	}
}

// Readable reports whether a Read would return something else than [ErrNothing].
func Readable(fd int) bool {
	var b [1]byte
	for {
		switch _, _, err := syscall.Recvfrom(fd, b[:], syscall.MSG_PEEK); err {
		case syscall.EINTR:
		case syscall.EAGAIN:
			return false
		default:
			return true
		}
	}
}
