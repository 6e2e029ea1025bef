package clientagent

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"natstron/bridge/wire"
	"natstron/internal/alive/alivetest"
	"natstron/internal/msgtext"
	"natstron/internal/tlstest"
	"natstron/roles/clientagent/clienttest"
)

// certified writes a certificate, and returns where, and who trusts it.
func certified(t testing.TB) (*TLSFiles, *x509.CertPool) {
	t.Helper()
	dir, roots := t.TempDir(), x509.NewCertPool()
	roots.AddCert(tlstest.Write(t, dir))
	return &TLSFiles{Certificate: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}, roots
}

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

// A client over TLS is a client like any other, and its certificate is asked for
// where an authority is named.
func TestTLS(t *testing.T) {
	files, roots := certified(t)
	pair, err := tls.LoadX509KeyPair(files.Certificate, files.Key)
	must(t, err)
	for name, test := range map[string]struct {
		authority string
		client    *tls.Config
		ok        bool
	}{
		"plain":                 {"", &tls.Config{}, true},
		"too old":               {"", &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, false},
		"no client certificate": {files.Certificate, &tls.Config{}, false},
		"client certificate":    {files.Certificate, &tls.Config{Certificates: []tls.Certificate{pair}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, func(o *Options) {
				o.Listeners[0].TLS, o.TLS = true, &TLSFiles{Certificate: files.Certificate, Key: files.Key, Authority: test.authority, MaxDepth: 6}
			})
			c := s.dial()
			test.client.RootCAs, test.client.ServerName = roots, "localhost"
			c.Conn = tls.Client(c.Conn, test.client)
			if !test.ok {
				_, _ = c.Conn.Write([]byte{0, 0}) // with TLS 1.3 the refusal comes with the first read
				if _, _, err := c.Receive(); err == nil {
					t.Fatal("the client was let in")
				}
				return
			}
			c.hello()
			c.Send(wire.ClientHello, nil)
			c.ExpectEject(wire.EjectInvalidMsgType)
		})
	}
}

// A new certificate is used without a restart; a broken one is not, and the old
// one stays.
func TestTLSReload(t *testing.T) {
	dir := t.TempDir()
	files := TLSFiles{Certificate: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
	first := tlstest.Write(t, dir)
	k := &certificates{files: files, log: discard()}
	must(t, k.load())
	now := time.Now()
	uses := func(want *x509.Certificate, when string) {
		t.Helper()
		now = now.Add(2 * checkFilesEvery)
		leaf, err := x509.ParseCertificate(k.config(now).Certificates[0].Certificate[0])
		must(t, err)
		if !leaf.Equal(want) {
			t.Errorf("%s, another certificate is used", when)
		}
	}
	uses(first, "at the start")
	must(t, os.WriteFile(files.Certificate, []byte("half a certificate"), 0o600))
	uses(first, "after a broken file")
	uses(tlstest.Write(t, dir), "after a new file")
}

// A client whose first bytes came with the PROXY header is told why it is ejected,
// though more of it waits to be read: the connection ends in order.
func TestProxyReadAheadEndsInOrder(t *testing.T) {
	s := newStage(t, func(o *Options) { o.Listeners[0].HAProxy, o.Proxies = true, PrivateNetworks() })
	c := s.dial()
	first := []byte("PROXY TCP4 192.0.2.7 192.0.2.1 4000 7198\r\n\x02\x00\xff\xff")
	go func() { _, _ = c.Conn.Write(append(first, make([]byte, 1<<20)...)) }()
	c.Expect(wire.ClientEject)
	if _, _, err := c.Receive(); !errors.Is(err, io.EOF) {
		t.Errorf("the connection ended with %v", err)
	}
}

// What speaks HTTP or TLS on a port in the clear ends at once, is counted, and costs
// nobody else anything.
func TestOtherProtocols(t *testing.T) {
	log := new(msgtext.Log)
	s := newStage(t, func(o *Options) { o.Log = slog.New(slog.NewTextHandler(log, nil)) })
	for _, said := range []string{"GET / HTTP/1.1\r\n", "POST /", "OPTIONS /"} {
		c := s.dial()
		if _, err := io.WriteString(c.Conn, said); err != nil {
			t.Fatal(err)
		}
		if kind, _, err := c.Receive(); err == nil || os.IsTimeout(err) {
			t.Errorf("%s: %v came, %v", said, kind, err)
		}
	}
	c := s.dial()
	if err := tls.Client(c.Conn, &tls.Config{ServerName: "localhost"}).Handshake(); err == nil || os.IsTimeout(err) {
		t.Errorf("TLS: %v", err)
	}
	s.anonymous()
	eventually(t, "4 are refused, and the log says why", func() bool {
		return s.agent.Stats().Refused == 4 && strings.Contains(log.String(), "it speaks HTTP")
	})
	if got := s.agent.Stats(); got.Lost != 0 || got.Clients != 1 {
		t.Errorf("%d clients are lost, %d are there", got.Lost, got.Clients)
	}
}

// Clients whose hosts vanish are gone within a bounded time, in the clear and over TLS,
// whether or not they are being sent to.
func TestClientHostsThatVanish(t *testing.T) {
	t.Parallel()
	files, roots := certified(t)
	for name, encrypted := range map[string]bool{"in the clear": false, "TLS": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, func(o *Options) { o.Listeners[0].TLS, o.TLS, o.Limits.Host = encrypted, files, 2*time.Second })
			connect := func() (*client, net.Conn) {
				c := s.dial()
				raw := c.Conn
				if encrypted {
					c.Conn = tls.Client(raw, &tls.Config{RootCAs: roots, ServerName: "localhost"})
				}
				c.hello()
				c.setField(gate, "Gate", "enter", func(w *wire.Writer) { w.Text("who am I?") })
				c.channel, _ = s.actor.expect(wire.StateServerObjectSetField)
				return c, raw
			}
			_, quiet := connect()
			busy, vanishing := connect()
			connect() // this one stays
			alivetest.Vanish(t, quiet)
			alivetest.Vanish(t, vanishing)
			eventually(t, "2 clients are lost", func() bool {
				time.Sleep(10 * time.Millisecond) // so that not much waits
				s.order(busy, wire.ClientAgentSendDatagram, func(w *wire.Writer) { w.Blob(make([]byte, 100)) })
				return s.agent.Stats().Lost == 2
			})
			if n := s.agent.Stats().Clients; n != 1 {
				t.Errorf("%d clients are left, want 1", n)
			}
		})
	}
}

