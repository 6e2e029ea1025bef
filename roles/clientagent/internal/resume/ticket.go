package resume

import (
	"crypto/rand"
	"encoding/binary"

	"natstron/bridge/wire"
)

// A Ticket is what a session keeps so that its client can come back.
type Ticket struct {
	History
	// Received is how many messages of the client have arrived.
	Received uint32

	last      Token  // that was given
	confirmed uint32 // the number of the last one that the client is known to have
	limit     int    // of the history
	void      bool   // it did not have room for a frame
}

// NewTicket returns the ticket of a session whose history may take so many bytes, of those
// that all may.
func NewTicket(c wire.Channel, limit int, all *Memory) *Ticket {
	var b [8]byte
	_, _ = rand.Read(b[:]) // it never fails
	return &Ticket{
		History: History{memory: all}, limit: limit,
		last: Token{Channel: c, Session: binary.LittleEndian.Uint64(b[:])},
	}
}

// Session is the number of the session in its tokens.
func (t *Ticket) Session() uint64 { return t.last.Session }

// Void reports whether the client cannot come back any more.
func (t *Ticket) Void() bool { return t.void }

// Token is the token that was given last.
func (t *Ticket) Token() Token { return t.last }

// Given is the token that was given last, and the number of the last one that the client is
// known to have.
func (t *Ticket) Given() (last Token, confirmed uint32) { return t.last, t.confirmed }

// Renew returns a new token. Those before, from the one that the client is known to have,
// are good until it confirms this one.
func (t *Ticket) Renew() Token {
	t.last.Number++
	return t.last
}

// Accepts reports whether the client may come back with a token.
func (t *Ticket) Accepts(token Token) bool {
	number := token.Number
	token.Number = t.last.Number
	return !t.void && token == t.last && number-t.confirmed <= t.last.Number-t.confirmed
}

// Add keeps a frame that the client is sent. It reports whether there was room; if not,
// the ticket is void.
func (t *Ticket) Add(frame []byte) bool {
	if t.void || t.Bytes()+len(frame) > t.limit || t.memory.Used+len(frame) > t.memory.Limit {
		t.End()
		return false
	}
	t.add(frame)
	return true
}

// End makes the ticket void: it keeps nothing, and accepts no token.
func (t *Ticket) End() {
	t.void = true
	t.drop()
}

// Confirm takes what the client says of what it has received, after it has got its last
// token. It reports whether that can be.
func (t *Ticket) Confirm(received uint32) bool {
	t.confirmed = t.last.Number
	return t.void || t.Acknowledge(received)
}
