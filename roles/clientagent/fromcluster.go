package clientagent

import (
	"errors"
	"log/slog"

	"natstron/bridge/wire"
)

// fromCluster handles one datagram that was sent to a channel of the session.
func (s *session) fromCluster(in *incoming) {
	if in.sender == s.channel && in.kind != wire.StateServerObjectChangingLocation {
		return // the echo of what the client did itself
	}
	s.handle(in)
}

// handle is fromCluster for a datagram that is for the session, now or, if it has
// waited, when it came.
func (s *session) handle(in *incoming) {
	r := wire.NewReader(in.payload)
	var err error
	switch in.kind {
	case wire.StateServerObjectSetField:
		s.update(in, wire.ClientObjectSetField, &r)
	case wire.StateServerObjectSetFields:
		s.update(in, wire.ClientObjectSetFields, &r)
	case wire.StateServerObjectEnterLocationWithRequired:
		err = s.entersLocation(in, wire.ClientEnterObjectRequired, &r)
	case wire.StateServerObjectEnterLocationWithRequiredOther:
		err = s.entersLocation(in, wire.ClientEnterObjectRequiredOther, &r)
	case wire.StateServerObjectEnterInterestWithRequired, wire.StateServerObjectEnterInterestWithRequiredOther:
		err = s.entersInterest(in, &r)
	case wire.StateServerObjectEnterOwnerWithRequired:
		err = s.entersOwner(in, wire.ClientEnterObjectRequiredOwner, &r)
	case wire.StateServerObjectEnterOwnerWithRequiredOther:
		err = s.entersOwner(in, wire.ClientEnterObjectRequiredOtherOwner, &r)
	case wire.StateServerObjectChangingLocation:
		s.changesLocation(in, &r)
	case wire.StateServerObjectChangingOwner:
		s.changesOwner(&r)
	case wire.StateServerObjectDeleteRAM:
		s.deleted(in, &r)
	case wire.StateServerObjectGetZonesCountResp, wire.StateServerObjectGetZoneCountResp:
		s.counted(&r)
	default:
		err = s.order(in, &r)
	}
	if err == nil {
		err = r.Err()
	}
	if err != nil {
		s.refuse(in, err)
	}
}

// refuse tells of a message that makes no sense here.
func (s *session) refuse(in *incoming, err error) {
	s.role.stats.Malformed++
	s.log(slog.LevelWarn, "ignored a message", "msgtype", in.kind, "sender", uint64(in.sender), "error", err)
}

var (
	errNotForClients = errors.New("clients do not understand it")
	errNoClass       = errors.New("its class is not in the DC files")
)

// order does what the cluster tells the client agent to (document 11, section 3).
func (s *session) order(in *incoming, r *wire.Reader) error {
	switch in.kind {
	case wire.ClientAgentSetState:
		if state := State(r.Uint16()); r.Err() == nil {
			s.setState(state)
		}
	case wire.ClientAgentSetClientID:
		if c := r.Channel(); r.Err() == nil {
			s.setChannel(c)
		}
	case wire.ClientAgentSendDatagram:
		if message := r.Blob(); r.Err() == nil {
			s.sendMessage(message)
		}
	case wire.ClientAgentEject:
		if code, reason := wire.EjectCode(r.Uint16()), r.Text(); r.Err() == nil {
			s.eject(code, "%s", reason)
		}
	case wire.ClientAgentDrop:
		s.role.stats.Dropped++
		s.log(slog.LevelInfo, "dropping a client", "sender", uint64(in.sender))
		s.drop()
	case wire.ClientAgentGetNetworkAddress, wire.ClientAgentGetTLVs:
		if context := r.Uint32(); r.Err() == nil && in.sender != 0 {
			s.tellPeer(in, context)
		}
	case wire.ClientAgentDeclareObject:
		do, class := r.DoID(), r.DClassID()
		if r.Err() == nil {
			return s.declare(do, class)
		}
	case wire.ClientAgentUndeclareObject:
		if do := r.DoID(); s.objects[do].known&declared != 0 {
			o := s.objects[do]
			o.declared = nil
			s.objects[do] = o
			s.forget(do, declared)
		}
	case wire.ClientAgentAddSessionObject:
		if do := r.DoID(); r.Err() == nil {
			s.addSessionObject(do)
		}
	case wire.ClientAgentRemoveSessionObject:
		if do := r.DoID(); r.Err() == nil && !s.removeSessionObject(do) {
			s.log(slog.LevelWarn, "it is no session object", "do_id", uint32(do))
		}
	case wire.ClientAgentSetFieldsSendable:
		s.setSendable(r)
	case wire.ClientAgentOpenChannel:
		if c := r.Channel(); r.Err() == nil {
			return s.openChannel(c)
		}
	case wire.ClientAgentCloseChannel:
		if c := r.Channel(); r.Err() == nil {
			s.closeChannel(c)
		}
	case wire.ClientAgentAddPostRemove:
		if d := r.Blob(); r.Err() == nil {
			return s.role.turn.AddPostRemove(s.p, s.allocated, d)
		}
	case wire.ClientAgentClearPostRemoves:
		s.role.turn.ClearPostRemoves(s.p, s.allocated)
	case wire.ClientAgentAddInterest:
		id, at := r.Uint16(), r.Location()
		if r.Err() == nil {
			s.serverInterest(id, at.Parent, []wire.Zone{at.Zone}, in.sender)
		}
	case wire.ClientAgentAddInterestMultiple:
		id, parent := r.Uint16(), r.DoID()
		if zones := readZones(r); r.Err() == nil {
			s.serverInterest(id, parent, zones, in.sender)
		}
	case wire.ClientAgentRemoveInterest:
		if id := r.Uint16(); r.Err() == nil {
			s.serverRemoveInterest(id, in.sender)
		}
	case wire.ClientAgentDoneInterestResp, wire.StateServerObjectLocationAck, wire.StateServerObjectChangingAI:
		// AI processes send with an object or a client as the sender: these are
		// answers to them.
	default:
		return errNotForClients
	}
	return nil
}

