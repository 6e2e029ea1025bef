package wire

import (
	"encoding/binary"
	"errors"
	"io"
	"os"
)

const (
	// FrameHeader is the size of the length before a datagram or a client
	// message on a connection.
	FrameHeader = 2
	// MaxFrame is the size of the longest frame, including that length.
	MaxFrame = FrameHeader + MaxLength

	// smallBuffer is the size of an idle connection's buffer.
	smallBuffer = 4 << 10
	// quietFills is how many reads in a row must leave three quarters of the
	// buffer empty before half of it is given back.
	quietFills = 32
	// maxEmptyReads is how often a Read may return nothing at all.
	maxEmptyReads = 100
)

// FrameReader reads frames, each a uint16 length and as many bytes, from a stream
// (document 00, section 0; document 10, section 1). It reads in batches: one Read
// fills the buffer, and [FrameReader.Next] returns the complete frames in it:
//
//	for {
//		for frame, ok := f.Next(); ok; frame, ok = f.Next() {
//			handle(frame[wire.FrameHeader:])
//		}
//		if err := f.Fill(); err != nil {
//			return err
//		}
//	}
//
// The buffer starts small. It doubles after a Read that filled it, up to the
// given size, so its size depends on the bytes that arrived, and not on a length
// that a peer announced. It halves after a series of small reads. In a steady
// stream nothing is allocated. Between two reads the buffer may be lent to other
// readers.
//
// It is not safe for use by several goroutines at once.
type FrameReader struct {
	src        io.Reader
	size       int     // the buffer's limit
	buf        []byte  // its bytes from start to end were read and not handed out; nil: none yet, or lent
	pooled     *[]byte // buf, to be lent
	lent       int     // the size of the buffer that was lent
	start, end int
	quiet      int   // small reads in a row
	err        error // came with bytes, so it waits for the next Fill
}

// NewFrameReader returns a reader of src whose buffer grows to size, or to
// [MaxFrame] if that is more.
func NewFrameReader(src io.Reader, size int) *FrameReader {
	return &FrameReader{src: src, size: max(size, MaxFrame)}
}

// Next returns the next frame with its length prefix, or false if the buffer has
// no complete one. The frame is a part of the buffer and valid until the next Fill.
func (f *FrameReader) Next() (frame []byte, ok bool) {
	n, ok := f.whole()
	if !ok {
		return nil, false
	}
	frame = f.buf[f.start : f.start+n : f.start+n]
	f.start += n
	return frame, true
}

// Held is what was read and not returned yet. It is valid until the next Fill.
func (f *FrameReader) Held() []byte { return f.buf[f.start:f.end] }

// Whole reports whether Next would return a frame.
func (f *FrameReader) Whole() bool {
	_, ok := f.whole()
	return ok
}

// whole is the size of the first frame, if all of it is there.
func (f *FrameReader) whole() (size int, ok bool) {
	held := f.buf[f.start:f.end]
	if len(held) < FrameHeader {
		return 0, false
	}
	size = FrameHeader + int(binary.LittleEndian.Uint16(held))
	return size, size <= len(held)
}

// Fill reads once more after Next has returned false. It waits for at least one
// byte, which need not complete a frame. While the buffer has a complete frame it
// does nothing.
//
// The end of the stream is [io.EOF], or [io.ErrUnexpectedEOF] in the middle of
// a frame. Other errors are the Read's own. After [os.ErrDeadlineExceeded] Fill
// may be called again, and nothing is lost. It then releases memory, so a read
// deadline keeps idle connections small.
func (f *FrameReader) Fill() error {
	if _, ok := f.whole(); ok {
		return nil
	}
	if err := f.err; err != nil {
		f.err = nil
		return f.fail(err)
	}
	f.borrow()
	f.makeRoom()
	for range maxEmptyReads {
		n, err := f.src.Read(f.buf[f.end:])
		f.end += n
		if n > 0 {
			f.err = err
			return nil
		}
		if err != nil {
			return f.fail(err)
		}
	}
	return io.ErrNoProgress
}

// makeRoom moves what is left of a frame to the front of a buffer of the right
// size, which is never full afterwards: a frame that is not whole is shorter
// than the limit.
func (f *FrameReader) makeRoom() {
	size := len(f.buf)
	switch {
	case size == 0:
		size = smallBuffer
	case f.end == size && size < f.size:
		size, f.quiet = min(2*size, f.size), 0
	case f.end > size/4 || size == smallBuffer:
		f.quiet = 0
	default:
		f.quiet++
		if f.quiet == quietFills {
			size, f.quiet = max(size/2, smallBuffer), 0
		}
	}
	f.resize(size)
}

// resize moves what is held to the front of a buffer of that size.
func (f *FrameReader) resize(size int) {
	held := f.buf[f.start:f.end]
	old := f.pooled
	if size != len(f.buf) {
		f.pooled = takeBuffer(size)
		f.buf = (*f.pooled)[:size]
	}
	f.start, f.end = 0, copy(f.buf, held)
	if old != f.pooled {
		putBuffer(old)
	}
}

// Lend gives the buffer to other readers until the next Fill, if it is empty. Frames
// that Next has returned are no longer valid then.
func (f *FrameReader) Lend() {
	if f.end > f.start || f.buf == nil {
		return
	}
	f.lent = len(f.buf)
	putBuffer(f.pooled)
	f.buf, f.pooled, f.start, f.end = nil, nil, 0, 0
}

// borrow takes a buffer instead of the one that was lent.
func (f *FrameReader) borrow() {
	if f.lent > 0 {
		f.pooled = takeBuffer(f.lent)
		f.buf, f.lent = (*f.pooled)[:f.lent], 0
	}
}

// fail is what Fill says for an error of Read.
func (f *FrameReader) fail(err error) error {
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		f.giveBack()
		return err
	case err == io.EOF && f.end > f.start:
		return io.ErrUnexpectedEOF
	}
	return err
}

// giveBack shrinks the buffer to what it has to hold, but not below its first size.
func (f *FrameReader) giveBack() {
	size := smallBuffer
	for size <= f.end-f.start {
		size *= 2
	}
	if size < len(f.buf) {
		f.resize(size)
	}
}
