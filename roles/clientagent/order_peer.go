package clientagent

import (
	"net/netip"

	"natstron/bridge/wire"
	"natstron/roles/clientagent/internal/view"
)

// getNetworkAddress answers where the client is, and where it connected to.
func getNetworkAddress(s *session, d *view.Datagram) error {
	r := wire.NewReader(d.Payload)
	if context := r.Uint32(); r.Err() == nil && d.Sender != 0 {
		remote, local := s.peer.Remote, s.peer.Local
		s.Tell(s.tell(wire.ClientAgentGetNetworkAddressResp, d.Sender).Uint32(context).
			Text(addressText(remote)).Uint16(remote.Port()).Text(addressText(local)).Uint16(local.Port()))
	}
	return r.Err()
}

// getTLVs answers what the proxy said of the client.
func getTLVs(s *session, d *view.Datagram) error {
	r := wire.NewReader(d.Payload)
	if context := r.Uint32(); r.Err() == nil && d.Sender != 0 {
		s.Tell(s.tell(wire.ClientAgentGetTLVsResp, d.Sender).Uint32(context).Blob(s.peer.TLVs)) // they are shorter than a datagram
	}
	return r.Err()
}

// addressText is an IP address as people write it.
func addressText(a netip.AddrPort) string {
	if !a.IsValid() {
		return ""
	}
	return a.Addr().Unmap().WithZone("").String()
}
