// Package alive notices that the host at the other end of a TCP connection has vanished:
// it lost its power or its network, and so never says that the connection has ended.
//
//	listen := net.ListenConfig{KeepAliveConfig: alive.KeepAlive(timeout)}
//	watch := alive.Start(timeout)
//	remove := watch.Add(conn, func() { … })
//
// While nothing is sent to a host, the system tries it, and ends the connection
// ([KeepAlive]). While something is, the system tries for a quarter of an hour: there, a
// [Watch] looks at when the host has last acknowledged anything.
//
// A host counts as alive as long as its system answers, whether or not the program there
// reads. TCP_USER_TIMEOUT would also end connections of programs that are
// stopped.
package alive

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// ErrVanished says that a host does not answer.
var ErrVanished = errors.New("its host does not answer")

// KeepAlive has the system end a quiet connection whose host has not answered for about
// timeout. Without a timeout the system does as it likes.
func KeepAlive(timeout time.Duration) net.KeepAliveConfig {
	if timeout <= 0 {
		return net.KeepAliveConfig{}
	}
	const tries = 4
	return net.KeepAliveConfig{
		Enable:   true,
		Idle:     max(timeout/2, time.Second),
		Interval: max(timeout/(2*tries), time.Second),
		Count:    tries,
	}
}

// Watch looks after connections whose hosts are being sent to. On other systems than
// Linux, which does not tell what it needs to know, it does nothing.
type Watch struct {
	timeout time.Duration
	stop    chan struct{}
	ended   chan struct{}

	mu    sync.Mutex
	conns map[*watched]struct{}
}

// watched is a connection.
type watched struct {
	control  func(func(fd uintptr)) error
	vanished func()
	removed  atomic.Bool
	silent   int // checks in a row at which the host had been silent for too long
}

// A host is checked this many times within the timeout, and has vanished when it was
// silent for too long at two checks in a row: what was sent last may be on its way.
const (
	checks  = 10
	certain = 2
)

// Start returns a watch for hosts that do not answer for timeout; nil, which may be used
// as well, if there is none.
func Start(timeout time.Duration) *Watch {
	if timeout <= 0 {
		return nil
	}
	w := &Watch{timeout: timeout, stop: make(chan struct{}), ended: make(chan struct{}), conns: map[*watched]struct{}{}}
	go w.run()
	return w
}

// Close ends the watch.
func (w *Watch) Close() {
	if w != nil {
		close(w.stop)
		<-w.ended
	}
}

// Add calls vanished, in a goroutine, once the host of a connection has vanished, unless
// remove is called before. A connection that is not a TCP socket is not watched.
func (w *Watch) Add(conn net.Conn, vanished func()) (remove func()) {
	control := controlOf(conn)
	if w == nil || control == nil {
		return func() {}
	}
	c := &watched{control: control, vanished: vanished}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.conns[c] = struct{}{}
	return func() { w.remove(c) }
}

func (w *Watch) remove(c *watched) {
	c.removed.Store(true)
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.conns, c)
}

// controlOf returns a function that uses a connection's file descriptor; nil if it has
// none.
func controlOf(conn net.Conn) func(func(fd uintptr)) error {
	switch c := conn.(type) {
	case interface {
		Control(use func(fd uintptr)) error
	}:
		return c.Control
	case syscall.Conn:
		if raw, err := c.SyscallConn(); err == nil {
			return raw.Control
		}
	}
	return nil
}

func (w *Watch) run() {
	defer close(w.ended)
	tick := time.NewTicker(w.timeout / checks)
	defer tick.Stop()
	var all []*watched
	for {
		select {
		case <-w.stop:
			return
		case <-tick.C:
		}
		all = w.all(all[:0])
		for _, c := range all {
			w.check(c)
		}
		clear(all)
	}
}

// all is what is watched now.
func (w *Watch) all(all []*watched) []*watched {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.conns {
		all = append(all, c)
	}
	return all
}

// check checks one connection.
func (w *Watch) check(c *watched) {
	silent := false
	if c.control(func(fd uintptr) { silent = silentFor(int(fd), w.timeout) }) != nil || !silent {
		c.silent = 0
		return
	}
	if c.silent++; c.silent == certain && !c.removed.Load() {
		w.remove(c)
		go c.vanished()
	}
}
