package listen

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"

	"github.com/pires/go-proxyproto"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// proxyHeader is a PROXY header of version 2 for an IPv4 client.
func proxyHeader(command byte, tlvs string) []byte {
	b := []byte("\r\n\r\n\x00\r\nQUIT\n")
	b = append(b, 0x20|command, 0x11)
	b = binary.BigEndian.AppendUint16(b, uint16(12+len(tlvs)))
	b = append(b, 203, 0, 113, 5, 198, 51, 100, 77)
	b = binary.BigEndian.AppendUint16(b, 54321)
	b = binary.BigEndian.AppendUint16(b, 12345)
	return append(b, tlvs...)
}

func TestProxy(t *testing.T) {
	elsewhere := []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	for name, test := range map[string]struct {
		header  []byte
		trusted []netip.Prefix
		remote  string // empty: refused
		tlvs    string
	}{
		"version 1":     {[]byte("PROXY TCP4 203.0.113.5 198.51.100.77 54321 12345\r\n"), loopback, "203.0.113.5:54321", ""},
		"version 1, 6":  {[]byte("PROXY TCP6 2001:db8::1 2001:db8::2 54321 12345\r\n"), loopback, "[2001:db8::1]:54321", ""},
		"unknown":       {[]byte("PROXY UNKNOWN\r\n"), loopback, "127.0.0.1:2", ""},
		"version 2":     {proxyHeader(1, "whatever it is"), loopback, "203.0.113.5:54321", "whatever it is"},
		"large TLVs":    {proxyHeader(1, strings.Repeat("t", 4000)), loopback, "203.0.113.5:54321", strings.Repeat("t", 4000)},
		"local":         {proxyHeader(0, ""), loopback, "127.0.0.1:2", ""},
		"not trusted":   {proxyHeader(1, ""), elsewhere, "", ""},
		"no header":     {nil, loopback, "", ""},
		"a bad address": {[]byte("PROXY TCP4 a.b.c.d 198.51.100.77 54321 12345\r\n"), loopback, "", ""},
	} {
		conn := new(memory)
		conn.Reset(append(test.header, "and what the client says"...))
		_, who, err := readProxy(conn, test.trusted)
		switch {
		case test.remote == "":
			if err == nil {
				t.Errorf("%s: it is not refused", name)
			}
		case err != nil || who.Remote.String() != test.remote || string(who.TLVs) != test.tlvs || who.Check != (name == "local" || name == "unknown"):
			t.Errorf("%s: %v, the client is %v with the TLVs %q, a check: %v", name, err, who.Remote, who.TLVs, who.Check)
		}
	}
}

// A header may come in any two pieces: TCP does not keep it together.
func TestProxyInPieces(t *testing.T) {
	for name, header := range map[string][]byte{
		"version 1": []byte("PROXY TCP4 203.0.113.5 198.51.100.77 54321 12345\r\n"),
		"version 2": proxyHeader(1, "whatever it is"),
	} {
		t.Run(name, func(t *testing.T) {
			for at := 1; at < len(header); at++ {
				near, far := net.Pipe() // a Write is one Read
				go func() {
					for _, piece := range [][]byte{header[:at], header[at:], []byte("hello")} {
						if _, err := far.Write(piece); err != nil {
							return
						}
					}
				}()
				conn, who, err := readProxy(fromLoopback{near}, loopback)
				if err != nil {
					t.Fatalf("in pieces of %d and %d bytes: %v", at, len(header)-at, err)
				}
				if who.Remote != netip.MustParseAddrPort("203.0.113.5:54321") {
					t.Errorf("in pieces of %d and %d bytes: the client is %v", at, len(header)-at, who.Remote)
				}
				rest := make([]byte, 5)
				if _, err := io.ReadFull(conn, rest); err != nil || string(rest) != "hello" {
					t.Errorf("%q (%v) follows the header", rest, err)
				}
				near.Close()
				far.Close()
			}
		})
	}
}

// fromLoopback is a connection that says that it comes from there.
type fromLoopback struct{ net.Conn }

func (fromLoopback) LocalAddr() net.Addr  { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }
func (fromLoopback) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 2} }

// A line without an end is refused when it is longer than any header.
func TestProxyEndlessLine(t *testing.T) {
	near, far := net.Pipe()
	defer near.Close()
	defer far.Close()
	go func() {
		for _, err := far.Write([]byte("PROXY")); err == nil; {
			_, err = far.Write([]byte(" "))
		}
	}()
	if _, _, err := readProxy(fromLoopback{near}, loopback); !errors.Is(err, proxyproto.ErrVersion1HeaderTooLong) {
		t.Errorf("an endless line: %v", err)
	}
}