// setChannel makes c the sender of what the client sends, and a channel of the
// session.
func (s *session) setChannel(c wire.Channel) {
	t := s.role.turn
	if _, opened := s.opened[s.channel]; s.channel != s.allocated && !opened && s.channel != c {
		t.Unsubscribe(s.p, s.channel)
	}
	s.channel = c
	if err := t.Subscribe(s.p, c); err != nil {
		s.eject(wire.EjectGeneric, "The client has too many channels.")
	}
}

func (s *session) openChannel(c wire.Channel) error {
	if err := s.role.turn.Subscribe(s.p, c); err != nil {
		return err
	}
	if s.opened == nil {
		s.opened = map[wire.Channel]struct{}{}
	}
	s.opened[c] = struct{}{}
	return nil
}

// closeChannel takes a channel off the session, whatever it was subscribed for.
func (s *session) closeChannel(c wire.Channel) {
	s.role.turn.Unsubscribe(s.p, c)
	delete(s.opened, c)
}

// declare lets the client send to an object that it does not see.
func (s *session) declare(do wire.DoID, id wire.DClassID) error {
	class, ok := s.role.o.File.ClassByID(uint16(id))
	if !ok {
		return errNoClass
	}
	if s.objects[do].known&declared != 0 {
		s.log(slog.LevelWarn, "the object was declared before", "do_id", uint32(do))
		return nil
	}
	s.learn(do, declared, class, wire.Location{})
	return nil
}

func (s *session) setSendable(r *wire.Reader) {
	do, n := r.DoID(), int(r.Uint16())
	var fields []wire.FieldID
	for range n {
		if id := r.FieldID(); r.Err() == nil {
			fields = append(fields, id)
		}
	}
	switch {
	case r.Err() != nil:
	case len(fields) == 0:
		delete(s.sendable, do)
	default:
		if s.sendable == nil {
			s.sendable = map[wire.DoID][]wire.FieldID{}
		}
		s.sendable[do] = fields
	}
}

// tellPeer answers who is at the other end of the connection.
func (s *session) tellPeer(in *incoming, context uint32) {
	w := &s.role.w
	w.Reset()
	if in.kind == wire.ClientAgentGetTLVs {
		w.Header(s.channel, wire.ClientAgentGetTLVsResp, in.sender).Uint32(context).Blob(s.peer.tlvs)
	} else {
		remote, local := s.peer.remote, s.peer.local
		w.Header(s.channel, wire.ClientAgentGetNetworkAddressResp, in.sender).Uint32(context).
			Text(addressText(remote)).Uint16(remote.Port()).Text(addressText(local)).Uint16(local.Port())
	}
	_ = s.sendCluster(w) // TLVs are shorter than a datagram
}

// update passes a field update on to the client.
func (s *session) update(in *incoming, t wire.ClientMsgType, r *wire.Reader) {
	do := r.DoID()
	if r.Err() != nil || s.wait(do, in) {
		return
	}
	if s.knows(do) {
		s.sendFrame(in.frame(t, 0))
	}
}

// wait queues a datagram about an object whose entrance waits, and says whether
// there is such a one.
func (s *session) wait(do wire.DoID, in *incoming) bool {
	if len(s.pending) == 0 {
		return false
	}
	op, ok := s.pending[do]
	if ok {
		op.queue = append(op.queue, queued{incoming: in.keep()})
	}
	return ok
}

