package clientagent

import (
	"errors"
	"fmt"
	"net"
	"time"

	"natstron/bridge/wire"
	"natstron/internal/alive"
)

// readBuffer is the most that one read of a busy client takes in, and so the most
// that one turn handles of it.
const readBuffer = 64 << 10

// linger is how long a client has to take what is queued for it when its session
// ends, and then to hang up itself.
const linger = time.Second

// close is called when the connection has ended. What came after the end of the session
// was thrown away: a connection that is closed while something waits to be read is
// reset, and the client might not see why it was ejected.
func (s *session) close(err error) {
	r := s.role
	defer r.conns.Done()
	s.unwatch()
	if s.hostLost.Load() {
		err = alive.ErrVanished
	}
	foreign := errors.Is(err, wire.ErrHTTP) || errors.Is(err, wire.ErrTLS)
	r.enter()
	if !s.ended {
		if !foreign {
			r.stats.Lost++
		}
		if !s.peer.Check {
			r.event(s.allocated, "client-lost", "remote_address", s.peer.Remote.String(), "local_address", s.peer.Local.String(), "reason", err.Error())
		}
		s.logTraffic("a client is gone", "cause", err)
		s.end()
	}
	r.leave()
	if foreign {
		r.refused(net.TCPAddrFromAddrPort(s.peer.Remote), fmt.Errorf("%w, and this port does not: see listeners of the client agent", err))
	}
	_ = s.conn.Close() // it has ended, whatever the error
	s.stream.Discard()
}

// vanished is called when the client's host does not answer any more.
func (s *session) vanished() {
	s.hostLost.Store(true)
	_ = s.read.Close() // it has to end, whatever the error
}

// take handles all messages that one read brought, and lets each have all its effects
// before the next. If what the client sent has to wait for something, it returns a
// channel that is closed when that is over: no more should be read until then. Messages
// are held as long as the client's class waits for something.
func (s *session) take(frames *wire.FrameReader) (wait <-chan struct{}, err error) {
	s.role.enter()
	defer func() {
		full := s.held.full()
		if wait = s.role.leavePaced(); full != nil {
			wait = full
		}
	}()
	s.limits.refill(&s.role.o.Limits, time.Now())
	for frame, ok := frames.Next(); ok; frame, ok = frames.Next() {
		if s.ended {
			continue
		}
		message := frame[wire.FrameHeader:]
		switch why := s.arrived(message); {
		case why != nil:
			s.eject(why)
		case s.held.holds():
			s.held.frames = append(s.held.frames, frame...)
			continue
		default:
			s.eject(s.fromClient(message))
		}
		s.role.settle()
	}
	return nil, nil
}

// hangUp ends the connection after the session: what is queued goes out, then the
// client has a moment to hang up itself.
func (s *session) hangUp() {
	written := s.stream.Close()
	end := func() { _ = s.read.Close() } // it has to end, whatever the error
	s.role.conns.Go(func() {
		timeout := time.NewTimer(linger)
		defer timeout.Stop()
		half, ok := s.conn.(interface{ CloseWrite() error })
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
