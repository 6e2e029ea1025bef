package arrival

import (
	"errors"
	"net"
	"os"
	"sync"
	"syscall"

	"natstron/internal/wire"
)

// Loop reads connections.
type Loop struct {
	pacer Pacer
	epoll int
	wake  [2]int // a pipe: what is written to it wakes the loop
	ended chan struct{}

	mu     sync.Mutex
	conns  map[int32]*Conn // those that are quiet, by file descriptor
	closed []*Conn         // by Conn.Close, and perhaps not known to have ended
	stop   bool
}

// What epoll tells of a quiet connection: only what is new, as otherwise those
// that were read keep their places in its list.
const (
	quietEvents = syscall.EPOLLIN | syscall.EPOLLRDHUP | 1<<31 // EPOLLET
	endEvents   = syscall.EPOLLRDHUP | syscall.EPOLLHUP | syscall.EPOLLERR
)

// share is how many bytes of one connection are read before others; more at once makes
// it a busy one.
const share = 32 << 10

// Start returns a loop that is ready to serve connections.
func Start(p Pacer) (*Loop, error) {
	l := &Loop{pacer: p, conns: map[int32]*Conn{}, ended: make(chan struct{})}
	var err error
	if l.epoll, err = syscall.EpollCreate1(syscall.EPOLL_CLOEXEC); err != nil {
		return nil, os.NewSyscallError("epoll_create", err)
	}
	if err := syscall.Pipe2(l.wake[:], syscall.O_CLOEXEC|syscall.O_NONBLOCK); err != nil {
		_ = syscall.Close(l.epoll) // not to be used
		return nil, os.NewSyscallError("pipe", err)
	}
	if err := l.add(l.wake[0], syscall.EPOLLIN); err != nil {
		l.closeFiles()
		return nil, err
	}
	go l.run()
	return l, nil
}

func (l *Loop) add(fd int, events uint32) error {
	e := syscall.EpollEvent{Events: events, Fd: int32(fd)}
	return os.NewSyscallError("epoll_ctl", syscall.EpollCtl(l.epoll, syscall.EPOLL_CTL_ADD, fd, &e))
}

func (l *Loop) closeFiles() {
	for _, fd := range []int{l.epoll, l.wake[0], l.wake[1]} {
		_ = syscall.Close(fd) // not to be used
	}
}

// Close ends the loop. No connection may be left.
func (l *Loop) Close() {
	l.mu.Lock()
	l.stop = true
	l.mu.Unlock()
	l.rouse()
	<-l.ended
	l.closeFiles()
}

func (l *Loop) rouse() { _, _ = syscall.Write(l.wake[1], []byte{0}) } // a full pipe wakes it, too

// Serve reads the connection until it ends. It returns at once.
func (c *Conn) Serve() {
	c.now = newNowReader(c.net)
	if c.now == nil {
		c.frames = wire.NewFrameReader(c.net, c.Buffer)
		go c.readOn()
		return
	}
	c.frames = wire.NewFrameReader(c.now, c.Buffer)
	if err := c.loop.watch(c); err != nil {
		go c.End(err)
	}
}

// Close closes the connection. If it is served, it ends, unless it has already. It may
// be called by any goroutine.
func (c *Conn) Close() error {
	err := c.net.Close()
	l := c.loop
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.quiet {
		l.closed = append(l.closed, c)
		l.rouse()
	}
	return err
}

// arrived is a connection on which something has arrived.
type arrived struct {
	*Conn
	ended bool
}

// run reads what arrives, until Close. It waits in the system, not in the runtime's
// poller: a message on a quiet connection then costs the wake-up of this one thread.
func (l *Loop) run() {
	defer close(l.ended)
	events := make([]syscall.EpollEvent, 128)
	ready := make([]arrived, 0, len(events))
	for {
		n, err := syscall.EpollWait(l.epoll, events, -1)
		if err != nil && !errors.Is(err, syscall.EINTR) {
			return // it is closed
		}
		var stop bool
		if ready, stop = l.find(ready[:0], events[:max(n, 0)]); stop {
			return
		}
		for _, a := range ready {
			l.read(a)
		}
		clear(ready)
	}
}

// find is the connections that events are about.
func (l *Loop) find(ready []arrived, events []syscall.EpollEvent) (all []arrived, stop bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range events {
		if int(e.Fd) == l.wake[0] {
			l.endClosed()
		} else if c := l.conns[e.Fd]; c != nil {
			ready = append(ready, arrived{c, e.Events&endEvents != 0})
		}
	}
	return ready, l.stop
}

// endClosed ends the connections that were closed while they were quiet: the system
// does not tell of these. Of a busy one its reader finds out. The lock must be held.
func (l *Loop) endClosed() {
	var b [64]byte
	_, _ = syscall.Read(l.wake[0], b[:]) // what is left wakes the loop once more
	for _, c := range l.closed {
		if c.quiet {
			l.forget(c)
			go c.End(net.ErrClosed)
		}
	}
	l.closed = nil
}

// read reads a connection until it is quiet, or leaves it to a goroutine. It
// does not wait for anything.
func (l *Loop) read(a arrived) {
	busy := l.pacer.Congested()
	var err error
	if !busy {
		busy, err = a.readNow(share, a.ended)
	}
	if (busy || err != nil) && l.unwatch(a.Conn) {
		go l.readBusy(a.Conn, err)
	}
}

// readNow handles what has arrived, without waiting for more. It stops when the
// connection is quiet, or after about limit bytes; busy says that it was not
// quiet, or that no more is to be read for now. ended says that the other side
// has ended the connection: then all of it is read.
func (c *Conn) readNow(limit int, ended bool) (busy bool, err error) {
	for taken := 0; taken < limit; taken += c.now.n {
		err := c.frames.Fill()
		if errors.Is(err, errNothing) {
			c.frames.Lend()
			return false, nil
		}
		if err == nil {
			err = c.handle()
		}
		if err != nil || c.wait != nil {
			return true, err
		}
		if !c.now.full && !ended {
			c.frames.Lend()
			return false, nil
		}
	}
	return true, nil
}

// readBusy reads a busy connection until it is quiet, or has ended.
func (l *Loop) readBusy(c *Conn, err error) {
	for busy := true; busy && err == nil; {
		c.pause()
		busy, err = c.readNow(c.Buffer, false)
	}
	if err == nil {
		err = l.watch(c)
	}
	if err != nil {
		c.End(err)
	}
}

// watch has a connection read from now on, and what has come already.
func (l *Loop) watch(c *Conn) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var failed error
	err := c.now.raw.Control(func(fd uintptr) { failed = l.add(int(fd), quietEvents) })
	if err = errors.Join(err, failed); err != nil {
		return err
	}
	c.quiet = true
	l.conns[int32(c.now.fd)] = c
	return nil
}

// unwatch leaves a connection to the caller, and says whether it was quiet. Telling
// epoll to tell nothing would not do: it tells of errors all the same.
func (l *Loop) unwatch(c *Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !c.quiet {
		return false
	}
	l.forget(c)
	_ = c.now.raw.Control(func(fd uintptr) { // if it is closed, epoll has forgotten it, and its number may be another's
		_ = syscall.EpollCtl(l.epoll, syscall.EPOLL_CTL_DEL, int(fd), nil) // it was added
	})
	return true
}

// forget takes a connection off those that are quiet. The lock must be held.
func (l *Loop) forget(c *Conn) {
	c.quiet = false
	if fd := int32(c.now.fd); l.conns[fd] == c {
		delete(l.conns, fd)
	}
}
