package natsconn

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unsafe"

	"github.com/nats-io/nats.go"
)

// Kind is what Next has found.
type Kind uint8

const (
	Nothing Kind = iota // there is no whole message yet
	Msg                 // see [Conn.Message]
	Ping                // the server wants a PONG
	Pong                // the answer to a PING
	Refused             // the server does not do something; the error says what
)

// A Message is what somebody has published. It is lent: it is valid until the next Fill.
type Message struct {
	Subject, Reply string
	Data           []byte
	// Unanswered says that it is NATS's answer that nobody got what was published.
	Unanswered bool
}

// errProtocol says that the server does not speak NATS's protocol.
var errProtocol = errors.New("the NATS server sent what is not NATS's protocol")

// Next is what comes next of what has been read. An error other than that of Refused ends the
// connection.
func (c *Conn) Next() (Kind, error) {
	for {
		c.need = 0
		have := c.in[c.start:c.end]
		eol := bytes.IndexByte(have, '\n')
		if eol < 0 {
			if len(have) > longest {
				return Nothing, errProtocol
			}
			return Nothing, nil
		}
		line := bytes.TrimSuffix(have[:eol], []byte("\r"))
		op, args, _ := bytes.Cut(line, []byte(" "))
		switch string(op) {
		case "MSG", "HMSG":
			length, err := c.message(args, have[eol+1:], len(op) == len("HMSG"))
			if err != nil {
				return Nothing, err
			}
			if whole := eol + 1 + length; whole > len(have) {
				c.need = whole
				return Nothing, nil
			}
			c.start += eol + 1 + length
			return Msg, nil
		case "PING":
			c.start += eol + 1
			return Ping, nil
		case "PONG":
			c.start += eol + 1
			return Pong, nil
		case "-ERR":
			err := errorOf(string(args))
			c.start += eol + 1
			if refusal(err) {
				return Refused, err
			}
			return Nothing, err
		case "INFO":
			if err := c.takeInfo(args); err != nil {
				return Nothing, err
			}
		case "+OK":
		default:
			return Nothing, fmt.Errorf("%w: %.40q", errProtocol, line)
		}
		c.start += eol + 1
	}
}

// message reads a message: what stands behind its name, and what follows the line. It returns
// how long the rest is, whether or not all of it has come.
func (c *Conn) message(args, rest []byte, headers bool) (length int, err error) {
	var field [5][]byte
	n := 0
	for len(args) > 0 && n < len(field) {
		field[n], args, _ = bytes.Cut(args, []byte(" "))
		n++
	}
	sizes := 1
	if headers {
		sizes = 2
	}
	if n != 2+sizes && n != 3+sizes || len(args) > 0 {
		return 0, errProtocol
	}
	total, head := number(field[n-1]), 0
	if headers {
		head = number(field[n-2])
	}
	if total < 0 || head < 0 || head > total || total > longest {
		return 0, errProtocol
	}
	length = total + len(end)
	if len(rest) < length {
		return length, nil
	}
	m := &c.Message
	*m = Message{Subject: lend(field[0]), Data: rest[head:total:total]}
	if n == 3+sizes {
		m.Reply = lend(field[2])
	}
	m.Unanswered = head == total && bytes.HasPrefix(rest[:head], []byte("NATS/1.0 503"))
	return length, nil
}

// number reads a length; negative if it is none.
func number(text []byte) (n int) {
	for _, c := range text {
		if c < '0' || c > '9' || n > longest {
			return -1
		}
		n = 10*n + int(c-'0')
	}
	return n
}

// lend lends b as a string.
func lend(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// errorOf is what a server says as an error, as the NATS library names it.
func errorOf(text string) error {
	text = strings.Trim(strings.TrimSpace(text), "'")
	for _, known := range []struct {
		begins string
		err    error
	}{
		{"authorization violation", nats.ErrAuthorization},
		{"user authentication expired", nats.ErrAuthExpired},
		{"user authentication revoked", nats.ErrAuthRevoked},
		{"account authentication expired", nats.ErrAccountAuthExpired},
		{"stale connection", nats.ErrStaleConnection},
		{"maximum connections exceeded", nats.ErrMaxConnectionsExceeded},
		{"maximum subscriptions exceeded", nats.ErrMaxSubscriptionsExceeded},
		{"permissions violation", fmt.Errorf("%w: %s", nats.ErrPermissionViolation, text)},
	} {
		if strings.HasPrefix(strings.ToLower(text), known.begins) {
			return known.err
		}
	}
	return errors.New("nats: " + text)
}

// refusal reports whether the connection lives on after an error.
func refusal(err error) bool {
	return errors.Is(err, nats.ErrPermissionViolation) || errors.Is(err, nats.ErrMaxSubscriptionsExceeded)
}
