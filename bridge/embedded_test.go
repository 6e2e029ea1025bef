package bridge

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestListensAt(t *testing.T) {
	for text, want := range map[string]string{
		"port: 4229":                "127.0.0.1:4229",
		"listen: 0.0.0.0:4229":      "127.0.0.1:4229",
		"listen: 192.0.2.7:4229":    "192.0.2.7:4229",
		"listen: 127.0.0.1:-1":      "127.0.0.1:0",
		"server_name: says-no-port": "",
	} {
		name := filepath.Join(t.TempDir(), "nats.conf")
		must(t, os.WriteFile(name, []byte(text), 0o600))
		if got, err := ListensAt(name); err != nil || got != want {
			t.Errorf("%s: got %q, %v; want %q", text, got, err, want)
		}
	}
	if _, err := ListensAt(filepath.Join(t.TempDir(), "none.conf")); err == nil {
		t.Error("no error without a file")
	}
}

// A web page can make a browser send an HTTP request to the NATS server's port, with
// NATS's protocol in its body: the server ends the connection before it comes to that.
func TestHTTPRequestToTheServer(t *testing.T) {
	n := eventNode(t, nil)
	got := make(received, 1)
	must(t, visit(t, n, got).Subscribe(5))
	address := strings.TrimPrefix(n.URL(), "nats://")
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "OPTIONS", "PATCH", "DELETE", "TRACE", "CONNECT"} {
		conn, err := net.Dial("tcp", address)
		must(t, err)
		evil := datagram(t, "evil", 5)
		body := fmt.Sprintf("CONNECT {}\r\nPUB astron.0.0.0.5 %d\r\n%s\r\nPING\r\n", len(evil), evil)
		_, err = fmt.Fprintf(conn, "%s / HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n%s", method, address, len(body), body)
		must(t, err)
		must(t, conn.SetReadDeadline(time.Now().Add(10*time.Second)))
		answer, err := io.ReadAll(conn)
		if errors.Is(err, os.ErrDeadlineExceeded) || bytes.Contains(answer, []byte("PONG")) {
			t.Errorf("%s: %q, %v", method, answer, err)
		}
		conn.Close()
	}
	p := visit(t, n, blackHole{})
	last := datagram(t, "last", 5)
	must(t, p.Send(last))
	if d := <-got; d != string(last) {
		t.Errorf("%q was routed", d)
	}
}
