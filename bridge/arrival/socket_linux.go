package arrival

import (
	"math"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"natstron/internal/nonblock"
)

// socket is a TCP connection that the runtime's poller does not know of, so that what
// arrives wakes the loop alone. It implements [net.Conn], but for deadlines.
type socket struct {
	nonblock.Socket
	loop          *Loop
	local, remote net.Addr      // no local address: the system is asked
	room          chan struct{} // capacity 1; has a value when the socket may take more, or is closed

	noted int // bytes that have arrived and the loop is about to read; belongs to its goroutine

	// These belong to the loop's lock.
	reader *Conn  // that the loop reads; nil: it does not, or not yet
	full   bool   // a Write waits
	armed  uint32 // what epoll is to tell; 0: it does not know the socket
	told   bool   // epoll has told something, and nobody was to read it
}

// events is what epoll is to tell now. The loop's lock must be held.
func (s *socket) events() uint32 {
	events := uint32(edge)
	if s.reader != nil {
		events |= quietEvents
	}
	if s.full {
		events |= syscall.EPOLLOUT
	}
	return events
}

func newSocket(l *Loop, fd int, local, remote net.Addr) *socket {
	s := &socket{Socket: nonblock.Socket{FD: fd}, loop: l, local: local, remote: remote, room: make(chan struct{}, 1)}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sockets[int32(fd)] = s
	return s
}

// Adopt returns the connection in a form that costs the least to read, and takes nc
// over. A connection that is not a TCP socket stays what it is.
func (l *Loop) Adopt(nc net.Conn) net.Conn {
	tcp, ok := nc.(*net.TCPConn)
	if !ok {
		return nc
	}
	fd := nonblock.Duplicate(tcp)
	if fd < 0 {
		return nc
	}
	s := newSocket(l, fd, nc.LocalAddr(), nc.RemoteAddr())
	_ = nc.Close() // its copy lives on
	return s
}

// waiting is how many bytes have arrived and were not read.
func (s *socket) waiting() int {
	n := math.MaxInt
	_ = s.Use(func() error { // if it cannot be told, all is read
		waiting, err := unix.IoctlGetInt(s.FD, unix.TIOCINQ)
		if err == nil {
			n = waiting
		}
		return err
	})
	return n
}

// Write writes all of b. It waits while the socket is full.
func (s *socket) Write(b []byte) (int, error) { return s.WriteAll(b, s.wait) }

// wait waits until the socket may take more.
func (s *socket) wait() error {
	if err := s.tellRoom(true); err != nil {
		return err
	}
	<-s.room
	return s.tellRoom(false)
}

func (s *socket) tellRoom(on bool) error {
	s.loop.mu.Lock()
	defer s.loop.mu.Unlock()
	s.full = on
	return s.loop.arm(s)
}

// Close closes the connection. A Write that waits fails.
func (s *socket) Close() error {
	s.loop.mu.Lock()
	if s.loop.sockets[int32(s.FD)] == s { // else it is closed, and the number another's
		delete(s.loop.sockets, int32(s.FD))
	}
	s.loop.mu.Unlock()
	return s.CloseAfter(func() {
		s.notice()
		s.loop.forget(s.FD)
	})
}

// notice wakes a Write that waits.
func (s *socket) notice() {
	select {
	case s.room <- struct{}{}:
	default:
	}
}

// CloseRead and CloseWrite end one direction.
func (s *socket) CloseRead() error  { return s.Shutdown(syscall.SHUT_RD) }
func (s *socket) CloseWrite() error { return s.Shutdown(syscall.SHUT_WR) }

// SetLinger is as that of [net.TCPConn].
func (s *socket) SetLinger(seconds int) error {
	l := syscall.Linger{Onoff: 1, Linger: int32(seconds)}
	if seconds < 0 {
		l = syscall.Linger{}
	}
	return s.Use(func() error {
		return os.NewSyscallError("setsockopt", syscall.SetsockoptLinger(s.FD, syscall.SOL_SOCKET, syscall.SO_LINGER, &l))
	})
}

// Control is as that of [syscall.RawConn].
func (s *socket) Control(use func(fd uintptr)) error {
	return s.Use(func() error {
		use(uintptr(s.FD))
		return nil
	})
}

// LocalAddr is this end's address.
func (s *socket) LocalAddr() net.Addr {
	if s.local != nil {
		return s.local
	}
	var at net.Addr = &net.TCPAddr{}
	_ = s.Use(func() error { // a closed one has no address
		own, err := syscall.Getsockname(s.FD)
		if err == nil {
			at = addressOf(own)
		}
		return err
	})
	return at
}

// RemoteAddr is the other end's address.
func (s *socket) RemoteAddr() net.Addr { return s.remote }

func (*socket) SetDeadline(time.Time) error      { return os.ErrNoDeadline }
func (*socket) SetReadDeadline(time.Time) error  { return os.ErrNoDeadline }
func (*socket) SetWriteDeadline(time.Time) error { return os.ErrNoDeadline }
