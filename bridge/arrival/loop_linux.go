package arrival

import (
	"errors"
	"math"
	"net"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"natstron/bridge/wire"
	"natstron/internal/nonblock"
)

// Loop reads connections.
type Loop struct {
	pacer Pacer
	epoll int
	wake  [2]int // a pipe: what is written to it wakes the loop
	ended chan struct{}
	left  atomic.Int64 // how many of those that have arrived are not read yet

	mu        sync.Mutex
	sockets   map[int32]*socket   // those that are open, by file descriptor
	acceptors map[int32]*acceptor // open ports, likewise
	watched   map[int32]func()    // other sockets, likewise
	again     []*acceptor         // those that are to try once more
	closed    []*Conn             // by Conn.Close, and perhaps not known to have ended
	stop      bool
}

// What epoll tells of a connection: only what is new, as otherwise those that were read
// keep their places in its list.
const (
	edge        = 1 << 31 // EPOLLET
	quietEvents = syscall.EPOLLIN | syscall.EPOLLRDHUP
	endEvents   = syscall.EPOLLRDHUP | syscall.EPOLLHUP | syscall.EPOLLERR
	readEvents  = syscall.EPOLLIN | endEvents
	roomEvents  = syscall.EPOLLOUT | syscall.EPOLLHUP | syscall.EPOLLERR
)

// share is how many bytes of one connection are read before others; more at once makes
// it a busy one.
const share = 32 << 10

// Start returns a loop that is ready to serve connections.
func Start(p Pacer) (*Loop, error) {
	l := &Loop{pacer: p, sockets: map[int32]*socket{}, acceptors: map[int32]*acceptor{}, watched: map[int32]func(){}, ended: make(chan struct{})}
	var err error
	if l.epoll, err = syscall.EpollCreate1(syscall.EPOLL_CLOEXEC); err != nil {
		return nil, os.NewSyscallError("epoll_create", err)
	}
	if err := syscall.Pipe2(l.wake[:], syscall.O_CLOEXEC|syscall.O_NONBLOCK); err != nil {
		_ = syscall.Close(l.epoll) // not to be used
		return nil, os.NewSyscallError("pipe", err)
	}
	if err := l.control(syscall.EPOLL_CTL_ADD, l.wake[0], syscall.EPOLLIN); err != nil {
		l.closeFiles()
		return nil, err
	}
	go l.run()
	return l, nil
}

func (l *Loop) control(op, fd int, events uint32) error {
	e := syscall.EpollEvent{Events: events, Fd: int32(fd)}
	return os.NewSyscallError("epoll_ctl", syscall.EpollCtl(l.epoll, op, fd, &e))
}

// forget has epoll forget a socket that is about to be closed: while it looks at a socket it holds
// it open, and if it finds nothing to tell, the system closes the socket only when the loop wakes
// up next, which may be much later.
func (l *Loop) forget(fd int) { _ = l.control(syscall.EPOLL_CTL_DEL, fd, 0) } // it may not know it

func (l *Loop) closeFiles() {
	for _, fd := range []int{l.epoll, l.wake[0], l.wake[1]} {
		_ = syscall.Close(fd) // not to be used
	}
}

// Close ends the loop. No connection and no port may be left.
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
	c.frames = wire.NewFrameReader(readUntilNothing{c}, c.Buffer)
	s, ok := c.net.(*socket)
	if !ok {
		c.frames = wire.NewFrameReader(c.net, c.Buffer)
		go c.readOn()
		return
	}
	c.socket = s
	if err := c.loop.watch(c); err != nil {
		go c.End(err)
	}
}

// readUntilNothing reads a socket, at most what the connection's limit says, and notes
// how much each read brought.
type readUntilNothing struct{ c *Conn }

func (r readUntilNothing) Read(b []byte) (int, error) {
	b = b[:min(len(b), r.c.left)]
	n, err := r.c.socket.Read(b)
	r.c.left -= n
	r.c.brought, r.c.full = n, n == len(b) && r.c.left > 0
	return n, err
}

// Close closes the connection. If it is served, it ends, unless it has already. It may
// be called by any goroutine.
func (c *Conn) Close() error {
	err := c.net.Close()
	l := c.loop
	l.mu.Lock()
	defer l.mu.Unlock()
	if s, ok := c.net.(*socket); ok && s.reader == c {
		l.closed = append(l.closed, c)
		l.rouse()
	}
	return err
}

// run reads what arrives, until Close. It waits in the system, not in the runtime's
// poller: a message on a quiet connection then costs the wake-up of this one thread.
func (l *Loop) run() {
	defer close(l.ended)
	yielded := time.Now()
	g := gathering{Loop: l, events: make([]syscall.EpollEvent, 128)}
	for g.gather() {
		for i, a := range g.arrived {
			l.left.Store(int64(len(g.arrived) - i - 1))
			if a.ready != nil {
				a.ready()
				continue
			}
			if a.port != nil {
				a.port.handOver(a.socket)
			}
			l.read(a)
		}
		if now := time.Now(); now.Sub(yielded) > yieldEvery {
			yielded = now
			runtime.Gosched()
		}
	}
}

