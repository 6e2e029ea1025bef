// Package natsconn is a connection to a NATS server, and NATS's protocol as far as a node
// needs it. A node does not use the NATS library for its datagrams: that wakes a goroutine
// for each flush, and two for what arrives, and copies each message for itself. Here the
// goroutine that reads hands over what it has read, and the one that has something to write
// writes it.
package natsconn

import (
	"encoding/json"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"natstron/internal/nonblock"
)

// Conn is a connection on which a user has logged in. One goroutine reads it: it alone calls
// [Conn.Fill] and [Conn.Next]. Writes must not be made at the same time.
type Conn struct {
	socket  socket
	login   net.Conn // until [Conn.Ready]
	info    info
	payload atomic.Int64

	// Message is what Next has found.
	Message Message

	in         []byte
	start, end int // what has been read of the server, and not been returned
	need       int // how long a message is whose beginning has been read
}

// A socket is what the connection reads and writes.
type socket interface {
	Read([]byte) (int, error)
	Write([]byte) (int, error)
	// WriteNow writes what is taken at once. Fewer bytes than all are no error.
	WriteNow([]byte) (int, error)
	// Close has all calls that wait return.
	Close() error
}

// stream is a connection that cannot tell what it takes at once.
type stream struct{ net.Conn }

func (stream) WriteNow([]byte) (int, error) { return 0, nil }

// direct is a socket of the system that the runtime's poller waits for.
type direct struct {
	net.Conn
	*nonblock.Writer
}

// info is what a server says of itself.
type info struct {
	ID           string `json:"server_id"`
	Name         string `json:"server_name"`
	Proto        int    `json:"proto"`
	Headers      bool   `json:"headers"`
	MaxPayload   int64  `json:"max_payload"`
	TLSRequired  bool   `json:"tls_required"`
	TLSAvailable bool   `json:"tls_available"`
	Nonce        string `json:"nonce"`
}

// Server is the id and the name of the NATS server at the other end.
func (c *Conn) Server() (id, name string) { return c.info.ID, c.info.Name }

// MaxPayload is what the server takes in a message, in bytes. Any goroutine may ask.
func (c *Conn) MaxPayload() int64 { return c.payload.Load() }

func (c *Conn) takeInfo(text []byte) error {
	if err := json.Unmarshal(text, &c.info); err != nil {
		return fmt.Errorf("the NATS server's INFO: %w", err)
	}
	c.payload.Store(c.info.MaxPayload)
	return nil
}

// SetDeadline bounds reading and writing until [Conn.Ready].
func (c *Conn) SetDeadline(at time.Time) { _ = c.login.SetDeadline(at) } // all connections have deadlines

// Ready ends deadlines: from now on, calls of WriteNow do not wait.
func (c *Conn) Ready() {
	c.SetDeadline(time.Time{})
	if w := nonblock.NewWriter(c.login); w != nil {
		c.socket = direct{c.login, w}
	} else {
		c.socket = stream{c.login}
	}
}

// TakeOver is Ready for a loop that waits for a socket of the system together with others: it
// calls Fill when there is something to read. It returns false if the connection is not such a
// socket.
func (c *Conn) TakeOver() (fd int, ok bool) {
	s := nonblock.TakeOver(c.login)
	if s == nil {
		return 0, false
	}
	c.socket = s
	return s.FD, true
}

// WriteNow writes what the connection takes at once: nothing, if that cannot be told.
func (c *Conn) WriteNow(b []byte) (int, error) { return c.socket.WriteNow(b) }

// Write writes all of b. It waits.
func (c *Conn) Write(b []byte) error {
	_, err := c.socket.Write(b)
	return err
}

// Close ends the connection. Calls that wait return.
func (c *Conn) Close() error { return c.socket.Close() }

const (
	// buffer is how many bytes one read takes in.
	buffer = 64 << 10
	// longest is the longest message that is taken: NATS servers take no longer ones.
	longest = 64<<20 + buffer
)

// Fill waits until the server has sent something, and reads it; after [Conn.TakeOver] it
// does not wait, but returns [nonblock.ErrNothing]. What Next has returned before is valid until then.
func (c *Conn) Fill() error {
	if c.start == c.end {
		if c.start, c.end = 0, 0; len(c.in) != buffer {
			c.in = make([]byte, buffer)
		}
	}
	held := copy(c.in, c.in[c.start:c.end])
	c.start, c.end = 0, held
	if size := max(c.need, held+1); size > len(c.in) {
		c.in = append(make([]byte, 0, 2*size), c.in[:held]...)
		c.in = c.in[:cap(c.in)]
	}
	n, err := c.socket.Read(c.in[held:])
	c.end += n
	if n > 0 {
		return nil // an error comes again
	}
	return err
}
