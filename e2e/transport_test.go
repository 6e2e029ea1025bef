package e2e

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"natstron/bridge/md/mdtest"
	"natstron/bridge/wire"
	"natstron/e2e/browser"
	"natstron/internal/tlstest"
	"natstron/roles/clientagent/clienttest"
)

// All transports of a client agent at once: TCP, TLS, WebSocket, PROXY; also from a browser and Node.

// park is a daemon with a client agent that clients reach in every way at once,
// and with somebody who lets them in to see a duck.
const (
	parkGate  wire.DoID = 5000
	parkPond  wire.DoID = 10_000
	parkDuck  wire.DoID = 10_001
	parkClass           = "dclass Gate { enter(string name) clsend; welcome(string name); };\ndclass Duck { setName(string name) required broadcast; };\n"
)

func park(t testing.TB) (*daemon, *x509.Certificate) {
	var cert *x509.Certificate
	d := run(t, `
general: {dc_files: [game.dc]}
backbone: {embedded: {listen: '127.0.0.1:0'}}
messagedirector: {bind: '127.0.0.1:0'}
uberdogs:
  - {id: 5000, class: Gate, anonymous: true}
roles:
  - {type: stateserver, control: 402000}
  - type: clientagent
    bind: 127.0.0.1:0
    channels: {min: 1000000000, max: 1009999999}
    client: {add_interest: enabled}
    tls: {certificate: cert.pem, key_file: key.pem}
    listeners:
      - {bind: '127.0.0.1:0'}
      - {bind: '127.0.0.1:0', haproxy: true}
      - {bind: '127.0.0.1:0', haproxy: true, tls: true}
      - {bind: '127.0.0.1:0', websocket: true, origins: ['localhost:*', '127.0.0.1:*']}
      - {bind: '127.0.0.1:0', websocket: true, tls: true}
      - {bind: '127.0.0.1:0', websocket: true, tls: true, haproxy: true}
`, func(dir string) {
		write(t, filepath.Join(dir, "game.dc"), parkClass)
		cert = tlstest.Write(t, dir)
	})
	ai := d.dial()
	ai.Subscribe(parkGate.Channel())
	ai.Settle(d.port(), 9001)
	create := func(do wire.DoID, at wire.Location, name string) {
		ai.Send(mdtest.Datagram(t, func(w *wire.Writer) {
			w.Header(1, wire.StateServerCreateObjectWithRequired, 402000).DoID(do).Location(at).DClassID(1).Text(name)
		}))
	}
	create(parkPond, wire.Location{}, "pond")
	create(parkDuck, wire.Location{Parent: parkPond, Zone: 1}, "duck")
	go func() { // lets everybody in
		for {
			datagram, err := ai.ReceiveUntil(time.Now().Add(time.Hour))
			if err != nil {
				return
			}
			m, err := datagram.Message()
			if err != nil || m.Type != wire.StateServerObjectSetField {
				continue
			}
			ai.Send(mdtest.Datagram(t, func(w *wire.Writer) {
				w.Header(parkGate.Channel(), wire.ClientAgentSetState, m.Sender).Uint16(2)
			}))
			ai.Send(mdtest.Datagram(t, func(w *wire.Writer) {
				w.Header(parkGate.Channel(), wire.StateServerObjectSetField, m.Sender).DoID(parkGate).FieldID(1).Text("come in")
			}))
		}
	}()
	return d, cert
}

// listener is the address of a port of the client agent, by what it speaks.
func (d *daemon) listener(tls, websocket, proxy bool) string {
	d.t.Helper()
	line := d.waitFor(fmt.Sprintf("tls=%t websocket=%t proxy=%t", tls, websocket, proxy))
	_, rest, _ := strings.Cut(line, "address=")
	address, _, _ := strings.Cut(rest, " ")
	return address
}

// play says hello, goes in and looks at the duck.
func play(c *clienttest.Client, hash uint32) {
	c.T.Helper()
	c.Hello(hash, "dev")
	c.SetField(parkGate, 0, "me")
	c.Expect(wire.ClientObjectSetField)
	c.Send(wire.ClientAddInterest, func(w *wire.Writer) { w.Uint32(1).Uint16(1).DoID(parkPond).Zone(1) })
	if r := c.Expect(wire.ClientEnterObjectRequired); r.DoID() != parkDuck {
		c.T.Error("somebody else than the duck is there")
	}
	c.Expect(wire.ClientDoneInterestResp)
	c.Send(4711, nil)
	r := c.Expect(wire.ClientEject)
	if code := wire.EjectCode(r.Uint16()); code != wire.EjectInvalidMsgType {
		c.T.Errorf("ejected with %d", code)
	}
	if kind, _, err := c.Receive(); err == nil {
		c.T.Errorf("after the eject came %v", kind)
	}
}

// Every transport of one client agent, and their combinations, at the same time.
func TestTransports(t *testing.T) {
	t.Parallel()
	d, cert := park(t)
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	hash := gameHash(t, d.dir)
	for _, by := range []struct{ tls, websocket, proxy bool }{
		{false, false, false}, {true, false, false}, {false, false, true}, {true, false, true},
		{false, true, false}, {true, true, false}, {true, true, true},
	} {
		t.Run(fmt.Sprintf("tls=%t websocket=%t proxy=%t", by.tls, by.websocket, by.proxy), func(t *testing.T) {
			t.Parallel()
			c := clienttest.Dial(t, d.listener(by.tls, by.websocket, by.proxy))
			if by.proxy {
				if _, err := c.Conn.Write([]byte("PROXY TCP4 203.0.113.5 198.51.100.77 54321 12345\r\n")); err != nil {
					t.Fatal(err)
				}
			}
			if by.tls {
				c.Conn = tls.Client(c.Conn, &tls.Config{RootCAs: roots, ServerName: "localhost"})
			}
			if by.websocket {
				over := c.Conn
				var err error
				c.Conn, err = clienttest.WebSocket("ws://localhost/", &http.Transport{
					DialContext: func(context.Context, string, string) (net.Conn, error) { return over, nil },
				}, nil)
				must(t, err)
			}
			play(c, hash)
		})
	}
}

// A browser does the same as Node, from a page of another port.
func TestBrowser(t *testing.T) {
	t.Parallel()
	d, _ := park(t)
	script := read(t, "testdata/browser.js")
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "<!DOCTYPE html><script>told = []; %s\nplay('ws://%s/', %d, 'dev', text => told.push(text))</script>",
			script, d.listener(false, true, false), gameHash(t, d.dir))
	}))
	defer site.Close()
	page := browser.Open(t, site.URL, 800, 600)
	page.Until(`told.join("|") === "sees 10001|the end, 1005"`)
}

// A browser's WebSocket, as Node has it, says hello and sees the duck.
func TestNode(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no node here")
	}
	if exec.Command(node, "--experimental-websocket", "-e", "WebSocket").Run() != nil {
		t.Skip("this node has no WebSocket: it is older than 20.10")
	}
	d, _ := park(t)
	script := read(t, "testdata/browser.js")
	player := program(t, exec.Command(node, "--experimental-websocket", "-e",
		fmt.Sprintf("%s\nplay('ws://%s/', %d, 'dev', console.log)", script, d.listener(false, true, false), gameHash(t, d.dir))))
	player.launch()
	player.waitFor("sees 10001")
	player.waitFor("the end, 1005") // it closed without a message, and was heard
}
