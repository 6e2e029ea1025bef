package clientagent

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"natstron/bridge/wire"
)

// heartbeats sends many at once, in no time that would allow for more of them.
func (c *client) heartbeats(n int) {
	c.T.Helper()
	one := binary.LittleEndian.AppendUint16([]byte{2, 0}, uint16(wire.ClientHeartbeat))
	if _, err := c.Conn.Write(bytes.Repeat(one, n)); err != nil {
		c.T.Fatal(err)
	}
}

// A client that does not read is cut off; fifty others in the same zone that do
// are not, though each gets a burst of 2 MB.
func TestSlowClient(t *testing.T) {
	const (
		healthy       = 50
		updates, size = 35, 60_000 // 2.1 MB
	)
	s := newStage(t, func(o *Options) {
		o.Limits.WriteBuffer, o.Limits.WriteTimeout, o.Limits.MaxQueue = 256<<10, 200*time.Millisecond, 64<<20
	})
	slow := s.established()
	s.show(slow, 101, 10)
	read := make(chan int, healthy)
	for range healthy {
		c := s.established()
		s.show(c, 101, 10)
		go func() {
			n := 0
			for {
				kind, r, err := c.Receive()
				if err != nil || kind == 0xffff {
					read <- n
					return
				}
				n += r.Len()
			}
		}()
	}
	for range updates {
		s.toZone(10, wire.StateServerObjectSetField, func(w *wire.Writer) {
			w.DoID(101).FieldID(fieldID(t, "Duck", "feed")).Raw(make([]byte, size))
		})
	}
	for sent := 0; s.agent.Stats().Ejects[wire.EjectWriteError] == 0; sent++ {
		if sent > 2000 {
			t.Fatal("the client that does not read is still there")
		}
		s.order(slow, wire.ClientAgentSendDatagram, func(w *wire.Writer) { w.Blob(make([]byte, size)) })
		time.Sleep(time.Millisecond) // it is the passing of time that cuts it off
	}
	s.actor.send(gate.Channel(), wire.ClientAgentSendDatagram, wire.BroadcastClients, func(w *wire.Writer) { w.Blob([]byte{0xff, 0xff}) })
	for range healthy {
		if n := <-read; n != updates*(size+6) {
			t.Errorf("a client that reads got %d bytes, want %d", n, updates*(size+6))
		}
	}
	if stats := s.agent.Stats(); stats.Clients != healthy || stats.Ejects[wire.EjectWriteError] != 1 {
		t.Errorf("%d clients are left, %d were cut off; want %d and 1", stats.Clients, stats.Ejects[wire.EjectWriteError], healthy)
	}
}

// However fast the cluster sends, no more than MaxQueue waits for a client.
func TestMaxQueue(t *testing.T) {
	s := newStage(t, func(o *Options) { o.Limits.MaxQueue = 1 << 20 })
	c := s.established()
	for range 1000 {
		s.order(c, wire.ClientAgentSendDatagram, func(w *wire.Writer) { w.Blob(make([]byte, 60_000)) })
	}
	s.settledAgent()
	if n := s.agent.Stats().Ejects[wire.EjectWriteError]; n != 1 {
		t.Errorf("%d clients were cut off, want 1", n)
	}
}

// However many clients do not read, no more than MaxQueueTotal waits for all of
// them, and it is those with the most who are cut off.
func TestMaxQueueTotal(t *testing.T) {
	s := newStage(t, func(o *Options) { o.Limits.MaxQueueTotal = 8 << 20 })
	quick := s.established()
	for range 4 {
		slow := s.established()
		for range 400 {
			s.order(slow, wire.ClientAgentSendDatagram, func(w *wire.Writer) { w.Blob(make([]byte, 60_000)) })
		}
	}
	s.settledAgent()
	if n := s.agent.pool.InUse(); n > 8<<20 {
		t.Errorf("%d bytes wait for clients", n)
	}
	s.quiet(quick)
	if n := s.agent.Stats().Ejects[wire.EjectWriteError]; n < 3 {
		t.Errorf("%d clients were cut off", n)
	}
}

// settledAgent waits until the agent has handled what was sent so far, by way of
// another client.
func (s *stage) settledAgent() {
	s.t.Helper()
	s.settled(s.anonymous())
}

func TestClientsPerAddress(t *testing.T) {
	r, err := New(nil, parkOptions(t))
	must(t, err)
	r.o.Limits.ClientsPerAddress = 2
	for _, test := range []struct {
		address string
		clients int
		want    bool
	}{
		{"192.0.2.1", 1, false},
		{"192.0.2.1", 2, true},
		{"192.0.2.2", 0, false},
		{"2001:db8::1", 2, true},
		{"127.0.0.1", 100, false},
		{"::1", 100, false},
	} {
		at := networkOf(netip.MustParseAddr(test.address))
		r.networks[at] = test.clients
		if got := r.crowded(at); got != test.want {
			t.Errorf("%d clients of %s: crowded is %v", test.clients, test.address, got)
		}
	}
	if networkOf(netip.MustParseAddr("2001:db8::1")) != networkOf(netip.MustParseAddr("2001:db8::ffff:2")) {
		t.Error("one network of a customer counts as two networks")
	}
	if networkOf(netip.MustParseAddr("::ffff:192.0.2.1")) != networkOf(netip.MustParseAddr("192.0.2.1")) {
		t.Error("one address in two notations counts as two networks")
	}
}
