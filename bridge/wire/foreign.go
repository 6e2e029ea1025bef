package wire

import (
	"encoding/binary"
	"errors"
	"strings"
	"unicode"
)

// Errors of [Begins].
var (
	// ErrHTTP: the connection begins with an HTTP request, or with that of a WebSocket.
	// Any web page can make a browser send one to any port that the browser reaches.
	ErrHTTP = errors.New("it speaks HTTP, or is a WebSocket")
	// ErrTLS: the connection begins with the hello of a TLS client. A web page can
	// choose part of its content.
	ErrTLS = errors.New("it speaks TLS")
	// ErrClient: the connection begins with the hello of a game client, see [IsHello].
	ErrClient = errors.New("it speaks the protocol of game clients, which connect to the port of a client agent")
)

// IsHello reports whether a first message is a game client's CLIENT_HELLO. A datagram is not
// mistaken for one: in the place of the version there are zeros of its sender.
func IsHello(message []byte) bool {
	r := NewReader(message)
	if r.ClientMsgType() != ClientHello {
		return false
	}
	r.Uint32()
	version := r.Text()
	return r.Done() == nil && version != "" && !strings.ContainsFunc(version, func(c rune) bool { return !unicode.IsPrint(c) })
}

// httpRequests are the beginnings of HTTP requests, up to the first character of the
// target.
var httpRequests = []string{
	"GET /", "HEAD /", "POST /", "PUT /", "DELETE /", "OPTIONS /", "OPTIONS *", "PATCH /", "TRACE /", "CONNECT ", "PRI * ",
	"GET h", "HEAD h", "POST h", "PUT h", "DELETE h", "OPTIONS h", "PATCH h", "TRACE h",
}

// Begins checks the first bytes of a connection that should carry frames. It returns
// [ErrHTTP] or [ErrTLS] for a connection that does not. decided says that more bytes
// would not change the result.
//
// It decides before the first frame is complete: read as frames, HTTP requests have
// 16 KiB or more, and the hello of a TLS client 790 bytes. A valid first frame is
// hardly ever mistaken for one. It would have to be a datagram of exactly that length,
// with 65 recipients or more, the first of which is one of few channels; or with at
// most 4, the first of which is in a zone and under a parent whose numbers are the
// lengths of the hello and of its record, and the version of TLS.
func Begins(first []byte) (decided bool, err error) {
	text := string(first[:min(len(first), len("OPTIONS /"))])
	decided = true
	for _, request := range httpRequests {
		if strings.HasPrefix(text, request) {
			return true, ErrHTTP
		}
		decided = decided && !strings.HasPrefix(request, text)
	}
	switch {
	case !strings.HasPrefix("\x16\x03", text[:min(len(text), 2)]):
		return decided, nil
	case len(first) < tlsHello:
		return false, nil
	case beginsTLS(first):
		return true, ErrTLS
	}
	return true, nil
}

// tlsHello is how many bytes identify the hello of a TLS client: a record's type,
// version and length, the message's type and length, and its version.
const tlsHello = 1 + 2 + 2 + 1 + 3 + 2

// beginsTLS reports whether bytes that begin with the type of a handshake and the major
// version are a client's hello, in one record.
func beginsTLS(b []byte) bool {
	const header, shortest, longest = 4, 40, 1 << 14
	record := int(binary.BigEndian.Uint16(b[3:]))
	hello := int(b[6])<<16 | int(binary.BigEndian.Uint16(b[7:]))
	return b[2] <= 4 && b[5] == 1 && record >= shortest && record <= longest && hello == record-header && b[9] == 3
}
