package clientagent

import (
	"context"
	"errors"
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
	other.Send(wire.ClientDisconnect, nil)
	select {
	case <-s.agent.Drained():
		t.Fatal("it counts as empty with a client in it")
	default:
	}
	s.agent.Drain(0)
	c.ExpectEject(wire.EjectMaintenance)
	<-s.agent.Drained()
	s.agent.Drain(time.Minute) // there is nobody left whom it could concern
}

// An agent that does not drain any more accepts clients at the address that it had, and
// those that stayed are not ejected. It can drain again.
func TestUndrain(t *testing.T) {
	s := newStage(t)
	c := s.established()
	address := s.agent.Addrs()[0].String()
	s.agent.Drain(time.Hour)
	drained := s.agent.Drained()
	must(t, s.agent.Undrain(context.Background()))
	if err := s.agent.Ready(context.Background()); err != nil {
		t.Error(err)
	}
	if got := s.agent.Addrs()[0].String(); got != address {
		t.Errorf("it listens at %s, and did at %s", got, address)
	}
	if !s.agent.Stats().DrainsUntil.IsZero() {
		t.Error("it still drains")
	}
	s.show(c, 101, 10)
	other := s.established()
	s.show(other, 101, 10)
	if err := s.agent.Undrain(context.Background()); err != nil {
		t.Errorf("an agent that does not drain: %v", err)
	}
	s.agent.Drain(0)
	c.ExpectEject(wire.EjectMaintenance)
	other.ExpectEject(wire.EjectMaintenance)
	<-s.agent.Drained()
	select {
	case <-drained:
		t.Error("it counted as empty the first time")
	default:
	}
}

// The port may have been taken meanwhile.
func TestUndrainFails(t *testing.T) {
	s := newStage(t)
	s.agent.Drain(time.Hour)
	taken, err := net.Listen("tcp", s.agent.Addrs()[0].String())
	must(t, err)
	defer taken.Close()
	var failed *ListenError
	if err := s.agent.Undrain(context.Background()); !errors.As(err, &failed) {
		t.Errorf("undrain with a port that is in use: %v", err)
	}
	if err := s.agent.Ready(context.Background()); err == nil {
		t.Error("it counts as ready")
	}
}
