package clientagent

import (
	"log/slog"
	"slices"

	"natstron/bridge/wire"
	"natstron/roles/clientagent/internal/view"
)

// What the cluster can tell a session to do (document 11, section 3), a [Class] can do with these
// methods. Of CLIENTAGENT_SEND_DATAGRAM, GET_NETWORK_ADDRESS and GET_TLVS, the Session has
// SendClient, RemoteAddr with LocalAddr, and TLVs.

// SetState does what CLIENTAGENT_SET_STATE does.
func (s *Session) SetState(state State) { carry(s, orderState, uint16(state)) }

// SetChannel does what CLIENTAGENT_SET_CLIENT_ID does: the channel becomes the sender of what the
// client sends. Questions that were asked with another one but the client's first are no longer
// answered.
func (s *Session) SetChannel(c wire.Channel) { carry(s, orderClientID, c) }

// Eject ends the session with a code and a reason.
func (s *Session) Eject(code wire.EjectCode, reason string) {
	s.eject(&ejection{code, reason})
}

func (s *Session) eject(why *ejection) { carry(s, orderEject, why) }

// Drop does what CLIENTAGENT_DROP does: it ends the session and tells the client no reason.
func (s *Session) Drop() { carry(s, orderDrop, struct{}{}) }

// Declare does what CLIENTAGENT_DECLARE_OBJECT does.
func (s *Session) Declare(do wire.DoID, class wire.DClassID) {
	carry(s, orderDeclare, declaredObject{do, class})
}

// Undeclare does what CLIENTAGENT_UNDECLARE_OBJECT does.
func (s *Session) Undeclare(do wire.DoID) { carry(s, orderUndeclare, do) }

// SetFieldsSendable does what CLIENTAGENT_SET_FIELDS_SENDABLE does: the client may send these
// fields of the object, and none of those that were set before.
func (s *Session) SetFieldsSendable(do wire.DoID, fields ...wire.FieldID) {
	carry(s, orderFieldsSendable, objectFields{do, slices.Clone(fields)})
}

// SetRelocatable does what CLIENTAGENT_SET_OBJECT_RELOCATABLE does: the client may move the object,
// whether it owns it or not.
func (s *Session) SetRelocatable(do wire.DoID) { carry(s, orderRelocatable, do) }

// SetRelocatableTo does what CLIENTAGENT_SET_OBJECT_RELOCATABLE_TO does: the client may move the
// object to these zones of the parent, and nowhere else. Without zones, what was allowed before is
// taken back.
func (s *Session) SetRelocatableTo(do, parent wire.DoID, zones ...wire.ZoneRange) {
	o := objectPlaces{do: do}
	for _, z := range zones {
		o.places = append(o.places, place{parent, z})
	}
	carry(s, orderRelocatableTo, o)
}

// AddSessionObject does what CLIENTAGENT_ADD_SESSION_OBJECT does.
func (s *Session) AddSessionObject(do wire.DoID) { carry(s, orderAddSessionObject, do) }

// RemoveSessionObject does what CLIENTAGENT_REMOVE_SESSION_OBJECT does.
func (s *Session) RemoveSessionObject(do wire.DoID) { carry(s, orderRemoveSessionObject, do) }

// OpenChannel does what CLIENTAGENT_OPEN_CHANNEL does.
func (s *Session) OpenChannel(c wire.Channel) { carry(s, orderOpenChannel, c) }

// CloseChannel does what CLIENTAGENT_CLOSE_CHANNEL does.
func (s *Session) CloseChannel(c wire.Channel) { carry(s, orderCloseChannel, c) }

// AddPostRemove does what CLIENTAGENT_ADD_POST_REMOVE does: the datagram is sent when the session
// has ended, also if this whole process dies.
func (s *Session) AddPostRemove(d wire.Datagram) {
	carry(s, orderAddPostRemove, []byte(slices.Clone(d)))
}

// ClearPostRemoves does what CLIENTAGENT_CLEAR_POST_REMOVES does. Session objects keep theirs.
func (s *Session) ClearPostRemoves() { carry(s, orderClearPostRemoves, struct{}{}) }

// AddInterest does what CLIENTAGENT_ADD_INTEREST_MULTIPLE does. Only the client is told when it is
// done: with a CLIENT_DONE_INTEREST_RESP, which passes through ToClient.
func (s *Session) AddInterest(id uint16, parent wire.DoID, zones ...wire.Zone) {
	carry(s, orderInterest, view.NewInterest(id, parent, slices.Clone(zones)...))
}

// RemoveInterest does what CLIENTAGENT_REMOVE_INTEREST does.
func (s *Session) RemoveInterest(id uint16) { carry(s, orderRemoveInterest, id) }

// Order does what the session does when such a message is sent to its channel
// (document 11, section 3), with the arguments in the payload. There is no answer. What makes
// no sense is logged and ignored.
func (s *Session) Order(t wire.MsgType, payload []byte) {
	d := &view.Datagram{Type: t, Payload: slices.Clone(payload)}
	s.do(func() {
		if err := carryOut(s.s, d); err != nil {
			s.s.Refuse(d, err)
		}
	})
}

// carry carries out an order of the class.
func carry[T any](s *Session, order func(*session, wire.Channel, T) error, arguments T) {
	s.do(func() {
		if err := order(s.s, 0, arguments); err != nil {
			s.s.Log(slog.LevelWarn, "ignored what a client class wanted", "error", err)
		}
	})
}
