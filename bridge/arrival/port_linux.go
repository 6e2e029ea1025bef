package arrival

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"

	"natstron/internal/backoff"
	"natstron/internal/nonblock"
)

// acceptor accepts the connections of a port in the loop. The runtime's poller does not
// know the port.
type acceptor struct {
	Accepting
	loop  *Loop
	local net.Addr // nil: each connection has its own
	pause backoff.Pause

	handing   sync.WaitGroup // one for each connection that is accepted and not handed over yet
	listening nonblock.Socket
}

// newAcceptor has the loop accept the connections of a port; nil if it cannot.
func newAcceptor(l *Loop, ln net.Listener, do Accepting) *acceptor {
	tcp, ok := ln.(*net.TCPListener)
	if !ok {
		return nil
	}
	fd := nonblock.Duplicate(tcp)
	if fd < 0 {
		return nil
	}
	a := &acceptor{Accepting: do, loop: l, listening: nonblock.Socket{FD: fd}, pause: newPause()}
	if at, ok := ln.Addr().(*net.TCPAddr); ok && !at.IP.IsUnspecified() {
		a.local = at
	}
	l.mu.Lock()
	l.acceptors[int32(fd)] = a
	l.mu.Unlock()
	if l.control(syscall.EPOLL_CTL_ADD, fd, edge|syscall.EPOLLIN) != nil {
		a.close()
		return nil
	}
	return a
}

// inherited sets what the connections of a port take over from it, so that nothing needs
// to be set on each of them: no delay, and how the system tries quiet ones.
func inherited(keepAlive net.KeepAliveConfig) func(network, address string, c syscall.RawConn) error {
	if !keepAlive.Enable { // as the net package does
		keepAlive = net.KeepAliveConfig{Idle: 15 * time.Second, Interval: 15 * time.Second, Count: 9}
	}
	return func(_, _ string, c syscall.RawConn) error {
		var err error
		control := c.Control(func(fd uintptr) {
			set := func(level, option, value int) {
				err = errors.Join(err, os.NewSyscallError("setsockopt", syscall.SetsockoptInt(int(fd), level, option, value)))
			}
			set(syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
			set(syscall.SOL_SOCKET, syscall.SO_KEEPALIVE, 1)
			set(syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE, seconds(keepAlive.Idle))
			set(syscall.IPPROTO_TCP, syscall.TCP_KEEPINTVL, seconds(keepAlive.Interval))
			set(syscall.IPPROTO_TCP, syscall.TCP_KEEPCNT, keepAlive.Count)
		})
		return errors.Join(control, err)
	}
}

// seconds rounds up.
func seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// atOnce bounds the connections that are accepted before others are read.
const atOnce = 100

// acceptAll accepts the connections that have come, and has each gathered, to be handed
// over.
func (a *acceptor) acceptAll(g *gathering) {
	for range atOnce {
		s, err := a.accept()
		switch {
		case err == nil:
			a.pause.Reset()
			g.addFresh(s, a)
		case errors.Is(err, syscall.EINTR), errors.Is(err, syscall.ECONNABORTED):
		case errors.Is(err, syscall.EAGAIN), errors.Is(err, net.ErrClosed):
			return
		default:
			pause := a.pause.Next()
			a.Failed(os.NewSyscallError("accept4", err), pause)
			time.AfterFunc(pause, func() { a.loop.tryAgain(a) })
			return
		}
	}
	a.loop.tryAgain(a) // there may be more, which the system does not tell again
}

// accept accepts one connection, unless the port is closed.
func (a *acceptor) accept() (*socket, error) {
	fd, from, err := a.acceptNow()
	if err != nil {
		return nil, err
	}
	s := newSocket(a.loop, fd, a.local, addressOf(from))
	a.loop.expect(s)
	return s, nil
}

// handOver hands a connection over.
func (a *acceptor) handOver(s *socket) {
	defer a.handing.Done()
	a.Take(s)
}

func (a *acceptor) acceptNow() (fd int, from syscall.Sockaddr, err error) {
	err = a.listening.Use(func() (err error) {
		fd, from, err = syscall.Accept4(a.listening.FD, syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC)
		if err == nil {
			a.handing.Add(1)
		}
		return err
	})
	return fd, from, err
}

// close closes the port. Some connections may still be handed over.
func (a *acceptor) close() {
	_ = a.listening.CloseAfter(func() { // it may be closed
		a.loop.mu.Lock()
		delete(a.loop.acceptors, int32(a.listening.FD))
		a.loop.mu.Unlock()
		a.loop.forget(a.listening.FD)
	})
}

// wait waits until no connection is handed over any more, once the port is closed.
func (a *acceptor) wait() { a.handing.Wait() }

// addressOf is a system's address as the net package has it.
func addressOf(from syscall.Sockaddr) net.Addr {
	switch from := from.(type) {
	case *syscall.SockaddrInet4:
		return net.TCPAddrFromAddrPort(netip.AddrPortFrom(netip.AddrFrom4(from.Addr), uint16(from.Port)))
	case *syscall.SockaddrInet6:
		ip := netip.AddrFrom16(from.Addr)
		if from.ZoneId != 0 && !ip.Is4In6() {
			if i, err := net.InterfaceByIndex(int(from.ZoneId)); err == nil {
				ip = ip.WithZone(i.Name)
			}
		}
		return net.TCPAddrFromAddrPort(netip.AddrPortFrom(ip, uint16(from.Port)))
	}
	return &net.TCPAddr{}
}
