package clientagent

import "natstron/bridge/wire"

// maxHeld is how many bytes of a client may be held before no more is read of it. What one read
// brought is held as a whole, so it may become [readBuffer] more.
const maxHeld = 64 << 10

// held is what a client has sent while its class waits for something. It belongs to the node's
// turn.
type held struct {
	questions int           // that the class waits for
	frames    []byte        // what has arrived meanwhile, in order
	resuming  bool          // a goroutine is about to handle the frames
	relief    chan struct{} // not nil: no more is read until it is closed
}

// holds reports whether a message that arrives now has to wait.
func (h *held) holds() bool { return h.questions > 0 || len(h.frames) > 0 }

// full is what has to be waited for before more is read; nil if it may be read now.
func (h *held) full() <-chan struct{} {
	if len(h.frames) <= maxHeld {
		return nil
	}
	if h.relief == nil {
		h.relief = make(chan struct{})
	}
	return h.relief
}

// drop forgets the frames, and has the connection read on.
func (h *held) drop() {
	h.frames = nil
	if h.relief != nil {
		close(h.relief)
		h.relief = nil
	}
}

// unhold is called when a question that the class waits for has ended.
func (s *session) unhold() {
	h := &s.held
	h.questions--
	if h.questions > 0 || len(h.frames) == 0 || h.resuming {
		return
	}
	h.resuming = true
	s.role.conns.Go(s.resume)
}

// resume handles what was held, in a turn of its own: each message has its effects before the
// next. The class may begin to wait again.
func (s *session) resume() {
	s.role.enter()
	defer s.role.leave()
	h := &s.held
	for !s.ended && h.questions == 0 && len(h.frames) > 0 {
		r := wire.NewReader(h.frames)
		message := r.Blob()
		h.frames = h.frames[wire.FrameHeader+len(message):]
		s.eject(s.fromClient(message))
		s.role.settle()
	}
	h.resuming = false
	if len(h.frames) == 0 {
		h.drop()
	}
}
