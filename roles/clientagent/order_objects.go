package clientagent

import (
	"log/slog"

	"natstron/bridge/wire"
	"natstron/roles/clientagent/internal/view"
)

// declareObject lets the client send to an object that it does not see.
func declareObject(s *session, d *view.Datagram) error {
	r := wire.NewReader(d.Payload)
	do, class := r.DoID(), r.DClassID()
	if r.Err() != nil {
		return r.Err()
	}
	return s.declare(do, class)
}

func (s *session) declare(do wire.DoID, class wire.DClassID) error {
	fresh, err := s.view.Declare(do, class)
	if err == nil && !fresh {
		s.Log(slog.LevelWarn, "the object was declared before", "do_id", uint32(do))
	}
	return err
}

func undeclareObject(s *session, d *view.Datagram) error {
	r := wire.NewReader(d.Payload)
	if do := r.DoID(); r.Err() == nil {
		s.view.Undeclare(do)
	}
	return r.Err()
}

// setFieldsSendable lets the client send fields of an object that it may not send
// otherwise. The list replaces the one before.
func setFieldsSendable(s *session, d *view.Datagram) error {
	r := wire.NewReader(d.Payload)
	do, n := r.DoID(), int(r.Uint16())
	var fields []wire.FieldID
	for range n {
		if id := r.FieldID(); r.Err() == nil {
			fields = append(fields, id)
		}
	}
	switch {
	case r.Err() != nil:
		return r.Err()
	case len(fields) == 0:
		delete(s.sendable, do)
	case s.sendable == nil:
		s.sendable = map[wire.DoID][]wire.FieldID{do: fields}
	default:
		s.sendable[do] = fields
	}
	return nil
}

func addSessionObject(s *session, d *view.Datagram) error {
	r := wire.NewReader(d.Payload)
	if do := r.DoID(); r.Err() == nil {
		s.addSessionObject(do)
	}
	return r.Err()
}

func removeSessionObject(s *session, d *view.Datagram) error {
	r := wire.NewReader(d.Payload)
	if do := r.DoID(); r.Err() == nil && !s.removeSessionObject(do) {
		s.Log(slog.LevelWarn, "the object is not a session object", "do_id", uint32(do))
	}
	return r.Err()
}

// addSessionObject ties an object to the session: it is deleted when the session
// ends, also when this whole process dies.
func (s *session) addSessionObject(do wire.DoID) {
	if !s.view.AddSessionObject(do) {
		s.Log(slog.LevelWarn, "the object is a session object already", "do_id", uint32(do))
		return
	}
	if d, err := s.role.deletion(s.channel, do).Datagram(); err == nil {
		err = s.role.turn.AddPostRemove(s.participant, postRemovesOf(s.allocated, do), d)
		if err != nil {
			s.Log(slog.LevelError, "cannot leave a post-remove for a session object", "do_id", uint32(do), "error", err)
		}
	}
}

// removeSessionObject unties an object.
func (s *session) removeSessionObject(do wire.DoID) bool {
	if !s.view.RemoveSessionObject(do) {
		return false
	}
	s.role.turn.ClearPostRemoves(s.participant, postRemovesOf(s.allocated, do))
	return true
}

// deletion is the datagram that deletes a session object. It is valid until the
// next datagram is written.
func (r *Role) deletion(sender wire.Channel, do wire.DoID) *wire.Writer {
	r.cluster.Reset()
	return r.cluster.Header(sender, wire.StateServerObjectDeleteRAM, do.Channel()).DoID(do)
}

// postRemovesOf is the sender under which the post-remove of a client's session object
// is kept: a channel that nobody has.
func postRemovesOf(client wire.Channel, do wire.DoID) wire.Channel {
	return 1<<63 | client&0x7fffffff<<32 | do.Channel()
}
