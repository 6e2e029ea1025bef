package clientagent

import (
	"errors"
	"log/slog"

	"natstron/bridge/wire"
	"natstron/roles/clientagent/internal/view"
)

// orders are what the cluster can tell a session to do (document 11, section 3). An
// error says that the message makes no sense, and was ignored.
var orders = map[wire.MsgType]func(*session, *view.Datagram) error{
	wire.ClientAgentSetState:            orderState,
	wire.ClientAgentSetClientID:         setClientID,
	wire.ClientAgentSendDatagram:        sendDatagram,
	wire.ClientAgentEject:               orderEject,
	wire.ClientAgentDrop:                orderDrop,
	wire.ClientAgentGetNetworkAddress:   getNetworkAddress,
	wire.ClientAgentGetTLVs:             getTLVs,
	wire.ClientAgentDeclareObject:       declareObject,
	wire.ClientAgentUndeclareObject:     undeclareObject,
	wire.ClientAgentAddSessionObject:    addSessionObject,
	wire.ClientAgentRemoveSessionObject: removeSessionObject,
	wire.ClientAgentSetFieldsSendable:   setFieldsSendable,
	wire.ClientAgentOpenChannel:         openChannel,
	wire.ClientAgentCloseChannel:        closeChannel,
	wire.ClientAgentAddPostRemove:       addPostRemove,
	wire.ClientAgentClearPostRemoves:    clearPostRemoves,
	wire.ClientAgentAddInterest:         orderInterest,
	wire.ClientAgentAddInterestMultiple: orderInterestMultiple,
	wire.ClientAgentRemoveInterest:      orderRemoveInterest,

	// AI processes send with an object or a client as the sender: these are answers
	// to them.
	wire.ClientAgentDoneInterestResp:  ignore,
	wire.StateServerObjectLocationAck: ignore,
	wire.StateServerObjectChangingAI:  ignore,
}

func ignore(*session, *view.Datagram) error { return nil }

var errNotForClients = errors.New("it is not for client agents")

// fromCluster handles a datagram that was sent to a channel of the session.
func (s *session) fromCluster(d *view.Datagram) {
	if d.Sender == s.channel && d.Type != wire.StateServerObjectChangingLocation {
		return // the echo of what the client did itself
	}
	var err error
	if d.OfObjects() {
		err = s.view.Handle(d)
	} else {
		err = order(s, d)
	}
	if err != nil {
		s.Refuse(d, err)
	}
}

func order(s *session, d *view.Datagram) error {
	if do, ok := orders[d.Type]; ok {
		return do(s, d)
	}
	return errNotForClients
}

// Refuse tells of a message that makes no sense here.
func (s *session) Refuse(d *view.Datagram, err error) {
	s.role.stats.Malformed++
	s.Log(slog.LevelWarn, "ignored a message", "msgtype", d.Type, "sender", uint64(d.Sender), "error", err)
}

func orderState(s *session, d *view.Datagram) error {
	r := wire.NewReader(d.Payload)
	if state := State(r.Uint16()); r.Err() == nil {
		s.setState(state)
	}
	return r.Err()
}

func sendDatagram(s *session, d *view.Datagram) error {
	r := wire.NewReader(d.Payload)
	message := r.Blob()
	if frame := s.frame(message); r.Err() == nil && frame != nil {
		s.Send(frame)
	}
	return r.Err()
}

func orderEject(s *session, d *view.Datagram) error {
	r := wire.NewReader(d.Payload)
	if code, reason := wire.EjectCode(r.Uint16()), r.Text(); r.Err() == nil {
		s.eject(code, "%s", reason)
	}
	return r.Err()
}

func orderDrop(s *session, d *view.Datagram) error {
	s.role.stats.Dropped++
	s.Log(slog.LevelInfo, "dropping a client", "sender", uint64(d.Sender))
	s.drop()
	return nil
}

// addPostRemove keeps a datagram that is sent when the session has ended.
func addPostRemove(s *session, d *view.Datagram) error {
	r := wire.NewReader(d.Payload)
	left := r.Blob()
	if r.Err() != nil {
		return r.Err()
	}
	return s.role.turn.AddPostRemove(s.participant, s.allocated, left)
}

func clearPostRemoves(s *session, _ *view.Datagram) error {
	s.role.turn.ClearPostRemoves(s.participant, s.allocated)
	return nil
}
