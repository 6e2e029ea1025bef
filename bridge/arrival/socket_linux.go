package arrival

import (
	"math"
	"net"
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"natstron/internal/nonblock"
)

// socket is a TCP connection that the runtime's poller does not know of, so that what
// arrives wakes the loop alone. It implements [net.Conn], but for deadlines.
type socket struct {
	loop          *Loop
	fd            int
	local, remote net.Addr      // no local address: the system is asked
	room          chan struct{} // capacity 1; has a value when the socket may take more, or is closed

	mu     sync.RWMutex // held while fd is used
	closed bool

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
	s := &socket{loop: l, fd: fd, local: local, remote: remote, room: make(chan struct{}, 1)}
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

// Read reads what has arrived. It returns [nonblock.ErrNothing] instead of waiting.
func (s *socket) Read(b []byte) (int, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return 0, net.ErrClosed
	}
	return nonblock.Read(s.fd, b)
}

// waiting is how many bytes have arrived and were not read.
func (s *socket) waiting() int {
	n := math.MaxInt
	_ = s.use(func() error { // if it cannot be told, all is read
		waiting, err := unix.IoctlGetInt(s.fd, unix.TIOCINQ)
		if err == nil {
			n = waiting
		}
		return err
	})
	return n
}

// WriteNow writes what the socket takes at once. Fewer bytes than len(b) mean that it
// is full, or an error.
func (s *socket) WriteNow(b []byte) (int, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return 0, net.ErrClosed
	}
	return nonblock.Write(s.fd, b)
}

// Write writes all of b. It waits while the socket is full.
func (s *socket) Write(b []byte) (written int, err error) {
	for {
		n, err := s.WriteNow(b[written:])
		if written += n; err != nil || written == len(b) {
			return written, err
		}
		if n == 0 {
			if err := s.wait(); err != nil {
				return written, err
			}
		}
	}
}

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
	if s.loop.sockets[int32(s.fd)] == s { // else it is closed, and the number another's
		delete(s.loop.sockets, int32(s.fd))
	}
	s.loop.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return net.ErrClosed
	}
	s.closed = true
	s.notice()
	return s.loop.closeFile(s.fd)
}

// notice wakes a Write that waits.
func (s *socket) notice() {
	select {
	case s.room <- struct{}{}:
	default:
	}
}

// CloseRead and CloseWrite end one direction.
func (s *socket) CloseRead() error  { return s.shutdown(syscall.SHUT_RD) }
func (s *socket) CloseWrite() error { return s.shutdown(syscall.SHUT_WR) }

func (s *socket) shutdown(how int) error {
	return s.use(func() error { return os.NewSyscallError("shutdown", syscall.Shutdown(s.fd, how)) })
}

// SetLinger is as that of [net.TCPConn].
func (s *socket) SetLinger(seconds int) error {
	l := syscall.Linger{Onoff: 1, Linger: int32(seconds)}
	if seconds < 0 {
		l = syscall.Linger{}
	}
	return s.use(func() error {
		return os.NewSyscallError("setsockopt", syscall.SetsockoptLinger(s.fd, syscall.SOL_SOCKET, syscall.SO_LINGER, &l))
	})
}

func (s *socket) use(call func() error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return net.ErrClosed
	}
	return call()
}

// Control is as that of [syscall.RawConn].
func (s *socket) Control(use func(fd uintptr)) error {
	return s.use(func() error {
		use(uintptr(s.fd))
		return nil
	})
}

// LocalAddr is this end's address.
func (s *socket) LocalAddr() net.Addr {
	if s.local != nil {
		return s.local
	}
	var at net.Addr = &net.TCPAddr{}
	_ = s.use(func() error { // a closed one has no address
		own, err := syscall.Getsockname(s.fd)
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
