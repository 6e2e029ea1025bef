package arrival

import (
	"errors"
	"math"
	"syscall"
	"time"
)

// arrived is a connection on which something has arrived.
type arrived struct {
	*socket
	port  *acceptor // not nil: it is new, and to be handed over first
	ready func()    // not nil: it is no connection, see [Loop.Watch]
	limit int       // how many bytes are to be read: those that have arrived
	ended bool      // by the other side
}

// gathering is what has arrived, in order. What arrives later, while this is handled, is
// not part of it, though it may be on the same connections: epoll tells of it in its turn.
type gathering struct {
	*Loop
	events  []syscall.EpollEvent
	told    []told
	arrived []arrived
	silent  []*socket // new ones, on which nothing had arrived when they were accepted
	woken   time.Time // when something had arrived
	soon    int       // how often in a row that was soon after the last time
}

// told is one event: something has arrived on a socket, or connections have come to a
// port.
type told struct {
	socket *socket
	port   *acceptor
	ready  func()
	ended  bool
}

// gather waits until something has arrived. It returns false when the loop is to end.
func (g *gathering) gather() bool {
	clear(g.arrived)
	clear(g.silent)
	g.arrived, g.silent = g.arrived[:0], g.silent[:0]
	// Once more after a connection was accepted: if something had come on it already, epoll has
	// it in its list, and would leave it at that place for what comes next.
	for n, err := g.wait(); ; n, err = look(g.epoll, g.events) {
		if err != nil && !errors.Is(err, syscall.EINTR) {
			return false // it is closed
		}
		if g.find(g.events[:max(n, 0)]) {
			return false
		}
		if accepted := g.note(); !accepted || len(g.arrived) >= cap(g.events) {
			return true
		}
	}
}

// wait waits for events, and tells how many there are.
func (g *gathering) wait() (n int, err error) {
	if g.soon >= restless {
		n, err = syscall.EpollWait(g.epoll, g.events, int(restAfter.Milliseconds()))
	}
	if n == 0 && err == nil {
		if err = g.rest.wait(); err == nil {
			n, err = look(g.epoll, g.events)
		}
	}
	now := time.Now()
	if g.soon++; now.Sub(g.woken) > restAfter {
		g.soon = 0
	}
	g.woken = now
	return n, err
}

// find is what the events tell. It reports whether the loop is to end.
func (g *gathering) find(events []syscall.EpollEvent) (stop bool) {
	clear(g.told)
	g.told = g.told[:0]
	l := g.Loop
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, e := range events {
		if int(e.Fd) == l.wake[0] {
			l.endClosed()
			for _, a := range l.again {
				g.told = append(g.told, told{port: a})
			}
			l.again = nil
			continue
		}
		if a := l.acceptors[e.Fd]; a != nil {
			g.told = append(g.told, told{port: a})
			continue
		}
		if ready := l.watched[e.Fd]; ready != nil {
			g.told = append(g.told, told{ready: ready})
			continue
		}
		s := l.sockets[e.Fd]
		if s == nil {
			continue
		}
		if e.Events&roomEvents != 0 {
			s.notice()
		}
		if e.Events&readEvents != 0 {
			g.told = append(g.told, told{socket: s, ended: e.Events&endEvents != 0})
		}
	}
	return l.stop
}

// note accepts the connections that have come, and notes how much has arrived on each. It
// reports whether there were any.
func (g *gathering) note() (accepted bool) {
	alone := len(g.told) == 1 && len(g.arrived) == 0
	for _, t := range g.told {
		if t.ready != nil {
			g.arrived = append(g.arrived, arrived{ready: t.ready})
			continue
		}
		if t.port != nil {
			before := len(g.arrived)
			t.port.acceptAll(g)
			accepted = accepted || len(g.arrived) > before
			continue
		}
		a := arrived{socket: t.socket, limit: math.MaxInt, ended: t.ended}
		if !alone && !t.ended {
			a.note()
		}
		g.arrived = append(g.arrived, a)
	}
	return accepted
}

// addFresh notes what has arrived on a new connection.
func (g *gathering) addFresh(s *socket, port *acceptor) {
	fresh := arrived{socket: s, port: port}
	fresh.note()
	if fresh.limit > 0 {
		g.hearSilent()
	} else {
		g.silent = append(g.silent, s)
	}
	g.arrived = append(g.arrived, fresh)
}

// hearSilent notes what has arrived by now on the new connections that were silent. A program
// that sends something on each connection that it makes has sent it before what comes on the
// next one, which is about to be noted.
func (g *gathering) hearSilent() {
	silent := g.silent[:0]
	for _, s := range g.silent {
		if a := (arrived{socket: s}); a.note() {
			g.arrived = append(g.arrived, a)
		} else {
			silent = append(silent, s)
		}
	}
	g.silent = silent
}

// note has no more read than what has arrived, and was not noted yet. It reports whether
// that is anything.
func (a *arrived) note() bool {
	waiting := a.waiting()
	a.limit = max(0, waiting-a.noted)
	a.noted = waiting
	return a.limit > 0
}
