//go:build unix

package wire

import (
	"errors"
	"io"
	"os"
	"syscall"
)

// socket reads from a socket of the system, and holds no buffer while it waits.
type socket struct {
	raw  syscall.RawConn
	read func(fd uintptr) bool // made once, so that reading allocates nothing
	err  error                 // of the last read
}

// newSocket is nil for a source that is not a socket.
func newSocket(f *FrameReader, src io.Reader) *socket {
	sc, ok := src.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return nil
	}
	s := &socket{raw: raw}
	s.read = func(fd uintptr) bool {
		f.borrow()
		n, err := syscall.Read(int(fd), f.buf[f.end:])
		for errors.Is(err, syscall.EINTR) {
			n, err = syscall.Read(int(fd), f.buf[f.end:])
		}
		switch {
		case errors.Is(err, syscall.EAGAIN):
			f.Lend()
			return false // wait
		case err != nil:
			s.err = os.NewSyscallError("read", err)
		case n == 0:
			s.err = io.EOF
		default:
			f.end += n
		}
		return true
	}
	return s
}

// fill reads once, and waits for at least one byte.
func (s *socket) fill() error {
	s.err = nil
	if err := s.raw.Read(s.read); err != nil {
		return err
	}
	return s.err
}