// Behind reports whether something has arrived that the loop reads next, or is about to. It may be
// called by any goroutine.
func (l *Loop) Behind() bool { return l.left.Load() > 0 }

// Watch has the loop call ready while there is something to be read from another socket, until
// Unwatch. ready is to read some of it, and must not wait.
func (l *Loop) Watch(fd int, ready func()) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.watched[int32(fd)] = ready
	return l.control(syscall.EPOLL_CTL_ADD, fd, syscall.EPOLLIN)
}

// Unwatch ends Watch. It does not wait for ready to return.
func (l *Loop) Unwatch(fd int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.watched, int32(fd))
	if !l.stop { // else epoll may be closed
		l.forget(fd)
	}
}

// yieldEvery is how often the loop gives way to other goroutines. The runtime's monitor
// takes the processor from a goroutine that has not given way for 10 ms as soon as it
// waits in the system, and then looks every 20 µs whether another does: that is half of
// what a few thousand messages a second cost.
const yieldEvery = 4 * time.Millisecond

// endClosed ends the connections that were closed while they were quiet: the system
// does not tell of these. Of a busy one its reader finds out. The lock must be held.
func (l *Loop) endClosed() {
	var b [64]byte
	_, _ = syscall.Read(l.wake[0], b[:]) // what is left wakes the loop once more
	for _, c := range l.closed {
		if c.socket.reader == c {
			c.socket.reader = nil
			go c.End(net.ErrClosed)
		}
	}
	l.closed = nil
}

// read reads what had arrived on a connection, or leaves it to a goroutine. It
// does not wait for anything.
func (l *Loop) read(a arrived) {
	c := l.readerOf(a)
	if c == nil {
		return
	}
	busy := l.pacer.Congested()
	var err error
	if !busy {
		c.left = a.limit
		busy, err = c.readNow(share, a.ended)
	}
	if (busy || err != nil) && l.unwatch(c) {
		go l.readBusy(c, err)
	}
}

// readerOf is the connection to read; nil if there is nothing to be read, or not here.
func (l *Loop) readerOf(a arrived) *Conn {
	l.mu.Lock()
	defer l.mu.Unlock()
	a.noted = max(0, a.noted-a.limit)
	if a.reader == nil {
		a.told = true
	}
	if a.limit == 0 {
		return nil
	}
	return a.reader
}

// tryAgain has a port accept what has come.
func (l *Loop) tryAgain(a *acceptor) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.stop { // else the pipe may be closed
		l.again = append(l.again, a)
		l.rouse()
	}
}

// readNow handles what has arrived, without waiting for more. It stops when the
// connection is quiet, or after about limit bytes; busy says that it was not
// quiet, or that no more is to be read for now. ended says that the other side
// has ended the connection: then all of it is read.
func (c *Conn) readNow(limit int, ended bool) (busy bool, err error) {
	for taken := 0; taken < limit; taken += c.brought {
		err := c.frames.Fill()
		if errors.Is(err, nonblock.ErrNothing) {
			c.frames.Lend()
			return false, nil
		}
		if err == nil {
			err = c.handle()
		}
		if err != nil || c.wait != nil {
			return true, err
		}
		if !c.full && !ended {
			c.frames.Lend()
			return false, nil
		}
	}
	return true, nil
}

// readBusy reads a busy connection until it is quiet, or has ended.
func (l *Loop) readBusy(c *Conn, err error) {
	c.left = math.MaxInt
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

// expect has epoll tell of a new socket from now on, so that what arrives on it has its
// place in the order, though nobody reads it yet.
func (l *Loop) expect(s *socket) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = l.tell(s, edge|quietEvents) // its reader tries again
}

// arm has epoll tell what is to be known of a socket now. The lock must be held.
func (l *Loop) arm(s *socket) error { return l.tell(s, s.events()) }

// tell has epoll tell these events of a socket, those too that have happened. The lock
// must be held.
func (l *Loop) tell(s *socket, events uint32) error {
	op := syscall.EPOLL_CTL_MOD
	if s.armed == 0 {
		op = syscall.EPOLL_CTL_ADD
	}
	err := s.Use(func() error { return l.control(op, s.FD, events) })
	if err == nil {
		s.armed, s.told = events, false
	}
	return err
}

// watch has a connection read from now on, and what has come already.
func (l *Loop) watch(c *Conn) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := c.socket
	s.reader = c
	if s.armed == s.events() && !s.told {
		return nil // what has come, epoll is still to tell
	}
	err := l.arm(s)
	if err != nil {
		s.reader = nil
	}
	return err
}

// unwatch leaves a connection to the caller, and reports whether it was quiet.
func (l *Loop) unwatch(c *Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c.socket.reader != c {
		return false
	}
	c.socket.reader = nil
	_ = l.arm(c.socket) // its reader finds out
	return true
}
