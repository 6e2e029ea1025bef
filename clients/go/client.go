package client

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"natstron/bridge/wire"
)

// Options say where a client connects, and as what.
type Options struct {
	// Addresses are those of client agents: host:port, tls://host:port, or the URL of a
	// WebSocket, ws://host:port/ or wss://host:port/. Each connection goes to the next one.
	Addresses []string
	// TLS is for tls and wss; default: the system's authorities.
	TLS *tls.Config
	// Hash and Version are what the agents expect in a hello.
	Hash    uint32
	Version string
	// Dialer makes a connection; default: what the address says.
	Dialer func(ctx context.Context, address string) (net.Conn, error)
	// Patience bounds each connection and its hello; default 10 s.
	Patience time.Duration
}

// recoveries are counted by Receive.
type recoveries struct{ times, unsure int }

// MaxUnsent is how many bytes of messages that an agent has not acknowledged a client keeps.
const MaxUnsent = 1 << 20

var (
	// ErrClosed: Close was called.
	ErrClosed = errors.New("the client is closed")
	// ErrFull: the agent has not acknowledged MaxUnsent bytes, or was away for too long.
	ErrFull = errors.New("too much waits to be sent")
)

// Ejected is the error where an agent refused a connection.
type Ejected struct {
	Code   wire.EjectCode
	Reason string
}

func (e *Ejected) Error() string {
	return fmt.Sprintf("ejected with %d (%v): %s", uint16(e.Code), e.Code, e.Reason)
}

// Client is a connection to one client agent after the other. See [Dial].
type Client struct {
	o    Options
	next int // of the addresses

	// Of Receive.
	in       *wire.FrameReader
	received uint32    // messages since the token
	bytes    int       // of them, since the last acknowledgement
	moveAt   time.Time // when to connect again, as the agent goes
	deadline time.Time // of the connection's next read
	ended    bool      // the agent has ended the session
	recoveries

	written atomic.Pointer[net.Conn] // conn, for Close

	mu     sync.Mutex
	conn   net.Conn // nil: it is being made
	closed bool
	resume
}

// resume is what it takes to come back.
type resume struct {
	asked  bool   // for a token: what is sent from then on counts
	token  []byte // empty: the agent does not let the client come back
	within time.Duration
	every  int // how many bytes to receive, or to send, before the next acknowledgement
	known
	unsent  []byte // frames that the agent has not acknowledged
	arrived uint32 // how many the agent has
	since   int    // bytes sent since the last acknowledgement
}

// Dial connects and says hello.
func Dial(ctx context.Context, o Options) (*Client, error) {
	if o.Patience == 0 {
		o.Patience = 10 * time.Second
	}
	if o.Dialer == nil {
		o.Dialer = o.dial
	}
	if len(o.Addresses) == 0 {
		return nil, errors.New("no address of a client agent")
	}
	c := &Client{o: o}
	hello := frame(wire.ClientHello, func(w *wire.Writer) { w.Uint32(o.Hash).Text(o.Version) })
	var err error
	if c.conn, c.in, _, _, err = c.dial(ctx, hello, wire.ClientHelloResp); err != nil {
		return nil, err
	}
	conn := c.conn
	c.written.Store(&conn)
	return c, nil
}

// frame is a message with its length; nil if it is too long.
func frame(t wire.ClientMsgType, build func(w *wire.Writer)) []byte {
	var w wire.Writer
	w.BeginFrame().ClientMsgType(t)
	if build != nil {
		build(&w)
	}
	f, _ := w.Frame()
	return f
}

// dial connects to the next address, says something, and waits for one of the answers.
func (c *Client) dial(ctx context.Context, say []byte, answers ...wire.ClientMsgType) (net.Conn, *wire.FrameReader, wire.ClientMsgType, wire.Reader, error) {
	ctx, cancel := context.WithTimeout(ctx, c.o.Patience)
	defer cancel()
	address := c.o.Addresses[c.next%len(c.o.Addresses)]
	c.next++
	conn, err := c.o.Dialer(ctx, address)
	if err != nil {
		return nil, nil, 0, wire.Reader{}, err
	}
	fail := func(err error) (net.Conn, *wire.FrameReader, wire.ClientMsgType, wire.Reader, error) {
		_ = conn.Close()
		return nil, nil, 0, wire.Reader{}, err
	}
	if err := conn.SetDeadline(time.Now().Add(c.o.Patience)); err != nil {
		return fail(err)
	}
	if _, err := conn.Write(say); err != nil {
		return fail(err)
	}
	in := wire.NewFrameReader(conn, wire.MaxFrame)
	t, r, err := next(in)
	switch {
	case err != nil:
		return fail(err)
	case t == wire.ClientEject:
		return fail(&Ejected{wire.EjectCode(r.Uint16()), r.Text()})
	case !slices.Contains(answers, t):
		return fail(fmt.Errorf("%v came, not %v", t, answers[0]))
	}
	return conn, in, t, r, conn.SetDeadline(time.Time{})
}

// next is the next message. An error leaves what has come of it where it is.
func next(in *wire.FrameReader) (wire.ClientMsgType, wire.Reader, error) {
	for {
		if f, ok := in.Next(); ok {
			r := wire.NewReader(f[wire.FrameHeader:])
			t := r.ClientMsgType()
			return t, r, r.Err()
		}
		if err := in.Fill(); err != nil {
			return 0, wire.Reader{}, err
		}
	}
}

// Send sends a message. build, which may be nil, writes its arguments. If the client can come
// back, an error says that the message will never arrive; the connection may be lost all the
// same, which Receive sees to.
func (c *Client) Send(t wire.ClientMsgType, build func(w *wire.Writer)) error {
	f := frame(t, build)
	if f == nil {
		return wire.ErrTooLong
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.send(f)
}

func (c *Client) send(f []byte) error {
	if c.closed {
		return ErrClosed
	}
	if !c.asked {
		c.asks(f)
		_, err := c.conn.Write(f)
		return err
	}
	if len(c.unsent)+len(f) > MaxUnsent {
		return ErrFull
	}
	c.unsent = append(c.unsent, f...)
	c.since += len(f)
	c.asks(f)
	if c.conn != nil {
		_, err := c.conn.Write(f)
		if len(c.token) == 0 {
			return err
		}
		if c.since >= c.every {
			c.acknowledge()
		}
	}
	return nil
}

// KeepSession asks the agent to let the client come back. Call it when the client has been
// let in, once. Agents of other servers, and old ones, end the session of a client that asks.
func (c *Client) KeepSession() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return ErrClosed
	}
	_, err := c.conn.Write(frame(wire.ClientGetResumeToken, func(w *wire.Writer) { w.Bool(true) }))
	c.resume = resume{asked: true, known: c.known}
	return err
}

// Recovered is how often the client has gone on with a session whose agent was killed, and how
// many of its messages may be lost because of that: they may have arrived or not, and were not
// sent again.
func (c *Client) Recovered() (times, unsure int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.times, c.unsure
}

// CanResume reports whether the client has a token.
func (c *Client) CanResume() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.token) > 0
}

// goodbye is how long Close waits for an agent that does not read.
const goodbye = time.Second

// Close ends the connection, and the session with it: it says CLIENT_DISCONNECT. A Send that waits
// for an agent that does not read ends with an error.
func (c *Client) Close() error {
	if conn := c.written.Load(); conn != nil {
		_ = (*conn).SetWriteDeadline(time.Now().Add(goodbye)) // it is closed in any case
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	if c.conn == nil {
		return nil
	}
	_, _ = c.conn.Write(frame(wire.ClientDisconnect, nil)) // it is closed in any case
	return c.conn.Close()
}
