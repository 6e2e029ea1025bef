package resume

import (
	"encoding/binary"

	"natstron/bridge/wire"
)

// Memory bounds what all histories of an agent keep together, in bytes.
type Memory struct{ Used, Limit int }

// History is the frames that a client was sent, or would have been, and has not
// acknowledged.
type History struct {
	memory       *Memory
	frames       []byte
	begin        int    // of the frames: what is before was acknowledged
	acknowledged uint32 // how many frames were
	sent         uint32 // how many there were at all
}

// Bytes is how much is kept.
func (h *History) Bytes() int { return len(h.frames) - h.begin }

// Sent is how many frames there were at all.
func (h *History) Sent() uint32 { return h.sent }

// Frames are those that are kept, in order. They are valid until the history changes.
func (h *History) Frames() []byte { return h.frames[h.begin:] }

// add keeps a copy of a frame.
func (h *History) add(frame []byte) {
	h.memory.Used += len(frame)
	if h.begin > 0 && len(h.frames)+len(frame) > cap(h.frames) {
		h.frames = h.frames[:copy(h.frames, h.frames[h.begin:])]
		h.begin = 0
	}
	h.frames = append(h.frames, frame...)
	h.sent++
}

// Acknowledge forgets the frames up to the one with that number, which the client has.
// It reports whether the client can have it.
func (h *History) Acknowledge(received uint32) bool {
	if received < h.acknowledged || received > h.sent {
		return false
	}
	before := h.begin
	for ; h.acknowledged < received; h.acknowledged++ {
		h.begin += wire.FrameHeader + int(binary.LittleEndian.Uint16(h.frames[h.begin:]))
	}
	h.memory.Used -= h.begin - before
	if h.begin == len(h.frames) {
		h.frames, h.begin = nil, 0
	}
	return true
}

// drop forgets all frames.
func (h *History) drop() {
	h.memory.Used -= h.Bytes()
	h.frames, h.begin, h.acknowledged = nil, 0, h.sent
}
