package clientagent

import (
	"errors"
	"log/slog"

	"natstron/bridge"
	"natstron/bridge/wire"
)

// Send sends a frame to the client, if the class lets it. Several sessions may share
// the bytes.
func (s *session) Send(frame []byte) {
	if s.class == nil {
		s.sendAs(frame, nil)
		return
	}
	s.sendAs(frame, s.role.o.Class.ToClient)
}

// sendAs sends what a method of the class makes of a frame; nil is no method.
func (s *session) sendAs(frame []byte, see func(*Session, []byte) []byte) {
	if s.ended {
		return
	}
	if see == nil {
		s.queue(frame)
		return
	}
	message := frame[wire.FrameHeader:]
	changed := s.class.toClient(message, see)
	switch {
	case s.ended || changed == nil:
	case len(changed) == len(message) && (len(changed) == 0 || &changed[0] == &message[0]):
		s.queue(frame)
	default:
		s.queue(s.frame(changed))
	}
}

// frame is a message with its length; nil if it is too long, or the session has ended.
func (s *session) frame(message []byte) []byte {
	switch {
	case s.ended:
		return nil
	case len(message) > wire.MaxLength:
		s.Log(slog.LevelError, "a message is too long for the client", "bytes", len(message))
		return nil
	}
	frame := make([]byte, 0, wire.FrameHeader+len(message))
	frame = append(frame, byte(len(message)), byte(len(message)>>8))
	return append(frame, message...)
}

// queue has a frame written when the turn ends, and kept if the client may come back. nil
// is no frame.
func (s *session) queue(frame []byte) {
	if frame == nil {
		return
	}
	if s.ticket != nil {
		s.keep(frame)
	}
	s.write(frame)
}

// write has frames written when the turn ends.
func (s *session) write(frame []byte) {
	if !s.waiting.IsZero() {
		return
	}
	r := s.role
	r.stats.DatagramsOut++
	r.stats.BytesOut += uint64(len(frame))
	s.out.Add(len(frame))
	waiting := s.stream.Append(frame)
	if waiting == len(frame) { // otherwise its flush is under way
		r.flusher.add(s.stream)
		r.turn.Wake(&r.flusher, &r.flusher.woken)
	}
	if limit := r.o.Limits.MaxQueue; limit > 0 && waiting > limit {
		s.cutOff("more than %d bytes wait for the client", limit)
	}
	if limit := r.o.Limits.MaxQueueTotal; limit > 0 && r.pool.InUse() > limit {
		r.cutLongestQueue(limit)
	}
}

// tell starts a datagram to the cluster, for Tell.
func (s *session) tell(t wire.MsgType, to wire.Channel) *wire.Writer {
	w := &s.role.cluster
	w.Reset()
	return w.Header(s.channel, t, to)
}

// Tell routes a datagram as the session. One that is too long is not sent.
func (s *session) Tell(w *wire.Writer) {
	if d, err := w.Datagram(); err == nil {
		_ = s.route(d) // what was written is whole, and without a backbone the session ends
	}
}

// route routes a datagram as the session, or as the agent if the session has been
// taken off the cluster.
func (s *session) route(d wire.Datagram) error {
	t := s.role.turn
	err := t.Send(s.participant, d)
	if errors.Is(err, bridge.ErrCutOff) {
		err = t.Send(s.role.hub, d)
	}
	return err
}
