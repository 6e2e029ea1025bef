package bridge

import (
	"context"
	"log/slog"
	"strconv"
	"strings"

	"natstron/bridge/wire"
)

// levelPacket is the level at which every datagram is logged: the reference's packet.
const levelPacket = slog.Level(-12)

// checkPackets sees whether the log shows datagrams: now and then, since routing must not ask.
func (n *Node) checkPackets() {
	n.packets = n.log.Enabled(context.Background(), levelPacket)
}

// logPacket logs a datagram that has been found its receivers here. from is nil if it came
// from another process, or from the upstream.
func (n *Node) logPacket(from *Participant, d wire.Datagram) {
	var to strings.Builder
	for i := range d.RecipientCount() {
		if i > 0 {
			to.WriteByte(',')
		}
		to.WriteString(strconv.FormatUint(uint64(d.Recipient(i)), 10))
	}
	by := "elsewhere"
	if from != nil {
		by = from.name
	}
	args := []any{"to", to.String(), "by", by, "receivers_here", len(n.targets), "bytes", len(d)}
	if m, err := d.Message(); err == nil {
		args = append([]any{"msgtype", m.Type.String(), "sender", uint64(m.Sender)}, args...)
	}
	n.logLater(levelPacket, "routed", args...)
}
