package clienttest

import (
	"bytes"
	"context"
	"encoding/binary"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/coder/websocket"

	"natstron/bridge/wire"
)

// WebSocket connects by WebSocket, and returns a stream of frames, of which deadlines and
// addresses are not known. Without over and header, as a program does.
func WebSocket(url string, over http.RoundTripper, header http.Header) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{HTTPClient: &http.Client{Transport: over}, HTTPHeader: header})
	if err != nil {
		return nil, err
	}
	ws.SetReadLimit(wire.MaxLength)
	return &webConn{ws: ws}, nil
}

type webConn struct {
	net.Conn
	ws *websocket.Conn
	in bytes.Buffer
}

func (w *webConn) Read(b []byte) (int, error) {
	if w.in.Len() == 0 {
		ctx, cancel := context.WithTimeout(context.Background(), Patience)
		defer cancel()
		_, message, err := w.ws.Read(ctx)
		if websocket.CloseStatus(err) == websocket.StatusNormalClosure {
			return 0, os.ErrClosed
		}
		if err != nil {
			return 0, err
		}
		w.in.Write(binary.LittleEndian.AppendUint16(nil, uint16(len(message))))
		w.in.Write(message)
	}
	return w.in.Read(b)
}

func (w *webConn) Write(b []byte) (int, error) {
	return len(b), w.ws.Write(context.Background(), websocket.MessageBinary, b[wire.FrameHeader:])
}

func (*webConn) SetReadDeadline(time.Time) error { return nil }
func (w *webConn) Close() error                  { return w.ws.CloseNow() }
