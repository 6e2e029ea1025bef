package clientagent

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
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
	defer s.role.conns.Done()
	s.unwatch()
	if s.lost.Load() {
		err = alive.ErrVanished
	}
	s.role.gone(s, err)
	if isForeign(err) {
		s.role.refused(net.TCPAddrFromAddrPort(s.peer.remote), fmt.Errorf("%w, and this port does not: see listeners of the client agent", err))
	}
	_ = s.conn.Close() // it has ended, whatever it says
	s.stream.Discard()
}

// vanished is called when the client's host does not answer any more.
func (s *session) vanished() {
	s.lost.Store(true)
	_ = s.read.Close() // it is to end, whatever it says
}

// isForeign says whether a connection ended because it is no client's.
func isForeign(err error) bool { return errors.Is(err, wire.ErrHTTP) || errors.Is(err, wire.ErrTLS) }

// take handles all messages that one read brought, each with all that comes of it
// before the next. If what the client sent has to wait for something, it returns what
// is closed when that is over: no more should be read until then.
func (s *session) take(frames *wire.FrameReader) (wait <-chan struct{}, err error) {
	s.role.enter()
	defer func() { wait = s.role.leavePaced() }()
	s.refill(time.Now())
	for frame, ok := frames.Next(); ok; frame, ok = frames.Next() {
		if !s.ended {
			s.fromClient(frame[wire.FrameHeader:])
			s.role.settle()
		}
	}
	return nil, nil
}

// hangUp ends the connection after the session: what is queued goes out, then the
// client has a moment to hang up itself.
func (s *session) hangUp() {
	written := s.stream.Close()
	s.role.conns.Go(func() { s.farewell(written) })
}

func (s *session) farewell(written <-chan struct{}) {
	timeout := time.NewTimer(linger)
	defer timeout.Stop()
	half, ok := s.conn.(interface{ CloseWrite() error })
	select {
	case <-written:
	case <-timeout.C:
		ok = false
	}
	end := func() { _ = s.read.Close() } // it is to end, whatever it says
	if !ok || half.CloseWrite() != nil {
		end()
		return
	}
	time.AfterFunc(linger, end)
}

// addressText is an IP address as people write it.
func addressText(a netip.AddrPort) string {
	if !a.IsValid() {
		return ""
	}
	return a.Addr().Unmap().WithZone("").String()
}

// addrPort is the IP address and port of a TCP connection's end; none for other
// addresses.
func addrPort(a net.Addr) netip.AddrPort {
	if t, ok := a.(*net.TCPAddr); ok {
		p := t.AddrPort()
		return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
	}
	return netip.AddrPort{}
}

// refuse tells a connection why it cannot become a session, and ends it.
func refuse(conn net.Conn, code wire.EjectCode, reason string) {
	var w wire.Writer
	w.Uint16(0).ClientMsgType(wire.ClientEject).Uint16(uint16(code)).Text(reason)
	if frame, err := w.Datagram(); err == nil {
		frame[0], frame[1] = byte(len(frame)-wire.FrameHeader), byte((len(frame)-wire.FrameHeader)>>8)
		_ = conn.SetWriteDeadline(time.Now().Add(linger)) // then it takes longer
		_, _ = conn.Write(frame)                          // it is closed in any case
	}
	_ = conn.Close() // refused
}
