// Package mdtest is the other end of the message director port, for tests: what
// an AI process does, in a few lines.
package mdtest

import (
	"bytes"
	"net"
	"slices"
	"testing"
	"time"

	"natstron/bridge/wire"
)

// Patience bounds every wait; nothing waits that long unless it fails.
const Patience = 20 * time.Second

// Client is one connection to a message director. Its methods end the test when
// they fail, but for those that return an error.
type Client struct {
	Conn net.Conn

	t  testing.TB
	in *wire.FrameReader
}

// Dial connects to a message director; the test's end closes the connection.
func Dial(t testing.TB, address string) *Client {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &Client{Conn: conn, t: t, in: wire.NewFrameReader(conn, 0)}
}

// Frame is a datagram with its length before it.
func Frame(d wire.Datagram) []byte {
	return append([]byte{byte(len(d)), byte(len(d) >> 8)}, d...)
}

// Datagram is what fill writes.
func Datagram(t testing.TB, fill func(*wire.Writer)) wire.Datagram {
	t.Helper()
	var w wire.Writer
	fill(&w)
	d, err := w.Datagram()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Text is a datagram with a string in it.
func Text(t testing.TB, sender wire.Channel, s string, recipients ...wire.Channel) wire.Datagram {
	t.Helper()
	return Datagram(t, func(w *wire.Writer) { w.Header(sender, 1234, recipients...).Text(s) })
}

// Send writes a datagram.
func (c *Client) Send(d wire.Datagram) {
	c.t.Helper()
	if _, err := c.Conn.Write(Frame(d)); err != nil {
		c.t.Fatal(err)
	}
}

// Control writes a control message.
func (c *Client) Control(m wire.Control) {
	c.t.Helper()
	c.Send(Datagram(c.t, func(w *wire.Writer) { w.AppendControl(m) }))
}

// Subscribe adds channels.
func (c *Client) Subscribe(channels ...wire.Channel) {
	c.t.Helper()
	for _, channel := range channels {
		c.Control(wire.Control{Type: wire.ControlAddChannel, Channel: channel})
	}
}

// PostRemove leaves a datagram for when the connection ends.
func (c *Client) PostRemove(sender wire.Channel, d wire.Datagram) {
	c.t.Helper()
	c.Control(wire.Control{Type: wire.ControlAddPostRemove, Channel: sender, Data: d})
}

// Receive waits for the next datagram, or the end of the connection.
func (c *Client) Receive() (wire.Datagram, error) {
	return c.ReceiveUntil(time.Now().Add(Patience))
}

// ReceiveUntil is Receive with its own deadline.
func (c *Client) ReceiveUntil(deadline time.Time) (wire.Datagram, error) {
	_ = c.Conn.SetReadDeadline(deadline) // what fails here, fails below
	for {
		if f, ok := c.in.Next(); ok {
			return slices.Clone(wire.Datagram(f[wire.FrameHeader:])), nil
		}
		if err := c.in.Fill(); err != nil {
			return nil, err
		}
	}
}

// Want waits for the next datagram, which must be d.
func (c *Client) Want(d wire.Datagram) {
	c.t.Helper()
	got, err := c.Receive()
	if err != nil {
		c.t.Fatalf("waiting for %x: %v", []byte(d), err)
	}
	if !bytes.Equal(got, d) {
		c.t.Fatalf("received %x, want %x", []byte(got), []byte(d))
	}
}

// resend is how often Settle asks again.
const resend = 10 * time.Millisecond

// Settle returns when all that c has sent so far has been acted on: c hears what
// a connection to address, its own message director or another one of the
// cluster, sends to it. Nothing else may be on its way to c.
func (c *Client) Settle(address string, channel wire.Channel) {
	c.t.Helper()
	c.Subscribe(channel)
	other := Dial(c.t, address)
	defer other.Conn.Close()
	deadline := time.Now().Add(Patience)
	for sent, got := 0, 0; ; {
		other.Send(Datagram(c.t, func(w *wire.Writer) { w.Header(1, 1234, channel).Uint32(uint32(sent)) }))
		sent++
		_, err := c.ReceiveUntil(time.Now().Add(resend))
		for err == nil {
			// Heard. Those sent before may come late; the rest must come.
			if got++; got == 1 {
				other.Send(Datagram(c.t, func(w *wire.Writer) { w.Header(2, 1234, channel) }))
			}
			var d wire.Datagram
			if d, err = c.Receive(); err != nil {
				c.t.Fatal(err)
			}
			if m, merr := d.Message(); merr == nil && m.Sender == 2 {
				c.Control(wire.Control{Type: wire.ControlRemoveChannel, Channel: channel})
				return
			}
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("not heard on channel %d: %v", channel, err)
		}
	}
}
