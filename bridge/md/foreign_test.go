package md

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"natstron/bridge"
	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
	"natstron/internal/msgtext"
)

// post is a request of a web page whose first two bytes, as the length of a frame, lead
// to a frame in its body.
func post(frame []byte) []byte {
	whole := wire.FrameHeader + int(binary.LittleEndian.Uint16([]byte("PO")))
	head := func(length int) string {
		return fmt.Sprintf("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: https://game.example\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n", length)
	}
	filler := whole - len(head(whole)) // the length has five digits, whatever it is
	return append(append([]byte(head(filler+len(frame))), bytes.Repeat([]byte("x"), filler)...), frame...)
}

// Of a connection that speaks HTTP or TLS nothing is routed: any web page can make a
// browser open it. It ends at once, though no frame is whole, and the log says why, in
// few lines.
func TestOtherProtocols(t *testing.T) {
	log := new(msgtext.Log)
	node := startNode(t, bridge.Options{})
	s := startServer(t, node, Options{Log: slog.New(slog.NewTextHandler(log, nil))})
	c := dial(t, s)
	c.Subscribe(5000)
	settle(c, s)
	routed := node.Stats().Routed
	evil := mdtest.Frame(mdtest.Text(t, 1, "evil", 5000))

	client := http.Client{Timeout: mdtest.Patience, Transport: &http.Transport{DisableKeepAlives: true}}
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
		request, err := http.NewRequest(method, "http://"+s.Addrs()[0].String()+"/", strings.NewReader("body"))
		must(t, err)
		if answer, err := client.Do(request); err == nil {
			answer.Body.Close()
			t.Errorf("%s is answered", method)
		} else if strings.Contains(err.Error(), "Timeout") {
			t.Errorf("%s: %v", method, err)
		}
	}
	began := time.Now()
	const many = 50
	for range many {
		conn := dial(t, s).Conn
		_, _ = conn.Write(post(evil)) // it may end in the middle
		wantEnd(t, conn)
	}
	conn := dial(t, s).Conn
	for _, b := range post(evil)[:len("POST /")] { // in pieces
		if _, err := conn.Write([]byte{b}); err != nil {
			t.Fatal(err)
		}
	}
	wantEnd(t, conn)
	conn = dial(t, s).Conn
	if err := tls.Client(conn, &tls.Config{ServerName: "evil.example"}).Handshake(); err == nil {
		t.Error("a TLS handshake succeeds")
	}
	wantEnd(t, conn)
	if got := node.Stats().Routed; got != routed {
		t.Errorf("%d datagrams were routed", got-routed)
	}
	last := mdtest.Text(t, 1, "last", 5000)
	dial(t, s).Send(last)
	c.Want(last)
	lines, most := strings.Count(log.String(), "speaks HTTP")+strings.Count(log.String(), "speaks TLS"), int(time.Since(began)/time.Second)+2
	if lines == 0 || lines > most {
		t.Errorf("%d lines tell of %d connections", lines, many)
	}
}

// wantEnd waits until a connection has ended, with nothing received.
func wantEnd(t *testing.T, conn net.Conn) {
	t.Helper()
	must(t, conn.SetReadDeadline(time.Now().Add(mdtest.Patience)))
	b, err := io.ReadAll(conn)
	if n, ok := err.(net.Error); ok && n.Timeout() || len(b) > 0 {
		t.Errorf("%q came, then %v", b, err)
	}
}

// A game client that connects here is told of in the log, and nothing of it is routed.
func TestGameClientIsTold(t *testing.T) {
	log := new(msgtext.Log)
	node := startNode(t, bridge.Options{})
	s := startServer(t, node, Options{Log: slog.New(slog.NewTextHandler(log, nil))})
	hello, err := new(wire.Writer).BeginFrame().ClientMsgType(wire.ClientHello).Uint32(0x12345678).Text("sv1.0").Frame()
	if err != nil {
		t.Fatal(err)
	}
	conn := dial(t, s).Conn
	if _, err := conn.Write(hello); err != nil {
		t.Fatal(err)
	}
	wantEnd(t, conn)
	if n := strings.Count(log.String(), "connect to the port of a client agent"); n != 1 {
		t.Errorf("%d lines tell of it:\n%s", n, log.String())
	}
	if got := node.Stats().Sent; got > 0 {
		t.Errorf("%d datagrams were routed", got)
	}
}
