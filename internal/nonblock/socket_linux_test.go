package nonblock

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
)

// A socket that was taken over does not wait to read. A Write waits until the other end has read,
// or the socket is closed.
func TestTakeOver(t *testing.T) {
	near, far := connected(t)
	s := TakeOver(near)
	if n, err := s.Read(make([]byte, 10)); n != 0 || err != ErrNothing {
		t.Errorf("read %d bytes, %v", n, err)
	}
	sent := bytes.Repeat([]byte("much"), 1<<20)
	read := make(chan []byte)
	go func() {
		all := make([]byte, len(sent))
		n, _ := io.ReadFull(far, all)
		read <- all[:n]
	}()
	if n, err := s.Write(sent); n != len(sent) || err != nil {
		t.Errorf("wrote %d bytes, %v", n, err)
	}
	if got := <-read; !bytes.Equal(got, sent) {
		t.Errorf("%d bytes have arrived, of %d, or others", len(got), len(sent))
	}
	for n := 1; n > 0; { // until it is full
		var err error
		if n, err = s.WriteNow(sent); err != nil {
			t.Fatal(err)
		}
	}
	ended := make(chan error)
	go func() {
		_, err := s.Write(sent)
		ended <- err
	}()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; err == nil {
		t.Error("a Write that waited has written all")
	}
	_, readAfter := s.Read(sent)
	_, wrote := s.WriteNow(sent)
	for _, err := range []error{readAfter, wrote, s.Close(), s.Shutdown(0)} {
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	}
}
