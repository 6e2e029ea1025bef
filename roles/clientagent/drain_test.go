package clientagent

import (
	"context"
	"net"
	"testing"
	"time"

	"natstron/bridge/wire"
)

// A draining agent lets nobody in, serves those that are there, and says why it
// is not ready; a later call decides how long they may stay.
func TestDrain(t *testing.T) {
	s := newStage(t)
	c, other := s.established(), s.anonymous()
	if err := s.agent.Ready(context.Background()); err != nil {
		t.Error(err)
	}
	s.agent.Drain(time.Hour)
	if conn, err := net.Dial("tcp", s.agent.Addrs()[0].String()); err == nil {
		conn.Close()
		t.Error("the port is still open")
	}
	if err := s.agent.Ready(context.Background()); err == nil {
		t.Error("a draining agent counts as ready")
	}
	s.show(c, 101, 10)
	other.send(wire.ClientDisconnect, nil)
	select {
	case <-s.agent.Drained():
		t.Fatal("it counts as empty with a client in it")
	default:
	}
	s.agent.Drain(0)
	c.expectEject(wire.EjectMaintenance)
	<-s.agent.Drained()
	s.agent.Drain(time.Minute) // there is nobody left whom it could concern
}
