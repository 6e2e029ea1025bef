//go:build unix

package stream

import (
	"net"
	"syscall"

	"natstron/internal/nonblock"
)

// rawWriter writes to a socket without waiting for room.
type rawWriter struct {
	raw   syscall.RawConn
	write func(fd uintptr) bool // made once, so that writing allocates nothing
	b     []byte
	n     int
	err   error
}

// newNowWriter is nil for a connection that is not a socket.
func newNowWriter(conn net.Conn) nowWriter {
	raw := nonblock.Raw(conn)
	if raw == nil {
		return nil
	}
	w := &rawWriter{raw: raw}
	w.write = func(fd uintptr) bool {
		w.n, w.err = nonblock.Write(int(fd), w.b)
		return true // written or not, do not wait
	}
	return w
}

func (w *rawWriter) WriteNow(b []byte) (int, error) {
	w.b, w.n = b, 0
	err := w.raw.Write(w.write)
	w.b = nil
	if err == nil {
		err = w.err
	}
	return w.n, err
}
