package client

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/coder/websocket"

	"natstron/bridge/wire"
)

// CheckAddress says what is wrong with an address of [Options], or nil.
func CheckAddress(address string) error {
	scheme, at, ok := strings.Cut(address, "://")
	if !ok {
		scheme, at = "tcp", address
	}
	switch scheme {
	case "ws", "wss":
		return nil
	case "tcp", "tls":
		_, _, err := net.SplitHostPort(at)
		return err
	}
	return fmt.Errorf("address %s: the scheme %s is not known; there are tcp, tls, ws and wss", address, scheme)
}

// dial connects as the address says.
func (o *Options) dial(ctx context.Context, address string) (net.Conn, error) {
	if err := CheckAddress(address); err != nil {
		return nil, err
	}
	scheme, at, ok := strings.Cut(address, "://")
	var d net.Dialer
	switch {
	case !ok:
		return d.DialContext(ctx, "tcp", address)
	case scheme == "tcp":
		return d.DialContext(ctx, "tcp", at)
	case scheme == "tls":
		return (&tls.Dialer{Config: o.TLS}).DialContext(ctx, "tcp", at)
	}
	h := &websocket.DialOptions{HTTPClient: &http.Client{Transport: &http.Transport{TLSClientConfig: o.TLS, DisableKeepAlives: true}}}
	return WebSocket(ctx, address, h)
}

// WebSocket connects to the WebSocket of a client agent, and returns a stream of frames: each
// message is one frame without its length. A Write must be whole frames. A read deadline that
// passes ends the connection.
func WebSocket(ctx context.Context, url string, o *websocket.DialOptions) (net.Conn, error) {
	ws, _, err := websocket.Dial(ctx, url, o)
	if err != nil {
		return nil, err
	}
	ws.SetReadLimit(wire.MaxLength)
	return &webConn{ws: ws}, nil
}

type webConn struct {
	net.Conn // nil: there are no addresses
	ws       *websocket.Conn
	in       []byte // what was received and not read
	deadline time.Time
}

func (w *webConn) Read(b []byte) (int, error) {
	for len(w.in) == 0 {
		ctx, cancel := context.Background(), context.CancelFunc(func() {})
		if !w.deadline.IsZero() {
			ctx, cancel = context.WithDeadline(ctx, w.deadline)
		}
		kind, message, err := w.ws.Read(ctx)
		cancel()
		switch status := websocket.CloseStatus(err); {
		case status == websocket.StatusNormalClosure || status == websocket.StatusGoingAway:
			return 0, io.EOF
		case err != nil:
			return 0, err
		case kind != websocket.MessageBinary:
			return 0, errors.New("the agent sent a WebSocket message that is not binary")
		}
		w.in = append(binary.LittleEndian.AppendUint16(nil, uint16(len(message))), message...)
	}
	n := copy(b, w.in)
	if w.in = w.in[n:]; len(w.in) == 0 {
		w.in = nil
	}
	return n, nil
}

func (w *webConn) Write(b []byte) (int, error) {
	for at := 0; at < len(b); {
		rest := b[at:]
		if len(rest) < wire.FrameHeader {
			return at, io.ErrShortWrite
		}
		size := wire.FrameHeader + int(binary.LittleEndian.Uint16(rest))
		if len(rest) < size {
			return at, io.ErrShortWrite
		}
		if err := w.ws.Write(context.Background(), websocket.MessageBinary, rest[wire.FrameHeader:size]); err != nil {
			return at, err
		}
		at += size
	}
	return len(b), nil
}

// SetDeadline bounds reads: a write waits for its connection.
func (w *webConn) SetDeadline(t time.Time) error { return w.SetReadDeadline(t) }

// SetWriteDeadline is for the end: the connection ends then.
func (w *webConn) SetWriteDeadline(t time.Time) error {
	time.AfterFunc(time.Until(t), func() { _ = w.ws.CloseNow() })
	return nil
}

func (w *webConn) SetReadDeadline(t time.Time) error { w.deadline = t; return nil }
func (w *webConn) Close() error                      { return w.ws.CloseNow() }
