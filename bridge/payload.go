package bridge

import (
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"

	"natstron/bridge/wire"
)

// A NATS server takes messages up to its max_payload, a megabyte if nobody changes
// it. It ends the connection of a client that sends a longer one, and the library
// refuses to. So what does not fit is left out, counted and logged, and costs
// nothing else.
const (
	// wantedPayload is enough for all that a node sends: the longest datagram, and
	// the note of a post-remove just as long.
	wantedPayload = 96 << 10
	// leastPayload is what a node cannot do without: heartbeats must fit.
	leastPayload = 16 << 10
	// noteFrame is what a note of a post-remove, or of one cleared, needs besides.
	noteFrame = 256
)

// checkPayload says whether a node can live on a server that takes so much.
func checkPayload(max int64) error {
	if max >= leastPayload {
		return nil
	}
	return fmt.Errorf("the NATS server takes messages of at most %d bytes (max_payload), and astrond needs %d at least, %d for the longest datagrams and post-removes",
		max, leastPayload, wantedPayload)
}

// watchPayload takes note of what the server takes now: it may be another server, or
// have another configuration. The turn must be taken.
func (n *Node) watchPayload(max int64) {
	if max == n.payload {
		return
	}
	n.payload = max
	if max < wantedPayload {
		n.logLater(slog.LevelWarn, "the NATS server takes less than a datagram or a post-remove may need: what is longer is refused; raise its max_payload",
			"max_payload", max, "needed", wantedPayload, "longest_datagram", wire.MaxLength)
	}
}

// fitsNote says whether the other nodes can be told of a post-remove.
func (n *Node) fitsNote(d wire.Datagram) error {
	if size := base64.StdEncoding.EncodedLen(len(d)) + noteFrame; n.payload > 0 && int64(size) > n.payload {
		return fmt.Errorf("post-remove %w: the other nodes cannot be told of %d bytes, as the NATS server takes at most %d (max_payload)",
			wire.ErrTooLong, size, n.payload)
	}
	return nil
}

// clearedAtOnce is how many seqs one note names at most: it must fit into a message.
func (n *Node) clearedAtOnce() int {
	const most, digits = 4000, 21
	if n.payload == 0 {
		return most
	}
	return max(1, min(most, int(n.payload-noteFrame)/digits))
}

// tooLong says whether err is that the server does not take so much, and then counts
// and logs that. Only the writer of the link calls it.
func (l *link) tooLong(err error, subject string, bytes int) bool {
	if !errors.Is(err, nats.ErrMaxPayload) {
		return false
	}
	l.node.count(func(s *Stats) { s.TooLong++ })
	if others, ok := l.tooLongs.due(time.Now()); ok {
		l.node.log.Error("a message does not reach the other processes: it is longer than the NATS server takes", "subject", string([]byte(subject)),
			"bytes", bytes, "max_payload", l.payload.Load(), "others", others)
	}
	return true
}
