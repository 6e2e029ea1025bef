package listen

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"go.uber.org/goleak"

	"natstron/bridge/arrival"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 10 * time.Second

// freely is a Pacer that never waits.
type freely struct{}

func (freely) Congested() bool { return false }
func (freely) Pace()           {}

// open opens a port until the test ends. What clients send is read.
func open(t *testing.T, c Config, limits Limits) *Port {
	t.Helper()
	return openFor(t, c, limits, func(c *Conn) {
		c.Opened()
		go func() {
			_, _ = io.Copy(io.Discard, c)
			_ = c.Close()
		}()
	})
}

// openFor opens a port until the test ends; client is called for every connection.
func openFor(t *testing.T, c Config, limits Limits, client func(*Conn)) *Port {
	t.Helper()
	loop, err := arrival.Start(freely{})
	must(t, err)
	c.Address, limits.Handshake = "127.0.0.1:0", time.Minute
	p, err := Open(context.Background(), loop, c, limits)
	must(t, err)
	ended := make(chan error, 1)
	go func() {
		ended <- p.Serve(Events{
			Accepted: func() {},
			Refused:  func(net.Addr, error) {},
			Client:   client,
		})
	}()
	t.Cleanup(func() {
		p.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		p.Wait()
		loop.Close()
	})
	return p
}

func dial(t *testing.T, p *Port) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", p.Addr().String())
	must(t, err)
	t.Cleanup(func() { conn.Close() })
	return conn
}

// wantEnd wants the connection to end, whatever comes before.
func wantEnd(t *testing.T, conn net.Conn) {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(patience)) // what fails here, fails below
	if _, err := io.Copy(io.Discard, conn); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the connection goes on")
	}
}

// A client that opens as many connections as may be in their handshake, and says
// nothing, keeps nobody out: the oldest is given up.
func TestHandshakeFlood(t *testing.T) {
	p := open(t, Config{Proxy: loopback}, Limits{})
	oldest := dial(t, p)
	for n := 1; n < maxShaking; n++ {
		dial(t, p)
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) { // until all are accepted
		p.mu.Lock()
		n := len(p.shaking)
		p.mu.Unlock()
		if n == maxShaking {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d connections are in their handshake", n)
		}
	}
	dial(t, p)
	wantEnd(t, oldest)
}

// Clients that wait for their session, as all of a game do that connect again after a
// restart, have no handshake to be bounded: each gets its session.
func TestManyWaitForASession(t *testing.T) {
	const many = maxShaking + 100
	conns := make(chan *Conn, many)
	p := openFor(t, Config{}, Limits{}, func(c *Conn) { conns <- c })
	var far []net.Conn
	for range many {
		far = append(far, dial(t, p))
	}
	for range many {
		c := <-conns
		c.Opened()
		if _, err := c.Write([]byte("hello")); err != nil {
			t.Error(err)
		}
		must(t, c.Close())
	}
	for _, conn := range far {
		_ = conn.SetReadDeadline(time.Now().Add(patience)) // what fails here, fails below
		if got, err := io.ReadAll(conn); err != nil || string(got) != "hello" {
			t.Fatalf("a client received %q: %v", got, err)
		}
	}
}

func dialWS(t *testing.T, p *Port) *websocket.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ws, _, err := websocket.Dial(ctx, "ws://"+p.Addr().String()+"/", nil)
	must(t, err)
	t.Cleanup(func() { _ = ws.CloseNow() })
	return ws
}

// Pings count, too: they cost as much as datagrams.
func TestWebSocketPings(t *testing.T) {
	ws := dialWS(t, open(t, Config{WebSocket: true}, Limits{}))
	ctx, cancel := context.WithTimeout(ws.CloseRead(context.Background()), patience)
	defer cancel()
	n := 0
	for err := error(nil); err == nil && n < 100*controlRate*Burst; n++ {
		err = ws.Ping(ctx)
	}
	if n <= controlRate*Burst || n == 100*controlRate*Burst {
		t.Errorf("the connection ended after %d pings", n)
	}
}

// Frames without anything in them are bytes all the same.
func TestWebSocketEmptyFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // so that no time passes, however slow this is
		const byteRate = 1000
		near, far := net.Pipe()
		ended := make(chan error, 1)
		p := &Port{config: Config{WebSocket: true}, limits: Limits{Handshake: time.Minute, ByteRate: byteRate}}
		go p.handshake(near, Events{
			Refused: func(_ net.Addr, err error) { ended <- err },
			Client: func(c *Conn) {
				_, err := io.Copy(io.Discard, c)
				_ = c.Close() // it has ended
				ended <- err
			},
		})
		go func() { _, _ = io.Copy(io.Discard, far) }()
		_, err := far.Write([]byte("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n" +
			"\x02\x80\x00\x00\x00\x00")) // the beginning of a message, and nothing of it
		must(t, err)
		const most = Burst * (byteRate + rawSpare)
		many := bytes.Repeat([]byte("\x00\x80\x00\x00\x00\x00"), 1000)
		sent := 0
		for n := 0; err == nil && sent < 2*most; sent += n {
			n, err = far.Write(many)
		}
		if err == nil || sent < most-len(many) {
			t.Errorf("after %d bytes: %v; it should end after %d", sent, err, most)
		}
		_ = far.Close() // so that it ends in any case
		if err := <-ended; !errors.Is(err, errTooMuch) {
			t.Errorf("it ended with %v", err)
		}
	})
}

// What is no WebSocket, or not binary, is refused.
func TestWebSocketMisuse(t *testing.T) {
	p := open(t, Config{WebSocket: true}, Limits{})
	ws := dialWS(t, p)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	must(t, ws.Write(ctx, websocket.MessageText, []byte("hello")))
	if _, _, err := ws.Read(ctx); websocket.CloseStatus(err) != websocket.StatusUnsupportedData {
		t.Errorf("a text message is answered with %v", err)
	}
	response, err := http.Get("http://" + p.Addr().String() + "/")
	must(t, err)
	response.Body.Close()
	if response.StatusCode != http.StatusUpgradeRequired {
		t.Errorf("an ordinary request is answered with %s", response.Status)
	}
	http.DefaultClient.CloseIdleConnections()
}

// must ends the test if there is an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
