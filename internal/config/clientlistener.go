package config

import (
	"net/netip"
	"strings"
)

// ClientListener is a further port of a client agent.
type ClientListener struct {
	Bind Address
	// HAProxy, TLS and WebSocket may be combined.
	HAProxy, TLS, WebSocket Bool
	// Origins are the hosts from whose pages browsers may connect by WebSocket.
	// The path of the first is roles[0].listeners[0].origins[0].
	Origins []string
}

func (s *ClientListener) keys() []key {
	return []key{
		{name: "bind", value: listenOn(&s.Bind, 7198), required: true, ours: true,
			effect: "Where clients connect."},
		{name: "haproxy", value: boolean(&s.HAProxy, false), ours: true,
			effect: "Whether a proxy announces each client with the PROXY protocol."},
		{name: "tls", value: boolean(&s.TLS, false), ours: true,
			effect: "Whether connections are encrypted, with what the role's section tls says."},
		{name: "websocket", value: boolean(&s.WebSocket, false), ours: true,
			effect: "Whether clients connect by WebSocket, with one binary message for each datagram."},
		{name: "origins", value: scalars[string]{&s.Origins, "host", originHost}, ours: true,
			effect: "The hosts from whose pages browsers may connect by WebSocket, with * for any text between dots; left out, only the listener's own host."},
	}
}

// originHost takes a host, or a pattern of hosts.
func originHost(into *string) *scalar[string] {
	return word(into).but("a host without a scheme", func(v string) *wrong {
		if strings.ContainsAny(v, "/[]?\\") {
			return &wrong{show(v) + " is not a host", "write the host alone, such as game.example.org or *.example.org"}
		}
		return nil
	})
}

// network takes an IP address or a network.
func network(into *netip.Prefix) *scalar[netip.Prefix] {
	return &scalar[netip.Prefix]{into: into, kind: "a network", unset: notSet,
		constraint: "an IP address, or one with /bits",
		parse: func(text string) (netip.Prefix, *wrong) {
			if a, err := netip.ParseAddr(text); err == nil && a.Zone() == "" {
				return netip.PrefixFrom(a, a.BitLen()), nil
			}
			p, err := netip.ParsePrefix(text)
			if err != nil {
				return p, &wrong{show(text) + " is not a network", "write an IP address, such as 10.0.0.7, or a network, such as 10.0.0.0/8"}
			}
			return p.Masked(), nil
		}}
}
