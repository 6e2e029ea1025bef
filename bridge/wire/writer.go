package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// ErrTooLong says that a value or a datagram is longer than a 16-bit length can
// express.
var ErrTooLong = errors.New("too long")

// MaxLength is the greatest 16-bit length: of a string, of a blob, and of a
// datagram without its length prefix.
const MaxLength = math.MaxUint16

// Writer appends values to a buffer. Its error is sticky, like the [Reader]'s:
// append everything, then check once. The zero Writer is ready for use, and
// [Writer.Reset] lets one buffer serve many datagrams without allocating.
type Writer struct {
	buf []byte
	err error
}

// Reset empties w and its error, and keeps the buffer.
func (w *Writer) Reset() { w.buf, w.err = w.buf[:0], nil }

// Header appends the start of a datagram: recipients, sender, type.
func (w *Writer) Header(sender Channel, t MsgType, recipients ...Channel) *Writer {
	w.recipients(recipients)
	return w.Channel(sender).MsgType(t)
}

// Control appends the start of a control message: the control channel as the
// only recipient, no sender, the type (document 19, section 0).
func (w *Writer) Control(t MsgType) *Writer {
	return w.Uint8(1).Channel(ControlChannel).MsgType(t)
}

func (w *Writer) recipients(recipients []Channel) {
	if len(recipients) > math.MaxUint8 {
		w.fail("recipients", len(recipients), math.MaxUint8)
		return
	}
	w.Uint8(uint8(len(recipients)))
	for _, c := range recipients {
		w.Channel(c)
	}
}

// Uint8 appends one byte.
func (w *Writer) Uint8(v uint8) *Writer { w.buf = append(w.buf, v); return w }

// Uint16 appends two bytes.
func (w *Writer) Uint16(v uint16) *Writer {
	w.buf = binary.LittleEndian.AppendUint16(w.buf, v)
	return w
}

// Uint32 appends four bytes.
func (w *Writer) Uint32(v uint32) *Writer {
	w.buf = binary.LittleEndian.AppendUint32(w.buf, v)
	return w
}

// Uint64 appends eight bytes.
func (w *Writer) Uint64(v uint64) *Writer {
	w.buf = binary.LittleEndian.AppendUint64(w.buf, v)
	return w
}

// Float64 appends an IEEE 754 double.
func (w *Writer) Float64(v float64) *Writer { return w.Uint64(math.Float64bits(v)) }

// Bool appends 1 or 0.
func (w *Writer) Bool(v bool) *Writer {
	if v {
		return w.Uint8(1)
	}
	return w.Uint8(0)
}

// Channel appends a channel.
func (w *Writer) Channel(v Channel) *Writer { return w.Uint64(uint64(v)) }

// DoID appends a doId.
func (w *Writer) DoID(v DoID) *Writer { return w.Uint32(uint32(v)) }

// Zone appends a zone.
func (w *Writer) Zone(v Zone) *Writer { return w.Uint32(uint32(v)) }

// FieldID appends the number of a field.
func (w *Writer) FieldID(v FieldID) *Writer { return w.Uint16(uint16(v)) }

// DClassID appends the number of a dclass.
func (w *Writer) DClassID(v DClassID) *Writer { return w.Uint16(uint16(v)) }

// Location appends a parent and a zone, in this order.
func (w *Writer) Location(v Location) *Writer { return w.DoID(v.Parent).Zone(v.Zone) }

// MsgType appends a message type.
func (w *Writer) MsgType(v MsgType) *Writer { return w.Uint16(uint16(v)) }

// ClientMsgType appends the type of a client message.
func (w *Writer) ClientMsgType(v ClientMsgType) *Writer { return w.Uint16(uint16(v)) }

// Blob appends a uint16 length and the bytes.
func (w *Writer) Blob(v []byte) *Writer { return appendCounted(w, "blob", v) }

// Text appends a string, laid out as a blob.
func (w *Writer) Text(v string) *Writer { return appendCounted(w, "string", v) }

func appendCounted[T string | []byte](w *Writer, what string, v T) *Writer {
	if len(v) > MaxLength {
		return w.fail(what, len(v), MaxLength)
	}
	if w.fits(2 + len(v)) {
		w.buf = append(binary.LittleEndian.AppendUint16(w.buf, uint16(len(v))), v...)
	}
	return w
}

// Raw appends bytes as they are.
func (w *Writer) Raw(v []byte) *Writer {
	if w.fits(len(v)) {
		w.buf = append(w.buf, v...)
	}
	return w
}

// fits reports whether a datagram has room for n more bytes. If not, they are not
// appended, so the buffer stays small.
func (w *Writer) fits(n int) bool {
	if len(w.buf)+n <= MaxLength {
		return true
	}
	w.fail("datagram", len(w.buf)+n, MaxLength)
	return false
}

// Len is the number of bytes written so far.
func (w *Writer) Len() int { return len(w.buf) }

// Datagram returns what was written, or an error if a value, or all together,
// did not fit. The datagram shares w's buffer until the next Reset.
func (w *Writer) Datagram() (Datagram, error) {
	if w.err == nil && len(w.buf) > MaxLength {
		w.fail("datagram", len(w.buf), MaxLength)
	}
	if w.err != nil {
		return nil, w.err
	}
	return Datagram(w.buf[:len(w.buf):len(w.buf)]), nil
}

// BeginFrame empties w, and leaves room for the length of a frame, which
// [Writer.Frame] fills in.
func (w *Writer) BeginFrame() *Writer {
	w.Reset()
	return w.Uint16(0)
}

// Frame is what was written since [Writer.BeginFrame], with its length before it. It
// shares w's buffer, and is an error, as [Writer.Datagram] is.
func (w *Writer) Frame() ([]byte, error) {
	frame, err := w.Datagram()
	if err == nil {
		binary.LittleEndian.PutUint16(frame, uint16(len(frame)-FrameHeader))
	}
	return frame, err
}

func (w *Writer) fail(what string, n, limit int) *Writer {
	if w.err == nil {
		w.err = fmt.Errorf("%s %w: %d, at most %d", what, ErrTooLong, n, limit)
	}
	return w
}
