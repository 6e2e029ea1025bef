package clientagent

import (
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"natstron/bridge/arrival"
	"natstron/bridge/wire"
	"natstron/internal/alive"
	"natstron/internal/stream"
	"natstron/roles/clientagent/internal/listen"
)

// readBuffer is the most that one read of a busy client takes in, and so the most
// that one turn handles of it.
const readBuffer = 64 << 10

// linger is how long a client has to take what is queued for it when its session
// ends, and then to hang up itself.
const linger = time.Second

// link is a client's connection. A session may leave it and go on with another one.
type link struct {
	owner    *Role
	session  *session // nil: its session has left it; belongs to the node's turn
	conn     net.Conn
	peer     listen.Peer
	read     *arrival.Conn
	stream   *stream.Stream
	unwatch  func()      // stops watching the client's host
	hostLost atomic.Bool // the host does not answer any more
}

// newLink is a connection that is not read yet.
func (r *Role) newLink(conn net.Conn, who listen.Peer) *link {
	l := &link{owner: r, conn: conn, peer: who, unwatch: func() {}}
	l.read = r.arrivals.Conn(conn, arrival.Callbacks{Take: l.handleFrames, End: l.close, Buffer: readBuffer})
	l.stream = stream.New(conn, &r.pool, func() { _ = l.read.Close() })
	return l
}

// close is called when the connection has ended. What came after the end of the session
// was thrown away: a connection that is closed while something waits to be read is
// reset, and the client might not see why it was ejected.
func (l *link) close(err error) {
	r := l.owner
	defer r.conns.Done()
	l.unwatch()
	if l.hostLost.Load() {
		err = alive.ErrVanished
	}
	foreign := errors.Is(err, wire.ErrHTTP) || errors.Is(err, wire.ErrTLS)
	r.enter()
	if s := l.session; s != nil && !s.ended {
		s.disconnected(err, foreign)
	}
	r.leave()
	if foreign {
		r.refused(net.TCPAddrFromAddrPort(l.peer.Remote), fmt.Errorf("%w, and this port does not: see listeners of the client agent", err))
	}
	_ = l.conn.Close() // it has ended, whatever the error
	l.stream.Discard()
}

// disconnected ends the session because its connection has ended, unless it waits for its
// client to come back.
func (s *session) disconnected(err error, foreign bool) {
	if s.wait(err.Error()) {
		return
	}
	if !foreign {
		s.role.stats.Lost++
	}
	if !s.peer.Check {
		s.noteLost(err.Error())
	}
	s.logTraffic("a client is gone", "cause", err)
	s.end()
}

func (s *session) noteLost(reason string) {
	s.role.event(s.allocated, "client-lost", "remote_address", s.peer.Remote.String(), "local_address", s.peer.Local.String(), "reason", reason)
}

// vanished is called when the client's host does not answer any more.
func (l *link) vanished() {
	l.hostLost.Store(true)
	_ = l.read.Close() // it has to end, whatever the error
}

// handleFrames handles all messages that one read brought, and lets each have all its effects
// before the next. If what the client sent has to wait for something, it returns a
// channel that is closed when that is over: no more should be read until then. Messages
// are held as long as the client's class waits for something.
func (l *link) handleFrames(frames *wire.FrameReader) (wait <-chan struct{}, err error) {
	r := l.owner
	r.enter()
	defer func() {
		var full <-chan struct{}
		if s := l.session; s != nil {
			full = s.held.full()
		}
		if wait = r.leavePaced(); full != nil {
			wait = full
		}
	}()
	if s := l.session; s != nil {
		s.limits.refill(&r.o.Limits, time.Now())
	}
	for frame, ok := frames.Next(); ok; frame, ok = frames.Next() {
		s := l.session // it may be another one now
		if s == nil || s.ended {
			continue
		}
		message := frame[wire.FrameHeader:]
		switch why := s.arrived(message); {
		case why != nil:
			s.eject(why)
		case s.held.holds() && !r.isResume(message):
			s.held.frames = append(s.held.frames, frame...)
			continue
		default:
			s.eject(s.fromClient(message))
		}
		r.settle()
	}
	return nil, nil
}

// cut ends the connection at once. What is queued does not go out.
func (l *link) cut() {
	if l.read == nil {
		return // of a session that waits
	}
	l.stream.Discard()
	l.owner.conns.Go(func() { // TLS and WebSocket may take seconds
		_ = l.read.Close() // it has to end, whatever the error
	})
}

// hangUp ends the connection after the session: what is queued goes out, then the
// client has a moment to hang up itself.
func (l *link) hangUp() {
	written := l.stream.Close()
	end := func() { _ = l.read.Close() } // it has to end, whatever the error
	l.owner.conns.Go(func() {
		timeout := time.NewTimer(linger)
		defer timeout.Stop()
		half, ok := l.conn.(interface{ CloseWrite() error })
		select {
		case <-written:
		case <-timeout.C:
			ok = false
		}
		if !ok || half.CloseWrite() != nil {
			end()
			return
		}
		time.AfterFunc(linger, end)
	})
}
