package wire

import (
	"encoding/binary"
	"errors"
	"strings"
)

// Why a connection does not carry frames.
var (
	// ErrHTTP: it begins with an HTTP request, a WebSocket's included. Any web page can
	// make the browser that shows it send one, to any port that the browser reaches.
	ErrHTTP = errors.New("it speaks HTTP, or is a WebSocket")
	// ErrTLS: it begins with the hello of a TLS client. What is in one can be chosen by
	// a web page, too, in part.
	ErrTLS = errors.New("it speaks TLS")
)

// httpRequests are how HTTP requests begin, up to the first character of what is asked
// for.
var httpRequests = []string{
	"GET /", "HEAD /", "POST /", "PUT /", "DELETE /", "OPTIONS /", "OPTIONS *", "PATCH /", "TRACE /", "CONNECT ", "PRI * ",
	"GET h", "HEAD h", "POST h", "PUT h", "DELETE h", "OPTIONS h", "PATCH h", "TRACE h",
}

// Begins looks at the first bytes of a connection that should carry frames. The error
// is [ErrHTTP] or [ErrTLS]; decided says that more bytes do not change the answer.
//
// It decides long before the first frame is there: as frames, HTTP requests begin with
// 16 KiB or more, and the hello of a TLS client with 790 bytes. A program whose first
// frame is taken for one of these is hard to think of. Those frames would be datagrams
// of one length to the byte: to 65 recipients or more, of which the first has one of few
// channels; or to at most 4, of which the first is in a zone, and under a parent, whose
// numbers hold the lengths of the hello and of its record, and the version of TLS.
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

// tlsHello is how many bytes tell the hello of a TLS client: a record's type, version
// and length, the message's type and length, and its version.
const tlsHello = 1 + 2 + 2 + 1 + 3 + 2

// beginsTLS says whether bytes that begin with the type of a handshake and the major
// version are a client's hello, in one record.
func beginsTLS(b []byte) bool {
	const header, shortest, longest = 4, 40, 1 << 14
	record := int(binary.BigEndian.Uint16(b[3:]))
	hello := int(b[6])<<16 | int(binary.BigEndian.Uint16(b[7:]))
	return b[2] <= 4 && b[5] == 1 && record >= shortest && record <= longest && hello == record-header && b[9] == 3
}
