// Package clienttest is the other end of a client agent's port, for tests: what a game
// client does, in a few lines.
package clienttest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/coder/websocket"

	"natstron/bridge/wire"
	client "natstron/clients/go"
)

// Patience bounds every wait; nothing waits that long unless it fails.
const Patience = 20 * time.Second

// Client is a game client, over any connection. It speaks document 10. Its methods end the
// test when they fail, but for Receive.
type Client struct {
	T    testing.TB
	Conn net.Conn
}

// Dial connects over TCP, and says nothing; the test's end closes the connection.
func Dial(t testing.TB, address string) *Client {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &Client{t, conn}
}

// Frame is a message with its length before it. build, which may be nil, writes its arguments.
func Frame(t testing.TB, kind wire.ClientMsgType, build func(w *wire.Writer)) []byte {
	t.Helper()
	var w wire.Writer
	w.BeginFrame().ClientMsgType(kind)
	if build != nil {
		build(&w)
	}
	frame, err := w.Frame()
	if err != nil {
		t.Fatal(err)
	}
	return frame
}

// Hello says hello, and waits for the answer.
func (c *Client) Hello(hash uint32, version string) {
	c.T.Helper()
	c.Send(wire.ClientHello, func(w *wire.Writer) { w.Uint32(hash).Text(version) })
	c.Expect(wire.ClientHelloResp)
}

// Send writes a message.
func (c *Client) Send(kind wire.ClientMsgType, build func(w *wire.Writer)) {
	c.T.Helper()
	if _, err := c.Conn.Write(Frame(c.T, kind, build)); err != nil {
		c.T.Fatal(err)
	}
}

// SetField sends an update of one text.
func (c *Client) SetField(do wire.DoID, field wire.FieldID, text string) {
	c.T.Helper()
	c.Send(wire.ClientObjectSetField, func(w *wire.Writer) { w.DoID(do).FieldID(field).Text(text) })
}

// Receive is the next message.
func (c *Client) Receive() (kind wire.ClientMsgType, payload wire.Reader, err error) {
	if err := c.Conn.SetReadDeadline(time.Now().Add(Patience)); err != nil {
		return 0, wire.Reader{}, err
	}
	var size [wire.FrameHeader]byte
	if _, err := io.ReadFull(c.Conn, size[:]); err != nil {
		return 0, wire.Reader{}, err
	}
	message := make([]byte, binary.LittleEndian.Uint16(size[:]))
	if _, err := io.ReadFull(c.Conn, message); err != nil {
		return 0, wire.Reader{}, err
	}
	r := wire.NewReader(message)
	return r.ClientMsgType(), r, r.Err()
}

// Expect is the payload of the next message, which must be of that kind.
func (c *Client) Expect(kind wire.ClientMsgType) wire.Reader {
	c.T.Helper()
	got, payload, err := c.Receive()
	if err != nil || got != kind {
		c.T.Fatalf("%s (%v), want %v", Told(got, payload), err, kind)
	}
	return payload
}

// Until is the payload of the next message of that kind; others are passed over.
func (c *Client) Until(kind wire.ClientMsgType) wire.Reader {
	c.T.Helper()
	for {
		got, payload, err := c.Receive()
		if err == nil && got == kind {
			return payload
		}
		if err != nil || got == wire.ClientEject {
			c.T.Fatalf("%s (%v), want %v", Told(got, payload), err, kind)
		}
	}
}

// ExpectEject wants the client to be ejected now, with a reason, and hung up.
func (c *Client) ExpectEject(code wire.EjectCode) {
	c.T.Helper()
	c.wantEject(c.Expect(wire.ClientEject), code)
}

// UntilEject is ExpectEject, but for messages that may come before; they are passed over.
func (c *Client) UntilEject(code wire.EjectCode) {
	c.T.Helper()
	c.wantEject(c.Until(wire.ClientEject), code)
}

func (c *Client) wantEject(r wire.Reader, code wire.EjectCode) {
	c.T.Helper()
	if got, reason := wire.EjectCode(r.Uint16()), r.Text(); got != code || reason == "" || r.Done() != nil {
		c.T.Fatalf("ejected with %d %q, want %d", got, reason, code)
	}
	if _, _, err := c.Receive(); !errors.Is(err, io.EOF) {
		c.T.Fatalf("after the eject: %v, want the end", err)
	}
}

// Told is what a message says: of an eject, why.
func Told(kind wire.ClientMsgType, payload wire.Reader) string {
	if kind == wire.ClientEject {
		return fmt.Sprintf("ejected with %d %q", payload.Uint16(), payload.Text())
	}
	return kind.String() + " came"
}

// WebSocket connects by WebSocket, and returns a stream of frames. It has no
// addresses. over and header may be nil.
func WebSocket(url string, over http.RoundTripper, header http.Header) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	return client.WebSocket(ctx, url, &websocket.DialOptions{HTTPClient: &http.Client{Transport: over}, HTTPHeader: header})
}
