package clientagent

import (
	"errors"
	"log/slog"
	"slices"
	"time"

	"natstron/bridge/wire"
	"natstron/dc"
)

// fromClient handles one message of the client: type and payload.
func (s *session) fromClient(message []byte) {
	r := s.role
	r.stats.DatagramsIn++
	r.stats.BytesIn += uint64(len(message) + wire.FrameHeader)
	r.stats.SizesIn.Add(len(message))
	if !s.inRate(len(message)) {
		return
	}
	if s.class != nil {
		if message = r.o.Class.FromClient(s.class, message); message == nil || s.ended {
			return
		}
	}
	in := wire.NewReader(message)
	t := in.ClientMsgType()
	if in.Err() != nil {
		s.whole(&in)
		return
	}
	switch s.state {
	case StateNew:
		s.beforeHello(t, &in)
	case StateAnonymous:
		s.beforeLogin(t, &in)
	default:
		s.afterLogin(t, &in)
	}
}

// whole says whether a message was neither too short nor too long for what was
// read of it, and ejects the client if it was.
func (s *session) whole(in *wire.Reader) bool {
	err := in.Done()
	switch {
	case errors.Is(err, wire.ErrTruncated):
		s.eject(wire.EjectTruncatedDatagram, "The datagram ends too early: %v.", err)
	case err != nil:
		s.eject(wire.EjectOversizedDatagram, "The datagram does not end where it should: %v.", err)
	}
	return err == nil
}

// maxRepeated is how much of a client's text is repeated to it, and in the log.
const maxRepeated = 256

func (s *session) beforeHello(t wire.ClientMsgType, in *wire.Reader) {
	if t != wire.ClientHello {
		s.eject(wire.EjectNoHello, "The first message must be CLIENT_HELLO, not %v.", t)
		return
	}
	s.limits.heartbeat = time.Now()
	hash, version := in.Uint32(), in.Text()
	if !s.whole(in) {
		return
	}
	o, said := &s.role.o, version[:min(len(version), maxRepeated)]
	switch {
	case version != o.Version && o.HideVersion:
		s.eject(wire.EjectBadVersion, "The client's version %q is not the server's.", said)
	case version != o.Version:
		s.eject(wire.EjectBadVersion, "The client's version is %q, the server's is %q.", said, o.Version)
	case hash != o.Hash && o.HideHash:
		s.eject(wire.EjectBadDCHash, "The client's DC hash 0x%08x is not the server's.", hash)
	case hash != o.Hash:
		s.eject(wire.EjectBadDCHash, "The client's DC hash is 0x%08x, the server's is 0x%08x.", hash, o.Hash)
	default:
		s.role.stats.Hellos++
		s.sendWritten(s.message(wire.ClientHelloResp))
		s.setState(StateAnonymous)
	}
}

func (s *session) beforeLogin(t wire.ClientMsgType, in *wire.Reader) {
	switch t {
	case wire.ClientDisconnect:
		s.clientDisconnect(in)
	case wire.ClientHeartbeat:
		s.clientHeartbeat(in)
	case wire.ClientObjectSetField:
		s.clientSetField(in)
	default:
		s.eject(wire.EjectInvalidMsgType, "The message %v is not allowed before the login.", t)
	}
}

func (s *session) afterLogin(t wire.ClientMsgType, in *wire.Reader) {
	switch t {
	case wire.ClientDisconnect:
		s.clientDisconnect(in)
	case wire.ClientHeartbeat:
		s.clientHeartbeat(in)
	case wire.ClientObjectSetField:
		s.clientSetField(in)
	case wire.ClientObjectLocation:
		s.clientLocation(in)
	case wire.ClientAddInterest:
		s.clientAddInterest(in, false)
	case wire.ClientAddInterestMultiple:
		s.clientAddInterest(in, true)
	case wire.ClientRemoveInterest:
		s.clientRemoveInterest(in)
	default:
		s.eject(wire.EjectInvalidMsgType, "The message %v is none that a client may send.", t)
	}
}

func (s *session) clientDisconnect(in *wire.Reader) {
	if !s.whole(in) {
		return
	}
	s.event("client-disconnected")
	s.log(slog.LevelDebug, "a client disconnects")
	s.end()
	s.hangUp()
}

func (s *session) clientHeartbeat(in *wire.Reader) {
	if s.whole(in) {
		s.limits.heartbeat = time.Now()
	}
}

// clientSetField passes an update on to its object, if the client may send it
// and its value is whole and in range.
func (s *session) clientSetField(in *wire.Reader) {
	do, id := in.DoID(), in.FieldID()
	value := in.Rest()
	if !s.whole(in) {
		return
	}
	class := s.classOf(do)
	if class == nil {
		if !s.past.has(do) { // else it was on its way when the object left
			s.eject(wire.EjectMissingObject, "The object %d is none that the client knows.", do)
		}
		return
	}
	if s.state != StateEstablished && !s.role.uberdogs[do].anonymous {
		s.eject(wire.EjectAnonymousViolation, "The object %d takes nothing from clients that have not logged in.", do)
		return
	}
	field, ok := class.Field(uint16(id))
	if !ok {
		s.eject(wire.EjectForbiddenField, "The class %s of object %d has no field %d.", class.Name(), do, id)
		return
	}
	if !s.maySend(do, id, field) {
		s.eject(wire.EjectForbiddenField, "The client may not send %s.%s of object %d.", class.Name(), field.Name(), do)
		return
	}
	if !s.goodValue(field, value) {
		return
	}
	w := &s.role.w
	w.Reset()
	w.Header(s.channel, wire.StateServerObjectSetField, do.Channel()).DoID(do).FieldID(id).Raw(value)
	if err := s.sendCluster(w); err != nil {
		s.eject(wire.EjectOversizedDatagram, "The datagram does not fit the cluster's: %v.", err)
	}
}

// maySend says whether the client may send updates of a field.
func (s *session) maySend(do wire.DoID, id wire.FieldID, field *dc.Field) bool {
	return field.Has(dc.Clsend) ||
		field.Has(dc.Ownsend) && s.objects[do].known&owned != 0 ||
		slices.Contains(s.sendable[do], id)
}

// clientLocation asks an object that the client owns to move.
func (s *session) clientLocation(in *wire.Reader) {
	if !s.role.o.Relocate {
		s.eject(wire.EjectForbiddenRelocate, "Clients may not move objects here.")
		return
	}
	do, to := in.DoID(), in.Location()
	if !s.whole(in) {
		return
	}
	if to.Parent != wire.InvalidDoID && to.Parent <= wire.LastReservedDoID {
		// No object is there: it would speak to all clients, all servers, or the
		// children of another object.
		s.eject(wire.EjectForbiddenRelocate, "Nothing may be moved under %d.", to.Parent)
		return
	}
	o := s.objects[do]
	if o.known&owned == 0 {
		switch {
		case o.known&visible != 0:
			s.eject(wire.EjectForbiddenRelocate, "The client does not own the object %d.", do)
		case !s.past.has(do):
			s.eject(wire.EjectMissingObject, "The object %d is none that the client knows.", do)
		}
		return
	}
	if s.moving == nil {
		s.moving = map[wire.DoID]wire.Location{}
	}
	s.moving[do] = to
	w := &s.role.w
	w.Reset()
	_ = s.sendCluster(w.Header(s.channel, wire.StateServerObjectSetLocation, do.Channel()).Location(to)) // it is short
}
