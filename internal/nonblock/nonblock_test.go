//go:build unix

package nonblock

import (
	"errors"
	"io"
	"net"
	"testing"
)

// A socket says whether something has arrived, how much it takes, and that it has ended.
func TestSocket(t *testing.T) {
	near, far := connected(t)
	raw := raw(near)
	use := func(f func(fd int)) {
		t.Helper()
		if err := raw.Control(func(fd uintptr) { f(int(fd)) }); err != nil {
			t.Fatal(err)
		}
	}
	wait := func() {
		t.Helper()
		if err := raw.Read(func(fd uintptr) bool { return readable(int(fd)) }); err != nil {
			t.Fatal(err)
		}
	}
	b := make([]byte, 10)
	use(func(fd int) {
		if _, err := Read(fd, b); err != ErrNothing || readable(fd) {
			t.Errorf("before anything came: %v", err)
		}
	})
	if _, err := far.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	wait()
	use(func(fd int) {
		if n, err := Read(fd, b); err != nil || string(b[:n]) != "hello" {
			t.Errorf("read %q, %v", b[:n], err)
		}
	})
	use(func(fd int) {
		large := make([]byte, 1<<20)
		for n := 1; n > 0; { // until it is full
			var err error
			if n, err = Write(fd, large); err != nil {
				t.Fatal(err)
			}
		}
	})
	far.Close()
	wait()
	use(func(fd int) {
		if _, err := Read(fd, b); err == nil || errors.Is(err, ErrNothing) {
			t.Errorf("at the end: %v, want %v or that it was reset", err, io.EOF)
		}
	})
}

// connected is both ends of a connection.
func connected(t *testing.T) (near, far net.Conn) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	near, err = net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	far, err = ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = near.Close(), far.Close() })
	return near, far
}

// What is no socket of the system has none.
func TestNoSocket(t *testing.T) {
	near, far := net.Pipe()
	defer near.Close()
	defer far.Close()
	if NewWriter(near) != nil || Waiter(near) != nil || TakeOver(near) != nil {
		t.Error("a pipe within the process has a socket")
	}
}
