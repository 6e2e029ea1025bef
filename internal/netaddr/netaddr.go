// Package netaddr says how an address is to be listened on.
package netaddr

import (
	"net"
	"net/netip"
)

// Network is tcp4 or udp4 for an address, host:port, whose host is an IPv4 address, and
// the network as it is for all others: package net takes 0.0.0.0 for IPv6, too.
func Network(network, address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return network
	}
	if ip, err := netip.ParseAddr(host); err == nil && ip.Is4() {
		return network + "4"
	}
	return network
}
