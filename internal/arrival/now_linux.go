package arrival

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
)

// nowReader reads what has arrived on a socket, without waiting for more. It is
// for one goroutine at a time.
type nowReader struct {
	raw  syscall.RawConn
	fd   int // the socket's, valid until the connection is closed
	read func(fd uintptr) bool
	b    []byte
	n    int // what the last read brought
	err  error
	full bool // the last read filled its buffer, so there may be more
}

// errNothing says that nothing has arrived.
var errNothing = errors.New("nothing has arrived")

// newNowReader is nil for a connection that is not a socket.
func newNowReader(conn net.Conn) *nowReader {
	sc, ok := conn.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return nil
	}
	r := &nowReader{raw: raw}
	r.read = func(fd uintptr) bool { // made once, so that reading allocates nothing
		r.n, r.err = syscall.Read(int(fd), r.b)
		return true // whatever came of it, do not wait
	}
	if raw.Control(func(fd uintptr) { r.fd = int(fd) }) != nil {
		return nil
	}
	return r
}

// Read implements [io.Reader]. It returns [errNothing] instead of waiting.
func (r *nowReader) Read(b []byte) (int, error) {
	r.b, r.full, r.n = b, false, 0
	err := r.raw.Read(r.read)
	r.b = nil
	if err != nil {
		return 0, err
	}
	switch {
	case errors.Is(r.err, syscall.EAGAIN):
		return 0, errNothing
	case errors.Is(r.err, syscall.EINTR):
		return 0, nil // the caller tries again
	case r.err != nil:
		return 0, os.NewSyscallError("read", r.err)
	case r.n == 0:
		return 0, io.EOF
	}
	r.full = r.n == len(b)
	return r.n, nil
}
