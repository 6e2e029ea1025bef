package md

import (
	"os"
	"sync"
	"syscall"

	"natstron/bridge"
)

// porter reads all quiet connections, in the order in which something arrived on
// them: whoever subscribes on one connection, and then sends on another, finds
// the subscription made. Goroutines that wait each for a connection of their own
// do not keep that order: the runtime wakes those of one poll the last one
// first.
//
// A connection that brings much at once gets a goroutine until it is quiet
// again, so a busy port uses all processors; there is no order among those. An
// idle connection has no goroutine.
type porter struct {
	node  *bridge.Node
	epoll *os.File // itself polled by the runtime
	fd    int      // of epoll

	mu    sync.Mutex
	conns map[int32]*participant // by file descriptor
}

// What epoll tells of a quiet connection: only what is new, as otherwise those
// that were read keep their places in its list.
const (
	quietEvents = syscall.EPOLLIN | syscall.EPOLLRDHUP | 1<<31 // EPOLLET
	endEvents   = syscall.EPOLLRDHUP | syscall.EPOLLHUP | syscall.EPOLLERR
)

// Bytes: how much of one connection the porter reads before others, and how much
// at once makes it a busy one.
const porterShare = 32 << 10

func newPorter(node *bridge.Node) (*porter, error) {
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create", err)
	}
	if err := syscall.SetNonblock(fd, true); err != nil { // so that the runtime polls it
		_ = syscall.Close(fd) // not to be used
		return nil, os.NewSyscallError("fcntl", err)
	}
	return &porter{
		node:  node,
		epoll: os.NewFile(uintptr(fd), "epoll"),
		fd:    fd,
		conns: map[int32]*participant{},
	}, nil
}

// close ends run. No connection may be left.
func (p *porter) close() { _ = p.epoll.Close() }

// arrival is a connection on which something has arrived.
type arrival struct {
	c     *participant
	ended bool
}

// run reads what arrives, until close.
func (p *porter) run() {
	raw, err := p.epoll.SyscallConn()
	if err != nil {
		return // closed already
	}
	events := make([]syscall.EpollEvent, 128)
	arrived := make([]arrival, 0, len(events))
	n := 0
	wait := func(fd uintptr) bool {
		n, _ = syscall.EpollWait(int(fd), events, 0) // interrupted: once more
		return n > 0
	}
	for raw.Read(wait) == nil {
		arrived = p.who(arrived[:0], events[:n])
		for _, a := range arrived {
			p.read(a)
		}
		clear(arrived)
	}
}

func (p *porter) who(arrived []arrival, events []syscall.EpollEvent) []arrival {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range events {
		if c := p.conns[e.Fd]; c != nil {
			arrived = append(arrived, arrival{c, e.Events&endEvents != 0})
		}
	}
	return arrived
}

// read reads a connection until it is quiet, or leaves it to a goroutine. It
// does not wait for anything.
func (p *porter) read(a arrival) {
	busy := p.node.Congested()
	var err error
	if !busy {
		busy, err = a.c.readNow(porterShare, a.ended)
	}
	if busy || err != nil {
		p.unwatch(a.c)
		go p.serve(a.c, err)
	}
}

// serve reads a busy connection until it is quiet, or has ended.
func (p *porter) serve(c *participant, err error) {
	for busy := true; busy && err == nil; {
		c.pause()
		busy, err = c.readNow(readBuffer, false)
	}
	if err == nil {
		err = p.watch(c)
	}
	if err != nil {
		c.end(err)
	}
}

// watch reads a connection from now on, and what has come already.
func (p *porter) watch(c *participant) error {
	p.mu.Lock()
	p.conns[int32(c.now.fd)] = c
	p.mu.Unlock()
	e := syscall.EpollEvent{Events: quietEvents, Fd: int32(c.now.fd)}
	if err := syscall.EpollCtl(p.fd, syscall.EPOLL_CTL_ADD, c.now.fd, &e); err != nil {
		p.forget(c)
		return os.NewSyscallError("epoll_ctl", err)
	}
	return nil
}

// unwatch leaves a connection to whoever calls it. Telling epoll to tell nothing
// would not do: it tells of errors all the same.
func (p *porter) unwatch(c *participant) {
	_ = syscall.EpollCtl(p.fd, syscall.EPOLL_CTL_DEL, c.now.fd, nil) // it was added
	p.forget(c)
}

func (p *porter) forget(c *participant) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, int32(c.now.fd))
}
