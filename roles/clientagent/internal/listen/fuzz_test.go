package listen

import (
	"bytes"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"natstron/bridge/wire"
)

// memory is a connection from loopback with all that ever comes on it.
type memory struct{ bytes.Reader }

func (*memory) Write(b []byte) (int, error)      { return len(b), nil }
func (*memory) Close() error                     { return nil }
func (*memory) SetDeadline(time.Time) error      { return nil }
func (*memory) SetReadDeadline(time.Time) error  { return nil }
func (*memory) SetWriteDeadline(time.Time) error { return nil }
func (*memory) LocalAddr() net.Addr              { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }
func (*memory) RemoteAddr() net.Addr             { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 2} }

// FuzzProxy lets a proxy say anything: the header is taken or refused, and what
// follows it is not lost.
func FuzzProxy(f *testing.F) {
	for _, header := range [][]byte{
		nil, []byte("PROXY TCP4 203.0.113.5 198.51.100.77 54321 12345\r\nrest"), []byte("PROXY UNKNOWN\r\nrest"),
		append(proxyHeader(1, "tlvs"), "rest"...), append(proxyHeader(0, ""), "rest"...), proxyHeader(1, "")[:20],
	} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		conn := new(memory)
		conn.Reset(b)
		got, who, err := readProxy(conn, loopback)
		if err != nil {
			return
		}
		rest, err := io.ReadAll(got)
		if err != nil || !bytes.HasSuffix(b, rest) {
			t.Fatalf("%x is left of %x (%v)", rest, b, err)
		}
		if len(who.TLVs) > wire.MaxLength || !who.Remote.IsValid() {
			t.Fatalf("the client is %v, with TLVs of %d bytes", who.Remote, len(who.TLVs))
		}
	})
}

// FuzzWebSocket lets a browser say anything: it is refused, or what it says comes
// as whole frames.
func FuzzWebSocket(f *testing.F) {
	const request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"))
	f.Add([]byte(request))
	f.Add([]byte(request + "\x82\x83\x00\x00\x00\x00abc\x81\x81\x00\x00\x00\x00x"))
	f.Add([]byte(request + "\x82\xfe\xff\xff\x00\x00\x00\x00abc"))
	f.Add([]byte(request + "\x88\x82\x00\x00\x00\x00\x03\xe8"))
	f.Fuzz(func(t *testing.T, b []byte) {
		conn := new(memory)
		conn.Reset(b)
		got, err := upgrade(conn, nil, nil, 0)
		if err != nil {
			return
		}
		defer got.Close()
		frames := wire.NewFrameReader(got, 64<<10)
		total := 0
		for err == nil {
			for frame, ok := frames.Next(); ok; frame, ok = frames.Next() {
				total += len(frame) - wire.FrameHeader
			}
			err = frames.Fill()
		}
		if total > len(b) {
			t.Fatalf("%d bytes came out of %d", total, len(b))
		}
	})
}

// FuzzFileName lets a browser ask for anything: what it may get is in the folder, and not hidden.
func FuzzFileName(f *testing.F) {
	for _, path := range []string{"", "/", "/a/b.js", "/../x", "//x", "/a/.b", "/a\\..\\b", "/a/", "/\x00"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		name, ok := fileName(path)
		if ok && (!filepath.IsLocal(name) || strings.Contains("/"+name, "/.") || strings.ContainsAny(name, "\\:\x00")) {
			t.Errorf("%q is the file %q", path, name)
		}
	})
}
