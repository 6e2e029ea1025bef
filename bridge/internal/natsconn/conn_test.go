package natsconn

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// loggedIn is a connection to a server that says hello, and whose end the test plays.
func loggedIn(t *testing.T, info string) (*Conn, net.Conn, error) {
	t.Helper()
	near, far := net.Pipe()
	t.Cleanup(func() { _ = far.Close() })
	go func() {
		_, _ = fmt.Fprintf(far, "INFO %s\r\n", info)
		b := make([]byte, 1000)
		for said := ""; !strings.HasSuffix(said, "PING\r\n"); {
			n, err := far.Read(b)
			if err != nil {
				return
			}
			said += string(b[:n])
		}
		_, _ = far.Write([]byte("PONG\r\n"))
	}()
	o := nats.GetDefaultOptions()
	o.Timeout = 10 * time.Second
	c, err := Login(near, &url.URL{Scheme: "nats", Host: "here:4222"}, o)
	if err == nil {
		c.Ready()
	}
	return c, far, err
}

const hello = `{"server_id":"S","server_name":"s","proto":1,"headers":true,"max_payload":1000}`

// read is what comes, up to a PONG, as text.
func read(t *testing.T, c *Conn) (all []string) {
	t.Helper()
	for {
		kind, err := c.Next()
		switch kind {
		case Msg:
			m := c.Message
			all = append(all, fmt.Sprintf("%s %s %q %v", m.Subject, m.Reply, m.Data, m.Unanswered))
		case Ping:
			all = append(all, "ping")
		case Refused:
			all = append(all, "refused: "+err.Error())
		case Pong:
			return all
		case Nothing:
			if err == nil {
				err = c.Fill()
			}
			if err != nil {
				return append(all, err.Error())
			}
		}
	}
}

// What a server sends is read the same, however it is cut into pieces.
func TestNext(t *testing.T) {
	long := strings.Repeat("x", 3*buffer)
	said := "MSG a.b 1 2\r\nhi\r\n" +
		"MSG a.b 12 _A.o.1.2 0\r\n\r\n" +
		"PING\r\n+OK\r\n" +
		"HMSG here 3 18 18\r\nNATS/1.0 503\r\n\r\n\r\n\r\n" +
		"HMSG here 3 back 12 15\r\nNATS/1.0\r\n\r\nabc\r\n" +
		"-ERR 'Permissions Violation for Publish to \"x\"'\r\n" +
		"INFO {\"max_payload\":2000}\r\n" +
		"MSG long 1 " + fmt.Sprint(len(long)) + "\r\n" + long + "\r\n" +
		"PONG\r\n"
	want := []string{
		`a.b  "hi" false`, `a.b _A.o.1.2 "" false`, "ping", `here  "" true`, `here back "abc" false`,
		`refused: nats: permissions violation: Permissions Violation for Publish to "x"`, `long  "` + long + `" false`,
	}
	for _, step := range []int{1, 2, 7, 100, buffer - 1, len(said)} {
		c, far, err := loggedIn(t, hello)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for rest := said; rest != ""; {
				n := min(step, len(rest))
				if step < 100 && len(rest) <= len(long)+100 { // that would take long
					n = len(rest)
				}
				if _, err := far.Write([]byte(rest[:n])); err != nil {
					return
				}
				rest = rest[n:]
			}
		}()
		got := read(t, c)
		if len(got) != len(want) {
			t.Fatalf("in steps of %d: %d things, want %d", step, len(got), len(want))
		}
		for i := range want {
			if got[i] != want[i] {
				t.Errorf("in steps of %d: %.100s, want %.100s", step, got[i], want[i])
			}
		}
		if c.MaxPayload() != 2000 {
			t.Errorf("max_payload is %d", c.MaxPayload())
		}
		_ = c.Close()
	}
}

// What is not NATS's protocol ends the connection, with an error instead of a panic.
func TestNoProtocol(t *testing.T) {
	for _, said := range []string{
		"HTTP/1.1 400 Bad Request\r\n", "MSG\r\n", "MSG a 1\r\n", "MSG a 1 -2\r\n", "MSG a 1 99999999999999999999\r\n",
		"HMSG a 1 5 3\r\n", "MSG a 1 b c 2\r\n", "INFO {\r\n", "-ERR 'Authorization Violation'\r\n", "\r\n",
	} {
		c, far, err := loggedIn(t, hello)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			_, _ = far.Write([]byte(said))
			_ = far.Close()
		}()
		for err == nil {
			var kind Kind
			if kind, err = c.Next(); kind != Nothing {
				t.Errorf("%q is %d", said, kind)
			}
			if err == nil {
				err = c.Fill()
			}
		}
		if err.Error() == "EOF" {
			t.Errorf("%q is no error", said)
		}
		_ = c.Close()
	}
}

// A server that cannot do what a node needs is refused.
func TestLoginRefused(t *testing.T) {
	for _, info := range []string{`{"proto":0,"headers":true}`, `{"proto":1}`, `{`} {
		if _, _, err := loggedIn(t, info); err == nil {
			t.Errorf("logged in at %s", info)
		}
	}
	near, far := net.Pipe()
	go func() { _, _ = fmt.Fprintf(far, "INFO %s\r\n", hello) }()
	o := nats.GetDefaultOptions()
	o.Secure, o.Timeout = true, 10*time.Second
	if _, err := Login(near, &url.URL{Scheme: "nats", Host: "here:4222"}, o); !errors.Is(err, nats.ErrSecureConnWanted) {
		t.Errorf("without TLS: %v", err)
	}
}
