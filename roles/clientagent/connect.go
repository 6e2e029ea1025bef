package clientagent

import (
	"errors"
	"fmt"
	"net"
	"time"

	"natstron/bridge"
	"natstron/bridge/wire"
	"natstron/roles/clientagent/internal/listen"
)

func (r *Role) accepted() {
	r.enter()
	defer r.leave()
	r.stats.Connections++
}

// connected makes a connection a session, or turns it away. The client may have been
// connected to another process that has died: what that one left behind is sent first.
func (r *Role) connected(c *listen.Conn) {
	r.conns.Add(1)
	r.node.WhenSettled(func() {
		defer r.conns.Done()
		c.Opened()
		conn, raw := c.Conn, c.Raw
		if conn == raw {
			conn = r.arrivals.Adopt(conn)
			raw = conn
		}
		s, err := r.admit(conn, c.Peer)
		if err != nil {
			r.conns.Go(func() { r.turnAway(conn, c.Peer, err) })
			return
		}
		r.conns.Add(1)
		s.unwatch = r.watch.Add(raw, s.link.vanished)
		s.read.Serve()
	})
}

// turnAway tells a client why it cannot be served, and ends the connection.
func (r *Role) turnAway(conn net.Conn, who listen.Peer, why error) {
	e := ejectf(wire.EjectGeneric, "The server cannot serve you: %v.", why)
	if errors.Is(why, errStopping) || errors.Is(why, bridge.ErrBackboneLost) { // another agent may
		e.code = wire.EjectMaintenance
	}
	r.enter()
	r.stats.Ejects[e.code]++
	r.leave()
	r.refused(net.TCPAddrFromAddrPort(who.Remote), why)
	r.event(0, "client-ejected", "reason_code", fmt.Sprint(uint16(e.code)), "reason_msg", e.reason,
		"remote_address", who.Remote.String(), "local_address", who.Local.String())
	if frame, err := e.frame(new(wire.Writer)); err == nil {
		_ = conn.SetWriteDeadline(time.Now().Add(linger)) // if that fails, it takes longer
		_, _ = conn.Write(frame)                          // it is closed in any case
	}
	_ = conn.Close() // refused
}

// refused counts a connection that did not become a session. It is logged at most
// once a second: anyone can make many.
func (r *Role) refused(from net.Addr, why error) {
	r.enter()
	r.stats.Refused++
	r.leave()
	if others, ok := r.complaints.Due("refused", time.Now()); ok {
		r.log.Info("refused a connection", "address", from, "error", why, others)
	}
}
