package listen

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
	"golang.org/x/time/rate"

	"natstron/bridge/wire"
)

// webConn is a WebSocket that looks like a stream of frames: each binary message
// is one datagram, without its length.
type webConn struct {
	net.Conn // below the WebSocket
	ws       *websocket.Conn
	in       []byte // what was received and not read
	out      []byte // a frame that was not written wholly

	controls *rate.Limiter // pings and pongs that may come
	flooded  atomic.Bool   // there were too many
}

// Burst is for how many seconds a client may save up what it may send, in each way that
// is limited: a WebSocket must let in what its session does.
const Burst = 5

// controlRate is how many pings and pongs a second a client may send, in the long
// run. They are not datagrams, so the session's limits do not count them.
const controlRate = 20

// limitedConn bounds the bytes that come on a connection, whatever they are: a
// WebSocket has frames that make no datagram.
type limitedConn struct {
	net.Conn
	bytes *rate.Limiter
}

// rawSpare is how many bytes a second may come besides those of datagrams.
const rawSpare = 64 << 10

var errTooMuch = errors.New("the client sends too many bytes in WebSocket frames that are not datagrams")

func (c *limitedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if !c.bytes.AllowN(time.Now(), n) {
		return 0, errTooMuch
	}
	return n, err
}

// maxRequest bounds the HTTP request that opens a WebSocket.
const maxRequest = 16 << 10

// upgrade answers the HTTP request at the beginning of a connection. Its datagrams may
// take byteRate bytes a second; 0 is no limit. If it asks for a file, the error is
// errServed, and the connection is over.
func upgrade(conn net.Conn, files *files, origins []string, byteRate int) (net.Conn, error) {
	limited := &io.LimitedReader{R: conn, N: maxRequest}
	in := bufio.NewReader(limited)
	request, err := http.ReadRequest(in)
	if err != nil {
		return nil, fmt.Errorf("WebSocket: %w", err)
	}
	if files != nil && request.Header.Get("Upgrade") == "" {
		files.answer(&answer{conn: conn, in: in, header: http.Header{}, head: request.Method == http.MethodHead}, request)
		return nil, errServed
	}
	request.RemoteAddr = conn.RemoteAddr().String()
	below := conn
	if byteRate > 0 {
		most := byteRate + rawSpare
		below = &limitedConn{conn, rate.NewLimiter(rate.Limit(most), Burst*most)}
	}
	a := &answer{conn: below, in: in, header: http.Header{}}
	w := &webConn{Conn: conn, controls: rate.NewLimiter(controlRate, Burst*controlRate)}
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

// control counts a ping or a pong. One too many ends the connection.
func (w *webConn) control() bool {
	if w.controls.Allow() {
		return true
	}
	w.flooded.Store(true)
	_ = w.Conn.Close() // the reader finds out
	return false
}

// answer writes the one response of a connection.
type answer struct {
	conn   net.Conn
	in     *bufio.Reader
	header http.Header
	head   bool // the browser wants no more than the header
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
	_, _ = fmt.Fprintf(a.conn, "HTTP/1.1 %d %s\r\n", status, http.StatusText(status)) // the next read fails, too
	_ = a.header.Write(a.conn)
	_, _ = io.WriteString(a.conn, "\r\n")
}

func (a *answer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	if a.head {
		return len(b), nil
	}
	return a.conn.Write(b)
}

func (a *answer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return a.conn, bufio.NewReadWriter(a.in, bufio.NewWriter(a.conn)), nil
}

var (
	errText    = errors.New("the client sent a WebSocket message that is not binary")
	errFlooded = fmt.Errorf("the client sends more than %d WebSocket pings and pongs a second", controlRate)
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
			_ = w.ws.Close(websocket.StatusUnsupportedData, "send binary messages, each one datagram") // the connection ends in any case
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

// goodbye is how long the end of a WebSocket may take.
const goodbye = time.Second

// CloseWrite says goodbye, in bounded time.
func (w *webConn) CloseWrite() error {
	_ = w.Conn.SetDeadline(time.Now().Add(goodbye)) // if that fails, it takes longer
	return w.ws.Close(websocket.StatusNormalClosure, "")
}

// Close ends the connection.
func (w *webConn) Close() error { return w.ws.CloseNow() }
