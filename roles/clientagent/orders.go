package clientagent

import (
	"errors"
	"log/slog"
	"strings"

	"natstron/bridge/wire"
	"natstron/roles/clientagent/internal/view"
)

// orders are what the cluster can tell a session to do (document 11, section 3).
var orders = map[wire.MsgType]order{
	wire.ClientAgentSetState:               takes((*wire.Reader).Uint16, orderState),
	wire.ClientAgentSetClientID:            takes((*wire.Reader).Channel, orderClientID),
	wire.ClientAgentSendDatagram:           takes((*wire.Reader).Blob, orderSend),
	wire.ClientAgentEject:                  takes(readEject, orderEject),
	wire.ClientAgentDrop:                   takes(nothing, orderDrop),
	wire.ClientAgentGetNetworkAddress:      takes((*wire.Reader).Uint32, orderGetAddress),
	wire.ClientAgentGetTLVs:                takes((*wire.Reader).Uint32, orderGetTLVs),
	wire.ClientAgentDeclareObject:          takes(readObject, orderDeclare),
	wire.ClientAgentUndeclareObject:        takes((*wire.Reader).DoID, orderUndeclare),
	wire.ClientAgentAddSessionObject:       takes((*wire.Reader).DoID, orderAddSessionObject),
	wire.ClientAgentRemoveSessionObject:    takes((*wire.Reader).DoID, orderRemoveSessionObject),
	wire.ClientAgentSetFieldsSendable:      takes(readFields, orderFieldsSendable),
	wire.ClientAgentSetObjectRelocatable:   takes((*wire.Reader).DoID, orderRelocatable),
	wire.ClientAgentSetObjectRelocatableTo: takes(readPlaces, orderRelocatableTo),
	wire.ClientAgentOpenChannel:            takes((*wire.Reader).Channel, orderOpenChannel),
	wire.ClientAgentCloseChannel:           takes((*wire.Reader).Channel, orderCloseChannel),
	wire.ClientAgentAddPostRemove:          takes((*wire.Reader).Blob, orderAddPostRemove),
	wire.ClientAgentClearPostRemoves:       takes(nothing, orderClearPostRemoves),
	wire.ClientAgentAddInterest:            takes(readInterest, orderInterest),
	wire.ClientAgentAddInterestMultiple:    takes(readInterestForClient, orderInterest),
	wire.ClientAgentRemoveInterest:         takes((*wire.Reader).Uint16, orderRemoveInterest),

	// AI processes send with an object or a client as the sender: these are answers
	// to them.
	wire.ClientAgentDoneInterestResp:  ignore,
	wire.StateServerObjectLocationAck: ignore,
	wire.StateServerObjectChangingAI:  ignore,
}

// An order carries out a message. An error says that it makes no sense, and was
// ignored.
type order func(*session, *view.Datagram) error

// takes is an order whose arguments are read by one function, and which is carried
// out by another, if they are whole.
func takes[T any](read func(*wire.Reader) T, do func(s *session, from wire.Channel, arguments T) error) order {
	return func(s *session, d *view.Datagram) error {
		r := &s.role.reader
		*r = wire.NewReader(d.Payload)
		arguments := read(r)
		if err := r.Err(); err != nil {
			return err
		}
		return do(s, d.Sender, arguments)
	}
}

func nothing(*wire.Reader) struct{} { return struct{}{} }

func ignore(*session, *view.Datagram) error { return nil }

var errNotForClients = errors.New("it is not for client agents")

// carryOut does what a datagram orders.
func carryOut(s *session, d *view.Datagram) error {
	if do, ok := orders[d.Type]; ok {
		return do(s, d)
	}
	return errNotForClients
}

// fromCluster handles a datagram that was sent to a channel of the session.
func (s *session) fromCluster(d *view.Datagram) {
	if d.Sender == s.channel && d.Type != wire.StateServerObjectChangingLocation {
		return // the echo of what the client did itself
	}
	var err error
	switch {
	case s.class != nil && s.class.asker.Handle(wire.Message{Sender: d.Sender, Type: d.Type, Payload: wire.NewReader(d.Payload)}):
	case d.OfObjects():
		err = s.view.Handle(d)
		if s.view.KeepChanged() {
			s.keeps()
		}
	default:
		err = carryOut(s, d)
		s.keeps()
		if err == errNotForClients && s.class != nil && strings.HasSuffix(d.Type.String(), "_RESP") {
			err = nil // an answer that comes too late for its question
		}
	}
	if err != nil {
		s.Refuse(d, err)
	}
}

// Refuse implements [view.Session].
func (s *session) Refuse(d *view.Datagram, err error) {
	s.role.stats.Malformed++
	s.Log(slog.LevelWarn, "ignored a message", "msgtype", d.Type, "sender", uint64(d.Sender), "error", err)
}