// entersOwner: the client owns an object from now on.
func (s *session) entersOwner(in *incoming, t wire.ClientMsgType, r *wire.Reader) error {
	do, at, id := r.DoID(), r.Location(), r.DClassID()
	if r.Err() != nil {
		return nil
	}
	class, ok := s.role.o.File.ClassByID(uint16(id))
	if !ok {
		return errNoClass
	}
	s.learn(do, owned, class, at)
	s.sendFrame(in.frame(t, 0))
	return nil
}

// entersLocation: an object came to a place that the client may see.
func (s *session) entersLocation(in *incoming, t wire.ClientMsgType, r *wire.Reader) error {
	do, at := r.DoID(), r.Location()
	if r.Err() != nil || s.wait(do, in) {
		return nil
	}
	if _, opened := s.opened[at.Channel()]; !opened && !s.saw(at, in) {
		return nil // an answer, perhaps, to a question about a zone that is closed
	}
	if z := s.zones[at]; z != nil && z.op != nil && !z.op.done && s.objects[do].known&visible == 0 {
		z.op.queue = append(z.op.queue, queued{incoming: in.keep()})
		s.expect(do, z.op)
		return nil
	}
	return s.show(in, t, 0)
}

// saw says whether the session sees a place, and has done so since before a
// datagram came, which may have waited since. If it has come to see the place only
// later, whatever was there then answers by itself.
func (s *session) saw(at wire.Location, in *incoming) bool {
	z := s.zones[at]
	return z != nil && in.number > z.since
}

// show makes an object visible to the client, unless it is already. The datagram's
// payload from skip on is what the client gets.
func (s *session) show(in *incoming, t wire.ClientMsgType, skip int) error {
	r := wire.NewReader(in.payload[skip:])
	do, at, id := r.DoID(), r.Location(), r.DClassID()
	if err := r.Err(); err != nil {
		return err
	}
	delete(s.pending, do)
	o := s.objects[do]
	if o.known&visible != 0 {
		return nil
	}
	if _, session := s.sessionObjects[do]; session && o.known&owned != 0 {
		return nil // the client has it anyhow
	}
	class, ok := s.role.o.File.ClassByID(uint16(id))
	if !ok {
		return errNoClass
	}
	s.learn(do, visible, class, at)
	s.sendFrame(in.frame(t, skip))
	return nil
}

// hide makes an object invisible to the client.
func (s *session) hide(do wire.DoID) {
	s.forget(do, visible)
	s.sendWritten(s.message(wire.ClientObjectLeaving).DoID(do))
}

// changesLocation: an object moves.
func (s *session) changesLocation(in *incoming, r *wire.Reader) {
	do, to, _ := r.DoID(), r.Location(), r.Location()
	if r.Err() != nil || s.wait(do, in) {
		return
	}
	if s.moving[do] == to {
		delete(s.moving, do)
	}
	o := s.objects[do]
	if o.known&(visible|owned) == 0 {
		return // where it goes, it enters
	}
	o.location = to
	s.objects[do] = o
	_, session := s.sessionObjects[do]
	quiet := in.sender == s.channel // the client moved it itself
	if o.known&visible != 0 && !s.saw(to, in) {
		switch {
		case session && o.known&owned == 0:
			s.eject(wire.EjectSessionObjectDeleted, "The session object %d has left the client's interest.", do)
			return
		case !session:
			s.hide(do)
			return
		}
	}
	if !quiet {
		s.sendWritten(s.message(wire.ClientObjectLocation).DoID(do).Location(to))
	}
}

// changesOwner: the client loses an object.
func (s *session) changesOwner(r *wire.Reader) {
	do, to, _ := r.DoID(), r.Channel(), r.Channel()
	if r.Err() != nil || to == s.channel || s.objects[do].known&owned == 0 {
		return
	}
	if _, session := s.sessionObjects[do]; session {
		s.eject(wire.EjectSessionObjectDeleted, "The client no longer owns the session object %d.", do)
		return
	}
	s.forget(do, owned)
	s.sendWritten(s.message(wire.ClientObjectLeavingOwner).DoID(do))
}

// deleted: an object is no more.
func (s *session) deleted(in *incoming, r *wire.Reader) {
	do := r.DoID()
	if r.Err() != nil || s.wait(do, in) || !s.knows(do) {
		return
	}
	if s.removeSessionObject(do) { // it need not be deleted again
		s.eject(wire.EjectSessionObjectDeleted, "The session object %d was deleted.", do)
		return
	}
	why := s.objects[do].known
	if why&visible != 0 {
		s.hide(do)
	}
	if why&owned != 0 {
		s.forget(do, owned)
		s.sendWritten(s.message(wire.ClientObjectLeavingOwner).DoID(do))
	}
}
