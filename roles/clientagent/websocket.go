package clientagent

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/coder/websocket"

	"natstron/bridge/wire"
)

// webConn is a WebSocket that looks like a stream of frames: each binary message
// is one datagram, without its length.
type webConn struct {
	net.Conn // below the WebSocket
	ws       *websocket.Conn
	in       []byte // what was received and not read
	out      []byte // a frame that was not written wholly

	controls bucket // pings and pongs that may come; for whoever reads
	filled   time.Time
	flooded  atomic.Bool // there were too many
}

// controlRate is how many pings and pongs a second a client may send, in the long
// run. They are no datagrams, so the session's limits do not see them.
const controlRate = 20

// metered bounds what comes on a connection, whatever it is: a WebSocket has frames
// that make no datagram.
type metered struct {
	net.Conn
	rate   int // bytes a second, in the long run; 0: no limit
	bytes  bucket
	filled time.Time
}

// rawSpare is how many bytes a second may come besides those of datagrams.
const rawSpare = 64 << 10

var errMetered = errors.New("more bytes came than a client may send, in WebSocket frames that are no datagrams")

func (m *metered) Read(b []byte) (int, error) {
	n, err := m.Conn.Read(b)
	if m.rate > 0 {
		now := time.Now()
		m.bytes.fill(m.rate+rawSpare, now.Sub(m.filled))
		m.filled = now
		if !m.bytes.take(n) {
			return 0, errMetered
		}
	}
	return n, err
}

// maxRequest bounds the HTTP request that opens a WebSocket.
const maxRequest = 16 << 10

// upgrade answers the HTTP request at the beginning of a connection, of which
// datagrams may take rate bytes a second.
func upgrade(conn net.Conn, origins []string, rate int) (net.Conn, error) {
	limited := &io.LimitedReader{R: conn, N: maxRequest}
	in := bufio.NewReader(limited)
	request, err := http.ReadRequest(in)
	if err != nil {
		return nil, fmt.Errorf("WebSocket: %w", err)
	}
	request.RemoteAddr = conn.RemoteAddr().String()
	a := &answer{conn: &metered{Conn: conn, rate: rate}, in: in, header: http.Header{}}
	w := &webConn{Conn: conn}
	w.ws, err = websocket.Accept(a, request, &websocket.AcceptOptions{
		OriginPatterns: origins,
		OnPingReceived: func(context.Context, []byte) bool { return w.control() },
		OnPongReceived: func(context.Context, []byte) { w.control() },
	})
	if err != nil {
		return nil, fmt.Errorf("WebSocket: %w", err)
	}
	w.ws.SetReadLimit(wire.MaxLength)
	return w, nil
}

// control takes note of a ping or a pong. One too many ends the connection.
func (w *webConn) control() bool {
	now := time.Now()
	w.controls.fill(controlRate, now.Sub(w.filled))
	w.filled = now
	if w.controls.take(1) {
		return true
	}
	w.flooded.Store(true)
	_ = w.Conn.Close() // whoever reads finds out
	return false
}

// answer writes the one response of a connection.
type answer struct {
	conn   net.Conn
	in     *bufio.Reader
	header http.Header
	sent   bool
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.sent {
		return
	}
	a.sent = true
	if status != http.StatusSwitchingProtocols {
		a.header.Set("Connection", "close")
	}
	_, _ = fmt.Fprintf(a.conn, "HTTP/1.1 %d %s\r\n", status, http.StatusText(status)) // whoever reads next will see
	_ = a.header.Write(a.conn)
	_, _ = io.WriteString(a.conn, "\r\n")
}

func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.conn.Write(b)
}

func (a *answer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return a.conn, bufio.NewReadWriter(a.in, bufio.NewWriter(a.conn)), nil
}

var (
	errText    = errors.New("a WebSocket message that is not binary")
	errFlooded = fmt.Errorf("more than %d WebSocket pings and pongs a second", controlRate)
)

// Read implements [io.Reader].
func (w *webConn) Read(b []byte) (int, error) {
	for len(w.in) == 0 {
		kind, message, err := w.ws.Read(context.Background())
		switch {
		case websocket.CloseStatus(err) == websocket.StatusNormalClosure || websocket.CloseStatus(err) == websocket.StatusGoingAway:
			return 0, io.EOF
		case w.flooded.Load():
			return 0, errFlooded
		case err != nil:
			return 0, err
		case kind != websocket.MessageBinary:
			_ = w.ws.Close(websocket.StatusUnsupportedData, "send binary messages, each one datagram") // it is over in any case
			return 0, errText
		}
		w.in = append(binary.LittleEndian.AppendUint16(w.in[:0], uint16(len(message))), message...)
	}
	n := copy(b, w.in)
	w.in = w.in[n:]
	return n, nil
}

// Write takes pieces of frames, and sends the whole ones.
func (w *webConn) Write(b []byte) (int, error) {
	n := len(b)
	if len(w.out) > 0 {
		w.out = append(w.out, b...)
		b = w.out
	}
	for len(b) >= wire.FrameHeader {
		size := wire.FrameHeader + int(binary.LittleEndian.Uint16(b))
		if len(b) < size {
			break
		}
		if err := w.ws.Write(context.Background(), websocket.MessageBinary, b[wire.FrameHeader:size]); err != nil {
			return 0, err
		}
		b = b[size:]
	}
	w.out = append(w.out[:0], b...)
	if len(w.out) == 0 {
		w.out = nil
	}
	return n, nil
}

// CloseWrite says goodbye, in bounded time.
func (w *webConn) CloseWrite() error {
	_ = w.Conn.SetDeadline(time.Now().Add(linger)) // then it takes longer
	return w.ws.Close(websocket.StatusNormalClosure, "")
}

// Close ends the connection.
func (w *webConn) Close() error { return w.ws.CloseNow() }
