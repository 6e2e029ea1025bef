package alive_test

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"natstron/internal/alive"
	"natstron/internal/alive/alivetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	timeout  = 2 * time.Second
	patience = 30 * time.Second
)

// pair is the two ends of a connection that was accepted with a timeout.
func pair(t *testing.T) (near, far net.Conn) {
	t.Helper()
	listen := net.ListenConfig{KeepAliveConfig: alive.KeepAlive(timeout)}
	ln, err := listen.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	if far, err = net.Dial("tcp", ln.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if near, err = ln.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close(); far.Close() })
	return near, far
}

func onlyLinux(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the system does not tell")
	}
}

// A host that vanishes is noticed when it is being sent to, whether or not that filled
// the connection, and when it is not.
func TestVanished(t *testing.T) {
	t.Parallel()
	onlyLinux(t)
	t.Run("quiet", func(t *testing.T) {
		t.Parallel()
		near, far := pair(t)
		alivetest.Vanish(t, far)
		_ = near.SetReadDeadline(time.Now().Add(patience)) // what fails here, fails below
		if _, err := near.Read(make([]byte, 1)); !errors.Is(err, syscall.ETIMEDOUT) {
			t.Errorf("it ended with %v", err)
		}
	})
	for name, bytes := range map[string]int{"sent a little": 10, "sent much": 32 << 20} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			watch := alive.Start(timeout)
			defer watch.Close()
			near, far := pair(t)
			vanished := make(chan struct{})
			defer watch.Add(near, func() { close(vanished) })()
			alivetest.Vanish(t, far)
			began := time.Now()
			go func() { _, _ = near.Write(make([]byte, bytes)) }() // ends with the connection
			select {
			case <-vanished:
				if took := time.Since(began); took < timeout/2 {
					t.Errorf("it was given up after %v", took)
				}
			case <-time.After(patience):
				t.Error("nobody noticed")
			}
		})
	}
}

// A host that answers is alive, though the program there stands still and everything
// that is sent to it waits; and one that is sent nothing for a long time, too.
func TestAlive(t *testing.T) {
	t.Parallel()
	onlyLinux(t)
	watch := alive.Start(timeout)
	defer watch.Close()
	vanished := make(chan string, 10)
	standing, standingFar := pair(t)
	defer watch.Add(standing, func() { vanished <- "standing still" })()
	quiet, quietFar := pair(t)
	defer watch.Add(quiet, func() { vanished <- "quiet" })()
	written := make(chan error, 1)
	const much = 32 << 20
	go func() {
		_, err := standing.Write(make([]byte, much))
		written <- err
	}()
	for range 3 {
		select {
		case which := <-vanished:
			t.Fatalf("a host counts as vanished: %s", which)
		case <-time.After(timeout):
		}
		if _, err := quiet.Write([]byte("x")); err != nil { // after a long silence
			t.Fatal(err)
		}
	}
	if n, err := io.Copy(io.Discard, io.LimitReader(standingFar, much)); n != much || err != nil {
		t.Errorf("%d bytes arrived, %v", n, err)
	}
	if err := <-written; err != nil {
		t.Error(err)
	}
	if _, err := io.ReadFull(quietFar, make([]byte, 3)); err != nil {
		t.Error(err)
	}
}
