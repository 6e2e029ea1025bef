//go:build unix

package nonblock

import (
	"io"
	"net"
	"os"
	"syscall"
)

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

// raw is the socket of a connection; nil if that is not a socket of the system.
func raw(conn net.Conn) syscall.RawConn {
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

// Writer writes to the socket of a connection. It is not for use by several goroutines at the
// same time, nor beside the connection's Write.
type Writer struct {
	raw   syscall.RawConn
	write func(fd uintptr) bool // made once, so that writing allocates nothing
	b     []byte
	n     int
	err   error
}

// NewWriter is nil for a connection that is not a socket of the system.
func NewWriter(conn net.Conn) *Writer {
	raw := raw(conn)
	if raw == nil {
		return nil
	}
	w := &Writer{raw: raw}
	w.write = func(fd uintptr) bool {
		w.n, w.err = Write(int(fd), w.b)
		return true // written or not, do not wait
	}
	return w
}

// WriteNow writes what the socket takes at once. Fewer bytes than len(b) mean that it is full,
// or an error.
func (w *Writer) WriteNow(b []byte) (int, error) {
	w.b, w.n = b, 0
	err := w.raw.Write(w.write)
	w.b = nil
	if err == nil {
		err = w.err
	}
	return w.n, err
}

// Waiter returns a function that waits until something has arrived on a connection, or it has
// ended; nil if the connection is not a socket of the system.
func Waiter(conn net.Conn) func() error {
	raw := raw(conn)
	if raw == nil {
		return nil
	}
	readable := func(fd uintptr) bool { return readable(int(fd)) }
	return func() error { return raw.Read(readable) }
}

// readable reports whether a Read would return something else than [ErrNothing].
func readable(fd int) bool {
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
