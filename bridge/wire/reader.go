package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Errors that a [Reader] ends with. They come wrapped, with the offset.
var (
	// ErrTruncated says that a value reaches beyond the end of the bytes.
	ErrTruncated = errors.New("truncated")
	// ErrExcess says that bytes follow the last value.
	ErrExcess = errors.New("excess data")
)

// Reader reads values from the front of a slice. After the first incomplete
// value it has an error, and every further call returns zero. Blobs are parts of
// the input: copy what must outlive it.
//
// The zero Reader reads an empty slice.
type Reader struct {
	buf []byte
	off int
	err error
}

// NewReader returns a reader of b.
func NewReader(b []byte) Reader { return Reader{buf: b} }

// next returns the next n bytes, or nil after setting the error.
func (r *Reader) next(n int) []byte {
	if r.err != nil {
		return nil
	}
	if n > len(r.buf)-r.off {
		r.err = fmt.Errorf("%w: %d bytes wanted at offset %d, %d left", ErrTruncated, n, r.off, len(r.buf)-r.off)
		return nil
	}
	b := r.buf[r.off : r.off+n : r.off+n]
	r.off += n
	return b
}

// Uint8 reads one byte.
func (r *Reader) Uint8() uint8 {
	if b := r.next(1); b != nil {
		return b[0]
	}
	return 0
}

// Uint16 reads two bytes.
func (r *Reader) Uint16() uint16 {
	if b := r.next(2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

// Uint32 reads four bytes.
func (r *Reader) Uint32() uint32 {
	if b := r.next(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

// Uint64 reads eight bytes.
func (r *Reader) Uint64() uint64 {
	if b := r.next(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// Float64 reads an IEEE 754 double.
func (r *Reader) Float64() float64 { return math.Float64frombits(r.Uint64()) }

// Bool reads one byte; anything but zero is true (document 00, section 2).
func (r *Reader) Bool() bool { return r.Uint8() != 0 }

// Channel reads a channel.
func (r *Reader) Channel() Channel { return Channel(r.Uint64()) }

// DoID reads a doId.
func (r *Reader) DoID() DoID { return DoID(r.Uint32()) }

// Zone reads a zone.
func (r *Reader) Zone() Zone { return Zone(r.Uint32()) }

// FieldID reads the number of a field.
func (r *Reader) FieldID() FieldID { return FieldID(r.Uint16()) }

// DClassID reads the number of a dclass.
func (r *Reader) DClassID() DClassID { return DClassID(r.Uint16()) }

// Location reads a parent and a zone, in this order.
func (r *Reader) Location() Location {
	parent := r.DoID()
	return Location{Parent: parent, Zone: r.Zone()}
}

// MsgType reads a message type.
func (r *Reader) MsgType() MsgType { return MsgType(r.Uint16()) }

// ClientMsgType reads the type of a client message.
func (r *Reader) ClientMsgType() ClientMsgType { return ClientMsgType(r.Uint16()) }

// Blob reads a uint16 length and as many bytes, and returns a part of the input.
func (r *Reader) Blob() []byte { return r.next(int(r.Uint16())) }

// Text reads a string, which is laid out as a blob, and returns a copy.
func (r *Reader) Text() string { return string(r.Blob()) }

// Bytes reads n bytes, and returns a part of the input.
func (r *Reader) Bytes(n int) []byte {
	if n < 0 {
		n = math.MaxInt
	}
	return r.next(n)
}

// Rest reads all remaining bytes, and returns a part of the input.
func (r *Reader) Rest() []byte { return r.next(len(r.buf) - r.off) }

// Len is the number of bytes left; zero after an error.
func (r *Reader) Len() int {
	if r.err != nil {
		return 0
	}
	return len(r.buf) - r.off
}

// Offset is the number of bytes read so far.
func (r *Reader) Offset() int { return r.off }

// Err is the first error, or nil.
func (r *Reader) Err() error { return r.err }

// Done is the first error, or [ErrExcess] if bytes are left.
func (r *Reader) Done() error {
	if r.err == nil && r.off != len(r.buf) {
		return fmt.Errorf("%w: %d bytes from offset %d", ErrExcess, len(r.buf)-r.off, r.off)
	}
	return r.err
}
