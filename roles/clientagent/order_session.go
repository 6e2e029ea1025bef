package clientagent

import (
	"log/slog"
	"net/netip"

	"natstron/bridge/wire"
)

func orderState(s *session, _ wire.Channel, state uint16) error {
	s.setState(State(state))
	return nil
}

func orderSend(s *session, _ wire.Channel, message []byte) error {
	frame := s.frame(message)
	if frame == nil {
		return nil
	}
	if p, ok := s.role.o.Class.(Passer); ok {
		s.sendAs(frame, p.FromCluster)
	} else {
		s.Send(frame)
	}
	return nil
}

func readEject(r *wire.Reader) *ejection { return &ejection{wire.EjectCode(r.Uint16()), r.Text()} }

func orderEject(s *session, _ wire.Channel, why *ejection) error {
	s.eject(why)
	return nil
}

func orderDrop(s *session, from wire.Channel, _ struct{}) error {
	s.role.stats.Dropped++
	s.Log(slog.LevelInfo, "dropping a client", "sender", uint64(from))
	s.drop()
	return nil
}

// orderGetAddress answers where the client is, and where it connected to.
func orderGetAddress(s *session, from wire.Channel, context uint32) error {
	if remote, local := s.peer.Remote, s.peer.Local; from != 0 {
		s.Tell(s.tell(wire.ClientAgentGetNetworkAddressResp, from).Uint32(context).
			Text(addressText(remote)).Uint16(remote.Port()).Text(addressText(local)).Uint16(local.Port()))
	}
	return nil
}

// addressText is an IP address as people write it.
func addressText(a netip.AddrPort) string {
	if !a.IsValid() {
		return ""
	}
	return a.Addr().Unmap().WithZone("").String()
}

// orderGetTLVs answers what the proxy said of the client.
func orderGetTLVs(s *session, from wire.Channel, context uint32) error {
	if from != 0 {
		s.Tell(s.tell(wire.ClientAgentGetTLVsResp, from).Uint32(context).Blob(s.peer.TLVs)) // they are shorter than a datagram
	}
	return nil
}

// orderAddPostRemove keeps a datagram that is sent when the session has ended.
func orderAddPostRemove(s *session, _ wire.Channel, d []byte) error {
	return s.role.turn.AddPostRemove(s.participant, s.allocated, d)
}

func orderClearPostRemoves(s *session, _ wire.Channel, _ struct{}) error {
	s.role.turn.ClearPostRemoves(s.participant, s.allocated)
	return nil
}
