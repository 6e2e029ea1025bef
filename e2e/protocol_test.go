package e2e

import (
	"bytes"
	"encoding/binary"
	"errors"
	"net"
	"syscall"
	"testing"
	"time"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
)

// alone is a daemon that nobody else can join.
const alone = "backbone: {embedded: {listen: none}}\n"

// What participants of one daemon do most: channels, ranges, post-removes.
func TestParticipants(t *testing.T) {
	t.Parallel()
	d := run(t, alone+port)
	a, b := d.dial(), d.dial()
	a.Subscribe(1000)
	a.Control(wire.Control{Type: wire.ControlAddRange, Channel: 2000, High: 2999})
	a.Control(wire.Control{Type: wire.ControlRemoveRange, Channel: 2500, High: 2999})
	a.Settle(d.port(), 9000)
	once := mdtest.Text(t, 7, "once, for all of its channels", 1000, 2000, 2001, 1000)
	b.Send(once)
	a.Want(once)
	b.Send(mdtest.Text(t, 7, "to nobody any more", 2500))
	last := mdtest.Text(t, 7, "the last", 2499)
	b.Send(last)
	a.Want(last)
	a.Send(mdtest.Text(t, 7, "not to myself", 1000))

	left, cleared := mdtest.Text(t, 7, "gone", 1000), mdtest.Text(t, 8, "not gone", 1000)
	b.PostRemove(7, left)
	b.PostRemove(8, cleared)
	b.Control(wire.Control{Type: wire.ControlClearPostRemoves, Channel: 8})
	b.Settle(d.port(), 9001)
	must(t, b.Conn.Close())
	a.Want(left)
	a.Settle(d.port(), 9002) // nothing else has come
}

// Who breaks the protocol is disconnected, with a reset, and its post-removes are
// sent; nobody else notices.
func TestMisbehaviour(t *testing.T) {
	t.Parallel()
	d := run(t, alone+port)
	neighbour := d.dial()
	neighbour.Subscribe(5000)
	neighbour.Settle(d.port(), 9000)
	truncated := mdtest.Datagram(t, func(w *wire.Writer) { w.Control(wire.ControlAddChannel).Uint32(1) })
	for name, frame := range map[string][]byte{
		"truncated control message": mdtest.Frame(truncated),
		"empty datagram":            {0, 0},
	} {
		c := d.dial()
		left := mdtest.Text(t, 7, name, 5000)
		c.PostRemove(7, left)
		c.Settle(d.port(), 9001)
		if _, err := c.Conn.Write(frame); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Receive(); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("%s: the connection ended with %v, want a reset", name, err)
		}
		neighbour.Want(left)
	}
	// These are only not understood.
	c := d.dial()
	c.Send(mdtest.Datagram(t, func(w *wire.Writer) { w.Control(9999) }))
	c.Send(wire.Datagram{200, 1, 2, 3})
	c.Subscribe(5001)
	c.Settle(d.port(), 9003)
	d.waitFor("ignored a control message")
	d.waitFor("refused a datagram")
}

// One connection more than max_participants is closed, until a place is free.
func TestMaxParticipants(t *testing.T) {
	t.Parallel()
	d := run(t, alone+"messagedirector: {bind: '127.0.0.1:0', max_participants: 2}\n")
	a := d.dial()
	a.Subscribe(5000)
	a.Settle(d.port(), 9000)
	b := served(t, d, a, 5000)
	refused := d.dial()
	if _, err := refused.Receive(); err == nil {
		t.Error("a third participant was served")
	}
	d.waitFor("messagedirector.max_participants")
	must(t, b.Conn.Close())
	served(t, d, a, 5000)
}

// served connects until it is served: until the listener hears it.
func served(t *testing.T, d *daemon, listener *mdtest.Client, channel wire.Channel) *mdtest.Client {
	t.Helper()
	greeting := mdtest.Text(t, 1, "served", channel)
	for deadline := time.Now().Add(mdtest.Patience); time.Now().Before(deadline); {
		c := d.dial()
		_, _ = c.Conn.Write(mdtest.Frame(greeting)) // where it is refused, this may fail
		got, err := listener.ReceiveUntil(time.Now().Add(100 * time.Millisecond))
		if err == nil && bytes.Equal(got, greeting) {
			return c
		}
		_ = c.Conn.Close() // it was refused
	}
	t.Fatal("nobody is served any more")
	return nil
}

// CONTROL_LOG_MESSAGE goes to the event logger, as it is.
func TestLogMessage(t *testing.T) {
	t.Parallel()
	logger, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	must(t, err)
	defer logger.Close()
	d := run(t, alone+port+"general: {eventlogger: '"+logger.LocalAddr().String()+"'}\n")
	event := binary.LittleEndian.AppendUint64([]byte{0x81, 0xa1}, 7)
	d.dial().Control(wire.Control{Type: wire.ControlLogMessage, Data: event})
	must(t, logger.SetReadDeadline(time.Now().Add(mdtest.Patience)))
	b := make([]byte, 1000)
	n, err := logger.Read(b)
	if err != nil || string(b[:n]) != string(event) {
		t.Errorf("the event logger got %x, %v; want %x", b[:n], err, event)
	}
}
