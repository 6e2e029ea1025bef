package alive

import (
	"time"

	"golang.org/x/sys/unix"
)

// silentFor reports whether a host has owed an answer for so long: it was
// sent something that it has not acknowledged, or asked whether it has room again.
func silentFor(fd int, timeout time.Duration) bool {
	info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO)
	if err != nil {
		return false
	}
	return (info.Unacked > 0 || info.Probes > 0) && time.Duration(info.Last_ack_recv)*time.Millisecond >= timeout
}
