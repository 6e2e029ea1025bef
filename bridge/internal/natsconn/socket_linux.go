package natsconn

import (
	"errors"
	"net"
	"os"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"

	"natstron/internal/nonblock"
)

// own is a TCP connection that the runtime's poller does not know, for a loop that waits for it
// together with others. Read does not wait: it returns [ErrNothing].
type own struct {
	fd int

	mu     sync.RWMutex // held while fd is used
	closed bool
	once   sync.Once
}

// takeOver makes nc one that a loop waits for; false if it is not a socket of the system.
func takeOver(nc net.Conn) (s socket, fd int, ok bool) {
	tcp, ok := nc.(*net.TCPConn)
	if !ok {
		return nil, 0, false
	}
	if fd = nonblock.Duplicate(tcp); fd < 0 {
		return nil, 0, false
	}
	_ = nc.Close() // its copy lives on
	return &own{fd: fd}, fd, true
}

func (o *own) Read(p []byte) (int, error) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	if o.closed {
		return 0, net.ErrClosed
	}
	n, err := nonblock.Read(o.fd, p)
	if errors.Is(err, nonblock.ErrNothing) {
		err = ErrNothing
	}
	return n, err
}

func (o *own) writeNow(p []byte) (int, error) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	if o.closed {
		return 0, net.ErrClosed
	}
	return nonblock.Write(o.fd, p)
}

// Write waits while the socket is full.
func (o *own) Write(p []byte) (written int, err error) {
	for {
		n, err := o.writeNow(p[written:])
		if written += n; err != nil || written == len(p) {
			return written, err
		}
		if err := o.wait(); err != nil {
			return written, err
		}
	}
}

// wait waits until the socket may take more, or is closed.
func (o *own) wait() error {
	o.mu.RLock()
	defer o.mu.RUnlock()
	if o.closed {
		return net.ErrClosed
	}
	_, err := unix.Poll([]unix.PollFd{{Fd: int32(o.fd), Events: unix.POLLOUT}}, -1)
	if err == unix.EINTR {
		err = nil
	}
	return os.NewSyscallError("poll", err)
}

// Close ends the connection before it waits for those who use it: then these return.
func (o *own) Close() (err error) {
	o.once.Do(func() {
		_ = syscall.Shutdown(o.fd, syscall.SHUT_RDWR) // the other end may have done so
		o.mu.Lock()
		defer o.mu.Unlock()
		o.closed = true
		err = os.NewSyscallError("close", syscall.Close(o.fd))
	})
	return err
}
