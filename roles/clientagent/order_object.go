package clientagent

import (
	"log/slog"

	"natstron/bridge/wire"
)

type declaredObject struct {
	do    wire.DoID
	class wire.DClassID
}

func readObject(r *wire.Reader) declaredObject { return declaredObject{r.DoID(), r.DClassID()} }

// orderDeclare lets the client send to an object that it does not see.
func orderDeclare(s *session, _ wire.Channel, o declaredObject) error {
	fresh, err := s.view.Declare(o.do, o.class)
	if err == nil && !fresh {
		s.Log(slog.LevelWarn, "the object was declared before", "do_id", uint32(o.do))
	}
	return err
}

func orderUndeclare(s *session, _ wire.Channel, do wire.DoID) error {
	s.view.Undeclare(do)
	return nil
}

type objectFields struct {
	do     wire.DoID
	fields []wire.FieldID
}

func readFields(r *wire.Reader) objectFields {
	o := objectFields{do: r.DoID()}
	for n := r.Uint16(); n > 0 && r.Err() == nil; n-- {
		o.fields = append(o.fields, r.FieldID())
	}
	return o
}

// orderFieldsSendable lets the client send fields of an object that it may not send
// otherwise. They replace those of the order before.
func orderFieldsSendable(s *session, _ wire.Channel, o objectFields) error {
	if s.sendable == nil {
		s.sendable = map[wire.DoID][]wire.FieldID{}
	}
	s.sendable[o.do] = o.fields
	if len(o.fields) == 0 {
		delete(s.sendable, o.do)
	}
	return nil
}

// orderAddSessionObject ties an object to the session: it is deleted when the session
// ends, also when this whole process dies.
func orderAddSessionObject(s *session, _ wire.Channel, do wire.DoID) error {
	if !s.view.AddSessionObject(do) {
		s.Log(slog.LevelWarn, "the object is a session object already", "do_id", uint32(do))
		return nil
	}
	d, err := s.deletion(do).Datagram()
	if err == nil {
		err = s.role.turn.AddPostRemove(s.participant, postRemovesOf(s.allocated, do), d)
	}
	if err != nil {
		s.Log(slog.LevelError, "cannot leave a post-remove for a session object", "do_id", uint32(do), "error", err)
	}
	return nil
}

func orderRemoveSessionObject(s *session, _ wire.Channel, do wire.DoID) error {
	if !s.removeSessionObject(do) {
		s.Log(slog.LevelWarn, "the object is not a session object", "do_id", uint32(do))
	}
	return nil
}

// removeSessionObject unties an object.
func (s *session) removeSessionObject(do wire.DoID) bool {
	if !s.view.RemoveSessionObject(do) {
		return false
	}
	s.role.turn.ClearPostRemoves(s.participant, postRemovesOf(s.allocated, do))
	return true
}

// deletion is the datagram that deletes a session object.
func (s *session) deletion(do wire.DoID) *wire.Writer {
	return s.tell(wire.StateServerObjectDeleteRAM, do.Channel()).DoID(do)
}

// postRemovesOf is the sender under which the post-remove of a client's session object
// is kept: a channel that nobody has.
func postRemovesOf(client wire.Channel, do wire.DoID) wire.Channel {
	return 1<<63 | client&0x7fffffff<<32 | do.Channel()
}
