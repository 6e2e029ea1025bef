package client

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"os"
	"time"

	"natstron/bridge/wire"
)

// Receive is the next message of the game. It is valid until the next call. If the connection
// is lost and the client can come back, it does so first; an error says that it is over.
func (c *Client) Receive() (t wire.ClientMsgType, payload wire.Reader, err error) {
	for {
		t, payload, err = c.read()
		switch {
		case err != nil:
			if err := c.comeBack(err); err != nil {
				return 0, wire.Reader{}, err
			}
		case t.Resumes():
			if err := c.told(t, payload); err != nil {
				return 0, wire.Reader{}, err
			}
		default:
			c.ended = c.ended || t == wire.ClientEject
			c.count(t, payload)
			return t, payload, nil
		}
	}
}

// read is the next message of the connection. When it is time to connect again because the
// agent goes, it does that first.
func (c *Client) read() (wire.ClientMsgType, wire.Reader, error) {
	for {
		c.mu.Lock()
		conn := c.conn
		c.mu.Unlock()
		if conn == nil {
			return 0, wire.Reader{}, ErrClosed
		}
		if c.moveAt != c.deadline {
			if err := conn.SetReadDeadline(c.moveAt); err != nil {
				return 0, wire.Reader{}, err
			}
			c.deadline = c.moveAt
		}
		t, payload, err := next(c.in)
		if !errors.Is(err, os.ErrDeadlineExceeded) || c.moveAt.IsZero() {
			return t, payload, err
		}
		c.moveAt = time.Time{}
		if c.move() != nil {
			c.moveAt = time.Now().Add(retryMove) // the old connection is good as long as it lasts
		}
	}
}

// How long a client waits before it tries again.
const (
	retryMove = time.Second
	retryLost = 100 * time.Millisecond
)

// count takes note of a message of the game, and acknowledges when it is time.
func (c *Client) count(t wire.ClientMsgType, payload wire.Reader) {
	size := wire.FrameHeader + 2 + payload.Len()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.learns(t, payload)
	if len(c.token) == 0 {
		return
	}
	c.received++
	if c.bytes += size; c.bytes >= c.every || c.since >= c.every {
		c.acknowledge()
	}
}

func (c *Client) acknowledge() {
	c.bytes, c.since = 0, 0
	if c.conn != nil {
		// An error shows when the client reads.
		_, _ = c.conn.Write(frame(wire.ClientAcknowledge, func(w *wire.Writer) { w.Uint32(c.received) }))
	}
}

// told takes what the agent says of coming back.
func (c *Client) told(t wire.ClientMsgType, r wire.Reader) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch t {
	case wire.ClientResumeToken:
		c.received, c.bytes = 0, 0
		c.takeToken(&r)
		if len(c.token) == 0 {
			c.resume = resume{known: c.known}
		}
	case wire.ClientAcknowledge:
		c.forget(r.Uint32())
	case wire.ClientReconnect:
		c.moveAt = time.Now().Add(time.Duration(r.Uint32()) * time.Millisecond)
	}
	return r.Err()
}

func (c *Client) takeToken(r *wire.Reader) {
	c.within = time.Duration(r.Uint32()) * time.Millisecond
	c.every = int(r.Uint32())
	c.token = append([]byte(nil), r.Blob()...)
}

// forget forgets the messages up to a number, which have arrived.
func (c *Client) forget(arrived uint32) {
	at := 0
	for ; c.arrived < arrived && at < len(c.unsent); c.arrived++ {
		at += wire.FrameHeader + int(binary.LittleEndian.Uint16(c.unsent[at:]))
	}
	c.unsent = c.unsent[at:]
	if len(c.unsent) == 0 {
		c.unsent = nil
	}
}

// comeBack makes a new connection for one that is lost, and tries as long as the session
// waits. It returns why if it cannot.
func (c *Client) comeBack(lost error) error {
	c.mu.Lock()
	if c.conn != nil {
		_ = c.conn.Close() // it is lost
	}
	c.conn = nil
	can := len(c.token) > 0 && !c.closed && !c.ended
	if c.closed {
		lost = ErrClosed
	}
	until := time.Now().Add(c.within)
	c.mu.Unlock()
	if !can {
		return lost
	}
	for {
		err := c.move()
		var ejected *Ejected
		switch {
		case err == nil:
			return nil
		case errors.Is(err, ErrClosed), errors.As(err, &ejected) && ejected.Code != wire.EjectSessionAway && ejected.Code != wire.EjectMaintenance, time.Now().After(until):
			return err
		}
		time.Sleep(retryLost)
	}
}

// move goes on with a new connection.
func (c *Client) move() error {
	c.mu.Lock()
	token, received := c.token, c.received
	c.mu.Unlock()
	ask := frame(wire.ClientResume, func(w *wire.Writer) {
		w.Uint32(c.o.Hash).Text(c.o.Version).Blob(token).Uint32(received)
	})
	conn, in, t, r, err := c.dial(context.Background(), ask, wire.ClientResumed, wire.ClientRecovered)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		_ = conn.Close()
		return ErrClosed
	}
	if t == wire.ClientResumed {
		c.forget(r.Uint32())
	}
	c.takeToken(&r)
	if c.conn != nil {
		_ = c.conn.Close() // the agent has ended it
	}
	c.conn, c.in, c.moveAt, c.deadline = conn, in, time.Time{}, time.Time{}
	c.written.Store(&conn)
	if t == wire.ClientRecovered {
		c.recovered()
		if _, err := conn.Write(c.have()); err != nil {
			return nil // it shows when the client reads
		}
	}
	c.acknowledge() // so that the agent knows that the token has come
	c.sendAgain(conn)
	return r.Err()
}

// sendAgain sends what has not arrived. An error shows when the client reads.
func (c *Client) sendAgain(conn net.Conn) {
	if len(c.unsent) > 0 {
		_, _ = conn.Write(c.unsent)
	}
}