// dialWS connects by WebSocket.
func (s *stage) dialWS(scheme string, over http.RoundTripper, header http.Header) (*client, error) {
	s.t.Helper()
	_, port, _ := net.SplitHostPort(s.agent.Addrs()[0].String())
	conn, err := clienttest.WebSocket(scheme+"://localhost:"+port+"/", over, header)
	if err != nil {
		return nil, err
	}
	s.t.Cleanup(func() { _ = conn.Close() })
	return &client{Client: &clienttest.Client{T: s.t, Conn: conn}}, nil
}

// A client over WebSocket says hello, sees an object, hears of it, and is told why
// it is ejected; in the clear and over TLS.
func TestWebSocket(t *testing.T) {
	files, roots := certified(t)
	for scheme, encrypted := range map[string]bool{"ws": false, "wss": true} {
		t.Run(scheme, func(t *testing.T) {
			s := newStage(t, func(o *Options) { o.Listeners[0].WebSocket, o.Listeners[0].TLS, o.TLS = true, encrypted, files })
			transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "localhost"}}
			defer transport.CloseIdleConnections()
			c, err := s.dialWS(scheme, transport, nil)
			must(t, err)
			c.hello()
			c.setField(gate, "Gate", "enter", func(w *wire.Writer) { w.Text("who am I?") })
			c.channel, _ = s.actor.expect(wire.StateServerObjectSetField)
			s.order(c, wire.ClientAgentSetState, func(w *wire.Writer) { w.Uint16(uint16(StateEstablished)) })
			s.settled(c)
			s.show(c, 101, 10)
			for range 100 {
				s.toZone(10, wire.StateServerObjectSetField, func(w *wire.Writer) {
					w.DoID(101).FieldID(fieldID(t, "Duck", "feed")).Blob(make([]byte, 3000))
				})
			}
			for range 100 {
				c.expectDo(wire.ClientObjectSetField, 101)
			}
			for range 2 * 16384 / 3000 { // more than the request could have had
				c.setField(gate, "Gate", "enter", func(w *wire.Writer) { w.Text(strings.Repeat("x", 3000)) })
				s.actor.expect(wire.StateServerObjectSetField)
			}
			c.Send(4711, nil)
			r := c.Expect(wire.ClientEject)
			if got := wire.EjectCode(r.Uint16()); got != wire.EjectInvalidMsgType {
				t.Errorf("ejected with %d", got)
			}
			if _, _, err := c.Receive(); err == nil {
				t.Error("the connection goes on")
			}
		})
	}
}

// A browser may connect from the pages of the configured hosts only.
func TestWebSocketOrigin(t *testing.T) {
	s := newStage(t, func(o *Options) { o.Listeners[0].WebSocket, o.Listeners[0].Origins = true, []string{"*.example.org"} })
	for origin, ok := range map[string]bool{"https://game.example.org": true, "https://example.com": false} {
		_, err := s.dialWS("ws", nil, http.Header{"Origin": {origin}})
		if (err == nil) != ok {
			t.Errorf("from %s: %v", origin, err)
		}
	}
}
