package bridge

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"natstron/bridge/internal/journal"
)

// A Journal is an ordered log in JetStream that outlives the process that writes it. One
// process at a time appends to it.
type Journal = journal.Journal

// An Entry is one of a [Journal].
type Entry = journal.Entry

// Errors of a [Journal].
var (
	ErrReplaced    = journal.ErrReplaced
	ErrNoJetStream = journal.ErrNoJetStream
)

// journalReconnect is how soon the connection of a journal is tried again.
const journalReconnect = 250 * time.Millisecond

// OpenJournal opens the journal of a name, a word, and creates it if there is none. It has a
// connection of its own, so what it brings has no order with datagrams. replicas is how many
// NATS servers keep a journal that is created.
func (n *Node) OpenJournal(ctx context.Context, name string, replicas int) (*Journal, error) {
	nc, end, err := n.transport.Beside(
		nats.Name(n.options.Name+" "+name),
		nats.Timeout(n.options.ConnectTimeout),
		nats.PingInterval(n.options.pingEvery()),
		nats.MaxPingsOutstanding(n.options.pingsOut()),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(journalReconnect),
		nats.ReconnectBufSize(-1),                                         // what is not sent is an error, and is tried again
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}), // its questions have the errors
	)
	if err != nil {
		return nil, fmt.Errorf("journal %s: %w", name, err)
	}
	return journal.Open(ctx, nc, end, journal.Options{
		Stream:   strings.ReplaceAll(n.options.Subjects.prefix(), ".", "+") + "-" + name,
		Subject:  n.options.Subjects.journal() + "." + name,
		Replicas: replicas,
	})
}
