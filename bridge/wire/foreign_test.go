package wire

import (
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"

	"pgregory.net/rapid"
)

// hello is what a TLS client says first.
func hello(t *testing.T, c *tls.Config) []byte {
	t.Helper()
	near, far := net.Pipe()
	defer near.Close()
	go func() { _ = tls.Client(far, c).Handshake(); far.Close() }()
	head := make([]byte, 5)
	if _, err := io.ReadFull(near, head); err != nil {
		t.Fatal(err)
	}
	body := make([]byte, binary.BigEndian.Uint16(head[3:]))
	if _, err := io.ReadFull(near, body); err != nil {
		t.Fatal(err)
	}
	return append(head, body...)
}

// What speaks HTTP or TLS is known before a frame of it is whole, in whatever pieces it
// comes.
func TestBeginsWithSomethingElse(t *testing.T) {
	foreign := map[string]error{
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n":                        ErrHTTP,
		"OPTIONS * HTTP/1.1\r\n":                                  ErrHTTP,
		"CONNECT 127.0.0.1:7199 HTTP/1.1\r\n":                     ErrHTTP,
		"GET http://127.0.0.1/ HTTP/1.1\r\n":                      ErrHTTP,
		string(hello(t, &tls.Config{ServerName: "evil.example"})): ErrTLS,
		string(hello(t, &tls.Config{InsecureSkipVerify: true})):   ErrTLS,
		string(hello(t, &tls.Config{ServerName: "a", MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS12})): ErrTLS,
	}
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch,
		http.MethodDelete, http.MethodOptions, http.MethodTrace} {
		foreign[method+" /anything HTTP/1.1\r\nHost: x\r\n\r\n"] = ErrHTTP
	}
	for text, want := range foreign {
		whole := FrameHeader + int(binary.LittleEndian.Uint16([]byte(text)))
		for n := range text {
			decided, err := Begins([]byte(text[:n]))
			if decided != (err != nil) || err != nil && !errors.Is(err, want) {
				t.Fatalf("%q: decided %v, %v", text[:n], decided, err)
			}
			if !decided && (n > tlsHello || n >= whole) {
				t.Errorf("%q is not decided", text[:n])
			}
		}
		if _, err := Begins([]byte(text)); !errors.Is(err, want) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

// Frames are taken for frames, whatever their length: control messages, messages of
// clients, datagrams to anybody.
func TestBeginsWithAFrame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w Writer
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			w.Control(rapid.SampledFrom([]MsgType{ControlAddChannel, ControlSetConName, ControlAddPostRemove}).Draw(t, "type"))
		case 1:
			w.ClientMsgType(rapid.SampledFrom([]ClientMsgType{ClientHello, ClientHeartbeat}).Draw(t, "type"))
		default:
			w.Header(Channel(rapid.Uint64().Draw(t, "sender")), 2000, Channel(rapid.Uint64Max(1<<48).Draw(t, "channel")))
		}
		d, err := w.Datagram()
		must(t, err)
		// The lengths that HTTP and TLS begin with, and any others.
		length := rapid.OneOf(rapid.SampledFrom([]int{0x4547, 0x4548, 0x4f50, 0x5550, 0x4544, 0x504f, 0x4150, 0x5254, 0x4f43, 0x5250, 0x0316}),
			rapid.IntRange(1, MaxLength)).Draw(t, "length")
		frame := append(binary.LittleEndian.AppendUint16(nil, uint16(length)), d...)
		if decided, err := Begins(frame); err != nil || !decided && len(frame) >= tlsHello {
			t.Fatalf("%x: decided %v, %v", frame, decided, err)
		}
	})
}

// A game client's hello is known, and no datagram is taken for one.
func TestIsHello(t *testing.T) {
	said := func(version string) []byte {
		d, err := new(Writer).ClientMsgType(ClientHello).Uint32(0xdeadbeef).Text(version).Datagram()
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for text, want := range map[string]bool{
		string(said("sv1.0")): true, string(said("dev")): true, string(said("")): false, string(said("a\x00")): false,
		string(said("dev")) + "x": false, string(said("dev")[:8]): false, "": false,
	} {
		if got := IsHello([]byte(text)); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		var w Writer
		w.Header(rapid.Custom(func(t *rapid.T) Channel { return Channel(rapid.Uint32().Draw(t, "low")) }).Draw(t, "sender"),
			MsgType(rapid.Uint16().Draw(t, "type")), Channel(rapid.Uint64().Draw(t, "to")))
		if d, err := w.Datagram(); err != nil || IsHello(d) {
			t.Fatalf("%x is taken for a hello: %v", d, err)
		}
	})
}
