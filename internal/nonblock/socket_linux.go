package nonblock

import (
	"net"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// A Socket is a connection of the system that the runtime's poller does not know: somebody else
// waits for what arrives. Any goroutine may use it.
type Socket struct {
	FD int

	mu     sync.RWMutex // held while FD is used
	closed bool
}

// TakeOver returns the socket of a connection, and closes c; nil if c is not a TCP socket.
func TakeOver(c net.Conn) *Socket {
	tcp, ok := c.(*net.TCPConn)
	if !ok {
		return nil
	}
	fd := Duplicate(tcp)
	if fd < 0 {
		return nil
	}
	_ = c.Close() // its copy lives on
	return &Socket{FD: fd}
}

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

// Use calls a function while the socket cannot be closed, or returns [net.ErrClosed].
func (s *Socket) Use(call func() error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return net.ErrClosed
	}
	return call()
}

// Read reads what has arrived. It returns [ErrNothing] instead of waiting.
func (s *Socket) Read(b []byte) (int, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return 0, net.ErrClosed
	}
	return Read(s.FD, b)
}

// WriteNow writes what the socket takes at once. Fewer bytes than len(b) mean that it
// is full, or an error.
func (s *Socket) WriteNow(b []byte) (int, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return 0, net.ErrClosed
	}
	return Write(s.FD, b)
}

// Write writes all of b. While the socket is full it waits in the system, with a thread.
func (s *Socket) Write(b []byte) (int, error) { return s.WriteAll(b, s.wait) }

// WriteAll writes all of b, and calls wait when the socket is full: it waits until there may be
// room.
func (s *Socket) WriteAll(b []byte, wait func() error) (written int, err error) {
	for {
		n, err := s.WriteNow(b[written:])
		if written += n; err != nil || written == len(b) {
			return written, err
		}
		if err := wait(); err != nil {
			return written, err
		}
	}
}

func (s *Socket) wait() error {
	return s.Use(func() error {
		_, err := unix.Poll([]unix.PollFd{{Fd: int32(s.FD), Events: unix.POLLOUT}}, -1)
		if err == unix.EINTR {
			err = nil
		}
		return os.NewSyscallError("poll", err)
	})
}

// Shutdown ends one direction, or both: see [syscall.Shutdown].
func (s *Socket) Shutdown(how int) error {
	return s.Use(func() error { return os.NewSyscallError("shutdown", syscall.Shutdown(s.FD, how)) })
}

// Close closes the socket. A Write that waits returns.
func (s *Socket) Close() error {
	_ = s.Shutdown(syscall.SHUT_RDWR) // the other end may have done so
	return s.CloseAfter(func() {})
}

// CloseAfter closes the socket after a call, when nobody uses it any more.
func (s *Socket) CloseAfter(call func()) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return net.ErrClosed
	}
	s.closed = true
	call()
	return os.NewSyscallError("close", syscall.Close(s.FD))
}
