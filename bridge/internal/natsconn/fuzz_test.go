package natsconn

import (
	"fmt"
	"io"
	"testing"
)

// pieces is a socket that brings what a server sent, so many bytes at a time.
type pieces struct {
	socket
	rest []byte
	size int
}

func (p *pieces) Read(into []byte) (int, error) {
	if len(p.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(into, p.rest[:min(p.size, len(p.rest))])
	p.rest = p.rest[n:]
	return n, nil
}

// found is all that Next finds, as text, up to the first error.
func found(sent []byte, size int) (all []string) {
	c := &Conn{socket: &pieces{rest: sent, size: size}}
	for {
		kind, err := c.Next()
		switch {
		case kind == Msg:
			all = append(all, fmt.Sprintf("%+v", c.Message))
		case kind == Nothing && err == nil:
			err = c.Fill()
		default:
			all = append(all, fmt.Sprintf("%d %v", kind, err))
		}
		if err != nil && kind != Refused {
			return all
		}
	}
}

// Whatever a server sends, it is found alike in one piece and in many, and nothing panics.
func FuzzNext(f *testing.F) {
	f.Add([]byte("MSG a.b 1 5\r\nhello\r\nPING\r\nMSG a 1 reply 0\r\n\r\nPONG\r\n"), 3)
	f.Add([]byte("HMSG a 1 r 16 17\r\nNATS/1.0 503\r\n\r\nx\r\n-ERR 'Permissions Violation for Publish to \"x\"'\r\n"), 1)
	f.Add([]byte("INFO {\"max_payload\":5}\r\n+OK\r\nMSG a 1 99999999999\r\n"), 7)
	f.Add([]byte("MSG  a 1 5\r\nhello\r\nHMSG a 1 9 5\r\n"), 2)
	f.Fuzz(func(t *testing.T, sent []byte, size int) {
		whole, cut := found(sent, len(sent)+1), found(sent, max(1, size%64))
		if fmt.Sprint(whole) != fmt.Sprint(cut) {
			t.Errorf("in one piece: %q\nin pieces:    %q", whole, cut)
		}
	})
}
